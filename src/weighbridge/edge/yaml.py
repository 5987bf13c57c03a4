"""YAML from strangers: plain types only, bounded, duplicate keys refused, line numbers kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from weighbridge.model.errors import BoundExceeded, HostileInput

MAX_BYTES = 4 * 2**20
MAX_NODES = 200_000  # counted with every alias expanded: an alias bomb stops here
MAX_DEPTH = 60

KeyPath: TypeAlias = tuple[str | int, ...]


class MalformedYaml(HostileInput):
    """Text that is not YAML of plain types. ``line`` counts from 1, 0 where unknown."""

    def __init__(self, source: str, line: int, problem: str) -> None:
        super().__init__(f"{source}:{line}: {problem}" if line else f"{source}: {problem}")
        self.line = line


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A document's value and the line of each key path, ``()`` being the document itself.

    The value is made of dict, list, str, int, float, bool, None and date.
    """

    value: Any
    lines: dict[KeyPath, int]

    def line(self, path: KeyPath) -> int:
        """The line of a key path, or of the nearest parent that has one."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


def load_yaml(text: str, *, source: str, max_bytes: int = MAX_BYTES) -> YamlDocument:
    """Parse one YAML document.

    Raises:
        MalformedYaml: not YAML, several documents, a tag, a duplicate key, a key that is no scalar.
        BoundExceeded: too large, too deep, or too many nodes once aliases are expanded.
    """
    if len(text) > max_bytes or len(text.encode("utf-8", "replace")) > max_bytes:
        raise BoundExceeded(source, max_bytes, "bytes")
    loader = _loader()(text)
    try:
        node = loader.get_single_node()
        builder = _Builder(source, loader)
        value = builder.build(node, (), 0) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise MalformedYaml(source, mark.line + 1 if mark else 0,
                            error.problem or "not valid YAML") from error  # fmt: skip
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MalformedYaml(source, 0, f"not valid YAML: {error}") from error
    finally:
        loader.dispose()
    return YamlDocument(value, builder.lines)


def _loader() -> Any:
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Builder:
    """Turns composed nodes into plain values, counting as it goes."""

    def __init__(self, source: str, loader: Any) -> None:
        self.source = source
        self.loader = loader
        self.lines: dict[KeyPath, int] = {(): 1}
        self.nodes = 0

    def build(self, node: yaml.Node, path: KeyPath, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise BoundExceeded(f"{self.source} with its aliases expanded", MAX_NODES, "nodes")
        if depth > MAX_DEPTH:
            raise BoundExceeded(f"the nesting of {self.source}", MAX_DEPTH, "levels")
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        if isinstance(node, yaml.SequenceNode):
            self.plain(node, "tag:yaml.org,2002:seq")
            return [self.build(n, (*path, i), depth + 1) for i, n in enumerate(node.value)]
        self.plain(node, "tag:yaml.org,2002:map")
        table: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self.malformed(key_node, "a key must be a plain word")
            key = str(key_node.value)
            if key in table:
                raise self.malformed(key_node, f"the key {key[:80]!r} stands twice")
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            table[key] = self.build(value_node, (*path, key), depth + 1)
        return table

    def scalar(self, node: yaml.ScalarNode) -> Any:
        if not node.tag.startswith("tag:yaml.org,2002:") or node.tag.endswith(":binary"):
            raise self.malformed(node, f"the tag {node.tag[:80]!r} is not allowed")
        try:
            value = self.loader.construct_object(node)
        except (ValueError, OverflowError) as error:
            raise self.malformed(node, f"{error}") from error
        if isinstance(value, dt.datetime) or not isinstance(
            value, str | int | float | bool | dt.date | None
        ):
            return str(node.value)
        return value

    def plain(self, node: yaml.Node, tag: str) -> None:
        if node.tag != tag:
            raise self.malformed(node, f"the tag {node.tag[:80]!r} is not allowed")

    def malformed(self, node: yaml.Node, problem: str) -> MalformedYaml:
        return MalformedYaml(self.source, node.start_mark.line + 1, problem)
