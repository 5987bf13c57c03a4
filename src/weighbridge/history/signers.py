"""Who may sign commits: OpenSSH's ``allowed_signers`` file, or public keys in PEM.

Source: ssh-keygen(1), ALLOWED SIGNERS. Certificate authorities are not followed: such a line
allows nobody, and :func:`parse_allowed_signers` says so.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import fnmatch
import functools
import hashlib
import re
from dataclasses import dataclass

from weighbridge.history.sshsig import fingerprint, key_type
from weighbridge.model.errors import ConfigurationError, HostileInput

_FIELD = re.compile(r'(?:[^\s"]|"(?:[^"\\]|\\.)*")+')
_TYPES = re.compile(r"(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+")
_TIME = re.compile(r"(?P<day>[0-9]{8})(?P<time>[0-9]{4}(?:[0-9]{2})?)?(?P<zone>Z)?")
_OPTIONS = re.compile(r'([a-z-]+)(?:="((?:[^"\\]|\\.)*)")?(?:,|\Z)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AllowedSigner:
    """``name`` is the principals pattern; times are seconds since 1970, None where unbounded.

    ``namespaces`` are patterns, empty for any. ``key`` is as it goes over SSH's wire; ``openpgp``
    the fingerprint (40 hex digits in upper case) by which OpenPGP signatures name it, if it is one.
    """

    name: str
    key: bytes
    namespaces: tuple[str, ...] = ()
    valid_after: int | None = None
    valid_before: int | None = None
    openpgp: str = ""

    @property
    def fingerprint(self) -> str:
        """The key's, as ``ssh-keygen -l`` prints it."""
        return fingerprint(self.key)

    @property
    def shown(self) -> str:
        """The name that signatures by this key have in evidence."""
        return f"openpgp:{self.openpgp[-16:]}" if self.openpgp else self.fingerprint

    @property
    def public_sha256(self) -> str:
        """The SHA-256 of the key as a SubjectPublicKeyInfo, in hex; empty for kinds X.509 lacks."""
        return _public_sha256(self.key)

    def allows(self, namespace: str) -> bool:
        """Whether the key may sign for a namespace."""
        if not self.namespaces:
            return True
        return any(fnmatch.fnmatchcase(namespace, pattern) for pattern in self.namespaces)

    def valid_at(self, time: int | None) -> bool:
        """Whether a time lies in the key's validity; an unknown time only if there is no bound."""
        if time is None:
            return self.valid_after is None and self.valid_before is None
        after = self.valid_after is None or time >= self.valid_after
        return after and (self.valid_before is None or time < self.valid_before)


@functools.lru_cache(maxsize=1024)
def _public_sha256(key: bytes) -> str:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization as ser

    line = key_type(key).encode() + b" " + base64.b64encode(key)
    try:
        public = ser.load_ssh_public_key(line)
        der = public.public_bytes(ser.Encoding.DER, ser.PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        return ""
    return hashlib.sha256(der).hexdigest()


def signer_from_pem(name: str, pem: str) -> AllowedSigner:
    """A signer out of a public key in PEM (SubjectPublicKeyInfo).

    Raises:
        ConfigurationError: it is no public key that SSH knows.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization as ser

    try:
        public = ser.load_pem_public_key(pem.encode())
        line = public.public_bytes(ser.Encoding.OpenSSH, ser.PublicFormat.OpenSSH)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(
            f"the public key of {name} is not one that SSH knows",
            remedy="Give an Ed25519, ECDSA or RSA public key in PEM.",
        ) from error
    return AllowedSigner(name, base64.b64decode(line.split(b" ")[1]))


def parse_allowed_signers(text: str, *, source: str) -> tuple[AllowedSigner, ...]:
    """Read an ``allowed_signers`` file.

    Raises:
        ConfigurationError: a line is not understood; nothing is skipped in silence.
    """
    signers = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                signers.append(_signer(line.strip()))
            except HostileInput as error:
                raise ConfigurationError(error.message, source=source, line=number) from error
    return tuple(signers)


def _signer(line: str) -> AllowedSigner:
    fields = _FIELD.findall(line)
    if len(fields) < 3:
        raise HostileInput("a line is: principals, options if any, key type, key")
    rest = fields[1:]
    options: dict[str, str] = {}
    if not _TYPES.fullmatch(rest[0]):
        options = _options(rest.pop(0))
    if len(rest) < 2 or not _TYPES.fullmatch(rest[0]):
        raise HostileInput("the key type is not known")
    try:
        key = base64.b64decode(rest[1], validate=True)
    except binascii.Error as error:
        raise HostileInput("the key is not base64") from error
    if key_type(key) != rest[0]:
        raise HostileInput("the key is not of the type that stands before it")
    namespaces = tuple(name for name in options.get("namespaces", "").split(",") if name)
    return AllowedSigner(
        name=fields[0].strip('"'),
        key=key,
        namespaces=namespaces,
        valid_after=_time(options.get("valid-after")),
        valid_before=_time(options.get("valid-before")),
    )


def _options(text: str) -> dict[str, str]:
    options: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _OPTIONS.match(text, at)
        if match is None or match.end() == at:
            raise HostileInput("an option is not understood")
        name = match[1].lower()
        if name == "cert-authority":
            raise HostileInput("certificate authorities are not supported for commit signatures")
        if name not in ("namespaces", "valid-after", "valid-before") or match[2] is None:
            raise HostileInput(f"the option {name!r} is not known")
        options[name] = match[2]
        at = match.end()
    return options


def _time(text: str | None) -> int | None:
    """``YYYYMMDD[HHMM[SS]][Z]``; without ``Z`` OpenSSH means local time, here it is UTC as well."""
    if text is None:
        return None
    match = _TIME.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        digits = match["day"] + (match["time"] or "").ljust(6, "0")
        moment = dt.datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
    except ValueError as error:
        raise HostileInput(f"{text!r} is not a time of the form YYYYMMDDHHMMSS") from error
    return int(moment.timestamp())
