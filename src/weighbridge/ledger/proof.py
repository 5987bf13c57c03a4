"""Proofs that an audit is in a ledger (C2SP tlog-proof), checked without the ledger.

The ``extra`` line, whose meaning is the application's, holds the log's verifier key, a newline and
the entry's bytes. The entry is hashed and so proven; the key says who would have signed, and is
believed only where it is known in another way.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from pathlib import Path

from weighbridge.ledger.checkpoint import MAX_ENTRIES, Checkpoint
from weighbridge.ledger.entry import Entry
from weighbridge.ledger.errors import LedgerDamaged, LedgerError
from weighbridge.ledger.folder import LedgerFolder
from weighbridge.ledger.log import read_head
from weighbridge.ledger.merkle import (
    HASH_BYTES,
    consistency_path,
    includes,
    inclusion_path,
    leaf_hash,
)
from weighbridge.ledger.note import VerifierKey, unbase64
from weighbridge.ledger.tiles import Tiles
from weighbridge.model.digest import sha256
from weighbridge.model.errors import BoundExceeded, HostileInput, UsageError
from weighbridge.model.record import AuditRecord

PROOF_FILE = "audit.tlog-proof"
RECORD_FILE, SEAL_FILE = "audit.json", "audit.sigstore.json"
MAX_PROOF_BYTES = 256 * 2**10
MAX_PACK_FILE_BYTES = 512 * 2**20
_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,17})\Z")
_MAX_PATH = MAX_ENTRIES.bit_length()


@dataclass(frozen=True, slots=True)
class Proof:
    """An entry, its place, the path to the root, and the signed checkpoint's bytes."""

    entry: Entry
    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    key: VerifierKey

    def to_bytes(self) -> bytes:
        """The proof's text."""
        extra = f"{self.key.to_text()}\n".encode() + self.entry.to_bytes()
        lines = [_HEADER, f"extra {_base64(extra)}", f"index {self.index}"]
        lines += [_base64(step) for step in self.path]
        return "\n".join([*lines, "", ""]).encode() + self.checkpoint

    @classmethod
    def from_bytes(cls, data: bytes) -> Proof:
        """Read a proof, in its one spelling. Nothing is verified yet.

        Raises:
            HostileInput: it is not a proof with an entry of ours.
        """
        if len(data) > MAX_PROOF_BYTES:
            raise BoundExceeded("a ledger proof", MAX_PROOF_BYTES, "bytes")
        top, _, checkpoint = data.partition(b"\n\n")
        lines = top.decode("utf-8", "replace").split("\n")
        number = _INDEX.match(lines[2]) if len(lines) > 2 else None
        extra = unbase64(lines[1].removeprefix("extra ")) if number else None
        path = [unbase64(line) for line in lines[3:]]
        steps = tuple(step for step in path if step is not None and len(step) == HASH_BYTES)
        if lines[0] != _HEADER or not number or extra is None or len(steps) != len(path):
            raise HostileInput("the ledger proof is not a tlog-proof of weighbridge")
        if len(steps) > _MAX_PATH:
            raise BoundExceeded("a ledger proof", _MAX_PATH, "hashes")
        key, _, entry = extra.partition(b"\n")
        verifier = VerifierKey.from_text(key.decode("utf-8", "replace"))
        place = int(number.group(1))
        made = cls(Entry.from_bytes(entry), place, steps, checkpoint, verifier)
        if made.to_bytes() != data:
            raise HostileInput("the ledger proof is not in the form in which weighbridge writes it")
        return made

    def verify(self, trusted: VerifierKey | None = None) -> Checkpoint:
        """Check signature and path; gives the checkpoint that the entry is in.

        Raises:
            HostileInput: the proof does not hold, or is of another log than the trusted one.
        """
        if trusted is not None and trusted != self.key:
            raise HostileInput("the ledger proof is of another log than the trusted one")
        head = Checkpoint.open(self.checkpoint, self.key)
        leaf = leaf_hash(self.entry.to_bytes())
        if not includes(leaf, self.index, head.size, self.path, head.root):
            raise HostileInput("the ledger proof does not lead to the root that was signed")
        return head


def read_proof(pack: Path) -> Proof | None:
    """The proof in a pack's folder, None where there is none. Nothing is verified yet.

    Raises:
        HostileInput: it is malformed, or a link.
        LedgerError: it cannot be read.
    """
    data = LedgerFolder(pack).read(PROOF_FILE, MAX_PROOF_BYTES)
    return None if data is None else Proof.from_bytes(data)


def check(pack: Path, trusted: VerifierKey | None = None) -> tuple[str, ...]:
    """What is wrong with the proof in a pack's folder; nothing where there is none.

    Without ``trusted`` the signature is checked under the key that the proof names: that nothing
    was changed is then known, and not who kept the ledger.
    """
    try:
        proof = read_proof(pack)
        if proof is None:
            return ()
        proof.verify(trusted)
        if entry_of(pack) != proof.entry:
            return ("the ledger proof is of another audit than the pack's",)
    except (HostileInput, LedgerError, UsageError) as error:
        return (error.message,)
    return ()


def entry_of(pack: Path) -> Entry:
    """The entry of a pack: what its record and its seal give. The seal is not verified here.

    Raises:
        UsageError: it is no pack.
        HostileInput: the record is malformed.
    """
    folder = LedgerFolder(pack)
    record, seal = (folder.read(n, MAX_PACK_FILE_BYTES) for n in (RECORD_FILE, SEAL_FILE))
    if record is None or seal is None:
        raise UsageError(f"{pack} is not an audit pack", remedy="Name the folder of one.")
    read = AuditRecord.from_bytes(record)
    if read.to_bytes() != record:
        raise HostileInput(f"{RECORD_FILE} is not in canonical form")
    return Entry.of_audit(read, sha256(seal))


def prove(path: Path, entry: Entry) -> Proof:
    """The proof that an entry is in a ledger, under its present checkpoint.

    Raises:
        UsageError: it is no ledger, or has no such entry.
        HostileInput: the ledger is damaged.
    """
    folder = LedgerFolder(path)
    leaf = leaf_hash(entry.to_bytes())
    with folder.locked(write=False):
        key, head, note = read_head(folder)
        tiles = Tiles(folder, head.size)
        index = next((n for n, known in enumerate(tiles.leaves()) if known == leaf), None)
        if index is None:
            raise UsageError(
                f"{path} has no entry of this audit",
                remedy="Append it with 'weighbridge ledger append'.",
            )
        steps = tuple(inclusion_path(index, head.size, tiles.subtree))
    proof = Proof(entry, index, steps, note, key)
    proof.verify()
    return proof


def prove_consistency(path: Path, older: bytes) -> bytes:
    """That a ledger continues an older checkpoint: the request of C2SP tlog-witness.

    It is ``old <size>``, the hashes of the proof, an empty line and the present checkpoint.

    Raises:
        LedgerDamaged: it does not continue it.
        HostileInput: the older checkpoint is not one of this ledger.
    """
    folder = LedgerFolder(path)
    with folder.locked(write=False):
        key, head, note = read_head(folder)
        old = Checkpoint.open(older, key)
        tiles = Tiles(folder, head.size)
        if old.size > head.size or tiles.subtree(0, old.size) != old.root:
            raise LedgerDamaged(f"the ledger does not continue the checkpoint of {old.size}")
        steps = consistency_path(old.size, head.size, tiles.subtree) if old.size else []
    lines = [f"old {old.size}", *(_base64(step) for step in steps), "", ""]
    return "\n".join(lines).encode() + note


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
