"""YAML beside weights, by its events: tags that construct objects, and names that are called.

Sources: YAML 1.1 (tags, anchors); PyYAML's constructors for ``!!python/…``; hyperpyyaml's tags
``!new:``, ``!apply:``, ``!name:``, ``!module:`` (SpeechBrain); Hydra's ``_target_``
(CVE-2025-23304: NeMo's ``model_config.yaml``); MLflow's ``loader_module``. The text is parsed,
nothing is constructed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.pickle.policy import Level, rule_on
from weighbridge.weights.source import Source
from weighbridge.weights.targets import judge_target, rule_on_target
from weighbridge.weights.yaml_yolo import EVALUATED, is_evaluated, judge_expression

MAX_BYTES = 4 * 2**20
MAX_BYTES_SLOW = 256 * 1024  # where PyYAML was built without libyaml
MAX_EVENTS = 300_000
MAX_DEPTH = 100
# Nodes, once aliases stand for what they name. Without aliases there are at most MAX_EVENTS; what
# people write with anchors stays far below.
MAX_EXPANDED = 1_000_000
_LAYER = 4  # collections around what YOLO evaluates
_STANDARD = "tag:yaml.org,2002:"
_PLAIN = frozenset(
    "str int float bool null seq map set omap pairs binary timestamp merge value".split()  # noqa: SIM905
)
# PyYAML's tags for plain data: no constructor of these calls anything.
_PYTHON_PLAIN = frozenset(
    "none bool str unicode bytes int long float complex list tuple dict".split()  # noqa: SIM905
)
_HYPER = ("!new:", "!apply:", "!name:", "!module:")
_HYPER_PLAIN = ("!ref", "!copy", "!tuple", "!list", "!PLACEHOLDER", "!PYTHON")
_CALLED = {
    "_target_": False,
    "_component_": False,
    "loader_module": False,
    "class_path": True,
}  # -> gadgets only


def inspect(source: Source, log: Log) -> None:
    """Judge one YAML file of any number of documents.

    Raises:
        HostileInput: the file is not YAML.
        BoundExceeded: it is too large, too deep, or has too many parts.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    most = MAX_BYTES if loader is not yaml.SafeLoader else MAX_BYTES_SLOW
    if source.size > most:
        raise BoundExceeded("the YAML file", most, "bytes")
    raw = source.head(most)
    log.bytes_read += len(raw)
    reader = _Reader(log)
    try:
        text = raw.decode("utf-8-sig")
        for event in yaml.parse(text, Loader=loader):
            reader.take(event)
    except UnicodeDecodeError as error:
        raise HostileInput("the YAML file is not UTF-8") from error
    except yaml.YAMLError as error:
        raise HostileInput(f"the file is not YAML: {str(error)[:200]}") from error
    except RecursionError as error:
        raise BoundExceeded("the YAML file", MAX_DEPTH, "levels of nesting") from error


@dataclass(slots=True)
class _Frame:
    """One collection that is open: its size so far, and the keys of a mapping that were called."""

    mapping: bool
    anchor: str | None
    size: int = 1
    count: int = 0
    key: str = ""
    keys: set[tuple[str, bool]] = field(default_factory=set)
    target: str = ""
    has_params: bool = False
    place: int = 0


@dataclass(slots=True)
class _Reader:
    log: Log
    stack: list[_Frame] = field(default_factory=list)
    anchors: dict[str, int] = field(default_factory=dict)
    events: int = 0

    def take(self, event: yaml.Event) -> None:
        """One event of the stream."""
        self.events += 1
        if self.events > MAX_EVENTS:
            raise BoundExceeded("the YAML file", MAX_EVENTS, "parts")
        if isinstance(event, yaml.ScalarEvent):
            self._tag(event.tag, event)
            self._scalar(event)
        elif isinstance(event, yaml.AliasEvent):
            known = self.anchors.get(event.anchor or "")
            if known is None and all(frame.anchor != event.anchor for frame in self.stack):
                raise HostileInput(f"an alias at character {_place(event)} names no anchor")
            self._add(known or 1, "")
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._tag(event.tag, event)
            if len(self.stack) >= MAX_DEPTH:
                raise BoundExceeded("the YAML file", MAX_DEPTH, "levels of nesting")
            mapping = isinstance(event, yaml.MappingStartEvent)
            self.stack.append(_Frame(mapping, event.anchor, place=_place(event)))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            frame = self.stack.pop()
            if frame.target and frame.has_params:
                judge_target(frame.target, "target", self.log, frame.place, known_only=True)
            if frame.anchor is not None:
                self.anchors[frame.anchor] = frame.size
            self._add(frame.size, "")
        elif isinstance(event, yaml.DocumentStartEvent):
            self.anchors.clear()

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        value = event.value
        frame = self.stack[-1] if self.stack else None
        if event.anchor is not None:
            self.anchors[event.anchor] = 1
        if frame is not None and frame.mapping and frame.count % 2 == 1:
            if frame.key == "loader_module" and value.startswith("mlflow."):
                self.log.allow(value, 1)  # a flavor of MLflow, which calls its own loader
            elif frame.key in _CALLED:
                only = _CALLED[frame.key]
                judge_target(value, frame.key, self.log, _place(event), known_only=only)
            elif frame.key == "target":
                frame.target = value
        if (
            frame is not None
            and len(self.stack) <= _LAYER
            and self.stack[0].key in EVALUATED
            and (not frame.mapping or frame.count % 2)
            and is_evaluated([(one.key, one.count) for one in self.stack])
        ):
            judge_expression(value, self.log, _place(event))
        if frame is not None and frame.mapping and frame.count % 2 == 0 and len(value) <= 100:
            self._once(frame, event)
        self._add(1, value if len(value) <= 100 else "")

    def _once(self, frame: _Frame, event: yaml.ScalarEvent) -> None:
        """A key that stands twice: YAML forbids it, and readers take the first or the last."""
        key = event.value, event.style in ("'", '"')
        if key in frame.keys and event.value != "<<":
            self.log.issue(
                "duplicate-key", f"the key {event.value[:80]!r} stands twice", _place(event)
            )
        frame.keys.add(key)

    def _add(self, size: int, text: str) -> None:
        """A node of that many nodes is complete."""
        if not self.stack:
            return
        frame = self.stack[-1]
        frame.size = min(frame.size + size, 2**53)
        if frame.mapping and frame.count % 2 == 0:
            frame.key = text
            frame.has_params = frame.has_params or text == "params"
        frame.count += 1
        if frame.size > MAX_EXPANDED and not self.log.has_issue("alias-bomb"):
            self.log.issue(
                "alias-bomb", f"aliases make the document grow beyond {MAX_EXPANDED} parts"
            )

    def _tag(self, tag: str | None, event: yaml.NodeEvent) -> None:
        if not tag or tag == "!":
            return
        place = _place(event)
        if tag.startswith(_STANDARD):
            name = tag.removeprefix(_STANDARD)
            if name in _PLAIN:
                return
            if name.startswith("python/"):
                self._python(name.removeprefix("python/"), place)
                return
            tag = "!!" + name
        elif tag.startswith(_HYPER):
            judge_target(tag.partition(":")[2], tag.partition(":")[0], self.log, place)
            return
        elif tag.split(":")[0] in _HYPER_PLAIN:
            return
        elif tag.startswith("!python/"):
            self._python(tag.removeprefix("!python/"), place)
            return
        verdict, effect = Verdict.UNLISTED, "constructs an object by a tag of its own"
        if tag.startswith(("!!javax.script", "!!java.net", "!!com.sun", "!ruby/object")):
            verdict, effect = Verdict.DANGEROUS, "constructs an object that loads code"
        self.log.operation(verdict, "construct", tag, tag, effect, place, "YAML")

    def _python(self, name: str, place: int) -> None:
        kind, _, dotted = name.partition(":")
        if kind in _PYTHON_PLAIN:
            return
        if kind == "object" and _is_made_of_data(dotted):
            self.log.allow(dotted, 1)
            return
        gadget = rule_on_target(dotted)[1] if dotted else ""
        effect = (
            "constructs any object or calls any function when it is loaded without a safe loader"
        )
        action = "import" if kind in ("name", "module") else "call"
        self.log.operation(
            Verdict.DANGEROUS, action, dotted or name, f"!!python/{name}", gadget or effect, place,
            "YAML",
        )  # fmt: skip


def _is_made_of_data(dotted: str) -> bool:
    """Whether a class is listed: as in a pickle, it is made without a call and given its state
    (an ``argparse.Namespace`` in older ``hparams.yaml`` of Lightning)."""
    module, _, name = dotted.rpartition(".")
    if not module:
        return False
    ruling = rule_on(module, name)
    return ruling.level >= Level.CONSTRUCT and not ruling.checked


def _place(event: yaml.Event) -> int:
    """Where an event starts, in characters of the text."""
    return event.start_mark.index if event.start_mark is not None else -1
