"""Any single byte of a pack or a PDF that differs is noticed; any bytes at all are survived."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from weighbridge.model.digest import Digest
from weighbridge.model.errors import ExitCode, HostileInput
from weighbridge.seal.keys import local_key
from weighbridge.seal.pack import seal_pack
from weighbridge.seal.pdf_signature import PdfInvalid, read_signed_pdf
from weighbridge.seal.seal_file import read_seal
from weighbridge.seal.statement import Statement
from weighbridge.seal.verify import NotAPack, verify_pack
from weighbridge.testing.seal_samples import SampleView, sample_pdf, sample_raw, sample_record
from weighbridge.testing.sigstore import LoopbackTrust


@dataclass(frozen=True)
class Sealed:
    folder: Path
    alone: Path
    signer: Digest
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealed]:
    base = tmp_path_factory.mktemp("seal")
    key = local_key(base / "keys")
    with LoopbackTrust() as trust:
        pack = seal_pack(
            sample_record(), timestamp_url=trust.timestamp_url, offline=False, signer=key,
            raw=sample_raw(), out=base / "pack", views=(SampleView(),), pdf=sample_pdf,
        )  # fmt: skip
    files = {name: (pack.folder / name).read_bytes() for name in pack.files}
    alone = base / "alone.pdf"
    alone.write_bytes(files["report.pdf"])
    yield Sealed(pack.folder, alone, key.fingerprint, files)
    assert verify_pack(pack.folder, signer=key.fingerprint).exit_code is ExitCode.HOLDS


def holds(path: Path, signer: Digest) -> bool:
    try:
        return verify_pack(path, signer=signer).exit_code is ExitCode.HOLDS
    except NotAPack:
        return False


def with_byte(data: bytes, at: int, value: int) -> bytes:
    return data[:at] + bytes([value]) + data[at + 1 :]


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_changed_byte_anywhere_in_a_pack_is_noticed(sealed: Sealed, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(sealed.files)))
    original = sealed.files[name]
    at = data.draw(st.integers(0, len(original) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda v: v != original[at]))
    path = sealed.folder / name
    try:
        path.write_bytes(with_byte(original, at, value))
        assert not holds(sealed.folder, sealed.signer)
    finally:
        path.write_bytes(original)


def seams(pdf: bytes) -> list[int]:
    """The bytes no signature covers: the signature's own place, most of it padding."""
    begin = pdf.index(b"/Contents <") + len(b"/Contents ")
    end = pdf.index(b">", begin) + 1
    padding = pdf.index(b"0" * 64, begin)
    return [*range(begin, padding + 4), padding + 5000, *range(end - 4, end)]


@settings(max_examples=40, deadline=None)
@given(data=st.data(), seam=st.booleans())
def test_a_changed_byte_anywhere_in_a_pdf_alone_is_noticed(
    sealed: Sealed, data: st.DataObject, seam: bool
) -> None:
    original = sealed.files["report.pdf"]
    anywhere = st.integers(0, len(original) - 1)
    at = data.draw(st.sampled_from(seams(original)) if seam else anywhere)
    value = data.draw(st.integers(0, 255).filter(lambda v: v != original[at]))
    sealed.alone.write_bytes(with_byte(original, at, value))
    assert not holds(sealed.alone, sealed.signer)


@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_a_cut_or_longer_file_is_noticed(sealed: Sealed, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(sealed.files)))
    original = sealed.files[name]
    path = sealed.folder / name
    cut = data.draw(st.integers(0, len(original) - 1))
    more = data.draw(st.binary(min_size=1, max_size=40))
    try:
        for changed in (original[:cut], original + more):
            path.write_bytes(changed)
            assert not holds(sealed.folder, sealed.signer)
    finally:
        path.write_bytes(original)


@given(st.binary(max_size=300))
@example(b"[" * 5000)
@example(b'{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}')
def test_any_bytes_are_refused_as_a_seal(data: bytes) -> None:
    with pytest.raises(HostileInput):
        read_seal(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["_type", "subject", "predicateType", "predicate", "name", "digest"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_refused_as_a_statement(value: object) -> None:
    import json

    with pytest.raises(HostileInput):
        Statement.from_bytes(json.dumps(value).encode())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.booleans())
@example(b"", True)
def test_any_bytes_are_refused_as_a_pdf(data: bytes, header: bool) -> None:
    with pytest.raises(PdfInvalid):
        read_signed_pdf((b"%PDF-1.7\n" if header else b"") + data)
