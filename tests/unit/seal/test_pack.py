"""Sealing: what comes of the timestamp, and a folder that is whole or untouched."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from weighbridge.model.errors import SealError, UsageError
from weighbridge.model.record import AuditRecord, TimestampState
from weighbridge.seal.pack import SealedPack
from weighbridge.testing.seal_samples import RAW, SampleView, pdf_with, sample_record
from weighbridge.testing.sigstore import LoopbackTrust
from weighbridge.testing.tsa import Mode

Seal = Callable[..., SealedPack]


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def test_the_pack_holds_what_it_must(pack: SealedPack) -> None:
    files = tree(pack.folder)
    assert sorted(files) == sorted(pack.files)
    assert {"audit.json", "audit.sigstore.json", "report.pdf", "sample.txt"} < set(files)
    evidence = [name for name in files if name.startswith("evidence/sha256/")]
    assert [files[name] for name in evidence] == [RAW]
    assert AuditRecord.from_bytes(files["audit.json"]) == pack.record
    seal = json.loads(files["audit.sigstore.json"])
    assert seal["dsseEnvelope"]["payloadType"] == "application/vnd.in-toto+json"
    # the PDF is among what the seal covers, so its own unsigned parts are covered too
    import base64

    statement = json.loads(base64.b64decode(seal["dsseEnvelope"]["payload"]))
    assert [s["name"] for s in statement["subject"]] == ["audit.json", "report.pdf", "sample.txt"]
    assert statement["predicateType"] == "urn:weighbridge:audit-record:v1"
    assert statement["predicate"]["recordDigest"] == {"sha256": pack.record.digest.value}


def test_a_timestamped_record_says_so(pack: SealedPack, trust: LoopbackTrust) -> None:
    assert pack.record.timestamp.state is TimestampState.STAMPED
    assert pack.record.timestamp.detail == trust.timestamp_url
    assert len(pack.seal.timestamps) == 1
    assert b"stamped" in (pack.folder / "sample.txt").read_bytes()


def test_one_request_a_signature(seal: Seal, trust: LoopbackTrust) -> None:
    before = trust.timestamps.requests
    seal(timestamp_url=trust.timestamp_url)
    assert trust.timestamps.requests - before == 3  # the PDF's signature and all of it, the seal


@pytest.mark.parametrize(
    "mode", [m for m in Mode if m not in (Mode.GRANT, Mode.GRANT_WITH_MODS, Mode.UNSORTED)]
)
def test_an_authority_that_fails_leaves_a_pack_that_says_so(
    seal: Seal, trust: LoopbackTrust, mode: Mode
) -> None:
    with trust.timestamp_mode(mode):
        pack = seal(timestamp_url=trust.timestamp_url, timeout_seconds=0.3)
    assert pack.record.timestamp.state is TimestampState.UNAVAILABLE
    assert pack.record.timestamp.detail
    assert pack.seal.timestamps == ()
    written = AuditRecord.from_bytes((pack.folder / "audit.json").read_bytes())
    assert written == pack.record
    assert b"unavailable" in (pack.folder / "sample.txt").read_bytes()


def test_an_authority_that_fails_between_two_requests_leaves_none_of_its_stamps(
    seal: Seal, trust: LoopbackTrust, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = trust.timestamps.answer

    def once(query: bytes) -> object:
        result = answer(query)
        trust.timestamps.mode = Mode.SERVER_ERROR
        return result

    monkeypatch.setattr(trust.timestamps, "answer", once)
    with trust.timestamp_mode(Mode.GRANT):
        pack = seal(timestamp_url=trust.timestamp_url)
    assert pack.record.timestamp.state is TimestampState.UNAVAILABLE
    from weighbridge.seal.pdf_signature import read_signed_pdf

    assert read_signed_pdf((pack.folder / "report.pdf").read_bytes()).token is None


@pytest.mark.parametrize("url", ["http://[", "ftp://example.com/", "nonsense", "http://:0/"])
def test_an_address_that_is_none_is_an_authority_that_fails(seal: Seal, url: str) -> None:
    assert seal(timestamp_url=url).record.timestamp.state is TimestampState.UNAVAILABLE


@pytest.mark.parametrize(("url", "offline"), [("", False), ("http://127.0.0.1:1/", True)])
def test_offline_or_without_an_authority_nobody_is_asked(
    seal: Seal, url: str, offline: bool
) -> None:
    pack = seal(timestamp_url=url, offline=offline)
    assert pack.record.timestamp.state is TimestampState.NOT_REQUESTED


def test_secrets_in_the_authoritys_address_stay_out_of_the_record(
    seal: Seal, trust: LoopbackTrust
) -> None:
    url = trust.timestamp_url.replace("http://", "http://user:secret@") + "?key=secret"
    for mode in (Mode.GRANT, Mode.SERVER_ERROR, Mode.WRONG_NONCE):
        with trust.timestamp_mode(mode):
            pack = seal(timestamp_url=url)
        assert b"secret" not in b"".join(tree(pack.folder).values())


def test_a_policy_that_requires_a_timestamp_closes_the_gate_without_one(
    seal: Seal, trust: LoopbackTrust
) -> None:
    record = sample_record(timestamp_required=True)
    assert record.verdict.open
    with trust.timestamp_mode(Mode.REFUSE):
        refused = seal(record=record, timestamp_url=trust.timestamp_url).record.verdict
    offline = seal(record=record, offline=True).record.verdict
    for verdict in (refused, offline):
        assert not verdict.open
        assert verdict.exit_code == 3
        assert "requires a timestamp" in verdict.reasons[-1]
    stamped = seal(record=record, timestamp_url=trust.timestamp_url)
    assert stamped.seal.timestamps
    assert stamped.record.verdict == record.verdict


# --- the folder


def test_an_earlier_pack_is_replaced(seal: Seal, trust: LoopbackTrust, tmp_path: Path) -> None:
    seal()
    seal(timestamp_url=trust.timestamp_url, views=())
    assert sorted(tree(tmp_path / "pack"))[:2] == ["audit.json", "audit.sigstore.json"]
    assert not (tmp_path / "pack" / "sample.txt").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["pack"]


def test_an_empty_folder_is_taken(seal: Seal, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    assert (seal().folder / "audit.json").exists()


@pytest.mark.parametrize("name", ["mine.txt", "evidence/mine.txt", "evidence/sha256/mine.txt"])
def test_a_folder_with_anything_else_is_refused_untouched(
    seal: Seal, tmp_path: Path, name: str
) -> None:
    seal()
    mine = tmp_path / "pack" / name
    mine.write_bytes(b"precious")
    before = tree(tmp_path)
    with pytest.raises(UsageError) as caught:
        seal()
    assert "mine.txt" in caught.value.message
    assert tree(tmp_path) == before


def test_a_folder_that_only_claims_to_be_a_pack_is_refused(seal: Seal, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "audit.sigstore.json").write_bytes(b"{}")
    with pytest.raises(UsageError):
        seal()


@pytest.mark.parametrize("make", ["file", "link", "inner"])
def test_links_and_files_are_refused(seal: Seal, tmp_path: Path, make: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_bytes(b"x")
    out = tmp_path / "pack"
    if make == "file":
        out.write_bytes(b"x")
    elif make == "link":
        out.symlink_to(elsewhere)
    else:
        seal()
        (out / "link").symlink_to(elsewhere)
    with pytest.raises(UsageError):
        seal()
    assert (elsewhere / "precious").exists()


@pytest.mark.parametrize("earlier", [False, True])
@pytest.mark.parametrize("at", range(6))
def test_a_full_disk_leaves_everything_as_it_was(
    seal: Seal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, earlier: bool
) -> None:
    if earlier:
        seal()
    before = tree(tmp_path)
    synced = 0
    real = os.fsync

    def full(descriptor: int) -> None:
        nonlocal synced
        synced += 1
        if synced > at:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    if at == 5:  # all files were written: syncing the folder is only durability
        seal(views=(SampleView(),))
        return
    with pytest.raises(SealError, match="No space left"):
        seal()
    assert tree(tmp_path) == before
    assert [p.name for p in tmp_path.iterdir()] == (["pack"] if earlier else [])


def test_a_rename_that_fails_brings_the_earlier_pack_back(
    seal: Seal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal()
    before = tree(tmp_path)
    real = Path.rename

    def fails(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError(errno.EIO, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(SealError, match="Input/output"):
        seal()
    assert tree(tmp_path) == before


def test_a_crash_while_drawing_leaves_nothing(seal: Seal, tmp_path: Path) -> None:
    class Broken(SampleView):
        def render(self, record: AuditRecord) -> bytes:
            raise RuntimeError("a defect")

    with pytest.raises(RuntimeError):
        seal(views=(Broken(),))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"not a pdf", b"%PDF-1.7\n"])
def test_what_is_no_pdf_is_not_signed(seal: Seal, tmp_path: Path, data: bytes) -> None:
    with pytest.raises(SealError):
        seal(pdf=lambda _: data)
    assert list(tmp_path.iterdir()) == []


def test_two_views_of_one_name_are_refused(seal: Seal) -> None:
    with pytest.raises(SealError, match="two views"):
        seal(views=(SampleView(), SampleView()))


def test_raw_bytes_that_are_missing_or_others_are_refused(seal: Seal, tmp_path: Path) -> None:
    record = sample_record()
    (digest,) = record.evidence[0].raw
    for raw in ({}, {digest: b"others"}):
        with pytest.raises(SealError, match="raw bytes"):
            seal(raw=raw)
    assert list(tmp_path.iterdir()) == []


def test_a_pdf_that_is_signed_already_is_refused_or_kept_whole(
    seal: Seal, key: object, tmp_path: Path
) -> None:
    from weighbridge.seal.pdf import sign_pdf

    once = sign_pdf(pdf_with({}), key, reason="first")  # type: ignore[arg-type]
    with pytest.raises(SealError):
        seal(pdf=lambda _: once)
