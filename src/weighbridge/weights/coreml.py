"""Core ML models: ``.mlmodel``, and the ``model.mlmodel`` of a package.

Source: ``Model.proto``, ``NeuralNetwork.proto``, ``CustomModel.proto`` and
``LinkedModel.proto`` of coremltools 9. Three things reach out of the file: classes of the
application that custom layers and custom models are computed by, models that are linked by a file
name, and weights in another file of the package.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from weighbridge.weights.coreml_network import Network
from weighbridge.weights.coreml_program import read_program
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.protobuf import LEN, VARINT, Field, signed
from weighbridge.weights.protobuf_file import ProtobufFile
from weighbridge.weights.relative_path import outside
from weighbridge.weights.source import Source

_MAX_TEXT = 4096  # bytes of a name
LAST_VERSION = 10  # of the specification: iOS 26
# Model: the fields of its type, of which there is one.
_PIPELINES = (200, 201)
_PIPELINE, _NETWORKS, _PROGRAM, _CUSTOM, _LINKED = 202, (303, 403, 500), 502, 555, 556
# Parameters in a form of Apple's frameworks: bytes that only those read.
_OPAQUE = {2000: "text classifier", 2001: "word tagger", 2004: "gazetteer", 2005: "word embedding"}
_SERIALIZED = 3000
_PLAIN = (300, 301, 302, 304, 400, 401, 402, 404, 501, 560, 600, 601, 602, 603, 604, 606, 607, 609,
          610, 900, 2002, 2003, 2006)  # fmt: skip
_TYPES = frozenset(
    (*_PIPELINES, _PIPELINE, *_NETWORKS, _PROGRAM, _CUSTOM, _LINKED, *_OPAQUE, _SERIALIZED, *_PLAIN)
)
_VERSION, _DESCRIPTION, _UPDATABLE = 1, 2, 10
# ModelDescription: inputs, outputs, states, and what training takes.
_INPUTS, _GIVEN = 1, (1, 13, 50)


def inspect(source: Source, log: Log) -> None:
    """Check a Core ML model.

    Raises:
        HostileInput: the bytes are no protobuf message, or a bound was reached.
    """
    file = ProtobufFile(source, log)
    try:
        _Model(file).model(Field(0, LEN, 0, 0, source.size), 0)
    finally:
        file.finish()


class _Model:
    def __init__(self, file: ProtobufFile) -> None:
        self.file, self.log = file, file.log
        self.fields, self.parts = file.fields, file.parts

    def model(self, place: Field, depth: int) -> None:
        version, types, unknown, described = 0, 0, [], False
        given: set[str] = set()
        for found in self.fields(place, depth):
            if found.number == _VERSION and found.wire == VARINT:
                version = signed(found.value)
            elif found.number == _DESCRIPTION and found.wire == LEN:
                described = True
                given |= self.description(found, depth + 1)
            elif found.number in _TYPES and found.wire == LEN:
                types += 1
                self.type(found, depth + 1, given)
            elif found.number != _UPDATABLE or found.wire != VARINT:
                unknown.append(found.number)
        if version > LAST_VERSION:
            self.log.gap(f"no reader for version {version} of the Core ML specification yet")
        elif version < 1:
            self.log.issue(
                "bad-version", "the model does not say its specification's version", place.start
            )
        if version <= LAST_VERSION:
            for number in unknown[:1]:
                self.log.issue("unknown-field", f"a model has no field {number}", place.start)
            if types != 1:
                what = "two types, of which the last counts" if types else "no type"
                self.log.issue("bad-model", f"a model with {what}", place.start)
            elif not described:
                self.log.issue("bad-model", "a model that says nothing of inputs and outputs")

    def description(self, place: Field, depth: int) -> set[str]:
        """Metadata: author, license, and pairs of the user's own. The names of what is given."""
        given: set[str] = set()
        for feature in self.parts(place, depth, *_GIVEN):
            for name in self.parts(feature, depth + 1, 1):
                text = self.file.text(name, _MAX_TEXT)
                if feature.number == _INPUTS and text in given:
                    message = f"the value {text[:80]!r} is the name of two inputs"
                    self.log.issue("duplicate-value", message, name.start)
                given.add(text)
        for metadata in self.parts(place, depth, 100):
            for entry in self.parts(metadata, depth + 1, 100):
                for value in self.parts(entry, depth + 2, 2):
                    self.file.glance(value, "a pair of the metadata")
        return given

    def type(self, place: Field, depth: int, given: set[str]) -> None:
        number = place.number
        if number in _PIPELINES:
            for pipeline in self.parts(place, depth, 1):
                self.pipeline(pipeline, depth + 1)
        elif number in _NETWORKS:
            Network(self.file, given, self.custom).read(place, depth)
        elif number in _OPAQUE:
            for found in self.fields(place, depth):
                if found.wire == LEN:
                    self.file.glance(found, f"a {_OPAQUE[number]}")
        elif number in self._others:
            self._others[number](self, place, depth)

    def pipeline(self, place: Field, depth: int) -> None:
        for model in self.parts(place, depth, 1):
            self.model(model, depth + 1)

    def custom(self, place: Field, depth: int, what: str) -> None:
        """``CustomLayerParams`` and ``CustomModel``: a class by its name, and its parameters."""
        name = ""
        for found in self.parts(place, depth, 10, 20, 30):
            if found.number == 10:
                name = self.file.text(found, _MAX_TEXT)
                continue
            parts = (2, 30, 31) if found.number == 20 else (2,)  # weights, or a pair
            for part in self.parts(found, depth + 1, *parts):
                if found.number == 20:
                    self.file.glance(part, f"the weights of a {what}")
                    continue
                for value in self.parts(part, depth + 2, 20, 60):
                    self.file.glance(value, f"a parameter of a {what}")
        self.log.operation(
            Verdict.UNLISTED_CALL, "operator", name or "<unnamed>", f"{what} {name}",
            "needs a class of this name in the application that loads it", place.start, "Model",
        )  # fmt: skip

    def linked(self, place: Field, depth: int) -> None:
        """``LinkedModel``: a file's name, and where to search for it."""
        texts = {1: "", 2: ""}
        for file in self.parts(place, depth, 1):
            for found in self.parts(file, depth + 1, 1, 2):
                for text in self.parts(found, depth + 2, 1):
                    texts[found.number] = self.file.text(text, _MAX_TEXT)
        why = outside(texts[1]) or next((w for p in texts[2].split(":") if (w := outside(p))), "")
        verdict = Verdict.DANGEROUS if why else Verdict.UNLISTED
        effect = "loads another model, which is no part of this file"
        self.log.operation(
            verdict, "link", "linked model", "/".join(t for t in (texts[2], texts[1]) if t),
            f"{effect}: the path {why}" if why else effect, place.start, "LinkedModel",
        )  # fmt: skip

    def program(self, place: Field, depth: int) -> None:
        read_program(self.file, place, depth)

    def serialized(self, place: Field, depth: int) -> None:
        """``SerializedModel``: bytes of a framework of Apple's."""
        for found in self.parts(place, depth, 2):
            self.file.glance(found, "a serialized model")
        self.log.gap("no reader for models that are serialized by Apple's frameworks")

    def custom_model(self, place: Field, depth: int) -> None:
        self.custom(place, depth, "custom model")

    _others: ClassVar[dict[int, Callable[[_Model, Field, int], None]]] = {
        _PIPELINE: pipeline,
        _PROGRAM: program,
        _CUSTOM: custom_model,
        _LINKED: linked,
        _SERIALIZED: serialized,
    }
