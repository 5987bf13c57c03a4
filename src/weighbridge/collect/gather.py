"""Evidence of some kinds, for verbs that judge a part: the collectors in their order, no policy."""

from __future__ import annotations

import importlib
from collections.abc import Collection
from dataclasses import replace
from typing import cast

from weighbridge.collect.context import CollectContext, Collector
from weighbridge.collect.registry import COLLECTORS
from weighbridge.collect.secret_redact import redacted
from weighbridge.model.evidence import Evidence, EvidenceKind


def gather(
    context: CollectContext, wanted: Collection[EvidenceKind]
) -> dict[EvidenceKind, tuple[Evidence, ...]]:
    """What the collectors of some kinds find, by kind; credentials that it would quote are masked.

    A collector that breaks is a defect, and ends the run: nothing may be concluded.
    """
    found: dict[EvidenceKind, tuple[Evidence, ...]] = {}
    for name, kinds in COLLECTORS.items():
        if not set(wanted).intersection(kinds):
            continue
        collector = cast(Collector, importlib.import_module(name))
        seen = collector.collect(replace(context, earlier=dict(found)))
        evidence = tuple(redacted(item) for item in seen)
        for kind in kinds:
            found[kind] = tuple(e for e in evidence if e.kind is kind)
    return found
