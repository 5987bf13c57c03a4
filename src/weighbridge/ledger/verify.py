"""``ledger verify``: everything computed again from the entries, and compared with older heads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from weighbridge.edge.text import visible
from weighbridge.ledger.checkpoint import Checkpoint
from weighbridge.ledger.entry import Entry
from weighbridge.ledger.errors import LedgerDamaged
from weighbridge.ledger.folder import LedgerFolder
from weighbridge.ledger.log import CHECKPOINT, VERIFIER, read_head
from weighbridge.ledger.merkle import HASH_BYTES, leaf_hash, root
from weighbridge.ledger.note import VerifierKey
from weighbridge.ledger.tiles import (
    ENTRIES,
    MAX_BUNDLE_BYTES,
    WIDTH,
    Tiles,
    pack_bundle,
    parse_name,
    tile_name,
)
from weighbridge.model.errors import ExitCode, HostileInput

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What was found. ``problems`` contradict the ledger, ``notes`` leave something open."""

    key: VerifierKey | None
    checkpoint: Checkpoint | None
    problems: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def exit_code(self) -> ExitCode:
        """1 with problems, 3 where something is left open, else 0."""
        if self.problems:
            return ExitCode.VIOLATED
        return ExitCode.INCONCLUSIVE if self.notes else ExitCode.HOLDS


@dataclass(slots=True)
class _Findings:
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def names(self, words: str, names: Sequence[str], *, note: bool = False) -> None:
        if names:
            shown = ", ".join(visible(name, 80) for name in names[:_SHOWN])
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            (self.notes if note else self.problems).append(f"{words}: {shown}{more}")


def verify_ledger(
    path: Path,
    *,
    trusted: VerifierKey | None = None,
    own: bytes | None = None,
    since: Sequence[bytes] = (),
    last: bytes | None = None,
) -> LedgerReport:
    """Verify a ledger's folder.

    Args:
        path: The folder.
        trusted: The log's name and key as they are known. Without it and ``own``, the signature is
            verified under the key that the folder names, which is a note.
        own: The raw public key of this user's log.
        since: Older checkpoints that the ledger must continue.
        last: The checkpoint that this user signed last, which may be ahead of the folder's if a
            writer was killed.

    Raises:
        UsageError: it is no ledger.
        LedgerError: it cannot be read.
    """
    folder = LedgerFolder(path)
    found = _Findings()
    key: VerifierKey | None = None
    head: Checkpoint | None = None
    try:
        with folder.locked(write=False):
            key, head, _ = read_head(folder)
            _check_key(found, key, trusted, own)
            leaves = _check_files(found, folder, head)
            if root(leaves) != head.root:
                found.problems.append("the entries do not give the root that was signed")
            for note in since:
                _check_older(found, Checkpoint.open(note, key), leaves)
            if last is not None:
                _check_last(found, folder, Checkpoint.open(last, key), leaves)
    except HostileInput as error:
        found.problems.append(error.message)
    return LedgerReport(key, head, tuple(found.problems), tuple(found.notes))


def _check_key(
    found: _Findings, key: VerifierKey, trusted: VerifierKey | None, own: bytes | None
) -> None:
    if trusted is not None:
        if key != trusted:
            found.problems.append("the ledger is under another name or key than the one given")
    elif key.public != own:
        found.notes.append("the ledger's key is not known here: pass the one that you got with "
                           "--key")  # fmt: skip


def _check_files(found: _Findings, folder: LedgerFolder, head: Checkpoint) -> list[bytes]:
    """Compare every file with what the entries give; gives the leaves' hashes.

    Raises:
        HostileInput: a bundle is missing or malformed; there is nothing to compare with then.
    """
    files, strange = folder.listing()
    parsed = {name: parse_name(name) for name in files if name not in (CHECKPOINT, VERIFIER)}
    found.names("not part of a ledger", [*strange, *(n for n, tile in parsed.items() if not tile)])
    bundles: dict[int, list[int]] = {}
    tiles: dict[str, tuple[int, int, int]] = {}
    for name, tile in parsed.items():
        if tile and tile[0] == ENTRIES:
            bundles.setdefault(tile[1], []).append(tile[2])
        elif tile:
            tiles[name] = (int(tile[0]), tile[1], tile[2])
    beyond: list[str] = []
    leaves: list[bytes] = []
    for index in range(-(-head.size // WIDTH)):
        leaves += _check_bundle(found, folder, head.size, index, bundles.pop(index, []), beyond)
    beyond += [tile_name(ENTRIES, n, w) for n, widths in bundles.items() for w in widths]
    _check_tiles(found, folder, leaves, tiles, beyond)
    found.names(
        "not covered by the checkpoint (an append that was cut off and that the next one repairs, "
        "or a checkpoint that was put back to an earlier one)",
        sorted(beyond),
        note=True,
    )
    return leaves


def _check_bundle(
    found: _Findings, folder: LedgerFolder, size: int, index: int, widths: list[int],
    beyond: list[str],
) -> list[bytes]:  # fmt: skip
    entries = Tiles(folder, size).bundle(index)
    for number, entry in enumerate(entries):
        try:
            Entry.from_bytes(entry)
        except HostileInput as error:
            raise LedgerDamaged(f"entry {index * WIDTH + number}: {error.message}") from error
    for width in sorted(widths):
        name = tile_name(ENTRIES, index, width)
        if width > len(entries):
            beyond.append(name)
        elif folder.read(name, MAX_BUNDLE_BYTES) != pack_bundle(entries[:width]):
            found.problems.append(f"{name} is not as it was")
    return [leaf_hash(entry) for entry in entries]


def _check_tiles(
    found: _Findings,
    folder: LedgerFolder,
    leaves: list[bytes],
    tiles: dict[str, tuple[int, int, int]],
    beyond: list[str],
) -> None:
    rows = [leaves]
    while len(rows[-1]) >= WIDTH:
        row = rows[-1]
        rows.append([root(row[at : at + WIDTH]) for at in range(0, len(row) - WIDTH + 1, WIDTH)])
    wrong: list[str] = []
    for name, (level, index, width) in tiles.items():
        row = rows[level] if level < len(rows) else []
        part = row[index * WIDTH : index * WIDTH + width]
        if len(part) < width:
            beyond.append(name)
        elif folder.read(name, WIDTH * HASH_BYTES) != b"".join(part):
            wrong.append(name)
    needed = [
        tile_name(level, at // WIDTH, min(WIDTH, len(row) - at))
        for level, row in enumerate(rows)
        for at in range(0, len(row), WIDTH)
    ]
    found.names("tiles that their entries do not give", wrong)
    found.names("missing tiles", [name for name in needed if name not in tiles])


def _check_older(found: _Findings, older: Checkpoint, leaves: list[bytes]) -> None:
    if older.size > len(leaves):
        found.problems.append(
            f"entries were taken away: there were {older.size}, and are {len(leaves)}"
        )
    elif root(leaves[: older.size]) != older.root:
        found.problems.append(
            f"the first {older.size} entries are not those of the older checkpoint: at least one "
            "was changed, moved or taken away"
        )


def _check_last(
    found: _Findings, folder: LedgerFolder, last: Checkpoint, leaves: list[bytes]
) -> None:
    if last.size <= len(leaves):
        _check_older(found, last, leaves)
        return
    try:
        tiles = Tiles(folder, last.size)
        ahead = [leaf_hash(e) for n in range(-(-last.size // WIDTH)) for e in tiles.bundle(n)]
    except HostileInput:
        ahead = leaves
    if len(ahead) == last.size and root(ahead) == last.root:
        found.notes.append(
            f"{last.size} entries were signed and are there, and the checkpoint is of "
            f"{len(leaves)}: the next append publishes the newer one"
        )
    else:
        _check_older(found, last, leaves)


def read_entries(path: Path, head: Checkpoint) -> Iterator[Entry]:
    """The entries under a checkpoint that was verified, in order.

    Raises:
        HostileInput: they are not those any more.
    """
    tiles = Tiles(LedgerFolder(path), head.size)
    for index in range(-(-head.size // WIDTH)):
        for entry in tiles.bundle(index):
            yield Entry.from_bytes(entry)
