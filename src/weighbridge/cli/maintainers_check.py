"""``weighbridge maintainers SUBJECT``: the projects asked about, held against what was accepted."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from weighbridge.cli.maintainers_collect import (
    ASKED,
    asked,
    at_revision,
    changed,
    named,
    only,
    pins,
)
from weighbridge.cli.trust_options import Options, Trusted
from weighbridge.model.cooldown import HOURS, Age, Aged, aged, fixed
from weighbridge.model.errors import ExitCode, UsageError, worst
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Outcome, Severity

if TYPE_CHECKING:
    from weighbridge.cli.config import Config
    from weighbridge.collect.context import Services
    from weighbridge.model.facts.project import ProjectFacts
    from weighbridge.model.record import AuditRecord

# Single signals are lower: they are shown, and what they amount to together decides.
DECIDES = (Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was given, as it was given. ``services`` are the arguments of the services' flags."""

    subject: Path
    baseline: str = ""
    ledger: str = ""
    trust: Options = field(default_factory=Options)
    since: str = ""
    cooldown: int | None = None
    environments: tuple[Path, ...] = ()
    offline: bool = False
    as_of: str = ""
    config: str = ""
    services: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. ``changed`` are the projects whose pin changed; None where all were asked."""

    record: AuditRecord
    changed: frozenset[str] | None
    since: str
    hours: int
    ages: tuple[Aged, ...]

    @property
    def baseline(self) -> Evidence | None:
        """The evidence on the baseline as a whole."""
        return next((e for e in self._of(EvidenceKind.BASELINE) if not e.about), None)

    @property
    def projects(self) -> list[Evidence]:
        """The evidence on projects, by purl."""
        return [e for e in self._of(EvidenceKind.PROJECT) if e.about]

    @property
    def exit_code(self) -> ExitCode:
        """1 for signs of a takeover or a young release, 3 where too little is known, else 0."""
        codes = [_RESULT.get(r.outcome, ExitCode.HOLDS) for r in self.record.results
                 if r.severity in DECIDES or r.outcome is Outcome.ERROR]  # fmt: skip
        codes += [_AGE[one.age] for one in self.ages]
        whole = self.baseline
        if whole is not None and whole.state is EvidenceState.UNAVAILABLE:
            codes.append(ExitCode.INCONCLUSIVE)
        if any(e.state is EvidenceState.UNAVAILABLE for e in self._of(EvidenceKind.PROJECT)):
            codes.append(ExitCode.INCONCLUSIVE)
        if not self.projects and self.changed is None:
            codes.append(ExitCode.INCONCLUSIVE)
        return worst(codes)

    def _of(self, kind: EvidenceKind) -> list[Evidence]:
        return [e for e in self.record.evidence if e.kind is kind]


_RESULT = {
    Outcome.FAIL: ExitCode.VIOLATED,
    Outcome.UNKNOWN: ExitCode.INCONCLUSIVE,
    Outcome.ERROR: ExitCode.ERROR,
}
_AGE = {
    Age.OLD_ENOUGH: ExitCode.HOLDS,
    Age.FIX: ExitCode.HOLDS,
    Age.YOUNG: ExitCode.VIOLATED,
    Age.UNKNOWN: ExitCode.INCONCLUSIVE,
}


def checked(asked_for: Asked) -> Checked:
    """Collect and judge.

    Raises:
        UsageError: a baseline is given and nobody is named whose word counts, a folder is missing.
        SubjectError: the subject, or its revision, cannot be opened.
        WeighbridgeError: the ledger is damaged, or has no baseline whose file is kept.
    """
    from weighbridge.cli.alone import judged_alone
    from weighbridge.cli.config import load_config
    from weighbridge.cli.layout import as_of_date
    from weighbridge.cli.services import services
    from weighbridge.collect.context import CollectContext
    from weighbridge.snapshot.take import take_snapshot

    settings = load_config(Path(), subject=asked_for.subject, named=asked_for.config)
    say_configuration(settings)
    found_in = services(settings, baseline=asked_for.baseline, **asked_for.services)
    entry = None
    if asked_for.ledger:
        from weighbridge.cli.maintainers_ledger import newest_baseline

        entry = newest_baseline(Path(asked_for.ledger))
        found_in = dataclasses.replace(found_in, baseline=entry.file)
    trust = _trusted(asked_for, settings, found_in)
    context = CollectContext(
        snapshot=take_snapshot(asked_for.subject),
        as_of=as_of_date(asked_for.as_of),
        offline=asked_for.offline or settings.offline,
        trust=trust.signers if trust else (),
        services=found_in,
        environments=asked_for.environments,
        timestamp_roots=trust.timestamp_roots if trust else (),
        demands=trust.demands if trust else None,
    )
    earlier = named(context)
    different: frozenset[str] | None = None
    before: tuple[Evidence, ...] = ()
    if asked_for.since:
        then = at_revision(context, asked_for.subject, asked_for.since)
        different = changed(pins(earlier), pins(then))
        earlier = only(earlier, different)
        before = asked(context, only(then, different), {EvidenceKind.VULNERABILITY})
    evidence = [e for e in asked(context, earlier, ASKED)
                if different is None or e.kind is not EvidenceKind.PROJECT or not e.about
                or e.about in different]  # fmt: skip
    if entry is not None:
        evidence = [entry.marked(one) for one in evidence]
    evidence.sort(key=lambda e: (e.kind.value, e.about, e.source, e.digest))
    record = judged_alone(
        context.snapshot,
        tuple(evidence),
        family="maintainers",
        rules=_rules(),
        as_of=context.as_of,
        offline=context.offline,
    )
    hours = asked_for.cooldown
    if hours is None:
        hours = HOURS if asked_for.since else 0
    ages = _ages(evidence, before, _now(asked_for), hours) if hours else ()
    return Checked(record, different, asked_for.since, hours, tuple(ages))


def say_configuration(settings: Config) -> None:
    """Which file gave defaults is said on stderr."""
    from weighbridge.edge.text import visible

    if settings.file:
        print(f"Configuration: {visible(settings.file)}", file=sys.stderr)  # noqa: T201


def _rules() -> frozenset[str]:
    """The rules of the family that look at projects."""
    from weighbridge.rules.registry import load_rules

    family = load_rules("maintainers")
    return frozenset(r.META.id for r in family if EvidenceKind.PROJECT in r.META.needs)


def _trusted(asked_for: Asked, settings: Config, found_in: Services) -> Trusted | None:
    """Whose baseline counts: by the flags, else by the policies of the configuration."""
    from weighbridge.cli.trust_options import trusted

    if found_in.baseline is None:
        if asked_for.trust != Options():
            raise UsageError(
                "it is said whose baselines count, and no baseline is given",
                remedy="Name one with --baseline or --ledger.",
            )
        return None
    if asked_for.trust == Options() and settings.policies:
        return _by_policies(settings.policies)
    return trusted(asked_for.trust)


def _by_policies(names: tuple[str, ...]) -> Trusted:
    from weighbridge.policy.load import load_policies
    from weighbridge.rules.registry import load_rules

    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    metas = tuple(rule.META for rule in load_rules())
    policy = load_policies(names, rules=metas, as_of=now.date())
    demands = policy.signatures
    return Trusted(policy.trust, now, demands.root_texts, demands, by_policy=True)


def _now(asked_for: Asked) -> dt.datetime:
    """The time for ages: now, or the end of the day that was given."""
    if not asked_for.as_of:
        return dt.datetime.now(dt.UTC)
    day = dt.date.fromisoformat(asked_for.as_of)
    return dt.datetime.combine(day, dt.time(23, 59, 59, tzinfo=dt.UTC))


def _ages(
    evidence: Iterable[Evidence],
    before: tuple[Evidence, ...],
    now: dt.datetime,
    hours: int,
) -> Iterable[Aged]:
    from weighbridge.model.affected import affected

    everything = tuple(evidence)
    weak = affected([e for e in everything if e.kind is EvidenceKind.VULNERABILITY])
    then = affected(before)
    for one in everything:
        if one.kind is not EvidenceKind.PROJECT or one.state is not EvidenceState.OBSERVED:
            continue
        facts = cast("ProjectFacts", one.data)
        still = {name for w in weak if w.package == facts["name"] for name in (w.id, *w.aliases)}
        fixes: tuple[str, ...] = ()
        if facts["system"] == "pypi" and facts["release"]:
            fixes = fixed(facts["name"], facts["release"], then, still)
        age = aged(one.about, facts, now, hours, fixes)
        if age is not None:
            yield age
