"""Zip archives that frameworks load: torch's, NumPy's ``.npz``, Keras's, and any other zip."""

from __future__ import annotations

import re
from collections.abc import Callable

from weighbridge.model.errors import BoundExceeded, HostileInput, NotReadHere
from weighbridge.weights import (
    numpy,
    serialized_json,
    skops,
    torch_distributed,
    torchscript,
)
from weighbridge.weights.content import settled
from weighbridge.weights.enduring import enduring
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.pickle.opcodes_data import looks_nested
from weighbridge.weights.pickle.stream import Pickles, inspect_pickles
from weighbridge.weights.source import Source
from weighbridge.weights.torch_folder import check_extra, check_folder, check_promise
from weighbridge.weights.torch_storage import count_storages, storage_bytes
from weighbridge.weights.zip.directory import Member, read_directory
from weighbridge.weights.zip.members import Placed, content, place_members, verify
from weighbridge.weights.zip.unlisted import unlisted_members

MAX_SNIFFED = 50_000  # members whose first bytes are looked at
MAX_OVERLAPPING = 10  # of an archive whose members overlap: one could be inflated many times
MAX_SUMMED = 32 * 2**20  # bytes of storages whose checksums are compared
_HEAD = 512
_EXECUTABLE = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
# A storage's bytes: of a pickle's tensors, of a script's constants or traced inputs, of an exported
# program.
_STORAGE = re.compile(r"(?:.*/)?(data|constants|traced_inputs)/(\d+)\Z", re.I)
_EXPORTED = re.compile(
    r"(?:.*/)?(?:data/(?:weights|constants)/(?:weight|tensor)_\d+|\.data/\d+\.storage)\Z"
)
_SCRIPT = re.compile(r"(?:.*/)?code/.*\.py\Z")
_PICKLE_NAME = re.compile(r"\.(pkl|pickle|joblib)\Z", re.I)
# What torch writes besides pickles and storages (torch/serialization.py, caffe2/serialize).
_TORCH_EXTRAS = re.compile(
    r"(?:.*/)?(version|byteorder|archive_format|archive_version|\.format_version"
    r"|\.storage_alignment|\.data/(serialization_id|version|extern_modules))\Z"
)
_PACKAGE_TEXT = re.compile(r"(?:\A|/)\.data/(?:extern_modules|python_version|version)\Z")
_NAMES = re.compile(rb"[\w.\n\r]*\Z")
_MAX_NAMES = 2**20
_MAX_EXTRA = 256  # bytes of them that are looked at
_Visit = Callable[["_Archive", Placed, Source, bytes], None]


def inspect_torch(source: Source, log: Log) -> None:
    """torch's zip: every member that is a pickle is analysed, storages are measured, not read."""
    items = torch_distributed.items(source, log.name)
    for start, size in items:
        with log.at(f"archive at byte {start}"):
            _inspect_torch(source.part(start, size), log)
    if not items:
        _inspect_torch(source, log)


def _inspect_torch(source: Source, log: Log) -> None:
    archive = _Archive(source, log)
    archive.walk(_torch_member)
    if archive.placed and not any(
        p.member.name.casefold().endswith("data.pkl") for p in archive.placed
    ):
        log.issue("missing-member", "a torch archive without data.pkl", -1, "")
    archive.compare_storages()
    check_folder([p.member.name for p in archive.placed], log, scripted=archive.scripted)
    tops = {
        p.member.name.casefold().removesuffix("data.pkl")
        for p in archive.placed
        if p.member.name.casefold().endswith("/data.pkl")
    }
    if len(tops) > 1:
        log.issue("foreign-member", "the archive holds the pickles of several torch files", -1, "")


def inspect_numpy(source: Source, log: Log) -> None:
    """``.npz``: every member must be a ``.npy``."""
    archive = _Archive(source, log)
    archive.walk(_numpy_member)
    check_promise([p.member.name for p in archive.placed], None, log)


def inspect_keras(source: Source, log: Log) -> None:
    """Keras's zip: its configuration, its weights, its assets."""
    archive = _Archive(source, log)
    archive.walk(_keras_member)
    names = {p.member.name for p in archive.placed}
    if "config.json" in names and not any(name.startswith("model.weights.") for name in names):
        log.issue("missing-member", "a Keras archive without model.weights.h5", -1, "")
    if "metadata.json" not in names:
        log.issue("missing-member", "a Keras archive without metadata.json", -1, "")


def inspect_any(source: Source, log: Log) -> None:
    """Any other zip: what is inside decides."""
    archive = _Archive(source, log)
    archive.walk(_numpy_member if log.name.lower().endswith(".npz") else _any_member)
    if log.name.lower().endswith(".keras"):
        log.issue("missing-member", "a Keras archive without config.json", -1, "")
    check_promise([p.member.name for p in archive.placed], archive.named, log)


class _Archive:
    def __init__(self, source: Source, log: Log) -> None:
        self.source, self.log = source, log
        self.placed: tuple[Placed, ...] = ()
        self.storages: dict[tuple[str, str], tuple[str, int]] = {}  # by folder and key
        self.unread: list[str] = []
        self.summed = 0  # bytes of storages
        self.named: set[str] | None = None  # the members that a skops schema takes data from
        self.scripted = False  # whether torch.jit.load would take it

    def walk(self, visit: _Visit) -> None:
        """Place the members and visit each; what precedes them is tried as a pickle."""
        directory = read_directory(self.source, self.log)
        self.log.bytes_read += sum(46 + len(m.raw_name) for m in directory.members)
        self.scripted = any(m.name.rpartition("/")[2] == "constants.pkl" for m in directory.members)
        self.placed = place_members(self.source, directory, self.log)
        self._prefix()
        if directory.comment:  # text is what belongs there, and what it says nobody loads
            start = self.source.size - directory.comment
            self.log.inside("(comment)", self.source.part(start, directory.comment))
        most = MAX_OVERLAPPING if self.log.has_issue("overlapping-members") else MAX_SNIFFED
        seen: set[tuple[int, int, int, str]] = set()
        hidden = unlisted_members(self.source, self.placed, self.log)
        for number, item in enumerate((*self.placed, *hidden)):
            suffix = item.member.name.rpartition(".")[2].casefold()
            extent = (item.data, item.member.packed, item.member.method, suffix)
            if extent in seen:
                continue  # the same bytes, to be read the same way: place_members reports it
            seen.add(extent)
            if number >= most:
                self.log.gap(f"only the first {most} of the archive's members were looked at")
                break
            self._visit(item, visit)
        if self.unread:
            shown = ", ".join(sorted(self.unread)[:3])
            self.log.gap(f"{len(self.unread)} members of kinds that have no reader here: {shown}")

    def _visit(self, item: Placed, visit: _Visit) -> None:
        name = item.member.name
        if name.endswith("/") and not item.member.size:
            return
        source = content(self.source, item, self.log)
        if source is None:
            self.log.gap(f"{name}: compression method {item.member.method} has no reader here")
            return
        try:
            head = source.head(_HEAD)
            if head.startswith(_EXECUTABLE) or (head[:2] == b"#!" and not _STORAGE.match(name)):
                message = "a program or library lies among the weights"
                self.log.issue("executable-member", message, -1, self.place(name))
            visit(self, item, source, head)
        except (BoundExceeded, NotReadHere) as error:
            with self.log.at(name):
                self.log.give_up(error)
        except HostileInput as error:
            self.log.issue("damaged-member", str(error), -1, self.place(name))
            self.log.gap(f"{name}: {error}", uninspected=False)

    def place(self, name: str) -> str:
        """A member's name as findings have it: behind that of what it lies in."""
        return f"{self.log.member}!{name}" if self.log.member else name

    def _prefix(self) -> None:
        """An archive that starts with something else may be loaded as that: torch looks there."""
        head = self.source.head(_HEAD)
        if not head.startswith(b"PK"):
            scratch = self.log.scratch()
            found = inspect_pickles(self.source, scratch)
            if found.count:
                self.log.issue("polyglot", "the file is a pickle and a zip archive at once", 0)
                self.log.absorb(scratch)
            else:
                self.log.absorb(scratch, least=Verdict.DANGEROUS)

    def pickle(self, source: Source, member: Member) -> None:
        """Analyse a member that is, or should be, pickles."""
        with self.log.at(member.name):
            found: Pickles = inspect_pickles(enduring(source, self.log), self.log)
            folder = member.name.rpartition("/")[2].rpartition(".")[0].casefold()
            self.storages.update({(folder, key): v for key, v in found.storages.items()})
            verify(source, member, self.log)

    def sum_up(self, source: Source, member: Member) -> None:
        """Compare a storage with its checksum, while the archive's storages are small: torch does
        not, and to read gigabytes for it would take as long as loading them."""
        self.summed += member.size
        if self.summed <= MAX_SUMMED:
            verify(source, member, self.log)

    def inside(self, item: Placed, source: Source) -> None:
        """Read a member by what it is."""
        if serialized_json.may_hold(item.member.name, source):
            with self.log.at(item.member.name):
                serialized_json.inspect(settled(source), self.log)
        if item.member.size and not self.log.inside(item.member.name, source):
            self.unread.append(item.member.name)

    def compare_storages(self) -> None:
        """Each storage that a pickle names must be there, with as many bytes as it needs, and each
        that is there must be named: bytes that no tensor is made of are somebody's luggage."""
        count_storages({"/".join(k): v for k, v in self.storages.items()}, self.log)
        sizes: dict[tuple[str, str], int] = {}
        for item in self.placed:
            match = _STORAGE.match(item.member.name)
            if match:
                sizes[match.group(1).casefold(), match.group(2)] = item.member.size
        for place in sorted(sizes.keys() - self.storages.keys()) if not self.log.gaps else ():
            message = f"no pickle names storage {'/'.join(place)}"
            self.log.issue("foreign-member", message, -1)
        for place, (kind, count) in sorted(self.storages.items()):
            if place[0] == "traced_inputs":
                continue  # torch.jit.save keeps the kinds of what a trace was fed, and no numbers
            needed, actual = storage_bytes(kind, count), sizes.get(place)
            key = "/".join(place)
            if actual is None:
                message = f"the pickle names storage {key}, which is missing"
                self.log.issue("missing-member", message, -1)
            elif needed is not None and actual != needed:
                message = f"storage {key} needs {needed} bytes and has {actual}"
                self.log.issue("storage-size", message, -1)


def _torch_member(archive: _Archive, item: Placed, source: Source, head: bytes) -> None:
    name = item.member.name
    if name.casefold().endswith(".pkl"):
        archive.pickle(source, item.member)
    elif _STORAGE.match(name):
        _maybe_pickle(archive, item, source, head)
        archive.sum_up(source, item.member)
    elif _SCRIPT.match(name) and archive.scripted:
        with archive.log.at(name):
            torchscript.inspect_code(source, archive.log)
    elif not _TORCH_EXTRAS.match(name):
        archive.inside(item, source)
    elif item.member.size <= _MAX_EXTRA:
        check_extra(name, source.head(_MAX_EXTRA).strip(), archive.log, archive.place(name))


def _numpy_member(archive: _Archive, item: Placed, source: Source, head: bytes) -> None:
    if head.startswith(b"\x93NUMPY"):
        with archive.log.at(item.member.name):
            numpy.inspect(source, archive.log, item.member.size)
        return
    message = "a member of the .npz archive is not a .npy array"
    archive.log.issue("foreign-member", message, -1, archive.place(item.member.name))
    _any_member(archive, item, source, head)


def _keras_member(archive: _Archive, item: Placed, source: Source, head: bytes) -> None:
    from weighbridge.weights import keras_zip

    with archive.log.at(item.member.name):
        known = keras_zip.inspect_member(item.member.name, source, archive.log)
    if not known:
        _any_member(archive, item, source, head)


def _any_member(archive: _Archive, item: Placed, source: Source, head: bytes) -> None:
    name = item.member.name
    promised = archive.log.name.lower().endswith(".skops") and not archive.log.member
    if name == "schema.json" and (promised or skops.looks_like_schema(head)):
        with archive.log.at(name):
            archive.named = skops.inspect_schema_file(source, archive.log)
    elif head.startswith(b"\x93NUMPY"):
        with archive.log.at(name):
            numpy.inspect(source, archive.log, item.member.size)
    elif _PACKAGE_TEXT.search(name) and _NAMES.match(source.head(_MAX_NAMES)):
        pass  # modules of torch.package, whose first letters may read as opcodes; nobody loads them
    elif _EXPORTED.match(name) and not looks_nested(head):
        pass  # bytes of a tensor of torch.export's
    elif _PICKLE_NAME.search(name) and looks_nested(head):
        archive.pickle(source, item.member)
    else:
        archive.inside(item, source)


def _maybe_pickle(archive: _Archive, item: Placed, source: Source, head: bytes) -> None:
    """Try a storage that looks like a pickle; raw numbers that do so by chance leave no trace."""
    if not looks_nested(head):
        return
    with archive.log.at(item.member.name):
        scratch = archive.log.scratch()
        found = inspect_pickles(source, scratch)
        if found.count:
            archive.log.take(scratch)
        else:
            archive.log.absorb(scratch, least=Verdict.DANGEROUS)
