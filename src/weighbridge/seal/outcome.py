"""What verifying a pack or a PDF says: checks, whom they rest on, one reason, one code."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, field

from weighbridge.model.digest import Digest
from weighbridge.model.errors import ExitCode
from weighbridge.seal.times import Stamped

__all__ = ["Check", "CheckState", "Findings", "Reason", "SealReport", "SignerTrust", "Stamped"]


class CheckState(enum.StrEnum):
    """How one check ended."""

    OK = "ok"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"  # asked for, and what is at hand cannot say
    NOT_CHECKED = "not_checked"  # not asked for, or not possible after an earlier failure


class Reason(enum.StrEnum):
    """Why the exit code is what it is; the worst one, in this order."""

    TAMPERED = "tampered"  # 1: bytes are not those that were sealed, or contradict each other
    UNTRUSTED = "untrusted"  # 1: sealed by another than whom the caller trusts
    EXPIRED = "expired"  # 1: the signer's certificate did not hold at any proven time
    INCOMPLETE = "incomplete"  # 3: intact, and something that the answer needs is not at hand
    HOLDS = "holds"  # 0


@dataclass(frozen=True, slots=True)
class Check:
    """One check: ``detail`` is a sentence for people, ``reason`` what its failure would mean."""

    name: str
    state: CheckState
    detail: str
    reason: Reason = Reason.TAMPERED


class SignerTrust(enum.StrEnum):
    """What is known of the key that sealed."""

    PINNED = "pinned"  # its fingerprint was given by the caller
    CHAIN = "chain"  # its certificate leads to a root that the caller gave
    SIGSTORE = "sigstore"  # its certificate names the identity that the caller gave, and a log it
    LOCAL = "local"  # it is this user's own
    UNKNOWN = "unknown"
    OTHER = "other"  # the caller gave another fingerprint, or other roots
    NONE = "none"  # no key could be read


@dataclass(frozen=True, slots=True)
class SealReport:
    """The result of verifying.

    ``kind`` is ``pack`` or ``pdf``. ``subject``, ``gate_open`` and ``as_of`` are what the record
    says, empty where it could not be read. ``holder`` is whom the signer's certificate names, and
    ``issuer`` who issued it; empty where it is self-signed. With ``sigstore`` it is one of a
    Sigstore instance, and ``issuer`` the OpenID provider that vouches for the holder. ``existed``
    is the earliest time that trusted timestamps prove.
    """

    kind: str
    checks: tuple[Check, ...]
    signer: Digest | None
    trust: SignerTrust
    timestamps: tuple[Stamped, ...] = ()
    record_digest: Digest | None = None
    subject_name: str = ""
    subject_digest: Digest | None = None
    gate_open: bool | None = None
    as_of: str = ""
    holder: str = ""
    issuer: str = ""
    sigstore: bool = False
    existed: dt.datetime | None = None

    @property
    def intact(self) -> bool:
        """Whether no check failed."""
        return all(check.state is not CheckState.FAILED for check in self.checks)

    @property
    def reason(self) -> Reason:
        """The worst of what was found."""
        failed = {check.reason for check in self.checks if check.state is CheckState.FAILED}
        if self.trust in (SignerTrust.OTHER, SignerTrust.NONE):
            failed.add(Reason.UNTRUSTED)
        open_questions = any(check.state is CheckState.INCONCLUSIVE for check in self.checks)
        if self.trust is SignerTrust.UNKNOWN or open_questions:
            failed.add(Reason.INCOMPLETE)
        return next((reason for reason in Reason if reason in failed), Reason.HOLDS)

    @property
    def exit_code(self) -> ExitCode:
        """0: it holds; 1: it does not; 3: intact, and by a key or at a time not known here."""
        if self.reason is Reason.HOLDS:
            return ExitCode.HOLDS
        incomplete = self.reason is Reason.INCOMPLETE
        return ExitCode.INCONCLUSIVE if incomplete else ExitCode.VIOLATED

    @property
    def basis(self) -> str:
        """On what the result rests, in words."""
        from weighbridge.seal.basis import basis

        return basis(self)


@dataclass(slots=True)
class Findings:
    """Checks as they are made, in order."""

    checks: list[Check] = field(default_factory=list)
    timestamps: list[Stamped] = field(default_factory=list)

    def add(self, name: str, problem: str, fine: str, *, reason: Reason = Reason.TAMPERED) -> bool:
        """Note a check: failed with ``problem`` if there is any, else ok. Returns whether ok."""
        state = CheckState.FAILED if problem else CheckState.OK
        self.checks.append(Check(name, state, problem or fine, reason))
        return not problem

    def skip(self, name: str, why: str) -> None:
        """Note a check that was not made."""
        self.checks.append(Check(name, CheckState.NOT_CHECKED, why))

    def unsure(self, name: str, why: str) -> None:
        """Note a check that was asked for and cannot be decided."""
        self.checks.append(Check(name, CheckState.INCONCLUSIVE, why, Reason.INCOMPLETE))
