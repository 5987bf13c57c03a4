"""Models written as XML: PMML, and OpenVINO's intermediate representation.

Sources: PMML 4.4 (dmg.org); OpenVINO's "Intermediate Representation" (versions 10 and 11) and its
operation sets; XML 1.0 for entities; XInclude 1.0. The text is read by expat, which opens nothing;
a declared entity ends the reading, as it names a file or an address (XXE) or grows without bound.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights import xml_openvino, xml_pmml
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.source import Source
from weighbridge.weights.xml_scripts import (
    scripted_element,
    scripted_instruction,
    scripted_text,
)

MAX_BYTES = 512 * 2**20
MAX_ELEMENTS = 1_000_000
MAX_DEPTH = 500
MAX_TOKEN = 8 * 2**20  # bytes of one tag
_STEP = 2**18
_INCLUDE = "http://www.w3.org/2001/XInclude"
_OPSET = re.compile(r"opset\d{1,2}\Z")
_SETS = ("experimental", "util", "internal", "ie_internal_opset", "SimplifiedIR")
_BITS = {
    "boolean": 8, "bf16": 16, "f16": 16, "f32": 32, "f64": 64, "f4e2m1": 4, "f8e4m3": 8,
    "f8e5m2": 8, "f8e8m0": 8, "i4": 4, "i8": 8, "i16": 16, "i32": 32, "i64": 64, "u1": 1, "u2": 2,
    "u3": 3, "u4": 4, "u6": 6, "u8": 8, "u16": 16, "u32": 32, "u64": 64, "nf4": 4,
}  # fmt: skip
# Operations of the openvino-tokenizers package, which are an extension that is installed.
_TOKENIZER_NAMES = """
    BPETokenizer BytesToChars CaseFold CharsMapNormalization CharsToBytes CombineSegments
    EqualStr FuzeRagged NormalizeUnicode RaggedToDense RaggedToRagged RaggedToSparse
    RegexNormalization RegexSplit SentencepieceDetokenizer SentencepieceStreamDetokenizer
    SentencepieceTokenizer SpecialTokensSplit StringSparseToDense StringTensorPack
    StringTensorUnpack StringToHashBucketFast TrieTokenizer Truncate UnigramTokenizer
    UTF8Validate VocabDecoder VocabEncoder WordpieceTokenizer
"""
_TOKENIZER = frozenset(_TOKENIZER_NAMES.split())


def inspect(source: Source, log: Log) -> None:
    """Check a PMML or OpenVINO file.

    Raises:
        HostileInput: the file is not well-formed XML, or declares entities.
        BoundExceeded: it is too large.
    """
    if source.size > MAX_BYTES:
        raise BoundExceeded("the XML file", MAX_BYTES, "bytes")
    reader = _Reader(log)
    stream = source.open()
    fed = 0
    try:
        while part := stream.read(_STEP):
            fed += len(part)
            log.bytes_read += len(part)
            reader.parser.Parse(part)
            if fed - max(reader.parser.CurrentByteIndex, 0) > MAX_TOKEN:
                raise BoundExceeded("a tag of the XML file", MAX_TOKEN, "bytes")
        reader.parser.Parse(b"", True)  # noqa: FBT003
        reader.finish()
    except expat.ExpatError as error:
        raise HostileInput(f"the file is not well-formed XML: {error}") from error
    except (LookupError, ValueError) as error:  # an encoding that Python does not have
        raise HostileInput("the XML file has an unknown encoding") from error


class _Reader:
    def __init__(self, log: Log) -> None:
        self.log = log
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.ProcessingInstructionHandler = self._instruction
        self.stack: list[str] = []
        self.layer: dict[str, str] = {}
        self.elements = 0
        self.root = ""
        self.prefixes: set[str] = set()
        self.structure: xml_openvino.Structure | xml_pmml.Structure | None = None
        self.ends: Callable[[int], None] | None = None

    def _doctype(self, name: str, system: str | None, public: str | None, internal: int) -> None:
        if system:
            self._link(system, "reads a document type from a file or an address", "DOCTYPE")
        elif public:
            self._link(public, "reads a document type from a catalogue", "DOCTYPE")

    def _entity(
        self,
        name: str,
        parameter: int,
        value: str | None,
        base: str | None,
        system: str | None,
        public: str | None,
        notation: str | None,
    ) -> None:
        if system or public:
            self._link(
                system or public or "", "puts a file or what an address answers into it", "ENTITY"
            )
        else:
            self.log.issue(
                "entity-declaration",
                f"the entity {name[:80]!r} is declared, which no model needs and which can grow "
                "without bound",
                self.parser.CurrentByteIndex,
            )
        raise HostileInput("the XML file declares entities and is not read further")

    def _link(self, name: str, effect: str, opcode: str) -> None:
        at = self.parser.CurrentByteIndex
        self.log.operation(
            Verdict.DANGEROUS, "link", name, f"<!{opcode} … {name!r}>", effect, at, opcode
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise BoundExceeded("the XML file", MAX_ELEMENTS, "elements")
        if len(self.stack) >= MAX_DEPTH:
            raise BoundExceeded("the XML file", MAX_DEPTH, "elements inside each other")
        prefix, _, bare = name.rpartition(":")
        if not self.stack:
            self._begin(bare, attributes)
        for key, value in attributes.items():
            if value == _INCLUDE:
                self.prefixes.add(key.partition(":")[2])
        if bare == "include" and prefix in self.prefixes:
            self._link(attributes.get("href", ""), "puts another file into it", "xi:include")
        self._script(scripted_element(bare, attributes), "element")
        if self.structure is not None and bare in self.structure.NAMES:
            at = self.parser.CurrentByteIndex
            self.structure.start(bare, attributes, self.stack, at)
        self.stack.append(bare)
        if self.root == "net":
            self._openvino(bare, attributes)
        elif bare == "Apply":
            self._apply(attributes.get("function", ""))

    def _text(self, text: str) -> None:
        self._script(scripted_text(text), "text")
        if self.stack[-1:] == ["dim"] and isinstance(self.structure, xml_openvino.Structure):
            self.structure.dimension(text, self.parser.CurrentByteIndex)

    def _instruction(self, target: str, data: str) -> None:
        self._script(scripted_instruction(target, data), "instruction")

    def _script(self, shown: str, opcode: str) -> None:
        if shown:
            self.log.operation(
                Verdict.UNLISTED_CALL, "call", "script", shown,
                "is a script that a viewer or server of the file runs",
                self.parser.CurrentByteIndex, opcode,
            )  # fmt: skip

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self.root = name
        version = attributes.get("version", "")
        if name == "net" and version not in ("10", "11"):
            self.log.gap(f"no reader for version {version[:20]!r} of OpenVINO's representation")
        elif name not in ("net", "PMML"):
            raise HostileInput(f"the XML file is a {name[:40]!r} and no model")
        if name == "net":
            network = xml_openvino.Structure(self.log)
            self.structure, self.ends = network, network.end
        else:
            self.structure = xml_pmml.Structure(self.log)

    def _end(self, name: str) -> None:
        self.stack.pop()
        if self.ends is not None:
            self.ends(len(self.stack))

    def finish(self) -> None:
        """What only the whole file tells."""
        if self.structure is not None:
            self.structure.finish()

    def _apply(self, function: str) -> None:
        """JPMML takes a function with dots for a Java class, and loads it."""
        if "." in function and not function.startswith("org.jpmml."):
            self.log.operation(
                Verdict.UNLISTED_CALL,
                "call",
                function,
                f'<Apply function="{function}">',
                "loads a Java class by its name and calls it",
                self.parser.CurrentByteIndex,
                "Apply",
            )

    def _openvino(self, name: str, attributes: dict[str, str]) -> None:
        if name == "layer":
            self.layer = attributes
            version, kind = attributes.get("version", ""), attributes.get("type", "")
            listed = _OPSET.match(version) or version in _SETS
            if not listed and not (version == "extension" and kind in _TOKENIZER):
                self.log.operation(
                    Verdict.UNLISTED_CALL,
                    "operator",
                    f"{version}.{kind}",
                    f'<layer type="{kind}" version="{version}">',
                    "runs an operation that only a compiled extension brings",
                    self.parser.CurrentByteIndex,
                    "layer",
                )
        elif name == "data" and self.stack[-2:-1] == ["layer"]:
            if self.layer.get("type") == "Const":
                self._constant(attributes)
            elif self.layer.get("type") == "Parameter":
                self._parameter(attributes.get("element_type", ""))

    def _parameter(self, kind: str) -> None:
        if kind.lower() not in _BITS and kind.lower() not in xml_openvino.OPEN_TYPES:
            name, at = self.layer.get("name", "")[:80], self.parser.CurrentByteIndex
            self.log.issue("unknown-type", f"the input {name!r} has the type {kind[:20]!r}", at)

    def _constant(self, attributes: dict[str, str]) -> None:
        name = self.layer.get("name", "")[:80]
        at = self.parser.CurrentByteIndex
        kind = attributes.get("element_type", "").lower()
        shape = _counts(attributes.get("shape", ""))
        offset, size = (_counts(attributes.get(key, "")) for key in ("offset", "size"))
        if shape is None or offset is None or size is None or len(offset) != 1 or len(size) != 1:
            self.log.issue("bad-shape", f"the constant {name!r} has no shape or no place", at)
            return
        count = 1
        for side in shape:
            count = min(count * side, 2**62)
        if kind == "string":
            self.log.tensor(kind, count)
            return
        bits = _BITS.get(kind)
        if bits is None:
            self.log.issue("unknown-type", f"the constant {name!r} has the type {kind[:20]!r}", at)
            return
        self.log.tensor(kind, min(count, 2**53))
        needed = (count * bits + 7) // 8
        if needed != size[0]:
            self.log.issue(
                "size-mismatch",
                f"the constant {name!r} needs {needed} bytes by type and shape, and {size[0]} are "
                "announced",
                at,
            )


def _counts(text: str) -> list[int] | None:
    """Numbers between commas; None where something else stands there."""
    parts = [part.strip() for part in text.split(",")] if text.strip() else []
    if len(parts) > 64:
        return None
    if not all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts):
        return None
    return [int(part) for part in parts]
