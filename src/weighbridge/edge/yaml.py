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
MAX_NUMBER = 400  # characters of a number: the largest float written out has 309 digits

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
    try:
        loader = _loader()(text)
    except (ValueError, yaml.YAMLError) as error:  # lone surrogates, control characters
        raise MalformedYaml(source, 0, f"not valid YAML: {error}") from error
    builder = _Builder(source, loader)
    try:
        value = builder.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise MalformedYaml(source, mark.line + 1 if mark else 0,
                            error.problem or "not valid YAML") from error  # fmt: skip
    except (yaml.YAMLError, ValueError) as error:
        raise MalformedYaml(source, 0, f"not valid YAML: {error}") from error
    finally:
        loader.dispose()
    return YamlDocument(value, builder.lines)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _loader() -> Any:
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Builder:
    """Turns parse events into plain values, counting as it goes.

    It works on events and not on composed nodes: libyaml's composer recurses without a bound and
    takes the process down on deep nesting.
    """

    def __init__(self, source: str, loader: Any) -> None:
        self.source = source
        self.loader = loader
        self.lines: dict[KeyPath, int] = {(): 1}
        self.nodes = 0
        self.anchors: dict[str, tuple[Any, int]] = {}  # value, how many nodes it is made of

    def document(self) -> Any:
        """The one document of the stream, None where it is empty."""
        self.loader.get_event()  # stream start
        if self.loader.check_event(yaml.StreamEndEvent):
            return None
        self.loader.get_event()  # document start
        value = self.build((), 0)
        self.loader.get_event()  # document end
        if not self.loader.check_event(yaml.StreamEndEvent):
            raise self.malformed(self.loader.peek_event(), "there must be one document only")
        return value

    def build(self, path: KeyPath, depth: int) -> Any:
        """The value that the next events make up."""
        event = self.loader.get_event()
        self.lines.setdefault(path, _line(event))
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        self.count(1)
        if depth > MAX_DEPTH:
            raise BoundExceeded(f"the nesting of {self.source}", MAX_DEPTH, "levels")
        before = self.nodes
        if isinstance(event, yaml.ScalarEvent):
            value = self.scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self.sequence(event, path, depth)
        else:
            value = self.mapping(event, path, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, self.nodes - before + 1)
        return value

    def alias(self, event: Any) -> Any:
        if event.anchor not in self.anchors:
            raise self.malformed(event, f"the alias {event.anchor[:80]!r} names nothing before it")
        value, size = self.anchors[event.anchor]
        self.count(size)
        return value

    def count(self, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise BoundExceeded(f"{self.source} with its aliases expanded", MAX_NODES, "nodes")

    def sequence(self, event: Any, path: KeyPath, depth: int) -> list[Any]:
        self.plain(event, "tag:yaml.org,2002:seq")
        items: list[Any] = []
        while not self.loader.check_event(yaml.SequenceEndEvent):
            items.append(self.build((*path, len(items)), depth + 1))
        self.loader.get_event()
        return items

    def mapping(self, event: Any, path: KeyPath, depth: int) -> dict[str, Any]:
        self.plain(event, "tag:yaml.org,2002:map")
        table: dict[str, Any] = {}
        while not self.loader.check_event(yaml.MappingEndEvent):
            key_event = self.loader.get_event()
            if not isinstance(key_event, yaml.ScalarEvent):
                raise self.malformed(key_event, "a key must be a plain word")
            key = str(key_event.value)
            if key in table:
                raise self.malformed(key_event, f"the key {key[:80]!r} stands twice")
            self.lines[(*path, key)] = _line(key_event)
            table[key] = self.build((*path, key), depth + 1)
        self.loader.get_event()
        return table

    def scalar(self, event: Any) -> Any:
        tag = event.tag
        if tag is None or tag == "!":
            tag = self.loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        if not tag.startswith("tag:yaml.org,2002:") or tag.endswith(":binary"):
            raise self.malformed(event, f"the tag {tag[:80]!r} is not allowed")
        if tag == "tag:yaml.org,2002:merge":
            raise self.malformed(event, "a merge key is not allowed")
        if len(event.value) > MAX_NUMBER and tag.endswith((":int", ":float")):
            # sums of sixties (1:30:00) take quadratic time, long hexadecimals cannot be printed
            return str(event.value)
        node = yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)
        try:
            value = self.loader.construct_object(node)
        except (ValueError, OverflowError, KeyError) as error:
            raise self.malformed(event, f"{error}") from error
        if isinstance(value, dt.datetime) or not isinstance(
            value, str | int | float | bool | dt.date | None
        ):
            return str(event.value)
        return value

    def plain(self, event: Any, tag: str) -> None:
        if event.tag not in (None, "!", tag):
            raise self.malformed(event, f"the tag {event.tag[:80]!r} is not allowed")

    def malformed(self, event: Any, problem: str) -> MalformedYaml:
        return MalformedYaml(self.source, _line(event), problem)
