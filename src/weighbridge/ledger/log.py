"""Appending: entries, tiles, the head in the key's folder, the head in the ledger; in that order.

A writer that is killed before the third step left files that nothing was signed over; the next one
writes over them. Killed later, the signed head is in the key's folder and what it covers is in the
ledger's: the next one publishes it. No entry that was once signed can be lost in between.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.ledger.checkpoint import MAX_ENTRIES, Checkpoint
from weighbridge.ledger.entry import Entry
from weighbridge.ledger.errors import LedgerDamaged, LedgerError
from weighbridge.ledger.folder import LedgerFolder
from weighbridge.ledger.keys import log_key, public_bytes, remember, remembered
from weighbridge.ledger.merkle import EMPTY_ROOT, leaf_hash
from weighbridge.ledger.note import MAX_KEY_TEXT, MAX_NOTE_BYTES, VerifierKey
from weighbridge.ledger.tiles import WIDTH, Tiles, grown
from weighbridge.model.errors import UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

CHECKPOINT, VERIFIER = "checkpoint", "log.vkey"


@dataclass(frozen=True, slots=True)
class Appended:
    """Where an entry lies. ``added`` is False where the ledger had it already."""

    origin: str
    index: int
    size: int
    added: bool


def append(path: Path, entry: Entry, keys: Path) -> Appended:
    """Append an entry, unless the ledger has the same one; the folder and key are made if missing.

    Args:
        path: The ledger's folder.
        entry: What to append.
        keys: The folder of the log's key, see :mod:`weighbridge.ledger.keys`.

    Raises:
        LedgerDamaged: the ledger is not what was signed; nothing is written then.
        LedgerError: it is under another key, full, held by another process or not writable.
        UsageError: the folder holds something else.
    """
    data = entry.to_bytes()
    folder = LedgerFolder(path)
    with folder.locked(write=True):
        key = log_key(keys)
        verifier = _verifier(folder, key)
        head = _head(folder, key, verifier, keys)
        tiles = Tiles(folder, head.size)
        leaf = leaf_hash(data)
        for index, known in enumerate(tiles.leaves()):
            if known == leaf:
                return Appended(head.origin, index, head.size, added=False)
        if head.size == MAX_ENTRIES:
            raise LedgerError(f"{path} is full: {MAX_ENTRIES} entries", remedy="Begin another.")
        for name, content in grown(tiles, [data]):
            folder.write(name, content)
        size = head.size + 1
        # hashed from what was read back, so that a head is only signed over what is there
        root = Tiles(folder, size).subtree(0, size)
        _publish(folder, Checkpoint(head.origin, size, root).sign(key), verifier, keys)
        _clear(folder, size)
        return Appended(head.origin, head.size, size, added=True)


def read_verifier(folder: LedgerFolder) -> VerifierKey | None:
    """The public key that a ledger names as its own, None where it names none.

    Raises:
        HostileInput: it is not one line with a verifier key.
    """
    data = folder.read(VERIFIER, MAX_KEY_TEXT)
    if data is None:
        return None
    return VerifierKey.from_text(data.decode("utf-8", "replace").removesuffix("\n"))


def read_head(folder: LedgerFolder) -> tuple[VerifierKey, Checkpoint, bytes]:
    """The key that a ledger names, its checkpoint under that key, and the checkpoint's bytes.

    Raises:
        UsageError: it is no ledger.
        LedgerDamaged: one of the two is missing.
        HostileInput: one of them is malformed, or the signature is not valid.
    """
    verifier, data = read_verifier(folder), folder.read(CHECKPOINT, MAX_NOTE_BYTES)
    if verifier is None and data is None:
        raise UsageError(f"{folder.path} is not a ledger", remedy="Name the folder of one.")
    if verifier is None or data is None:
        raise LedgerDamaged(f"the ledger has no {CHECKPOINT if verifier else VERIFIER}")
    return verifier, Checkpoint.open(data, verifier), data


def _verifier(folder: LedgerFolder, key: Ed25519PrivateKey) -> VerifierKey:
    found = read_verifier(folder)
    if found is None:
        files, strange = folder.listing()
        if files or strange:
            raise UsageError(
                f"{folder.path} holds {(files + strange)[0][:80]!r} and is not a ledger",
                remedy="Name a ledger's folder, or one that does not exist yet.",
            )
        # each ledger needs a name of its own: two under one name and key would contradict
        found = VerifierKey(f"weighbridge-ledger/{secrets.token_hex(8)}", public_bytes(key))
        folder.write(VERIFIER, f"{found.to_text()}\n".encode())
    if found.public != public_bytes(key):
        raise LedgerError(
            f"{folder.path} is kept under another key than yours",
            remedy="Use the key that it was begun with, or begin another ledger.",
        )
    return found


def _head(
    folder: LedgerFolder, key: Ed25519PrivateKey, verifier: VerifierKey, keys: Path
) -> Checkpoint:
    """The checkpoint to go on from, after a look at what was signed last."""
    data, memory = folder.read(CHECKPOINT, MAX_NOTE_BYTES), remembered(keys, verifier.name)
    if data is None and memory is None:
        if any(name.startswith("tile/") for name in folder.listing()[0]):
            raise LedgerDamaged(f"{folder.path} has entries and no checkpoint: it was taken away")
        data = Checkpoint(verifier.name, 0, EMPTY_ROOT).sign(key)
        _publish(folder, data, verifier, keys)
    signed = [Checkpoint.open(note, verifier) for note in (data, memory) if note is not None]
    newest = max(signed, key=lambda one: one.size)
    tiles = Tiles(folder, newest.size)
    for one in signed:
        if tiles.subtree(0, one.size) != one.root:
            raise LedgerDamaged(f"{folder.path} is not what was signed as {one.size} entries")
    if newest.size:
        _check_last_bundle(tiles, (newest.size - 1) // WIDTH)
    if memory is not None and (data is None or newest is not signed[0]):
        folder.write(CHECKPOINT, memory)
    elif data is not None and data != memory:
        remember(keys, verifier.name, data)
    return newest


def _check_last_bundle(tiles: Tiles, index: int) -> None:
    if [leaf_hash(entry) for entry in tiles.bundle(index)] != tiles.tile(0, index):
        raise LedgerDamaged(f"the entries of bundle {index} are not those of its tile")


def _publish(folder: LedgerFolder, note: bytes, verifier: VerifierKey, keys: Path) -> None:
    try:
        remember(keys, verifier.name, note)
    except OSError as error:
        raise LedgerError(
            f"{keys} cannot be written: {error.strerror}", remedy="Nothing was appended."
        ) from error
    folder.write(CHECKPOINT, note)


def _clear(folder: LedgerFolder, size: int) -> None:
    """Remove partial tiles whose full one is there (tlog-tiles: a log MAY)."""
    from weighbridge.ledger.tiles import ENTRIES, tile_name

    level = 0
    while size and size % WIDTH == 0:
        size //= WIDTH
        for kind in (level, ENTRIES) if level == 0 else (level,):
            folder.discard(f"{tile_name(kind, size - 1)}.p")
        level += 1
