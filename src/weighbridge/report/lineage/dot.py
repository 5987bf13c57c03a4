"""A lineage in Graphviz's DOT, ancestors above.

Source: the DOT language: in a quoted string only ``"`` and, for the labels' escape sequences, the
backslash mean anything. Labels are plain strings, never HTML-like ones.
"""

from __future__ import annotations

from weighbridge.model.facts.lineage import LineageFacts
from weighbridge.report.lineage import words


def render(facts: LineageFacts) -> str:
    """The graph, all of it."""
    number = {node["key"]: n for n, node in enumerate(facts["nodes"])}
    lines = [
        "digraph lineage {",
        "  rankdir=BT;",
        '  node [shape=box, fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize=10];',
    ]
    for node in facts["nodes"]:
        stated = words.license_words(node) or "no license known"
        parts = [f"{node['kind']}: {words.name(node)}", stated, words.state_words(node)]
        label = "\\n".join(_escaped(part) for part in parts if part)
        style = "" if words.is_known(node) else ", style=dashed"
        lines.append(f'  n{number[node["key"]]} [label="{label}"{style}];')
    for edge in facts["edges"]:
        if edge["child"] not in number or edge["parent"] not in number:
            continue
        label = _escaped(f"{words.relation(edge)} ({edge['basis']})")
        style = ", style=dashed" if edge["basis"] in ("prose", "inferred") else ""
        ends = f"n{number[edge['child']]} -> n{number[edge['parent']]}"
        lines.append(f'  {ends} [label="{label}"{style}];')
    return "\n".join([*lines, "}"]) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
