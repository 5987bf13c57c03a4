"""The verdict engine on any graph and any expression."""

from __future__ import annotations

from typing import Any

import license_expression
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.model.lineages import KNOWN, edge, lineage, node

from weighbridge.model.licensing.graph import Relation
from weighbridge.model.licensing.judge import judge
from weighbridge.model.licensing.judge_licenses import parsed
from weighbridge.model.licensing.judge_reach import Reach, walk
from weighbridge.model.licensing.use import Activity, Purpose, Use

IDS = (*KNOWN, "LicenseRef-mystery", "?", "Rail-1.0 OR Free-1.0", "Free-1.0 AND Shared-1.0")
SPDX = license_expression.get_spdx_licensing()


def uses() -> st.SearchStrategy[Use]:
    number = st.none() | st.integers(0, 10**12)
    return st.builds(
        Use,
        activities=st.frozensets(st.sampled_from(Activity)),
        purpose=st.none() | st.sampled_from(Purpose),
        territory=st.frozensets(st.sampled_from(["EU", "US", "DE", "GB"])),
        users=number,
        revenue=number,
    )


@st.composite
def graphs(draw: st.DrawFn) -> list[Any]:
    keys = ["subject", *(f"model:{i}" for i in range(draw(st.integers(0, 6))))]
    things: list[Any] = []
    for key in keys:
        own = draw(st.lists(st.sampled_from(IDS), max_size=2))
        kind = (
            "model" if key == "subject" else draw(st.sampled_from(["model", "dataset", "package"]))
        )
        multimodal = draw(st.sampled_from([True, False, None]))
        things.append(node(key, *own, kind=kind, multimodal=multimodal))
    ends = st.sampled_from([*keys, "model:nowhere"])
    relation = st.sampled_from(["", *Relation])
    basis = st.sampled_from(["declared", "prose"])
    edges = st.lists(st.builds(edge, ends, relation, ends, basis), max_size=10)
    return things + draw(edges)


@given(graphs(), uses())
@settings(max_examples=100, deadline=None)
def test_every_ancestor_is_answered_for_and_none_is_passed_over(
    things: list[Any], use: Use
) -> None:
    graph = lineage(*things)
    verdicts = judge(graph, KNOWN, use)
    assert verdicts == judge(lineage(*things[:1], *reversed(things[1:])), KNOWN, use)
    answered = {v.node for v in verdicts}
    waiting = any(v.asks for v in verdicts if v.answer == "undetermined")
    for reached in walk(graph):
        key = reached.node["key"]
        # Questions on the use are merged, and so are packages: at one of the nodes they come from.
        assert key in answered or waiting or reached.reach is Reach.LINKED
        nothing_known = not any(said["id"] for said in reached.node["licenses"])
        if nothing_known and reached.reach not in (Reach.NOTHING, Reach.LINKED):
            assert any(v.node == key and v.answer == "undetermined" for v in verdicts)
    for verdict in verdicts:
        assert verdict.message.endswith(".")
        assert verdict.remedy
        assert verdict.steps[0] == "subject"
        assert not (verdict.answer == "conflict" and verdict.basis == "unsettled")


@given(graphs())
@settings(max_examples=100, deadline=None)
def test_stating_more_never_makes_a_conflict_go(things: list[Any]) -> None:
    """What conflicts with nothing stated is about the model, and stands for every use."""
    graph = lineage(*things)
    unstated = {
        (v.node, v.license, v.word) for v in judge(graph, KNOWN, Use()) if v.answer == "conflict"
    }
    stated = Use(frozenset({Activity.INTERNAL}), Purpose.RESEARCH, frozenset({"US"}), 0, 0)
    found = {
        (v.node, v.license, v.word) for v in judge(graph, KNOWN, stated) if v.answer == "conflict"
    }
    assert unstated <= found


@given(st.text(max_size=60) | st.text("()ABCORNDWITH -", max_size=60))
def test_any_text_is_taken_for_an_expression_or_not(text: str) -> None:
    for branch in parsed(text):
        assert branch == tuple(sorted(set(branch)))
        assert all(symbol.id for symbol in branch)


@given(
    st.recursive(
        st.sampled_from(["MIT", "ISC", "Zlib", "Apache-2.0"]),
        lambda inner: st.tuples(inner, st.sampled_from([" AND ", " OR "]), inner).map(
            lambda t: f"({t[0]}{t[1]}{t[2]})"
        ),
        max_leaves=5,
    )
)
@settings(deadline=None)
def test_an_expression_means_what_license_expression_makes_of_it(text: str) -> None:
    ours = " OR ".join("(" + " AND ".join(s.id for s in branch) + ")" for branch in parsed(text))
    assert (
        SPDX.is_equivalent(ours, text) or SPDX.dedup(ours) == SPDX.dedup(text) or _same(ours, text)
    )


def _same(one: str, other: str) -> bool:
    """Equal as truth tables: the library does not multiply out."""
    names = ("MIT", "ISC", "Zlib", "Apache-2.0")
    for bits in range(2 ** len(names)):
        chosen = {name for i, name in enumerate(names) if bits >> i & 1}
        if _true(SPDX.parse(one), chosen) != _true(SPDX.parse(other), chosen):
            return False
    return True


def _true(parsed_: Any, chosen: set[str]) -> bool:
    if not getattr(parsed_, "args", ()):
        return str(parsed_.key) in chosen
    values = [_true(part, chosen) for part in parsed_.args]
    return all(values) if type(parsed_).__name__ == "AND" else any(values)
