"""What the cryptography says of one signature, apart from the files."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from weighbridge.model.digest import Digest
from weighbridge.model.policy import TrustedSigner


class SignatureState(enum.StrEnum):
    """What the cryptography says, apart from the files."""

    VALID = "valid"  # a trusted signer's
    INVALID = "invalid"  # it does not match under the key that it names or carries
    NO_KNOWN_KEY = "no-known-key"  # it matches under no trusted key
    UNTRUSTED = "untrusted"  # its certificate, or the identity in it, is not trusted
    UNSUPPORTED = "unsupported"  # made in a way that cannot be verified


class TimeSource(enum.StrEnum):
    """Who says when a signature existed. The signer's own claim is none of them."""

    TIMESTAMP = "timestamp"  # an RFC 3161 authority
    LOG = "log"  # the transparency log that promised to include it


@dataclass(frozen=True, slots=True)
class TrustedTime:
    """A time at which the signature existed already."""

    time: dt.datetime
    source: TimeSource
    authority: str = ""


@dataclass(frozen=True, slots=True)
class StampNote:
    """One timestamp of the bundle. ``time`` is None, and ``reason`` says why, where it is void.

    ``groups`` names the sets of roots that trust it, as ``model.policy.root_group`` does.
    """

    time: dt.datetime | None
    authority: str
    trusted: bool
    reason: str = ""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RootNote:
    """A pinned trust root that was used. ``newest`` is when the newest of its keys began.

    A root says nothing of what was added or withdrawn after that.
    """

    digest: Digest
    newest: dt.date


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """What is known of a signature.

    ``reason`` says in words why the state is not ``valid``. ``identities`` and ``issuer`` are what
    the signer's certificate says, believed only in the state ``valid``. ``signed`` is the earliest
    trusted time; ``logged`` whether a trusted transparency log includes the signature. ``key`` is
    the fingerprint of the certificate's key, under which the signature matches.
    """

    state: SignatureState
    valid_for: tuple[TrustedSigner, ...] = ()
    reason: str = ""
    identities: tuple[str, ...] = ()
    issuer: str = ""
    signed: TrustedTime | None = None
    stamps: tuple[StampNote, ...] = ()
    logged: bool = False
    roots: tuple[RootNote, ...] = ()
    key: Digest | None = None
