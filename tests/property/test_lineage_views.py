"""The pictures of a lineage are valid, whatever the names in it are."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from weighbridge.report.lineage import dot, mermaid, svg, text
from weighbridge.report.lineage.layout import lay_out

ANY = st.text(st.characters(), max_size=40)  # surrogates and noncharacters, too
HOSTILE = st.sampled_from(
    ['"', "\\", '\\"', '"]', "]]>", "<!--", "</svg>", "&#0;", "#quot;", "`x`", "end", "%%", "--x",
     "\n", "\r\n", "\u2028", "\ufffe", "\ud800", "\u202e", "<b>", "{", "}", "|", "\\n", "\x00"]
)  # fmt: skip
WORD = st.lists(ANY | HOSTILE, max_size=4).map("".join)
RELATIONS = st.sampled_from(["", "finetune", "merge", "trained-on", "distilled-from-outputs"])
SVG = "{http://www.w3.org/2000/svg}"


@st.composite
def graphs(draw: Any) -> dict[str, Any]:
    """A graph of strangers' words, cycles and loops included."""
    place = {"path": draw(WORD), "key": draw(WORD), "line": 0, "method": "declared"}
    count = draw(st.integers(1, 8))
    nodes = []
    for number in range(count):
        raw, known = draw(WORD), draw(st.booleans())
        one = {"how": "declared", "raw": raw, "id": raw if known else "",
               "symbols": [raw] if known else [], "place": place}  # fmt: skip
        nodes.append(
            {
                "key": "subject" if number == 0 else f"k{number}{draw(WORD)}",
                "kind": draw(st.sampled_from(["model", "dataset", "package"])),
                "id": draw(WORD),
                "revision": draw(WORD),
                "licenses": [one] * draw(st.integers(0, 2)),
                "state": draw(st.sampled_from(["read", "named", "vanished", "cut"])),
                "why": draw(WORD),
                "multimodal": None,
            }
        )
    keys = st.sampled_from([node["key"] for node in nodes])
    edges = [
        {"child": draw(keys), "parent": draw(keys), "relation": draw(RELATIONS),
         "basis": draw(st.sampled_from(["declared", "prose"])), "pinned": False, "place": place}
        for _ in range(draw(st.integers(0, 12)))
    ]  # fmt: skip
    return {"nodes": nodes, "edges": edges, "disputes": [], "asked": [draw(WORD)], "cut": ""}


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_svg_is_xml_of_known_elements_only(facts: Any) -> None:
    root = ET.fromstring(svg.render(facts))
    names = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert names <= {"svg", "title", "rect", "defs", "marker", "path", "g", "text"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not any(name.startswith("on") or "href" in name for name in attributes)
    boxes = list(root.iter(f"{SVG}g"))
    assert len(boxes) == len(lay_out(facts, svg.MAX_DRAWN).place)


_DOT = re.compile(
    r'\s*(?:digraph lineage \{|\}|rankdir=BT;|node \[[^"\]]*"sans-serif"\];'
    r'|edge \[[^"\]]*"sans-serif", fontsize=10\];'
    r'|n\d+(?: -> n\d+)? \[label="(?:[^"\\\n]|\\["\\n])*"(?:, style=dashed)?\];)\Z'
)


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_dot_is_one_statement_a_line_with_closed_strings(facts: Any) -> None:
    drawn = dot.render(facts)
    lines = drawn.rstrip("\n").split("\n")
    for line in lines:
        assert _DOT.match(line), line
    assert sum(" -> " in line.partition("[")[0] for line in lines) == len(facts["edges"])


_MERMAID = re.compile(
    r'(?:flowchart BT|  (?:n\d+\["[A-Za-z0-9 .,/:@#;<>-]*"\]'
    r'|n\d+ -\.?-?->?\|"[A-Za-z0-9 .,/:@#;-]*"\| n\d+|n\d+ -->\|"[A-Za-z0-9 .,/:@#;-]*"\| n\d+'
    r"|classDef (?:subject|unknown) [a-z0-9:#, -]+|class n\d+(?:,n\d+)* (?:subject|unknown)))\Z"
)


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_mermaid_has_plain_characters_and_entities_in_its_labels(facts: Any) -> None:
    for line in mermaid.render(facts).rstrip("\n").split("\n"):
        assert _MERMAID.match(line), line
        bare = line.replace("<br/>", "")
        assert "<" not in bare
        if '["' in line:
            assert re.fullmatch(r"(?:[^#;]|#\d+;)*", bare)


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_the_tree_has_no_control_character_and_fits(facts: Any) -> None:
    drawn = text.render(facts)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", drawn)
    drawn.encode()  # no surrogate is left
    assert drawn.count("license: ") >= len(lay_out(facts, 99).place), "each node has its line"
    assert drawn.splitlines()[-1].startswith(("with a known", "model", "dataset", "package"))
