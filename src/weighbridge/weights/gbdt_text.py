"""LightGBM's models, which are text, and the frame of CatBoost's.

Sources: LightGBM's ``gbdt_model_text.cpp`` and ``tree.cpp`` (versions 2 to 4); CatBoost's
``model.cpp`` and ``model.fbs`` (``CBM1``, a length, a flatbuffer, then the parts it names).
"""

from __future__ import annotations

import re

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.log import Log
from weighbridge.weights.octets import Octets
from weighbridge.weights.source import Source

MAX_HEADER = 16 * 2**20
_CATBOOST = re.compile(rb"FlabuffersModel_v\d{1,3}\Z")
_LAST = b"end of trees"
_CONTROLS = re.compile(rb"[\0-\x08\x0e-\x1f]")
MAX_TREE = 16 * 2**20
MAX_TREES = 200_000
MAX_BYTES = 256 * 2**20
MAX_NODES = 3_000_000
# Rows of a tree -> what has to be added to the number of leaves for their length.
_ROWS = {
    b"split_feature": -1, b"threshold": -1, b"decision_type": -1, b"left_child": -1,
    b"right_child": -1, b"leaf_value": 0, b"split_gain": -1, b"internal_value": -1,
    b"internal_count": -1, b"leaf_weight": 0, b"leaf_count": 0, b"internal_weight": -1,
}  # fmt: skip


def inspect_lightgbm(source: Source, log: Log) -> None:
    """Check a LightGBM model.

    Raises:
        HostileInput: it is not what LightGBM writes.
        BoundExceeded: it is too large.
    """
    if source.size > MAX_BYTES:
        raise BoundExceeded("the model", MAX_BYTES, "bytes")
    octets = Octets(source)
    try:
        _Forest(octets, log).read()
    finally:
        log.bytes_read += octets.taken


class _Forest:
    def __init__(self, octets: Octets, log: Log) -> None:
        self.octets, self.log = octets, log
        self.nodes = self.features = 0

    def read(self) -> None:
        header = self._header()
        if _CONTROLS.search(header):
            self.log.issue("malformed", "the header of the model holds bytes that are no text", 0)
        fields = _fields(header)
        self._counts(fields)
        sizes = fields.get(b"tree_sizes")
        if sizes is None and not self._ends_here():
            self.log.gap("the model does not say where its trees are")
            return
        words = (sizes or b"").split()
        if len(words) > MAX_TREES:
            raise BoundExceeded("the model", MAX_TREES, "trees")
        for number, word in enumerate(words):
            length = _number(word)
            if length is None or length > self.octets.left:
                raise HostileInput(f"the size of tree {number} does not fit the file")
            if length > MAX_TREE:
                raise BoundExceeded("a tree", MAX_TREE, "bytes")
            self._tree(number, self.octets.take(length))
        tail = self.octets.take(min(self.octets.left, 14))
        if not tail.lstrip().startswith(_LAST[: len(tail.lstrip())]) or not tail.strip():
            self.log.issue("size-mismatch", "the trees do not end where tree_sizes says")
            return
        self._ending()

    def _counts(self, fields: dict[bytes, bytes]) -> None:
        """What the header counts: its loader takes these numbers for the length of its arrays.

        ``GBDT::LoadModelFromString``: as many names as features; ``GetPredictAt`` and
        ``PredictRaw``: one output for each class, and trees in rounds of as many.
        """
        most = _number(fields.get(b"max_feature_idx", b""))
        if most is not None:
            self.features = most + 1
            for key in (b"feature_names", b"feature_infos"):
                words = len(fields.get(key, b"").split())
                if key in fields and words != self.features:
                    self.log.issue(
                        "size-mismatch",
                        f"{key.decode()} has {words} words for {self.features} features",
                    )
        classes = _number(fields.get(b"num_class", b""))
        each = _number(fields.get(b"num_tree_per_iteration", b""))
        if classes is None or each is None:
            return
        trees = len(fields.get(b"tree_sizes", b"").split())
        if classes != each or not each or trees % each:
            self.log.issue(
                "size-mismatch",
                f"{trees} trees, {each} in each iteration, do not fit {classes} classes",
            )

    def _ends_here(self) -> bool:
        """Whether there are no trees at all."""
        if self.octets.left < len(_LAST):
            return False
        data, at = self.octets.ahead(len(_LAST))
        return data[at : at + len(_LAST)] == _LAST

    def _ending(self) -> None:
        """What follows the trees: importances, parameters with an end of their own, and since
        version 3 the categories of pandas (``GBDT::SaveModelToString``, ``basic.py``)."""
        rest = b"\n" + self.octets.take(min(self.octets.left, MAX_HEADER))
        if self.octets.left:
            self.log.gap(f"what follows the trees beyond {MAX_HEADER} bytes was not read")
            return
        if b"\nparameters:" in rest and b"\nend of parameters" not in rest:
            self.log.issue("truncated", "the parameters of the model do not end")
        last = rest.rstrip(b"\r\n").rpartition(b"\n")[2]
        if _CONTROLS.search(last):
            self.log.issue("trailing-data", "bytes that are no text follow the model")

    def _header(self) -> bytes:
        """The lines up to the empty one that ends the header."""
        size = min(self.octets.size, MAX_HEADER)
        probe = b""
        while len(probe) < size:
            probe += self.octets.take(min(2**16, size - len(probe)))
            end = probe.find(b"\n\n", max(len(probe) - 2**16 - 1, 0))
            if end >= 0:
                self.octets.restart(end + 2)
                return probe[:end]
        raise HostileInput("the header of the model does not end")

    def _tree(self, number: int, block: bytes) -> None:
        if not block.startswith(b"Tree=%d\n" % number):
            raise HostileInput(f"tree {number} does not start where tree_sizes says")
        fields = _fields(block)
        leaves = _number(fields.get(b"num_leaves", b""))
        if leaves is None or leaves < 1:
            raise HostileInput(f"tree {number} does not say how many leaves it has")
        self.log.tensor("tree", 2 * leaves - 1)
        for key, more in _ROWS.items():
            row = fields.get(key)
            if row is None or (leaves == 1 and key != b"leaf_value"):
                continue
            count = row.count(b" ") + 1 if row else 0
            if count != leaves + more:
                self.log.issue(
                    "size-mismatch",
                    f"{key.decode()} of tree {number} has {count} numbers for {leaves} leaves",
                )
        if leaves > 1:
            self._children(number, leaves, fields)
            self._split(number, fields)

    def _children(self, number: int, leaves: int, fields: dict[bytes, bytes]) -> None:
        """A child is another split, or (negative) a leaf of the same tree. Each has one parent and
        the first split none: then whoever walks down comes to an end (``Tree::GetLeaf``)."""
        has_parent = bytearray(2 * leaves if leaves <= MAX_NODES else 0)
        twice = False
        for key in (b"left_child", b"right_child"):
            words = fields.get(key, b"").split()
            self.nodes += len(words)
            if self.nodes > MAX_NODES:
                raise BoundExceeded("the model", MAX_NODES, "nodes")
            try:
                numbers = [int(word) for word in words]
            except ValueError as error:
                raise HostileInput(f"a child in tree {number} is no whole number") from error
            if not numbers or min(numbers) < -leaves or max(numbers) >= leaves - 1:
                self.log.issue(
                    "range-outside", f"{key.decode()} of tree {number} names no node of it"
                )
                continue
            for child in numbers if has_parent else ():  # leaves lie behind the splits
                twice = twice or bool(has_parent[child])
                has_parent[child] = 1
        if twice or has_parent[:1] == b"\1":
            self.log.issue(
                "bad-structure",
                f"nodes of tree {number} are children of two, or of themselves",
            )

    def _split(self, number: int, fields: dict[bytes, bytes]) -> None:
        """The features that a tree asks for, and its categories (``cat_boundaries``)."""
        words = fields.get(b"split_feature", b"").split()
        found = [_number(word) for word in words]
        if None in found:
            raise HostileInput(f"a feature in tree {number} is no whole number")
        if self.features and max((one for one in found if one is not None), default=0) >= (
            self.features
        ):
            self.log.issue(
                "range-outside", f"tree {number} splits by a feature that the model has not"
            )
        categories = _number(fields.get(b"num_cat", b"0"))
        if not categories:
            return
        bounds = [_number(word) for word in fields.get(b"cat_boundaries", b"").split()]
        sets = len(fields.get(b"cat_threshold", b"").split())
        if len(bounds) != categories + 1 or bounds[-1] != sets:
            self.log.issue(
                "size-mismatch", f"the categories of tree {number} do not fit its cat_boundaries"
            )


def inspect_catboost(source: Source, log: Log) -> None:
    """Check the frame of a CatBoost model.

    Raises:
        HostileInput: it is not what CatBoost writes.
    """
    head = source.head(12)
    log.bytes_read += len(head)
    size = int.from_bytes(head[4:8], "little")
    if head[:4] != b"CBM1" or size < 8 or 8 + size > source.size:
        raise HostileInput(f"the model announces {size} bytes and the file has {source.size}")
    core = _Table.root(source, 8, size)
    version = core.text(0)
    if not _CATBOOST.match(version):
        log.issue("bad-version", f"CatBoost has no format {version[:40]!r}")
    if version != b"FlabuffersModel_v1":
        log.gap(f"no reader for the CatBoost format {version[:40]!r}")
        return
    if core.target(1) is None:
        log.issue("bad-structure", "the model has no trees")
    parts = core.target(3)
    behind = source.size - 8 - size
    if behind and (parts is None or core.unsigned(parts, 4) == 0):
        log.issue("trailing-data", f"{behind} bytes follow the model", 8 + size)


class _Table:
    """The root table of a flatbuffer: four reads, each inside of it."""

    def __init__(self, source: Source, start: int, size: int) -> None:
        self._stream, self._start, self._size = source.open(), start, size
        self._at = self._vtable = 0
        self._entries = 0

    @classmethod
    def root(cls, source: Source, start: int, size: int) -> _Table:
        """The root of the buffer that starts there."""
        table = cls(source, start, size)
        table._at = table.unsigned(0, 4)
        back = table.unsigned(table._at, 4)
        signed = back - 2**32 if back >= 2**31 else back
        table._vtable = table._at - signed
        table._entries = (table.unsigned(table._vtable, 2) - 4) // 2
        return table

    def unsigned(self, at: int, width: int) -> int:
        """A number of the buffer."""
        return int.from_bytes(self._take(at, width), "little")

    def _take(self, at: int, width: int) -> bytes:
        if not 0 <= at <= self._size - width:
            raise HostileInput(f"an offset of the model points outside of it, to {at}")
        self._stream.seek(self._start + at)
        data = self._stream.read(width)
        if len(data) < width:
            raise HostileInput("the file is shorter than it was")
        return data

    def target(self, field: int) -> int | None:
        """Where a field's vector, text or table is; None where it is left out."""
        if field >= self._entries:
            return None
        offset = self.unsigned(self._vtable + 4 + 2 * field, 2)
        if not offset:
            return None
        place = self._at + offset
        target = place + self.unsigned(place, 4)
        self._take(target, 4)
        return target

    def text(self, field: int) -> bytes:
        """A short text."""
        at = self.target(field)
        if at is None:
            return b""
        return self._take(at + 4, min(self.unsigned(at, 4), 200))


def _fields(block: bytes) -> dict[bytes, bytes]:
    fields: dict[bytes, bytes] = {}
    for line in block.split(b"\n"):
        key, equals, value = line.strip(b"\r").partition(b"=")
        if equals and len(fields) < 200:
            fields.setdefault(key, value)
    return fields


def _number(word: bytes) -> int | None:
    return int(word) if word.isdigit() and len(word) < 12 else None
