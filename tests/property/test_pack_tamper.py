"""A byte that differs anywhere in a renewed pack is noticed: sampled, and in the small files all.

The pack has everything that a pack may have: raw evidence, another signed statement, archive
timestamps, and renewals.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weighbridge.model.digest import Digest
from weighbridge.model.errors import ExitCode
from weighbridge.model.record import AuditRecord
from weighbridge.seal import contents, times
from weighbridge.seal.keys import local_key
from weighbridge.seal.pack import seal_pack
from weighbridge.seal.pdf_signature import read_signed_pdf
from weighbridge.seal.renew import renew
from weighbridge.seal.verify import NotAPack, verify_pack
from weighbridge.signing.timestamp_token import read_token
from weighbridge.sources.http import HttpClient
from weighbridge.testing.seal_samples import SampleView, sample_pdf, sample_raw, sample_record
from weighbridge.testing.sigstore import LoopbackTrust

SMALL = 8 * 1024


class StatementView:
    NAME = "statement"
    FILENAME = "vsa.sigstore.json"
    MEDIA_TYPE = "application/json"
    PREDICATE_TYPE = "urn:test:statement"

    def render(self, record: AuditRecord) -> bytes:
        body = {"_type": "https://in-toto.io/Statement/v1", "predicateType": self.PREDICATE_TYPE}
        return json.dumps({**body, "subject": [], "predicate": {}}).encode()


@dataclass(frozen=True)
class Renewed:
    folder: Path
    alone: Path
    signer: Digest
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def renewed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Renewed]:
    base = tmp_path_factory.mktemp("tamper")
    key = local_key(base / "keys")
    with LoopbackTrust() as trust:
        pack = seal_pack(
            sample_record(), timestamp_url=trust.timestamp_url, offline=False, signer=key,
            raw=sample_raw(), out=base / "pack", views=(SampleView(), StatementView()),
            pdf=sample_pdf,
        )  # fmt: skip
        renew(pack.folder, HttpClient(offline=False), trust.timestamp_url)
    files = {
        str(path.relative_to(pack.folder)): path.read_bytes()
        for path in sorted(pack.folder.rglob("*"))
        if path.is_file()
    }
    assert len(files) == 7
    yield Renewed(pack.folder, base / "alone.pdf", key.fingerprint, files)
    assert holds(pack.folder, key.fingerprint)


def holds(path: Path, signer: Digest) -> bool:
    try:
        return verify_pack(path, signer=signer).exit_code is ExitCode.HOLDS
    except NotAPack:
        return False


def with_byte(data: bytes, at: int, value: int) -> bytes:
    return data[:at] + bytes([value]) + data[at + 1 :]


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_a_changed_byte_anywhere_is_noticed(renewed: Renewed, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(renewed.files)))
    original = renewed.files[name]
    at = data.draw(st.integers(0, len(original) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda v: v != original[at]))
    path = renewed.folder / name
    try:
        path.write_bytes(with_byte(original, at, value))
        assert not holds(renewed.folder, renewed.signer)
    finally:
        path.write_bytes(original)


def seams(pdf: bytes) -> list[int]:
    """Where signature and timestamps lie, and where each update begins and ends."""
    read = read_signed_pdf(pdf)
    places = [offset + step for offset in read.ends for step in (-3, -1, 0, 1, 40)]
    for archive in read.archives:
        begin, end = archive.gap
        places += [begin - 1, begin, begin + 1, begin + 90, begin + 2200, end - 40, end - 1, end]
    return sorted({place for place in places if 0 <= place < len(pdf)})


@settings(max_examples=20, deadline=None)
@given(data=st.data(), seam=st.booleans())
def test_a_changed_byte_anywhere_in_a_renewed_pdf_alone_is_noticed(
    renewed: Renewed, data: st.DataObject, seam: bool
) -> None:
    original = renewed.files["report.pdf"]
    anywhere = st.integers(0, len(original) - 1)
    at = data.draw(st.sampled_from(seams(original)) if seam else anywhere)
    value = data.draw(st.integers(0, 255).filter(lambda v: v != original[at]))
    renewed.alone.write_bytes(with_byte(original, at, value))
    assert not holds(renewed.alone, renewed.signer)


@pytest.mark.slow
def test_every_byte_of_the_small_files_counts(
    renewed: Renewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bit of each, which one depending on the place.

    Reading the PDF and the tokens, the slow part and a function of their bytes, is remembered.
    """
    monkeypatch.setattr(contents, "read_signed_pdf", functools.cache(read_signed_pdf))
    monkeypatch.setattr(times, "read_token", functools.cache(read_token))
    for name, original in renewed.files.items():
        if len(original) > SMALL:
            continue
        path = renewed.folder / name
        try:
            for at in range(len(original)):
                path.write_bytes(with_byte(original, at, original[at] ^ (1 << at % 8)))
                assert not holds(renewed.folder, renewed.signer), (name, at)
        finally:
            path.write_bytes(original)
