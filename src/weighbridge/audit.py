"""The library's entry point: snapshot, collect, evaluate, and hand over the record.

    request = AuditRequest(subject="models/tiny", policies=("baseline",), as_of=date(2026, 11, 20))
    audited = run_audit(request)
    audited.record.verdict.exit_code

Nothing is written; :func:`weighbridge.seal.pack.seal_pack` writes the pack. Where only the bill of
materials is wanted, :func:`take_inventory` collects for it and judges nothing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from weighbridge import __version__
from weighbridge.collect.context import CollectContext, Collector, RawStore, Services
from weighbridge.collect.registry import ALWAYS, COLLECTORS
from weighbridge.model.digest import Digest
from weighbridge.model.errors import ExitCode
from weighbridge.model.evidence import Breakage, Evidence, EvidenceKind
from weighbridge.model.policy import Mode, Policy
from weighbridge.model.record import AuditRecord, TimestampNote, TimestampState, Verdict
from weighbridge.model.rule import Rule

if TYPE_CHECKING:
    from weighbridge.snapshot.snapshot import Snapshot

# What a bill of materials shows. Advisories change while the materials stay; commits are no part,
# nor is what people attest to, nor who keeps what the materials come from.
_MATERIALS = frozenset(
    {
        EvidenceKind.SNAPSHOT,
        EvidenceKind.WEIGHTS,
        EvidenceKind.STRUCTURE,
        EvidenceKind.SIGNATURE,
        EvidenceKind.MODEL,
        EvidenceKind.DOCUMENTATION,
        EvidenceKind.PACKAGES,
        EvidenceKind.INSTALLATION,
        EvidenceKind.LICENSE,
        EvidenceKind.DATASET,
    }
)


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What to audit, and under what.

    ``subject`` is a directory, a file or a git repository; with ``revision`` the files are those of
    that commit. ``policies`` are shipped names or paths, later ones on top. ``environments`` are
    ``site-packages`` folders to read, never to run. ``digest_cache`` takes the digests of large
    files that have not changed since an earlier run of this user from that run. ``algorithms`` are
    the digests that each file gets besides SHA-256: names of
    :data:`weighbridge.snapshot.hashing.ALGORITHMS`.
    """

    subject: Path
    as_of: dt.date
    revision: str = ""
    policies: tuple[str, ...] = ("baseline",)
    offline: bool = False
    services: Services = dataclasses.field(default_factory=Services)
    environments: tuple[Path, ...] = ()
    digest_cache: bool = False
    algorithms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Audited:
    """The record, its verdict that of the rules alone, and the raw bytes its evidence names.

    ``bytes_read`` is how much of the subject was hashed; ``cached`` the files that were not, as
    their digests were known; ``cache_note`` says why the digest cache was not used.
    """

    record: AuditRecord
    raw: Mapping[Digest, bytes]
    bytes_read: int = 0
    cached: tuple[str, ...] = ()
    cache_note: str = ""


def run_audit(request: AuditRequest) -> Audited:
    """Audit a subject.

    Raises:
        ConfigurationError: a policy or clause file is wrong; nothing was looked at.
        SubjectError: the subject cannot be opened.
        UsageError: one of the algorithms is not known.
    """
    from weighbridge.policy.clauses import linked, load_clauses
    from weighbridge.policy.evaluate import evaluate
    from weighbridge.policy.load import load_policies
    from weighbridge.rules.registry import load_rules
    from weighbridge.snapshot.cache import DigestCache
    from weighbridge.snapshot.origin import Origin
    from weighbridge.snapshot.take import take_snapshot

    rules = load_rules()
    metas = tuple(rule.META for rule in rules)
    policy = load_policies(request.policies, rules=metas, as_of=request.as_of)
    clauses = linked(load_clauses(metas), policy)
    if policy.commit_signers:
        from weighbridge.collect.maintainers import allowed_signers

        allowed_signers((), policy.commit_signers)

    cache = DigestCache() if request.digest_cache else None
    snapshot = take_snapshot(
        request.subject,
        revision=request.revision,
        algorithms=request.algorithms,
        known=cache,
        keep=cache.keep if cache else None,
    )
    store = RawStore()
    evidence, breakages = _collect(request, snapshot, policy, _needed(policy, rules), store)
    results, verdict = evaluate(
        policy=policy,
        rules=rules,
        subject=snapshot.subject,
        evidence=evidence,
        breakages=breakages,
        as_of=request.as_of,
    )
    record = AuditRecord(
        tool_version=__version__,
        as_of=request.as_of,
        offline=request.offline,
        subject=snapshot.subject,
        artifacts=snapshot.artifacts,
        problems=snapshot.problems,
        policy=policy,
        clauses=clauses,
        evidence=evidence,
        breakages=breakages,
        results=results,
        verdict=verdict,
        timestamp=TimestampNote(TimestampState.NOT_REQUESTED, "the record is not sealed"),
    )
    return Audited(
        record,
        dict(store.blobs),
        snapshot.bytes_read,
        tuple(sorted(p for p, how in snapshot.origins.items() if how is Origin.CACHED)),
        cache.note if cache else "",
    )


def take_inventory(request: AuditRequest) -> Audited:
    """What a bill of materials is made of, collected without a policy and without a socket.

    The record has no rules, results or clauses, and its gate says nothing.

    Raises:
        SubjectError: the subject cannot be opened.
        UsageError: one of the algorithms is not known.
    """
    from weighbridge.snapshot.take import take_snapshot

    request = dataclasses.replace(request, offline=True)
    policy = Policy(id="none", version="", owner="", rules=())
    snapshot = take_snapshot(
        request.subject, revision=request.revision, algorithms=request.algorithms
    )
    store = RawStore()
    evidence, breakages = _collect(request, snapshot, policy, _MATERIALS, store)
    record = AuditRecord(
        tool_version=__version__,
        as_of=request.as_of,
        offline=True,
        subject=snapshot.subject,
        artifacts=snapshot.artifacts,
        problems=snapshot.problems,
        policy=policy,
        clauses=(),
        evidence=evidence,
        breakages=breakages,
        results=(),
        verdict=Verdict(open=True, exit_code=ExitCode.HOLDS, reasons=()),
        timestamp=TimestampNote(TimestampState.NOT_REQUESTED, "the record is not sealed"),
    )
    return Audited(record, dict(store.blobs), snapshot.bytes_read)


def reevaluate(record: AuditRecord) -> AuditRecord:
    """The record that the same evidence, policy, clauses and date amount to today.

    Equal to ``record``, byte for byte, unless the record or the rules were changed. The subject's
    digest is computed from the files listed.
    """
    from weighbridge.policy.clauses import linked
    from weighbridge.policy.evaluate import evaluate
    from weighbridge.rules.registry import load_rules
    from weighbridge.snapshot.assemble import subject_digest

    subject = dataclasses.replace(record.subject, digest=subject_digest(record.artifacts))
    active = {setting.rule for setting in record.policy.rules if setting.mode is not Mode.OFF}
    results, verdict = evaluate(
        policy=record.policy,
        rules=load_rules(only=active),
        subject=subject,
        evidence=record.evidence,
        breakages=record.breakages,
        as_of=record.as_of,
    )
    clauses = linked(record.clauses, record.policy)
    again = dataclasses.replace(
        record, subject=subject, clauses=clauses, results=results, verdict=verdict
    )
    return again.with_timestamp(record.timestamp)


def _needed(policy: Policy, rules: tuple[Rule, ...]) -> frozenset[EvidenceKind]:
    """What the rules that are on look at."""
    active = {s.rule for s in policy.rules if s.mode is not Mode.OFF}
    return frozenset(kind for rule in rules if rule.META.id in active for kind in rule.META.needs)


def _collect(
    request: AuditRequest,
    snapshot: Snapshot,
    policy: Policy,
    needed: frozenset[EvidenceKind],
    store: RawStore,
) -> tuple[tuple[Evidence, ...], tuple[Breakage, ...]]:
    """Run the collectors of the kinds needed, and those that every record has."""
    from weighbridge.collect.secret_redact import redacted

    found: dict[EvidenceKind, tuple[Evidence, ...]] = {}
    breakages: list[Breakage] = []
    for name, kinds in COLLECTORS.items():
        if name not in ALWAYS and not needed.intersection(kinds):
            continue
        collector = cast(Collector, importlib.import_module(name))
        context = CollectContext(
            snapshot=snapshot,
            as_of=request.as_of,
            offline=request.offline,
            trust=policy.trust,
            commit_signers=policy.commit_signers,
            services=request.services,
            environments=request.environments,
            store=store,
            earlier=dict(found),
            timestamp_roots=policy.signatures.root_texts,
            demands=policy.signatures,
        )
        try:
            evidence = tuple(redacted(item) for item in collector.collect(context))
        except Exception as error:  # noqa: BLE001
            # A crash must not end the audit and must not pass: the rules that need this kind end
            # as `error`, the gate closes, and the record says which collector broke.
            breakages.append(
                Breakage(collector.NAME, kinds, f"{type(error).__name__}: {error}"[:500])
            )
            continue
        for kind in kinds:
            found[kind] = tuple(e for e in evidence if e.kind is kind)
    everything = [e for kind in found for e in found[kind]]
    everything.sort(key=lambda e: (e.kind.value, e.about, e.source, e.digest))
    return tuple(everything), tuple(sorted(breakages, key=lambda b: b.collector))
