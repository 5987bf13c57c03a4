"""What a rule is: metadata that documents it, and a pure function from evidence to a conclusion.

A rule is a module with ``META`` and ``check``::

    META = RuleMeta(id="unsigned-weights", family="signatures", ...)

    def check(case: Case) -> Conclusion: ...

``check`` sees nothing but the :class:`Case`: no file, clock, network, locale or randomness.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.subject import Subject

if TYPE_CHECKING:
    from weighbridge.model.policy import ParamValue, SignatureDemands, TrustedSigner

_ID = r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z"


class Param(NamedTuple):
    """A parameter that a policy may set. Its type is that of ``default``.

    ``stricter`` says which way is the stricter one, so that a policy which loosens it can be told:
    ``higher``, ``lower``, ``fewer`` or ``more`` (entries of a list), or empty.
    """

    name: str
    default: ParamValue
    help: str
    stricter: str = ""


@dataclass(frozen=True, slots=True)
class RuleMeta:
    """All that documentation, ``rules explain``, SARIF and the JSON Schema say of a rule.

    ``id`` is the module's name with hyphens; ``family`` the folder. ``summary`` completes "This
    rule checks that …"; ``why`` says why it matters; ``remedy`` what to do; ``example`` shows what
    fails. ``needs`` are the kinds of evidence it reads. ``network`` is true when its evidence comes
    from outside services, so that it cannot be decided offline.
    """

    id: str
    family: str
    since: str
    severity: Severity
    summary: str
    why: str
    remedy: str
    example: str
    needs: tuple[EvidenceKind, ...]
    params: tuple[Param, ...] = ()
    references: tuple[str, ...] = ()
    network: bool = False

    def __post_init__(self) -> None:
        if not re.match(_ID, self.id):
            raise ValueError(f"{self.id!r} is not a rule id")
        if not self.needs:
            raise ValueError(f"rule {self.id} needs no evidence, so it can conclude nothing")

    @property
    def defaults(self) -> dict[str, ParamValue]:
        """Each parameter's default."""
        return {param.name: param.default for param in self.params}


class Case(NamedTuple):
    """What a rule may look at: the evidence of the kinds it declared, its parameters, the date.

    ``signatures`` is what the policy demands of them, None where it says nothing.
    """

    subject: Subject
    as_of: dt.date
    evidence: tuple[Evidence, ...]
    params: Mapping[str, ParamValue] = MappingProxyType({})
    trust: tuple[TrustedSigner, ...] = ()
    signatures: SignatureDemands | None = None

    @property
    def demands(self) -> SignatureDemands:
        """What signatures must have to count; the least, where the policy says nothing."""
        from weighbridge.model.policy import SignatureDemands

        return self.signatures or SignatureDemands()

    def of(self, kind: EvidenceKind) -> tuple[Evidence, ...]:
        """Evidence of one kind, in the record's order."""
        return tuple(e for e in self.evidence if e.kind is kind)

    def observed(self, kind: EvidenceKind) -> tuple[Evidence, ...]:
        """What was observed of one kind."""
        return tuple(e for e in self.of(kind) if e.state is EvidenceState.OBSERVED)

    def integer(self, name: str) -> int:
        """An integer parameter."""
        value = self.params[name]
        assert isinstance(value, int)
        return value

    def text(self, name: str) -> str:
        """A string parameter."""
        value = self.params[name]
        assert isinstance(value, str)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A parameter that is a list of strings."""
        value = self.params[name]
        assert isinstance(value, tuple)
        return value


class Rule(Protocol):
    """A module with these two names. Built-in rules are modules; a plugin may be any object."""

    META: RuleMeta
    check: Callable[[Case], Conclusion]


def by_id(rules: Sequence[Rule]) -> dict[str, Rule]:
    """The rules by their id.

    Raises:
        ValueError: two rules share an id.
    """
    table = {rule.META.id: rule for rule in rules}
    if len(table) != len(rules):
        raise ValueError("two rules share an id")
    return table
