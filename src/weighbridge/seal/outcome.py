"""What verifying a pack or a PDF says: single checks, whom they rest on, one exit code."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from weighbridge.model.digest import Digest
from weighbridge.model.errors import ExitCode
from weighbridge.signing.timestamp import Timestamp


class CheckState(enum.StrEnum):
    """How one check ended."""

    OK = "ok"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"  # asked for, and what is at hand cannot say
    NOT_CHECKED = "not_checked"  # not asked for, or not possible after an earlier failure


@dataclass(frozen=True, slots=True)
class Check:
    """One check: ``detail`` is a sentence for people."""

    name: str
    state: CheckState
    detail: str


class SignerTrust(enum.StrEnum):
    """What is known of the key that sealed."""

    PINNED = "pinned"  # its fingerprint was given by the caller
    LOCAL = "local"  # it is this user's own
    UNKNOWN = "unknown"
    OTHER = "other"  # the caller gave another fingerprint
    NONE = "none"  # no key could be read


@dataclass(frozen=True, slots=True)
class Stamped:
    """A timestamp that holds, and which signature it is over: a file name of the pack."""

    part: str
    timestamp: Timestamp


@dataclass(frozen=True, slots=True)
class SealReport:
    """The result of verifying.

    ``kind`` is ``pack`` or ``pdf``. ``subject``, ``gate_open`` and ``as_of`` are what the record
    says, empty where it could not be read.
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

    @property
    def intact(self) -> bool:
        """Whether no check failed."""
        return all(check.state is not CheckState.FAILED for check in self.checks)

    @property
    def exit_code(self) -> ExitCode:
        """0: it holds; 1: it does not; 3: intact, and by a key or at a time not known here."""
        if not self.intact or self.trust in (SignerTrust.OTHER, SignerTrust.NONE):
            return ExitCode.VIOLATED
        open_questions = any(check.state is CheckState.INCONCLUSIVE for check in self.checks)
        if self.trust is SignerTrust.UNKNOWN or open_questions:
            return ExitCode.INCONCLUSIVE
        return ExitCode.HOLDS

    @property
    def basis(self) -> str:
        """On what the result rests, in words."""
        if self.signer is None:
            return "No signer could be read."
        key = f"self-signed by the key {self.signer}"
        return {
            SignerTrust.PINNED: f"It is {key}, whose fingerprint you gave: as trustworthy as the "
            "way in which you got that fingerprint.",
            SignerTrust.LOCAL: f"It is {key}, which is the sealing key of this user account.",
            SignerTrust.UNKNOWN: f"It is {key}, which is not known here: this proves nothing about "
            "who signed, only that nothing changed since. Compare the fingerprint with one you got "
            "another way, then pass it with --signer.",
            SignerTrust.OTHER: f"It is {key}, which is not the one you gave.",
        }[self.trust]


@dataclass(slots=True)
class Findings:
    """Checks as they are made, in order."""

    checks: list[Check] = field(default_factory=list)
    timestamps: list[Stamped] = field(default_factory=list)

    def add(self, name: str, problem: str, fine: str) -> bool:
        """Note a check: failed with ``problem`` if there is any, else ok. Returns whether ok."""
        state = CheckState.FAILED if problem else CheckState.OK
        self.checks.append(Check(name, state, problem or fine))
        return not problem

    def skip(self, name: str, why: str) -> None:
        """Note a check that was not made."""
        self.checks.append(Check(name, CheckState.NOT_CHECKED, why))

    def unsure(self, name: str, why: str) -> None:
        """Note a check that was asked for and cannot be decided."""
        self.checks.append(Check(name, CheckState.INCONCLUSIVE, why))
