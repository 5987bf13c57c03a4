"""Trust roots that a policy names as files: read once, they stand in the effective policy."""

from __future__ import annotations

from collections.abc import Sequence

from weighbridge.edge.trusted_root import trusted_root_text
from weighbridge.edge.yaml import KeyPath
from weighbridge.model.errors import HostileInput
from weighbridge.policy.document import Document, beside, read_regular

_MAX_BYTES = 2**20
_MAX_CERTIFICATES = 50


def read_certificates(document: Document, files: Sequence[str], at: KeyPath) -> tuple[str, ...]:
    """The certificates of PEM files, each normalized, without doubles.

    Raises:
        ConfigurationError: a file lies outside the policy's folder, is no PEM, or holds too many.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    found: list[str] = []
    for index, name in enumerate(files):
        here = (*at, index)
        data = _read(document, name, here)
        try:
            certificates = x509.load_pem_x509_certificates(data)
        except ValueError as error:
            raise document.error(
                f"{name!r} holds no certificate in PEM", here, "Write DER as PEM with openssl."
            ) from error
        found += [c.public_bytes(Encoding.PEM).decode("ascii") for c in certificates]
    if len(found) > _MAX_CERTIFICATES:
        raise document.error(f"there are more than {_MAX_CERTIFICATES} certificates", at)
    return tuple(dict.fromkeys(found))


def read_trusted_root(document: Document, name: str, at: KeyPath) -> str:
    """A Sigstore trust root as one line of JSON, also out of a client trust configuration.

    Raises:
        ConfigurationError: the file lies outside the policy's folder or is neither.
    """
    data = _read(document, name, at)
    try:
        return trusted_root_text(data, source=repr(name))
    except HostileInput as error:
        raise document.error(
            error.message,
            at,
            "Give the instance's trusted_root.json, or its client trust configuration.",
        ) from error


def read_texts(document: Document, files: Sequence[str], at: KeyPath) -> tuple[str, ...]:
    """Files of text in full, without doubles. What they say is not looked at here.

    Raises:
        ConfigurationError: a file lies outside the policy's folder, is too long, or not UTF-8.
    """
    found: list[str] = []
    for index, name in enumerate(files):
        try:
            found.append(_read(document, name, (*at, index)).decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise document.error(f"the file {name!r} is not UTF-8", (*at, index)) from error
    return tuple(dict.fromkeys(found))


def _read(document: Document, name: str, at: KeyPath) -> bytes:
    path = beside(document, name, at)
    if not path.exists():
        raise document.error(f"the file {name!r} does not exist", at)
    return read_regular(path, name, _MAX_BYTES)
