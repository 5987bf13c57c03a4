"""The local sealing key: made on first use, kept in the user's configuration folder.

It is self-signed. A seal under it proves that nothing changed since it was made, and who made it
only to someone who got the key's fingerprint in another way. ``WEIGHBRIDGE_CONFIG_DIR`` moves the
folder.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.model.digest import Digest
from weighbridge.model.errors import SealError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    from weighbridge.signing.document_keys import PrivateDocumentKey

KEY_FILE = "sealing-key.pem"
CERTIFICATE_FILE = "sealing-certificate.pem"
COMMON_NAME = "Weighbridge local sealing key"
VALIDITY = dt.timedelta(days=3653)
_MAX_FILE_BYTES = 64 * 2**10


class UnsafeKey(SealError):
    """The key's file or folder is open to other users: a seal under it would prove nothing."""


@dataclass(frozen=True, slots=True)
class LocalKey:
    """A sealing key and its self-signed certificate, in DER."""

    private: ec.EllipticCurvePrivateKey
    certificate: bytes

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """The one certificate: nobody stands above it."""
        return (self.certificate,)

    @property
    def public(self) -> ec.EllipticCurvePublicKey:
        """The public half."""
        return self.private.public_key()

    @property
    def fingerprint(self) -> Digest:
        """SHA-256 of the public key: what others compare and pin."""
        from weighbridge.signing.keys import fingerprint

        return fingerprint(self.public)

    def sign(self, data: bytes) -> bytes:
        """A DER ECDSA signature, its ``s`` the smaller one."""
        from weighbridge.seal.low_s import low_s
        from weighbridge.signing.keys import sign

        return low_s(self.public, sign(self.private, data))


def sealing_folder() -> Path:
    """Where the key lives; nothing is created."""
    configured = os.environ.get("WEIGHBRIDGE_CONFIG_DIR", "")
    if configured:
        return Path(configured) / "sealing"
    from platformdirs import user_config_path

    return user_config_path("weighbridge") / "sealing"


def local_key(folder: Path | None = None) -> LocalKey:
    """The sealing key of this user, made if there is none. Processes that race get the same one.

    Raises:
        UnsafeKey: others can read or replace it.
        SealError: it cannot be read or made, or key and certificate do not belong together.
    """
    folder = folder or sealing_folder()
    found = existing_key(folder)
    if found:
        return found
    from weighbridge.signing.keys import generate_key, private_pem

    _create_folder(folder)
    _create_once(folder / KEY_FILE, private_pem(generate_key()), 0o600)
    made = existing_key(folder)
    assert made is not None
    return made


def existing_key(folder: Path | None = None) -> LocalKey | None:
    """The sealing key of this user, None where none was made yet. Raises as :func:`local_key`.

    Its certificate is made anew if it is missing; a key alone is never remade.
    """
    folder = folder or sealing_folder()
    pem = _read_private(folder / KEY_FILE)
    if pem is None:
        return None
    from weighbridge.signing.errors import UnusableKey
    from weighbridge.signing.keys import load_private_key

    _check_folder(folder)
    try:
        private = load_private_key(pem)
    except UnusableKey as error:
        raise SealError(
            f"{folder / KEY_FILE} is not a usable key: {error.message}",
            remedy="Move the file away; the next audit makes a new key with another fingerprint.",
        ) from error
    path = folder / CERTIFICATE_FILE
    if not path.exists():
        _create_once(path, _pem(self_signed(private)), 0o644)
    return LocalKey(private, _read_certificate(path, private))


def self_signed(private: PrivateDocumentKey) -> x509.Certificate:
    """A certificate for PAdES over a key, by itself: non-repudiation, ten years, no authority."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import NameOID

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, COMMON_NAME)])
    begin = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(hours=1)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,  # nonRepudiation: PDF readers ask for it
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(private.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + VALIDITY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(identifier, critical=False)
        .sign(private, hashes.SHA256())
    )


def _create_folder(folder: Path) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise SealError(
            f"{folder} cannot be made: {error.strerror}",
            remedy="Set WEIGHBRIDGE_CONFIG_DIR to a folder that you can write to.",
        ) from error
    _check_folder(folder)


def _check_folder(folder: Path) -> None:
    status = folder.stat()
    if status.st_mode & 0o022 or status.st_uid not in (os.geteuid(), 0):
        raise UnsafeKey(
            f"{folder} can be changed by other users, who could put their own key there",
            remedy=f"Run 'chmod 700 {folder}', and make sure that it is yours.",
        )


def _create_once(path: Path, data: bytes, mode: int) -> None:
    """Create a file with all its content at once; the first one stays, whoever comes later.

    The content is complete in a file of its own before ``link`` gives it the name, so that another
    process never reads half of it. ``link`` fails where the name exists, as ``O_EXCL`` does.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        _write_new(temporary, data, mode)
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
        except OSError:
            # a file system without hard links: exclusive creation is what is left
            with contextlib.suppress(FileExistsError):
                _write_new(path, data, mode)
    except OSError as error:
        raise SealError(
            f"{path} cannot be written: {error.strerror}",
            remedy="Make room, or set WEIGHBRIDGE_CONFIG_DIR to a folder that you can write to.",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _write_new(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _read_private(path: Path) -> bytes | None:
    """The key's file, None where there is none; what is checked is what is read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SealError(
            f"{path} cannot be opened: {error.strerror}",
            remedy="Make it yours and readable to you, or move it away.",
        ) from error
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise UnsafeKey(f"{path} is not a file", remedy="Move it away.")
        if status.st_mode & 0o077 or status.st_uid not in (os.geteuid(), 0):
            raise UnsafeKey(
                f"{path} is open to other users (mode {stat.S_IMODE(status.st_mode):04o})",
                remedy="If nobody used it, run 'chmod 600' on it; if in doubt, move it away: the "
                "next audit makes a new key.",
            )
        return stream.read(_MAX_FILE_BYTES)


def _read_certificate(path: Path, private: ec.EllipticCurvePrivateKey) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes()[:_MAX_FILE_BYTES])
        belongs = certificate.public_key() == private.public_key()
    except (OSError, ValueError) as error:
        raise SealError(
            f"{path} cannot be read as a certificate",
            remedy="Move it away; it is made again from the key.",
        ) from error
    if not belongs:
        raise SealError(
            f"{path} is not the certificate of {KEY_FILE} beside it",
            remedy="Move it away; it is made again from the key.",
        )
    return certificate.public_bytes(Encoding.DER)


def _pem(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)
