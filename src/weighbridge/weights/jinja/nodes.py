"""What the parser makes of a template: expressions, and statements in their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Constant: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Node:
    """One expression.

    ``kind`` and what stands where:

    * ``const``: ``value``;
    * ``name``: ``text``;
    * ``attr``: ``text`` of ``parts[0]``;
    * ``item``: ``parts[1]`` of ``parts[0]``;
    * ``slice``: three parts;
    * ``call``: ``parts[0]`` is called with the rest;
    * ``filter`` and ``test``: ``text`` on ``parts[0]`` with the rest;
    * ``op``: ``text`` between or before all parts;
    * ``cond``: ``parts[0] if parts[1] else parts[2]``;
    * ``list`` (also tuples) and ``dict`` (keys and values in turn): parts;
    * ``hole``: what a block statement writes.

    ``names`` are the keywords of a call's arguments, in order: empty for one by position, ``*`` and
    ``**`` for unpacked ones. ``at`` counts characters of the template, ``end`` where the next token
    starts. ``depth`` is 1 + that of the deepest part.
    """

    kind: str
    at: int
    text: str = ""
    parts: tuple[Node, ...] = ()
    names: tuple[str, ...] = ()
    value: Constant = None
    depth: int = 1
    end: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    """One tag. ``targets`` are the names it binds (``ns.x`` for an attribute of a namespace)."""

    keyword: str  # "print" for {{ … }}
    at: int
    expressions: tuple[Node, ...] = ()
    targets: tuple[str, ...] = ()
