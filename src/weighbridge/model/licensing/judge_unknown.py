"""Licenses and clauses that are not known: undetermined, with what would decide it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from weighbridge.model.facts.lineage import NodeLicenseFacts
from weighbridge.model.licensing.judge_licenses import Reading, Symbol
from weighbridge.model.licensing.judge_reach import Reach, Reached
from weighbridge.model.licensing.judge_say import placed
from weighbridge.model.licensing.verdict import Answer, Verdict

# Words of verdicts that no clause decides: the license is not known, or what lies behind it.
LICENSE = "license"
LINEAGE = "lineage"
UNKNOWN = frozenset({LICENSE, LINEAGE})
_NAMED = 5

_STATES = {
    "named": (
        "it is only named, and its own card was not read",
        "Let the Hub be asked, or put its card into a folder for --cards.",
    ),
    "vanished": (
        "it is not there any more",
        "Find its license in a copy or an archive, and put its card into a folder for --cards.",
    ),
    "unavailable": (
        "it could not be asked for",
        "Run again with a connection, or put its card into a folder for --cards.",
    ),
    "cut": (
        "it lies beyond what is followed",
        "Judge the nearer ancestors by themselves.",
    ),
}


def unknown_license(reached: Reached, said: NodeLicenseFacts | None) -> Verdict:
    """An ancestor, or the subject, whose license is not known.

    Args:
        reached: the ancestor.
        said: what it says that names no license; none where it says nothing.
    """
    node = reached.node
    name = "this model" if reached.reach is Reach.OWN else f"'{node['id'] or node['key']}'"
    remedy = "Ask its author for the license and its text, and state it in the card."
    if said is not None:
        why = f"'{said['raw']}' is stated, which names no license whose text is known"
    elif node["state"] in _STATES:
        why, remedy = _STATES[node["state"]]
        why = f"{why} ({node['why']})" if node["why"] else why
    else:
        why = "it states none"
    return placed(
        reached, Answer.UNDETERMINED, "", LICENSE,
        f"The license of {name} is not known: {why}.", remedy, statement=said,
    )  # fmt: skip


def unknown_terms(reached: Reached, symbol: Symbol, reading: Reading) -> Verdict:
    """A license that has a name and whose clauses the knowledge base does not have."""
    own = reached.reach is Reach.OWN
    whose = "this model" if own else f"'{reached.node['id']}'"
    return placed(
        reached, Answer.UNDETERMINED, symbol.id, LICENSE,
        f"The clauses of {symbol.id}, the license of {whose}, are not known here.",
        "Have the license read.",
        statement=reading.first,
    )  # fmt: skip


def several_linked(unknown: Sequence[Verdict]) -> list[Verdict]:
    """One verdict for all the packages whose license is not known: each is a small matter."""
    by_node = {verdict.node: verdict for verdict in reversed(unknown)}
    nodes = sorted(by_node)
    if len(nodes) < 2:
        return [by_node[node] for node in nodes]
    named = ", ".join(f"'{node.partition(':')[2] or node}'" for node in nodes[:_NAMED])
    more = f" and {len(nodes) - _NAMED} more" if len(nodes) > _NAMED else ""
    return [
        dataclasses.replace(
            by_node[nodes[0]],
            message=f"The licenses of {len(nodes)} packages that the model needs are not known: "
            f"{named}{more}.",
            remedy="Name the environment that the model runs in with --environment.",
        )
    ]


def cut_short(reached: Reached, bound: str = "") -> Verdict:
    """A lineage that was not followed to its end."""
    why = bound or f"its chain is longer than {len(reached.path.edges)} steps"
    return placed(
        reached, Answer.UNDETERMINED, "", LINEAGE,
        f"The lineage was not followed to its end: {why}.",
        "Judge the ancestors beyond it by themselves.",
    )  # fmt: skip
