"""A lineage as JSON for programs. The form is versioned; a field is only ever added to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from weighbridge.model.facts.lineage import LineageFacts
from weighbridge.report.lineage import words

SCHEMA = "weighbridge.lineage/1"


def render(
    facts: LineageFacts, *, name: str, digest: str, offline: bool, terms: Mapping[str, bool]
) -> bytes:
    """The document in ASCII.

    Args:
        facts: the graph.
        name: the subject's.
        digest: the subject's.
        offline: whether no socket was opened.
        terms: each license in the graph, and whether its clauses are known here.
    """
    missed = {node["key"] for node in words.unread(facts)}
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "subject": {"name": name, "digest": digest},
        "offline": offline,
        "whole": not missed and not facts["cut"],
        "asked": facts["asked"],
        "cut": facts["cut"],
        "nodes": facts["nodes"],
        "edges": facts["edges"],
        "disputes": facts["disputes"],
        "not_read": sorted(missed),
        "licenses": [{"id": key, "terms_known": terms[key]} for key in sorted(terms)],
    }
    text = json.dumps(document, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f")
    return text.encode() + b"\n"
