"""With which keys people signed before: what tells a new key from the one that was always used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from weighbridge.history.commit import Commit
from weighbridge.history.openpgp import WEB_FLOW_KEYS, issuer
from weighbridge.history.sshsig import parse_signature
from weighbridge.model.errors import HostileInput


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One key of one committer. ``position`` is that of the oldest commit it signed.

    ``first`` is the ``not_before`` of that commit. ``earlier`` are the keys with which the same
    committer had signed before, the oldest first.
    """

    key: str
    position: int
    first: int | None
    earlier: tuple[str, ...]


def signing_key(commit: Commit) -> str:
    """The key that a signature names: ``SHA256:…`` for SSH, ``openpgp:`` and a key id, or empty.

    Only read, not verified. X.509 is left out: its keys are often made for one commit each.
    """
    kind = commit.signature_kind
    try:
        if kind == "ssh":
            return parse_signature(commit.signature).fingerprint
    except HostileInput:
        return ""
    named = issuer(commit.signature) if kind == "openpgp" else ""
    return f"openpgp:{named}" if named else ""


def is_web_flow_key(key: str) -> bool:
    """Whether that is one of the keys GitHub signs with for whoever is logged in there."""
    return key.removeprefix("openpgp:") in WEB_FLOW_KEYS


def key_uses(
    commits: Mapping[str, Commit], order: Sequence[str], floors: Mapping[str, int | None]
) -> dict[tuple[str, str], KeyUse]:
    """Each committer's keys, by the committer and the key.

    Commits of GitHub's web interface count for nobody: the key is not the person's.
    """
    uses: dict[tuple[str, str], KeyUse] = {}
    keys: dict[str, list[str]] = {}
    for position in range(len(order) - 1, -1, -1):
        commit = commits[order[position]]
        if not commit.signature or commit.is_web_flow:
            continue
        key = signing_key(commit)
        who = commit.committer.key
        if not key or is_web_flow_key(key) or (who, key) in uses:
            continue
        mine = keys.setdefault(who, [])
        uses[who, key] = KeyUse(key, position, floors[commit.id], tuple(mine[:20]))
        mine.append(key)
    return uses
