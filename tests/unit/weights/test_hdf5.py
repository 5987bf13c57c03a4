"""HDF5 files that reach outside of themselves, hide pickles, or are as they should be."""

from __future__ import annotations

import struct
import time

import pytest
from tests.unit.weights import hdf5_build as b
from tests.unit.weights.looking import codes, seen

from weighbridge.weights import hdf5
from weighbridge.weights.hdf5.checksum import lookup3
from weighbridge.weights.inspection import Inspection

OUT = "/nonexistent/weighbridge/inert"
PICKLE = b"\x80\x02cos\nsystem\nX\x0a\0\0\0echo inert\x85R."
TEXT_PICKLE = b"cos\nsystem\n(S'echo inert'\ntR."


def look(data: bytes) -> Inspection:
    return seen(hdf5.inspect, data)


def operations(seen: Inspection) -> set[tuple[str, str, str]]:
    return {(o.verdict.value, o.action, o.name) for o in seen.operations}


def wrapped(make, depth: int) -> bytes:
    """A file whose innermost group holds what ``make`` gives: links of the new form."""
    file = b.Hdf5()
    at = file.group(*make(file))
    for number in range(depth):
        at = file.group(b.hard(f"g{number}", at))
    return file.end(at)


# Links out of the file, by where they are kept.


@pytest.mark.parametrize("depth", [0, 1, 7])
def test_external_links_in_headers(depth) -> None:
    seen = look(wrapped(lambda f: [b.hard("w", f.dataset()), b.external("evil", OUT)], depth))
    assert operations(seen) == {("dangerous", "link", OUT)}
    assert f"/evil -> {OUT}:/w" in seen.operations[0].rendered
    assert seen.operations[0].offset > 0


@pytest.mark.parametrize("pack", [0, 1], ids=["plain", "deflated"])
@pytest.mark.parametrize("by_order", [False, True], ids=["name", "order"])
def test_external_links_in_dense_storage_by_either_index(by_order, pack) -> None:
    file = b.Hdf5()
    links = [b.special(f"n{i}", 1, b"/x") for i in range(20)] + [b.external("evil", OUT)]
    seen = look(
        file.end(file.group(b.hard("deep", file.dense(*links, by_order=by_order, pack=pack))))
    )
    assert operations(seen) == {("dangerous", "link", OUT)}
    assert "/deep/evil" in seen.operations[0].rendered


def test_external_links_below_old_groups() -> None:
    file = b.Hdf5(version=0)
    inner = file.header((b.LINK_INFO, b"\0\0" + b.NOWHERE * 2), (b.LINK, b.external("evil", OUT)))
    root = file.old_group({"sub": file.old_group({"deep": inner})})
    assert operations(look(file.end(root))) == {("dangerous", "link", OUT)}


def test_external_links_that_only_a_cached_table_reaches() -> None:
    file = b.Hdf5(version=0)
    inner = file.header((b.LINK, b.external("evil", OUT)))
    data = file.end(file.old_group({}), tables=file.table({"x": inner}))
    assert operations(look(data)) == {("dangerous", "link", OUT)}


def test_user_defined_links_call_what_is_registered() -> None:
    seen = look(wrapped(lambda f: [b.special("x", 77, b"data")], 0))
    assert operations(seen) == {("unlisted-call", "link", "hdf5.link.77")}


@pytest.mark.parametrize("version", [0, 2])
def test_external_data_files(version) -> None:
    file = b.Hdf5(version=version)
    names = file.add(bytes(8) + OUT.encode() + b"\0")
    heap = file.add(b"HEAP\0\0\0\0" + b.q(9 + len(OUT), 0, names))
    files = b"\x01\0\0\0\x01\0\x01\0" + b.q(heap, 8, 0, 16)
    place = file.dataset((b.EXTERNAL, files), layout=b.contiguous(2**64 - 1, 16))
    root = file.old_group({"w": place}) if version == 0 else file.group(b.hard("w", place))
    assert operations(look(file.end(root))) == {("dangerous", "read", OUT)}


def _sources(*names: str) -> bytes:
    every = struct.pack("<IIII", 3, 1, 0, 0)
    slab = struct.pack("<IIII", 2, 1, 0, 8) + bytes(8)
    body = b"".join(name.encode() + b"\0/w\0" + every + slab for name in names)
    return b.summed(b"\0" + b.q(len(names)) + body)


@pytest.mark.parametrize(
    ("names", "found"), [((".",), set()), ((".", OUT, "."), {("dangerous", "read", OUT)})]
)
def test_virtual_sources(names, found) -> None:
    file = b.Hdf5()
    heap = file.add(b.global_heap(b"other", _sources(*names)))
    seen = look(file.end(file.group(b.hard("v", file.dataset(layout=b.virtual(heap, 2))))))
    assert operations(seen) == found
    assert not seen.gaps


def test_filters_that_need_a_plugin() -> None:
    file = b.Hdf5()
    listed = file.dataset((b.FILTERS, b.filters(1, 2, 3, 4, 5, 6, 32000)))
    other = file.dataset((b.FILTERS, b.filters(32001)))
    seen = look(file.end(file.group(b.hard("a", listed), b.hard("b", other))))
    assert operations(seen) == {("unlisted", "import", "hdf5.filter.32001")}
    tables = b.attribute("PYTABLES_FORMAT_VERSION", b"2.1")
    again = look(file.end(file.group(b.hard("b", other), attributes=(tables,))))
    assert not again.operations


# What attributes and elements hold.


@pytest.mark.parametrize("raw", [PICKLE, TEXT_PICKLE], ids=["binary", "text"])
@pytest.mark.parametrize("dense", [False, True], ids=["header", "dense"])
def test_pickles_in_attributes(raw, dense) -> None:
    file = b.Hdf5()
    found = b.attribute("info", raw)
    at = file.dense(found, of=b.ATTRIBUTE_INFO) if dense else file.group(attributes=(found,))
    seen = look(file.end(file.group(b.hard("df", at))))
    assert ("dangerous", "call", "os.system") in operations(seen)
    assert {o.member for o in seen.operations} == {"/df@info"}


def test_text_that_ends_in_a_full_stop_is_text() -> None:
    file = b.Hdf5()
    kept = [
        b.attribute(f"t{i}", t) for i, t in enumerate([b"A title.", b"N.", b"cost: 5.", b"..."])
    ]
    seen = look(file.end(file.group(attributes=tuple(kept))))
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())


def test_pickled_elements_in_a_global_heap() -> None:
    file = b.Hdf5()
    heap = file.add(b.global_heap(TEXT_PICKLE))
    data = b.sequence(heap, 1, len(TEXT_PICKLE))
    place = file.dataset(
        (b.ATTRIBUTE, b.attribute("PSEUDOATOM", b"object")),
        sides=(1,), kind=b.list_type(b.U8), layout=b.contiguous(file.add(data), 16),
    )  # fmt: skip
    seen = look(file.end(file.group(b.hard("objects", place))))
    assert ("dangerous", "call", "os.system") in operations(seen)


def test_pickled_elements_whose_references_are_packed_by_an_unknown_filter() -> None:
    file = b.Hdf5()
    file.add(b.global_heap(b"harmless", TEXT_PICKLE))
    chunk = file.add(b"unreadable")
    index = file.add(
        b"TREE\x01\0\x01\0" + b.NOWHERE * 2 + struct.pack("<II", 10, 0) + b.q(0, 0, chunk, 0, 1, 0)
    )
    place = file.dataset(
        (b.ATTRIBUTE, b.attribute("PSEUDOATOM", b"object")), (b.FILTERS, b.filters(32001)),
        sides=(1,), kind=b.list_type(b.U8), layout=b.chunked(index, 1, 16),
    )  # fmt: skip
    seen = look(file.end(file.group(b.hard("objects", place))))
    assert ("dangerous", "call", "os.system") in operations(seen)
    assert ("unlisted", "import", "hdf5.filter.32001") in operations(seen)


@pytest.mark.parametrize("long", [False, True], ids=["fixed", "heap"])
def test_keras_configurations_in_attributes(long) -> None:
    file = b.Hdf5()
    text = b'{"class_name": "TFSMLayer", "config": {"filepath": "/x"}}'
    found = b.attribute("model_config", text)
    if long:
        heap = file.add(b.global_heap(text))
        kind = b.list_type(b.text_type(1), 1)
        found = b.attribute("model_config", b.sequence(heap, 1, len(text)), kind)
    seen = look(file.end(file.group(attributes=(found,))))
    assert operations(seen) == {("dangerous", "construct", "keras.layers.TFSMLayer")}
    assert seen.operations[0].member == "/@model_config"


def test_a_keras_configuration_that_is_no_json() -> None:
    file = b.Hdf5()
    seen = look(file.end(file.group(attributes=(b.attribute("model_config", b"{'a'"),))))
    assert codes(seen) == {"malformed"}
    assert seen.gaps


# Files of every form that are as they should be.


@pytest.mark.parametrize("version", [0, 2])
@pytest.mark.parametrize("before", [b"", b"MATLAB 7.3 MAT-file".ljust(126) + b"IM", b"a note"])
def test_plain_files(version, before) -> None:
    file = b.Hdf5(version=version, user_block=before.ljust(512, b"\0") if before else b"")
    one = file.dataset(sides=(2, 2))
    two = file.dataset(kind=b.U8, layout=b.compact(b"abcd"))
    if version == 0:
        root = file.old_group({"one": one, "two": two, "again": one}, {"soft": "/one"})
    else:
        names = b.attribute("layer_names", b"dense\0dens2", b.text_type(5), 2)
        links = [b.hard("one", one), b.hard("two", two), b.special("soft", 1, b"/nowhere")]
        root = file.group(*links, attributes=(names[:-1],))
    seen = look(file.end(root))
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())
    assert (seen.tensors, seen.parameters, seen.dtypes) == (2, 8, ("float32", "uint8"))


def test_groups_may_lead_in_circles() -> None:
    file = b.Hdf5()
    link = b.hard("self", 0)
    root = file.group(link)
    place = bytes(file.body).index(link, root) + len(link) - 8
    file.body[place : place + 8] = b.q(root)
    head = bytes(file.body[root:-4])
    file.body[-4:] = struct.pack("<I", lookup3(head))
    seen = look(file.end(root))
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())


def test_checksums_are_lookup3() -> None:
    # The values that Bob Jenkins's lookup3.c gives in its own self-test.
    assert lookup3(b"") == 0xDEADBEEF
    assert lookup3(b"Four score and seven years ago") == 0x17770551
    assert lookup3(b"Four score and seven years ago", 1) == 0xCD628161


def test_time_is_bounded_whatever_the_file_says() -> None:
    """A group that claims 65,535 links in one node, over and over."""
    file = b.Hdf5(version=0)
    node = file.add(b"SNOD\x01\0\xff\xff" + b.q(0, 96, 0, 0, 0) * 65535)
    data = file.add(bytes(64))
    heap = file.add(b"HEAP\0\0\0\0" + b.q(64, 0, data))
    tables = []
    for _ in range(40):
        tree = file.add(b"TREE\0\0\x01\0" + b.NOWHERE * 2 + b.q(0, node, 8))
        tables.append((b.TABLE, b.q(tree, heap)))
    started = time.process_time()
    seen = look(file.end(file.header(*tables)))
    assert time.process_time() - started < 10  # 2 s on an idle machine
    assert any("entries" in gap for gap in seen.gaps)
