"""What two audits rest on, where that differs: subject, policy, tool, evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from weighbridge.model.canonical import canonical_digest
from weighbridge.model.codec import to_json
from weighbridge.model.policy import Policy
from weighbridge.model.record import AuditRecord


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that both audits have, as it was and as it is."""

    what: str
    old: str
    new: str


def facts(old: AuditRecord, new: AuditRecord) -> Iterator[Fact]:
    """Those that differ, the subject's first."""
    pairs = (
        ("subject", old.subject.name, new.subject.name),
        ("subject kind", old.subject.kind.value, new.subject.kind.value),
        ("subject digest", str(old.subject.digest), str(new.subject.digest)),
        ("revision", old.subject.revision, new.subject.revision),
        ("as of", old.as_of.isoformat(), new.as_of.isoformat()),
        ("offline", _yes(old.offline), _yes(new.offline)),
        ("tool version", old.tool_version, new.tool_version),
        ("seal timestamp", old.timestamp.state.value, new.timestamp.state.value),
        ("policy", _named(old.policy), _named(new.policy)),
        ("effective policy", _digest(old.policy), _digest(new.policy)),
    )
    yield from (Fact(what, was or "none", now or "none") for what, was, now in pairs if was != now)
    yield from _files(old, new)
    yield from _settings(old.policy, new.policy)
    yield from _counts(old, new)


def _files(old: AuditRecord, new: AuditRecord) -> Iterator[Fact]:
    before, after = ({a.path: (a.size, a.digests) for a in r.artifacts} for r in (old, new))
    added, removed = len(after.keys() - before.keys()), len(before.keys() - after.keys())
    changed = sum(before[path] != after[path] for path in before.keys() & after.keys())
    if added or removed or changed:
        said = f"{len(after)}: {added} added, {removed} removed, {changed} changed"
        yield Fact("files", str(len(before)), said)


def _settings(old: Policy, new: Policy) -> Iterator[Fact]:
    """Rules that both policies name and set otherwise, and what else of the policy is other."""
    before = {setting.rule: setting for setting in old.rules}
    for setting in new.rules:
        was = before.get(setting.rule)
        if was is None:
            continue
        for name in ("mode", "severity"):
            first, second = getattr(was, name).value, getattr(setting, name).value
            if first != second:
                yield Fact(f"{name} of {setting.rule}", first, second)
        for param in sorted({*was.params, *setting.params}):
            values = [repr(one.params.get(param)) for one in (was, setting)]
            if values[0] != values[1]:
                yield Fact(f"{param} of {setting.rule}", *values)
    if old.gate.fail_on is not new.gate.fail_on:
        yield Fact("the gate closes on", old.gate.fail_on.value, new.gate.fail_on.value)
    waivers = [{waiver.id for waiver in policy.waivers} for policy in (old, new)]
    if waivers[0] != waivers[1]:
        yield Fact("waivers", *(", ".join(sorted(ids)) or "none" for ids in waivers))


def _counts(old: AuditRecord, new: AuditRecord) -> Iterator[Fact]:
    before, after = (Counter((e.kind.value, e.state.value) for e in r.evidence) for r in (old, new))
    for kind, state in sorted({*before, *after}):
        was, now = before[kind, state], after[kind, state]
        if was != now:
            yield Fact(f"evidence {kind}, {state}", str(was), str(now))


def _named(policy: Policy) -> str:
    return f"{policy.id} {policy.version}"


def _digest(policy: Policy) -> str:
    return str(canonical_digest(to_json(policy)))


def _yes(value: bool) -> str:
    return "yes" if value else "no"
