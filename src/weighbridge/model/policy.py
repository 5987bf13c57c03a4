"""What must hold, who is trusted, what is waived, and when the gate closes.

These are the effective, resolved values that stand in the record; ``policy/`` reads them from YAML.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from weighbridge.model.digest import Digest
from weighbridge.model.finding import Severity

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


@dataclass(frozen=True, slots=True)
class TrustedSigner:
    """Who may sign. In OMS key mode a signer is an EC public key, in PEM.

    ``fingerprint`` is the SHA-256 of the DER SubjectPublicKeyInfo; ``paths`` are globs over the
    artifact paths that this signer may sign for.
    """

    name: str
    public_key: str
    fingerprint: Digest
    paths: tuple[str, ...] = ("**",)


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

    ``sources`` are the files it was read from with their SHA-256, outermost first: the policy file,
    what it extends, its waivers.
    """

    id: str
    version: str
    owner: str
    rules: tuple[RuleSetting, ...]
    gate: Gate = Gate()
    trust: tuple[TrustedSigner, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    frameworks: tuple[str, ...] = ()  # clause frameworks to report on; empty means all
    timestamp_required: bool = False
    timestamp_because: str = ""  # why it is not required although what the policy extends does
    sources: tuple[tuple[str, Digest], ...] = ()

    def setting(self, rule: str) -> RuleSetting | None:
        """The setting of one rule, None where the policy does not name it."""
        return next((s for s in self.rules if s.rule == rule), None)
