"""Parsers of the snapshot room, given anything at all."""

import os
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from weighbridge.formats.pickle_start import Verdict, pickle_start
from weighbridge.formats.sniff import HEAD_BYTES, Peek, sniff
from weighbridge.formats.zip_names import zip_names
from weighbridge.model.artifact import Kind
from weighbridge.model.errors import HostileInput, SubjectError
from weighbridge.snapshot.git_pack import GitObjectBroken
from weighbridge.snapshot.git_tree import parse_tree
from weighbridge.snapshot.pointer import MalformedPointer, parse_pointer
from weighbridge.snapshot.take import take_snapshot

OPCODES = st.lists(
    st.sampled_from(
        [*(bytes([code]) for code in b"(.0N]}aetldRbo\x93\x81\x94"), b"I1\n", b"cos\nsystem\n",
         b"ios\nsystem\n", b"K\x01", b"q\x00", b"h\x00", b"\x80\x04", b"\x8c\x01x", b"U\x02ab",
         b"S'x'\n", b"\x95" + bytes(8), b"X\x01\0\0\0a"]
    ),
    max_size=40,
).map(b"".join)  # fmt: skip
MARKS = st.sampled_from(
    [b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\1\2", b"GGUF", b"\x89HDF\r\n\x1a\n", b"MZ",
     b"\x08\x07\x3a", b"ustar", b"{", b"\x80\x02", bytes(8), b"\xca\xfe\xba\xbe"]
)  # fmt: skip
ANYTHING = st.lists(st.one_of(MARKS, st.binary(max_size=60)), max_size=12).map(b"".join)


@given(st.one_of(ANYTHING, OPCODES, st.binary(max_size=4000)))
@settings(max_examples=400, deadline=None)
def test_every_file_has_a_kind(data: bytes) -> None:
    kind = sniff(Peek.of(data))
    assert kind in Kind
    assert (kind is Kind.EMPTY) == (not data)
    assert kind is not Kind.UNREAD


@given(ANYTHING, st.integers(0, 2**63))
@settings(max_examples=200, deadline=None)
def test_a_file_that_is_shorter_than_it_says_has_a_kind(data: bytes, size: int) -> None:
    """A size that lies (a file cut while it is read) costs no more and breaks nothing."""
    asked: list[int] = []

    def read(offset: int, count: int) -> bytes:
        asked.append(count)
        return data[offset : offset + count]

    assert sniff(Peek(read, size, data[:HEAD_BYTES])) in Kind
    assert sum(asked) < 64 * 2**20


@given(OPCODES, st.binary(max_size=50))
@settings(max_examples=400, deadline=None)
def test_what_calls_before_its_end_is_found_whatever_follows(opcodes: bytes, tail: bytes) -> None:
    before = pickle_start(opcodes, len(opcodes))
    if before is Verdict.CALLS:
        longer = opcodes + tail
        assert pickle_start(longer, len(longer)) is Verdict.CALLS


@given(st.lists(st.sampled_from([b"N", b"]", b"}", b"I1\n", b"(", b")"]), max_size=30))
def test_a_call_at_any_depth_is_a_pickle(prefix: list[bytes]) -> None:
    data = b"".join(prefix) + b"cos\nsystem\n(S'x'\ntR" + b"\xff\0"
    assert sniff(Peek.of(data)) is Kind.PICKLE


@given(st.one_of(st.binary(max_size=1100), ANYTHING))
def test_a_pointer_is_read_or_refused(data: bytes) -> None:
    try:
        pointer = parse_pointer(b"version https://git-lfs.github.com/spec/v1\n" + data)
    except MalformedPointer:
        return
    assert pointer.size >= 0
    assert len(pointer.digest.value) == 64


@given(st.one_of(st.binary(max_size=300), ANYTHING))
def test_a_tree_is_read_or_refused(data: bytes) -> None:
    try:
        entries = parse_tree(data, 20)
    except GitObjectBroken:
        return
    rebuilt = b"".join(bytes.fromhex(i) for _, _, i in entries)
    assert len(rebuilt) == 20 * len(entries)
    assert sum(len(name) for name, _, _ in entries) < max(1, len(data))


@given(ANYTHING)
def test_zip_names_end(data: bytes) -> None:
    names = zip_names(Peek.of(data))
    assert names is None or len(names) <= len(data) // 46


NAMES = st.binary(min_size=1, max_size=12).filter(
    lambda n: b"/" not in n and b"\0" not in n and n not in (b".", b"..", b".git")
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(b"/".join)


@given(
    st.dictionaries(PATHS, st.binary(max_size=40), max_size=6),
    st.dictionaries(NAMES, st.one_of(PATHS, st.just(b".."), st.just(b"/etc")), max_size=4),
)
@settings(max_examples=60, deadline=None)
@example({b"a/b": b"x"}, {b"l": b"a/..", b"m": b"l/a/b", b"n": b"a/../../x"})
def test_any_folder_ends_in_artifacts_and_problems(
    files: dict[bytes, bytes], links: dict[bytes, bytes]
) -> None:
    """Whatever lies in a folder is listed once, inside, and can be read back as it was hashed."""
    with tempfile.TemporaryDirectory() as temporary:
        top = os.fsencode(temporary)
        for path, content in files.items():
            _try_to_write(top + b"/" + path, content)
        for name, target in links.items():
            if not os.path.lexists(top + b"/" + name):
                Path(os.fsdecode(top + b"/" + name)).symlink_to(os.fsdecode(target))
        try:
            snapshot = take_snapshot(Path(temporary), algorithms=("sha256", "gitBlob"))
        except (SubjectError, HostileInput):
            return
        paths = [a.path for a in snapshot.artifacts]
        assert paths == sorted(set(paths))
        for artifact in snapshot.artifacts:
            assert snapshot.read(artifact, 100) in files.values()
        assert temporary not in str(snapshot.artifacts) + str(snapshot.problems)


def _try_to_write(path: bytes, content: bytes) -> None:
    try:
        place = Path(os.fsdecode(path))
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as stream:
            stream.write(content)
    except OSError:
        return  # a file stands where this needs a folder: not this test's business
