"""The log's Ed25519 key, and what it signed last: kept beside the local sealing key.

A log must not sign a tree that does not continue one it signed before (C2SP tlog-checkpoint). The
last checkpoint of each ledger is therefore kept here as well, where a ledger that was put back to
an earlier state does not take it along.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.ledger.errors import LedgerError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_FILE = "ledger-key.pem"
_MAX_FILE_BYTES = 128 * 2**10


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The raw public key, 32 bytes."""
    return key.public_key().public_bytes_raw()


def existing_key(folder: Path) -> Ed25519PrivateKey | None:
    """The log's key, None where none was made yet.

    Raises:
        LedgerError: others can read or replace it, or it is not an Ed25519 key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    path = folder / KEY_FILE
    data = _read(path, private=True)
    if data is None:
        return None
    try:
        key = load_pem_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise LedgerError(f"{path} is not a key", remedy="Bring back a copy of it.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise LedgerError(f"{path} is not an Ed25519 key", remedy="Bring back a copy of it.")
    return key


def log_key(folder: Path) -> Ed25519PrivateKey:
    """The log's key, made if there is none. Processes that race get the same one.

    Raises:
        LedgerError: as :func:`existing_key`, or it cannot be made.
    """
    found = existing_key(folder)
    if found:
        return found
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / KEY_FILE
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        whole = _staged(path, pem)
        try:
            with contextlib.suppress(FileExistsError):  # another process was first: its key stays
                os.link(whole, path)
        finally:
            whole.unlink()
    except OSError as error:
        raise LedgerError(
            f"{path} cannot be made: {error.strerror}",
            remedy="Set WEIGHBRIDGE_CONFIG_DIR to a folder that you can write to.",
        ) from error
    made = existing_key(folder)
    assert made is not None
    return made


def remembered(folder: Path, origin: str) -> bytes | None:
    """The checkpoint that was signed last for a ledger, None where nothing was.

    Raises:
        LedgerError: it cannot be read, or others can change it.
    """
    return _read(_memory(folder, origin), private=False)


def remember(folder: Path, origin: str, checkpoint: bytes) -> None:
    """Keep the checkpoint that is about to be published.

    Raises:
        OSError: it cannot be written; the earlier one is still there.
    """
    path = _memory(folder, origin)
    os.replace(_staged(path, checkpoint), path)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _memory(folder: Path, origin: str) -> Path:
    # hashed, since a ledger's folder may claim any origin
    return folder / f"ledger-{hashlib.sha256(origin.encode()).hexdigest()[:32]}.checkpoint"


def _staged(path: Path, data: bytes) -> Path:
    whole = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    return whole


def _read(path: Path, *, private: bool) -> bytes | None:
    """A file of ours, None where there is none; what is checked is what is read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LedgerError(
            f"{path} cannot be opened: {error.strerror}", remedy="Make it readable to you."
        ) from error
    with os.fdopen(descriptor, "rb") as stream:
        status, above = os.fstat(stream.fileno()), path.parent.stat()
        open_to_others = status.st_mode & (0o077 if private else 0o022) or above.st_mode & 0o022
        ours = {status.st_uid, above.st_uid} <= {os.geteuid(), 0}
        if not stat.S_ISREG(status.st_mode) or open_to_others or not ours:
            raise LedgerError(
                f"{path} or its folder is open to other users, or is not yours",
                remedy=f"If nobody used it, run 'chmod 600 {path}' and 'chmod 700 {path.parent}'.",
            )
        return stream.read(_MAX_FILE_BYTES)
