"""What must hold, who is trusted, what is waived, and when the gate closes.

These are the effective, resolved values that stand in the record; ``policy/`` reads them from YAML.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from weighbridge.model.canonical import canonical_digest
from weighbridge.model.digest import Digest, sha256
from weighbridge.model.finding import Severity
from weighbridge.model.glob import matches

ParamValue: TypeAlias = "bool | int | str | tuple[str, ...]"


class Mode(enum.StrEnum):
    """What a rule's outcome does to the gate."""

    ENFORCE = "enforce"
    REPORT = "report"  # evaluated and shown, never closes the gate
    OFF = "off"  # not evaluated, and listed as such


class OnInconclusive(enum.StrEnum):
    """What ``unknown``, ``error`` or ``manual`` does to the gate."""

    CLOSE = "close"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """One rule as the policy wants it; ``params`` holds every parameter, defaults included.

    ``severity_set`` says that a policy file gave the severity: it then replaces those that the rule
    gives to single findings. ``because`` is why a policy loosens what it extends.
    """

    rule: str
    severity: Severity
    mode: Mode = Mode.ENFORCE
    params: Mapping[str, ParamValue] = field(default_factory=dict)
    on_unknown: OnInconclusive = OnInconclusive.CLOSE
    on_error: OnInconclusive = OnInconclusive.CLOSE
    on_manual: OnInconclusive = OnInconclusive.REPORT
    severity_set: bool = False
    because: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """``fail_on``: the lowest severity at which a failing, enforced rule closes the gate.

    ``because`` is why a policy raises the threshold of what it extends.
    """

    fail_on: Severity = Severity.HIGH
    because: str = ""


class SignerKind(enum.StrEnum):
    """How a signer is recognized."""

    KEY = "key"
    FINGERPRINT = "fingerprint"  # a key of which only the fingerprint is known beforehand
    CERTIFICATE = "certificate"  # an identity that an authority of one's own certified
    SIGSTORE = "sigstore"  # an identity that a Sigstore instance certified and logged


@dataclass(frozen=True, slots=True)
class TrustedSigner:
    """Who may sign: an EC public key, its fingerprint, or an identity that somebody certifies.

    A key is ``public_key``, in PEM, or the ``fingerprint`` alone: then the key itself must come
    with the signature, or lie beside it. An identity is what a certificate says of its holder
    (e-mail address, URI, common name), exactly or as a glob; ``issuer`` likewise: with
    ``trusted_root`` (a Sigstore ``TrustedRoot`` in JSON) the address of the OpenID provider, with
    ``certificate_roots`` (in PEM) the name of the issuing authority. The roots stand here in full:
    a record can be judged again without any file. ``fingerprint`` names all of this: for a key the
    SHA-256 of the DER SubjectPublicKeyInfo, else :func:`identity_fingerprint`. ``paths`` are globs
    over the artifact paths that this signer may sign for.
    """

    name: str
    public_key: str
    fingerprint: Digest
    paths: tuple[str, ...] = ("**",)
    identity: str = ""
    issuer: str = ""
    certificate_roots: tuple[str, ...] = ()
    trusted_root: str = ""

    @property
    def kind(self) -> SignerKind:
        """Which of the fields say who it is."""
        if self.public_key:
            return SignerKind.KEY
        if self.trusted_root:
            return SignerKind.SIGSTORE
        if self.certificate_roots or self.identity or self.issuer:
            return SignerKind.CERTIFICATE
        return SignerKind.FINGERPRINT


def identity_fingerprint(
    identity: str, issuer: str, certificate_roots: tuple[str, ...], trusted_root: str
) -> Digest:
    """A name for a certified identity under its roots: SHA-256 of their canonical JSON."""
    return canonical_digest([identity, issuer, list(certificate_roots), trusted_root])


@dataclass(frozen=True, slots=True)
class PathDemands:
    """What a policy demands of signatures over some files, on top of what it demands of all.

    0, ``False`` and ``()`` demand nothing more. ``paths`` are globs over artifact paths.
    """

    paths: tuple[str, ...]
    min_signers: int = 0
    max_age_days: int = 0
    require_timestamp: bool = False
    require_log: bool = False
    timestamp_roots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileDemands:
    """What all of a policy's demands on signatures amount to for one file: the strictest of each.

    ``root_groups`` name sets of timestamp roots, as :func:`root_group` does: each of them must
    trust a timestamp for it to count.
    """

    min_signers: int
    max_age_days: int
    require_timestamp: bool
    require_log: bool
    root_groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignatureDemands:
    """What a signature must have to count, and how many signers each file needs.

    ``max_age_days`` 0 means any age; it is counted from a trusted time, so a signature without one
    is too old. ``timestamp_roots`` are the roots, in PEM, of the RFC 3161 authorities whose time
    counts (a Sigstore trust root brings its own). ``because`` is why a policy loosens what it
    extends. ``by_path`` demands more of some files; it never takes back what is demanded of all.
    """

    min_signers: int = 1
    max_age_days: int = 0
    require_timestamp: bool = False
    require_log: bool = False
    timestamp_roots: tuple[str, ...] = ()
    because: str = ""
    by_path: tuple[PathDemands, ...] = ()

    def of(self, path: str) -> FileDemands:
        """What is demanded of the signatures over one file."""
        more = [d for d in self.by_path if any(matches(path, glob) for glob in d.paths)]
        ages = [self.max_age_days, *(d.max_age_days for d in more)]
        roots = [self.timestamp_roots, *(d.timestamp_roots for d in more)]
        return FileDemands(
            min_signers=max([self.min_signers, *(d.min_signers for d in more)]),
            max_age_days=min((age for age in ages if age), default=0),
            require_timestamp=self.require_timestamp or any(d.require_timestamp for d in more),
            require_log=self.require_log or any(d.require_log for d in more),
            root_groups=tuple(dict.fromkeys(root_group(one) for one in roots if one)),
        )

    @property
    def root_texts(self) -> tuple[str, ...]:
        """Every set of timestamp roots that is named, each as one text of PEM."""
        sets = [self.timestamp_roots, *(demands.timestamp_roots for demands in self.by_path)]
        return tuple(dict.fromkeys("".join(roots) for roots in sets if roots))


def root_group(roots: tuple[str, ...]) -> str:
    """How evidence names a set of timestamp roots: the digest of their joined PEM."""
    return str(sha256("".join(roots).encode()))


@dataclass(frozen=True, slots=True)
class Waiver:
    """A failing rule accepted for a while, for one subject. Every field is mandatory in YAML.

    ``subject`` is the subject's digest; ``path`` narrows it to findings at one artifact path,
    ``**`` for all of the rule's. It holds on ``expires`` and no longer after.
    """

    id: str
    rule: str
    subject: Digest
    path: str
    owner: str
    reason: str
    approver: str
    created: dt.date
    expires: dt.date


@dataclass(frozen=True, slots=True)
class Policy:
    """The effective policy of one audit.

    ``commit_signers`` are files in full, each an ``allowed_signers`` file of OpenSSH or an armored
    block of OpenPGP public keys: who may sign commits, beside ``trust``. ``sources`` are the files
    it was read from with their SHA-256, outermost first: the policy file, what it extends, its
    waivers.
    """

    id: str
    version: str
    owner: str
    rules: tuple[RuleSetting, ...]
    gate: Gate = Gate()
    trust: tuple[TrustedSigner, ...] = ()
    signatures: SignatureDemands = field(default_factory=SignatureDemands)
    waivers: tuple[Waiver, ...] = ()
    frameworks: tuple[str, ...] = ()  # clause frameworks to report on; empty means all
    timestamp_required: bool = False
    timestamp_because: str = ""  # why it is not required although what the policy extends does
    commit_signers: tuple[str, ...] = ()
    sources: tuple[tuple[str, Digest], ...] = ()

    def setting(self, rule: str) -> RuleSetting | None:
        """The setting of one rule, None where the policy does not name it."""
        return next((s for s in self.rules if s.rule == rule), None)
