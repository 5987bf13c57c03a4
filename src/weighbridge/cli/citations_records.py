"""``weighbridge citations`` for training-content records, and what a model says of its maker."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from weighbridge.model.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from weighbridge.cli.citations_subject import Target
    from weighbridge.model.evidence import Evidence, EvidenceKind
    from weighbridge.model.training_answers import Content

_FRAMEWORKS = {"ai-act-template": "eu-ai-act"}


def record(target: Target, format_: str, only: Sequence[str]) -> tuple[bytes, ExitCode]:
    """A record by one framework, and 1 where mandatory fields are empty, 3 where something could
    not be read, else 0.
    """
    from weighbridge.edge.text import visible
    from weighbridge.model.evidence import EvidenceKind, EvidenceState
    from weighbridge.model.training_answers import answers, content
    from weighbridge.report import training_content

    evidence = _collected(
        target, {EvidenceKind.MODEL, EvidenceKind.DATASET, EvidenceKind.TRAINING_CONTENT}
    )
    for item in evidence:
        if item.kind is EvidenceKind.TRAINING_CONTENT and item.state is EvidenceState.UNAVAILABLE:
            raise UsageError(
                f"{item.about} cannot be read: {visible(item.reason)}", remedy="Repair it first."
            )
    name = format_.removesuffix("-json")
    framework = _FRAMEWORKS.get(name, name)
    known = _only(content(evidence), only)
    view = training_content.as_json if format_.endswith("-json") else training_content.as_markdown
    found = answers(framework, known)
    unread = [e for e in evidence if e.state is EvidenceState.UNAVAILABLE]
    empty = sum(answer.missing for answer in found)
    print(f"Empty mandatory fields: {empty} of {len(found)}.", file=sys.stderr)  # noqa: T201
    for item in unread[:20]:
        print(f"Not read: {visible(item.about)}: {visible(item.reason)}", file=sys.stderr)  # noqa: T201
    unsure = bool(unread) or not known.datasets  # a record of no dataset says nothing
    code = ExitCode.VIOLATED if empty else ExitCode.INCONCLUSIVE if unsure else ExitCode.HOLDS
    subject = known.values.get("model.names")
    return view(framework, known, subject=subject.texts[0] if subject else target.name), code


def _only(known: Content, names: Sequence[str]) -> Content:
    """The content with these datasets alone; all where none is named."""
    strangers = sorted(set(names) - {one.id for one in known.datasets})
    if strangers:
        raise UsageError(f"no dataset that is trained on has the id {strangers[0]!r}")
    kept = tuple(one for one in known.datasets if not names or one.id in names)
    return dataclasses.replace(known, datasets=kept)


def maker(found: Sequence[Target]) -> tuple[str, tuple[str, ...]]:
    """The first model's name, and who made it as it says itself; for the head of a CITATION.cff."""
    from weighbridge.model.evidence import EvidenceKind
    from weighbridge.model.facts.model import ModelIdentityFacts

    (item,) = _collected(found[0], {EvidenceKind.MODEL}, whole=False)
    facts = cast(ModelIdentityFacts, item.data)
    authors = [
        claim["value"] for claim in facts["claims"] if claim["field"] in ("author", "producer")
    ]
    authors = authors or [facts["namespace"]] * bool(facts["namespace"])
    return facts["name"], tuple(dict.fromkeys(authors))


def _collected(
    target: Target, wanted: set[EvidenceKind], *, whole: bool = True
) -> tuple[Evidence, ...]:
    """Evidence of some kinds, with what the collectors of the model look at beside its files."""
    from weighbridge.collect.context import CollectContext
    from weighbridge.collect.gather import gather
    from weighbridge.model.evidence import EvidenceKind

    context = CollectContext(
        snapshot=target.snapshot(whole=whole),
        as_of=dt.datetime.now(dt.UTC).date(),
        offline=True,
    )
    found = gather(context, {EvidenceKind.STRUCTURE, *wanted})
    return tuple(e for kind in sorted(wanted) for e in found.get(kind, ()))
