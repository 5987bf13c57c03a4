"""Signing with a key that never leaves its token (PKCS#11), named by an RFC 7512 URI.

``pkcs11:token=release;object=model-key?module-path=/usr/lib/softhsm/libsofthsm2.so``. The library
for it comes with the extra ``pkcs11``. A PIN is taken from the password, never from the URI: what
stands on a command line is read by others.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from weighbridge.edge.text import visible
from weighbridge.model.errors import UsageError
from weighbridge.signing import document_keys, dsse, keys
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.errors import CannotSign, UnusableKey

_PATH = ("token", "serial", "manufacturer", "model", "object", "id", "type")
_QUERY = ("module-path",)
_EXAMPLE = "Write 'pkcs11:token=NAME;object=KEY?module-path=LIBRARY'."


@dataclass(frozen=True, slots=True)
class Pkcs11Uri:
    """Which key of which token, and by which library it is reached."""

    module: str
    token: str = ""
    serial: bytes = b""
    label: str = ""
    id: bytes = b""

    @classmethod
    def parse(cls, text: str) -> Pkcs11Uri:
        """Read an RFC 7512 URI.

        Raises:
            UsageError: not of that form, an unknown or doubled attribute, no key, or no library.
        """
        if not text.startswith("pkcs11:"):
            raise UsageError("this is no PKCS#11 URI", remedy=_EXAMPLE)
        path, _, query = text.removeprefix("pkcs11:").partition("?")
        attributes = _attributes(path, ";", _PATH) | _attributes(query, "&", _QUERY)
        module = unquote(attributes.get("module-path", ""))
        if not module.startswith("/"):
            raise UsageError(
                "the PKCS#11 URI names no library by an absolute module-path", remedy=_EXAMPLE
            )
        if not ("object" in attributes or "id" in attributes):
            raise UsageError("the PKCS#11 URI names no key by object or id", remedy=_EXAMPLE)
        if attributes.get("type", "private") != "private":
            raise UsageError("the PKCS#11 URI names no private key", remedy=_EXAMPLE)
        return cls(
            module,
            unquote(attributes.get("token", "")),
            unquote_to_bytes(attributes.get("serial", "")),
            unquote(attributes.get("object", "")),
            unquote_to_bytes(attributes.get("id", "")),
        )


@dataclass(frozen=True, slots=True)
class Pkcs11Signer:
    """OMS key mode with a token's key, in a session that lasts as long as the ``with`` block."""

    public: ec.EllipticCurvePublicKey
    _key: Any = field(repr=False)
    _session: Any = field(repr=False)

    def __enter__(self) -> Pkcs11Signer:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Log out."""
        self._session.close()

    def sign(self, payload_type: str, payload: bytes) -> Bundle:
        """The signed payload, in a bundle.

        Raises:
            CannotSign: the token refused, or signed with another key than it shows.
        """
        signature = self.sign_bytes(dsse.pae(payload_type, payload))
        envelope = dsse.Envelope(payload_type, payload, signature)
        return Bundle(envelope, hint=keys.hint(self.public))

    def sign_bytes(self, data: bytes) -> bytes:
        """A DER ECDSA signature over some bytes, with the curve's hash, checked.

        Raises:
            CannotSign: the token refused.
            SignatureInvalid: it signed with another key than it shows.
        """
        from pkcs11 import Mechanism
        from pkcs11.util.ec import encode_ecdsa_signature

        digest = hashes.Hash(keys.hash_of(self.public))
        digest.update(data)
        with _refusals():
            raw = self._key.sign(digest.finalize(), mechanism=Mechanism.ECDSA)
        signature = bytes(encode_ecdsa_signature(raw))
        keys.verify(self.public, signature, data)
        return signature


@dataclass(frozen=True, slots=True)
class Pkcs11RsaSigner:
    """A token's RSA key, in a session that lasts until :meth:`close`. It seals documents only."""

    public: rsa.RSAPublicKey
    _key: Any = field(repr=False)
    _session: Any = field(repr=False)

    def close(self) -> None:
        """Log out."""
        self._session.close()

    def sign_bytes(self, data: bytes) -> bytes:
        """An RSASSA-PKCS1-v1_5 signature over some bytes with SHA-256, checked. Raises as EC."""
        from pkcs11 import Mechanism

        with _refusals():
            signature = bytes(self._key.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS))
        document_keys.verify(self.public, signature, data)
        return signature


def open_token(uri: str, pin: bytes | None) -> Pkcs11Signer:
    """Log in to a token and find the EC key.

    Raises:
        UsageError: the URI is wrong, the extra is not installed, or the token cannot be opened.
        UnusableKey: there is no such EC key, or more than one.
    """
    wanted = Pkcs11Uri.parse(uri)
    with _session(wanted, pin) as session:
        return _ec_signer(session, wanted)


def open_document_token(uri: str, pin: bytes | None) -> Pkcs11Signer | Pkcs11RsaSigner:
    """Log in to a token and find the key, EC or RSA. Raises as :func:`open_token`."""
    wanted = Pkcs11Uri.parse(uri)
    with _session(wanted, pin) as session:
        from pkcs11 import KeyType, ObjectClass

        if not _objects(session, wanted, ObjectClass.PRIVATE_KEY, KeyType.RSA):
            return _ec_signer(session, wanted)
        if _objects(session, wanted, ObjectClass.PRIVATE_KEY, KeyType.EC):
            raise UnusableKey(
                "the token has an EC and an RSA key of that name",
                remedy="Name the key by its object and id.",
            )
        private = _one(session, wanted, ObjectClass.PRIVATE_KEY, KeyType.RSA)
        public = _rsa_public(_one(session, wanted, ObjectClass.PUBLIC_KEY, KeyType.RSA))
        return Pkcs11RsaSigner(public, private, session)


@contextlib.contextmanager
def _session(wanted: Pkcs11Uri, pin: bytes | None) -> Iterator[Any]:
    """A session with a token, which stays open unless the block fails."""
    try:
        import pkcs11
        from pkcs11.exceptions import PKCS11Error
    except ImportError as error:
        raise UsageError(
            "signing with a token needs a library that is not installed",
            remedy="Install it with: pip install 'weighbridge[pkcs11]'.",
        ) from error
    try:
        library = pkcs11.lib(wanted.module)
        found = library.get_token(
            token_label=wanted.token or None, token_serial=wanted.serial or None
        )
        session = found.open(user_pin=pin.decode("utf-8") if pin is not None else None)
        with contextlib.ExitStack() as failed:
            failed.callback(session.close)
            yield session
            failed.pop_all()
    except (PKCS11Error, RuntimeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the token cannot be opened: {_words(error)}",
            remedy="Check the URI's token and module-path, and the PIN in --password-file.",
        ) from error


def _ec_signer(session: Any, wanted: Pkcs11Uri) -> Pkcs11Signer:
    from pkcs11 import KeyType, ObjectClass

    private = _one(session, wanted, ObjectClass.PRIVATE_KEY, KeyType.EC)
    public = _public(_one(session, wanted, ObjectClass.PUBLIC_KEY, KeyType.EC))
    return Pkcs11Signer(public, private, session)


def _attributes(text: str, separator: str, known: tuple[str, ...]) -> dict[str, str]:
    table: dict[str, str] = {}
    for part in text.split(separator) if text else ():
        name, equals, value = part.partition("=")
        if name in ("pin-value", "pin-source"):
            raise UsageError(
                f"the PKCS#11 URI holds a {name}, which others could read",
                remedy="Give the PIN with --password-file or in WEIGHBRIDGE_KEY_PASSWORD.",
            )
        if not equals or not value or name not in known or name in table:
            raise UsageError(
                f"the PKCS#11 URI has an attribute that is not known here or stands twice: "
                f"{visible(part, 60)!r}",
                remedy=_EXAMPLE,
            )
        table[name] = value
    return table


def _one(session: Any, wanted: Pkcs11Uri, kind: Any, key_type: Any) -> Any:
    found = _objects(session, wanted, kind, key_type)
    if len(found) != 1:
        raise UnusableKey(
            f"the token has {len(found) or 'no'} {key_type.name} keys of that name, and both "
            "halves of one are needed",
            remedy="Name the key by its object and id.",
        )
    return found[0]


def _objects(session: Any, wanted: Pkcs11Uri, kind: Any, key_type: Any) -> list[Any]:
    from pkcs11 import Attribute

    search: dict[Any, Any] = {Attribute.CLASS: kind, Attribute.KEY_TYPE: key_type}
    if wanted.label:
        search[Attribute.LABEL] = wanted.label
    if wanted.id:
        search[Attribute.ID] = wanted.id
    return list(session.get_objects(search))


def _rsa_public(key: Any) -> rsa.RSAPublicKey:
    from pkcs11 import Attribute

    modulus, exponent = key[Attribute.MODULUS], key[Attribute.PUBLIC_EXPONENT]
    numbers = rsa.RSAPublicNumbers(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big"))
    try:
        public = numbers.public_key()
    except ValueError as error:
        raise UnusableKey(f"the token's key cannot be read: {visible(str(error), 200)}") from error
    document_keys.document_key(public)
    return public


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """A token's refusal to sign, as one typed error."""
    from pkcs11.exceptions import PKCS11Error

    try:
        yield
    except PKCS11Error as error:
        raise CannotSign(f"the token did not sign: {_words(error)}") from error


def _public(key: Any) -> ec.EllipticCurvePublicKey:
    from cryptography.hazmat.primitives.serialization import load_der_public_key
    from pkcs11.util.ec import encode_ec_public_key

    public = load_der_public_key(bytes(encode_ec_public_key(key)))
    assert isinstance(public, ec.EllipticCurvePublicKey)
    keys.hash_of(public)
    return public


def _words(error: Exception) -> str:
    text = visible(str(error), 200)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
