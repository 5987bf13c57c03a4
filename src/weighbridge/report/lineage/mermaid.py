"""A lineage as a Mermaid flowchart, ancestors above.

Source: Mermaid's flowchart syntax: a quoted label may hold anything but a quotation mark, and
``#35;`` stands for the character of that number. Every character that is not plain is written so:
then no name can end a label, begin markup or a directive.
"""

from __future__ import annotations

from weighbridge.model.facts.lineage import LineageFacts
from weighbridge.model.licensing.graph import SUBJECT
from weighbridge.report.lineage import words

MAX_DRAWN = 400  # nodes; more can neither be laid out nor read
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,/:@-")


def render(facts: LineageFacts) -> str:
    """The flowchart. What is left out is said in a comment."""
    nodes = facts["nodes"][:MAX_DRAWN]
    number = {node["key"]: n for n, node in enumerate(nodes)}
    lines = ["flowchart BT"]
    if len(facts["nodes"]) > MAX_DRAWN:
        lines.append(f"  %% {len(facts['nodes']) - MAX_DRAWN} nodes more are not drawn")
    for node in nodes:
        stated = words.license_words(node) or "no license known"
        parts = [f"{node['kind']}: {words.name(node)}", stated, words.state_words(node)]
        label = "<br/>".join(_escaped(part) for part in parts if part)
        lines.append(f'  n{number[node["key"]]}["{label}"]')
    for edge in facts["edges"]:
        if edge["child"] in number and edge["parent"] in number:
            arrow = "-.->" if edge["basis"] in ("prose", "inferred") else "-->"
            label = _escaped(f"{words.relation(edge)}, {edge['basis']}")
            lines.append(f'  n{number[edge["child"]]} {arrow}|"{label}"| n{number[edge["parent"]]}')
    lines += [
        "  classDef subject stroke-width:3px",
        "  classDef unknown stroke:#b45309,stroke-dasharray:4 3",
        f"  class n{number[SUBJECT]} subject",
    ]
    unknown = [f"n{number[n['key']]}" for n in nodes if not words.is_known(n)]
    if unknown:
        lines.append(f"  class {','.join(unknown)} unknown")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return "".join(c if c in _PLAIN else f"#{ord(c)};" for c in text)
