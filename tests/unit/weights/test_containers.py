"""Archives and compressed streams: what lies in them is read by what it is."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib

import lz4.frame
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.weights import archive_build as build

from weighbridge.formats.sniff import Peek, sniff
from weighbridge.model.artifact import Kind
from weighbridge.weights.inspect import inspect_file

EVIL = b"\x80\x02cos\nsystem\nX\x0a\x00\x00\x00echo inert\x85R."
GOOD = b"\x80\x04K\x01."


def inspect(data: bytes, name: str = "model.bin"):
    return inspect_file(io.BytesIO(data), len(data), sniff(Peek.of(data)), name)


def names(seen) -> set[str]:
    return {operation.name for operation in seen.operations}


def codes(seen) -> set[str]:
    return {issue.code for issue in seen.issues}


def zipped(data: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("inner.pkl", data)
    return out.getvalue()


PACKERS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "zlib": zlib.compress,
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
    "zstd-no-size": lambda data: zstandard.ZstdCompressor(write_content_size=False).compress(data),
    "zstd-skippable": lambda data: (
        struct.pack("<II", 0x184D2A53, 3) + b"abc" + zstandard.ZstdCompressor().compress(data)
    ),
    "lz4": lz4.frame.compress,
    "tar": lambda data: build.tar({"m/inner.pkl": data}),
    "tar-gnu": lambda data: build.tar({"d" * 200 + "/x": data}, format=tarfile.GNU_FORMAT),
    "tar-pax": lambda data: build.tar({"d" * 200 + "/x": data}, format=tarfile.PAX_FORMAT),
    "7z": lambda data: build.seven_zip({"a.txt": b"hello", "m/inner.pkl": data}),
    "7z-stored": lambda data: build.seven_zip({"m/inner.pkl": data}, method=b"\0"),
    "zip": zipped,
    "zip-bzip2": lambda data: zipped(data, zipfile.ZIP_BZIP2),
    "zip-lzma": lambda data: zipped(data, zipfile.ZIP_LZMA),
}


@pytest.mark.parametrize("packer", PACKERS)
def test_a_pickle_in_each_container(packer: str) -> None:
    assert "os.system" in names(inspect(PACKERS[packer](EVIL)))


@pytest.mark.parametrize("packer", PACKERS)
def test_a_harmless_one_is_clean(packer: str) -> None:
    seen = inspect(PACKERS[packer](GOOD))
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())


@pytest.mark.parametrize("outer", ["gzip", "zstd", "tar", "7z", "zip", "zip-lzma"])
@pytest.mark.parametrize("inner", PACKERS)
def test_containers_in_containers(outer: str, inner: str) -> None:
    assert "os.system" in names(inspect(PACKERS[outer](PACKERS[inner](EVIL))))


def test_nesting_has_an_end() -> None:
    data = EVIL
    for _ in range(7):
        data = gzip.compress(data)
    seen = inspect(data)
    assert not seen.complete
    assert any("nested more than" in gap for gap in seen.gaps)


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "xz", "zstd", "lz4", "tar", "7z"])
@given(cut=st.integers(1, 40))
def test_what_is_cut_off_is_never_clean(packer: str, cut: int) -> None:
    data = PACKERS[packer](EVIL)
    seen = inspect(data[:-cut] if packer != "tar" else data[: 512 + len(EVIL) - min(cut, 20)])
    assert seen.issues or seen.operations or not seen.complete


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "xz", "zstd", "lz4", "7z"])
def test_a_bomb_stops_at_a_bound(packer: str) -> None:
    seen = inspect(PACKERS[packer](b"\0" * (80 * 2**20)))
    assert "decompression-bomb" in codes(seen)
    assert not seen.complete
    assert any("bound" in gap for gap in seen.gaps)


def test_tar_names_that_lead_out() -> None:
    for name in ("../up", "/etc/x", "a/../../b", "C:\\x"):
        assert "traversal-name" in codes(inspect(build.tar({name: GOOD}))), name
    assert codes(inspect(build.tar({"./a/../b.pkl": GOOD}))) == set()


@pytest.mark.parametrize(
    ("kind", "link", "code"),
    [
        (tarfile.SYMTYPE, "../../etc/passwd", {"traversal-link"}),
        (tarfile.SYMTYPE, "/etc/passwd", {"traversal-link"}),
        (tarfile.LNKTYPE, "../x", {"traversal-link"}),
        (tarfile.SYMTYPE, "../other", set()),
        (tarfile.CHRTYPE, "", {"special-member"}),
        (tarfile.FIFOTYPE, "", {"special-member"}),
    ],
)
def test_tar_links_and_devices(kind: bytes, link: str, code: set[str]) -> None:
    info = tarfile.TarInfo("folder/member")
    info.type, info.linkname = kind, link
    assert codes(inspect(build.tar_of(info))) == code


def test_tar_damage() -> None:
    whole = build.tar({"a.pkl": GOOD, "b.pkl": GOOD})
    assert "malformed" in codes(inspect(whole[:200] + b"X" + whole[201:]))
    assert "truncated" in codes(inspect(whole[:2048]))
    assert "trailing-data" in codes(inspect(whole + EVIL))
    assert "os.system" in names(inspect(whole + EVIL))
    assert "duplicate-member" in codes(inspect(whole[:1024] + whole))


def test_seven_zip_damage() -> None:
    good = build.seven_zip({"a.pkl": GOOD})
    assert inspect(good).complete
    assert "trailing-data" in codes(inspect(build.seven_zip({"a.pkl": GOOD}, tail=b"x")))
    assert "crc-mismatch" in codes(inspect(build.seven_zip({"a.pkl": GOOD}, crc=1)))
    assert "damaged-member" in codes(inspect(build.seven_zip({"a.pkl": GOOD}, unpacked=9)))
    encrypted = build.seven_zip({"a.pkl": GOOD}, method=b"\x06\xf1\x07\x01")
    assert "encrypted-member" in codes(inspect(encrypted))
    unknown = inspect(build.seven_zip({"a.pkl": GOOD}, method=b"\x03\x04\x01"))
    assert any("030401" in gap for gap in unknown.gaps)


@given(st.binary(max_size=60), st.integers(0, 400))
def test_damaged_archives_never_raise(noise: bytes, at: int) -> None:
    for data in (build.seven_zip({"a": GOOD, "b": EVIL}), build.tar({"a": EVIL}), zipped(EVIL)):
        inspect(data[:at] + noise + data[at + len(noise) :])


def test_a_member_that_no_directory_lists() -> None:
    hidden = zipped(EVIL, zipfile.ZIP_STORED)
    hidden = hidden[: hidden.index(b"PK\x01\x02")]
    seen = inspect(hidden + zipped(GOOD))
    assert {"unlisted-member", "hidden-data"} <= codes(seen)
    assert "os.system" in names(seen)


def test_two_archives_in_one_file() -> None:
    seen = inspect(zipped(EVIL) + zipped(GOOD))
    assert "os.system" in names(seen)
    assert codes(seen) & {"several-directories", "unlisted-member"}


def test_torchscript_code(craft) -> None:
    def script(code: bytes):
        return inspect(
            craft.torch_zip(**{"code/__torch__.py": code, "constants.pkl": b"\x80\x02)."}).end(),
            "m.pt",
        )

    harmless = script(
        b"class Net(Module):\n  __parameters__ = []\n  training : bool\n"
        b"  def forward(self: __torch__.Net,\n    x: Tensor) -> Tensor:\n"
        b"    y = ops.torchvision.nms(x, x, 0.5)\n    return torch.add(x, y)\n"
    )
    assert (harmless.operations, harmless.issues, harmless.gaps) == ((), (), ())
    assert names(script(b"x = torch.from_file('/etc/passwd', True, 10)\n")) == {"aten::from_file"}
    assert names(script(b"y = ops.image.write_file('x', t)\n")) == {"image::write_file"}
    assert names(script(b"y = ops.mylib.run(x)\n")) == {"mylib::run"}
    foreign = names(script(b"y : __torch__.torch.classes.evil.Thing\n"))
    assert foreign == {"torch.classes.evil.Thing"}
    assert not script(b"def (:\n").complete


def test_python_code_in_an_archive_is_named() -> None:
    assert names(inspect(build.tar({"handler.py": b"import os\n"}))) == {"handler.py"}
    assert names(inspect(build.tar({"pkg/__init__.py": b"\n"}))) == set()


def test_polyglots() -> None:
    seen = inspect(EVIL + b"\0" * (512 - len(EVIL)) + b"\x89HDF\r\n\x1a\n" + b"\0" * 100)
    assert "polyglot" in codes(seen)
    assert "os.system" in names(seen)


def test_text_that_promises_weights() -> None:
    assert codes(inspect(b"<html>gone</html>", "pytorch_model.bin")) == {"not-weights"}
    assert Kind.TEXT is sniff(Peek.of(b"<html>gone</html>"))


@pytest.mark.parametrize("space", [b"", b" "])
def test_joblib_files_from_before_version_0_10(space: bytes) -> None:
    header = b"ZF" + f"{len(EVIL):#x}".encode().ljust(19)
    assert "os.system" in names(inspect(header + space + zlib.compress(EVIL), "model.joblib"))


# Fields of the end record (APPNOTE 4.3.16), from its mark on.
_SIZE, _COMMENT = 12, 20


def changed(data: bytes, mark: bytes, field: int, value: int, width: int = 4) -> bytes:
    """The archive with another value in a field of its last structure of that mark."""
    at = data.rindex(mark) + field
    return data[:at] + value.to_bytes(width, "little") + data[at + width :]


def field(data: bytes, mark: bytes, place: int) -> int:
    return struct.unpack_from("<I", data, data.rindex(mark) + place)[0]


@pytest.mark.parametrize("more", [-2, 3, 2**20])
def test_a_directory_whose_size_lies_is_read_where_the_record_says(craft, more: int) -> None:
    whole = craft.torch_zip(EVIL).end()
    size = field(whole, b"PK\x05\x06", _SIZE) + more
    seen = inspect(changed(whole, b"PK\x05\x06", _SIZE, size))
    assert "os.system" in names(seen)
    assert "damaged-directory" in codes(seen)
    assert not seen.complete


def test_a_directory_that_ends_in_noise_is_read_up_to_there(craft) -> None:
    whole = craft.torch_zip(EVIL).end()
    seen = inspect(changed(whole, b"PK\x01\x02", 0, 0))
    assert "os.system" in names(seen)
    assert "damaged-directory" in codes(seen)
    assert not seen.complete


def test_no_directory_at_all_is_malformed(craft) -> None:
    whole = craft.torch_zip(GOOD).end()
    endless = inspect(changed(whole, b"PK\x05\x06", _SIZE, 2**32 - 1))
    assert "malformed" in codes(endless)
    assert not endless.complete
    seen = inspect(whole.replace(b"PK\x01\x02", b"PK\x01\x03"))
    assert "malformed" in codes(seen)
    assert not seen.complete


def wide_end(archive, *, mark: bytes = b"PK\x06\x06") -> bytes:
    """The archive with zip64's end record and locator (APPNOTE 4.3.14, 4.3.15)."""
    plain = archive.end()
    size, start = struct.unpack_from("<II", plain, len(plain) - 10)
    count = archive.count
    record = struct.pack("<4sQHHIIQQQQ", mark, 44, 45, 45, 0, 0, count, count, size, start)
    return (
        plain[:-22]
        + record
        + struct.pack("<4sIQI", b"PK\x06\x07", 0, len(plain) - 22, 1)
        + plain[-22:]
    )


def test_without_the_zip64_record_loaders_take_the_plain_one(craft) -> None:
    assert codes(inspect(wide_end(craft.torch_zip()))) == set()
    seen = inspect(wide_end(craft.torch_zip(EVIL), mark=b"PK\x06\x05"))
    assert "os.system" in names(seen)
    assert "damaged-directory" in codes(seen)


def test_both_zip64_records_are_followed(craft) -> None:
    """miniz takes the one that the locator names, zipfile the one right before the locator."""
    first, second = wide_end(craft.torch_zip(EVIL)), wide_end(craft.torch_zip())
    there = first.index(b"PK\x06\x06")
    for inner, outer in ((first, second), (second, first)):
        seen = inspect(inner + changed(outer, b"PK\x06\x07", 8, there, 8))
        assert "os.system" in names(seen)
        assert "stacked-archive" in codes(seen)


def test_the_last_end_record_counts_even_if_its_comment_does_not_fit(craft) -> None:
    """miniz and zipfile take the last mark; the record whose comment ends the file is another."""
    good, evil = craft.torch_zip(), craft.Zip(torch=True, base=len(craft.torch_zip().end()))
    evil.add("archive/data.pkl", EVIL).add("archive/version", b"3\n")
    beyond = changed(evil.end(), b"PK\x05\x06", _COMMENT, 9, 2)
    seen = inspect(good.end(comment=beyond))
    assert "os.system" in names(seen)
    assert {"several-directories", "stacked-archive"} <= codes(seen)


def test_the_members_of_all_directories_together_have_a_bound(craft, monkeypatch) -> None:
    from weighbridge.weights.zip import directory

    monkeypatch.setattr(directory, "MAX_MEMBERS", 5)
    assert inspect(craft.torch_zip().end()).complete
    seen = inspect(craft.torch_zip().end() * 2)
    assert any("more than 5 members" in gap for gap in seen.gaps)
    assert not seen.complete


def _linked(target: str, *, name: str = "model/weights", method: int = zipfile.ZIP_STORED) -> bytes:
    """An archive with a symbolic link, as ``zip -y`` writes them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo(name)
        entry.create_system = 3
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, target, compress_type=method)
    return buffer.getvalue()


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside", "a/../../../x", "..\\..\\x"])
def test_a_symbolic_link_in_a_zip_that_leads_out_is_a_finding(look, target: str) -> None:
    seen = look(_linked(target), Kind.ZIP, "model.zip")
    assert "traversal-link" in {issue.code for issue in seen.issues}


def test_a_symbolic_link_in_a_zip_whose_target_is_hidden_is_a_finding(look) -> None:
    seen = look(_linked("a" * 50, method=zipfile.ZIP_DEFLATED), Kind.ZIP, "model.zip")
    assert "traversal-link" in {issue.code for issue in seen.issues}


@pytest.mark.parametrize("target", ["other", "../config.json", "./a/b"])
def test_a_symbolic_link_that_stays_in_the_zip_is_none(look, target: str) -> None:
    seen = look(_linked(target), Kind.ZIP, "model.zip")
    assert "traversal-link" not in {issue.code for issue in seen.issues}
