"""The append-only log of audits and of maintainer baselines: C2SP tlog-tiles in a folder.

An entry is one audit, its record and its seal by digest. Entries are hashed into a Merkle tree (RFC
6962) whose head is signed after each append. Whoever kept an earlier head, or holds the proof that
a pack was in the ledger, sees whether something was taken away, changed or put in between.
"""
