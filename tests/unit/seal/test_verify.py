"""Verifying: what holds, what does not, and what cannot be said."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from tests.unit.seal.seal_checks import Seal, checked, failed

from weighbridge.model.errors import ExitCode
from weighbridge.seal.keys import LocalKey, local_key
from weighbridge.seal.outcome import CheckState, SignerTrust
from weighbridge.seal.pack import SealedPack
from weighbridge.seal.verify import NotAPack, verify_pack
from weighbridge.signing.timestamp import load_roots
from weighbridge.testing.seal_samples import sample_record
from weighbridge.testing.sigstore import LoopbackTrust

# --- what holds


def test_a_pack_holds_under_its_key(pack: SealedPack, key: LocalKey, trust: LoopbackTrust) -> None:
    report = checked(pack.folder, key)
    assert report.exit_code is ExitCode.HOLDS
    assert report.trust is SignerTrust.PINNED
    assert failed(report) == []
    assert report.record_digest == pack.record.digest
    assert "self-signed" in report.basis
    roots = load_roots(trust.tsa_roots.encode(), source="x")
    report = checked(pack.folder, key, timestamp_roots=roots)
    assert report.exit_code is ExitCode.HOLDS
    assert [s.part for s in report.timestamps] == ["report.pdf"] * 2 + ["audit.sigstore.json"]
    assert all(s.timestamp.trusted for s in report.timestamps)
    skipped = {c.name for c in report.checks if c.state is not CheckState.OK}
    assert skipped == {"pdf content", "replay"}  # nobody was given to draw and to evaluate


def test_no_network_is_needed(pack: SealedPack, key: LocalKey, monkeypatch) -> None:
    import socket

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", never)
    assert checked(pack.folder, key).exit_code is ExitCode.HOLDS


def test_the_users_own_key_is_known_and_a_strangers_is_not(pack: SealedPack, key: LocalKey) -> None:
    report = verify_pack(pack.folder, known=key.fingerprint)
    assert (report.exit_code, report.trust) == (ExitCode.HOLDS, SignerTrust.LOCAL)
    report = verify_pack(pack.folder)
    assert (report.exit_code, report.trust) == (ExitCode.INCONCLUSIVE, SignerTrust.UNKNOWN)
    assert report.intact
    assert "proves nothing about who signed" in report.basis
    assert "--signer" in report.basis


def test_a_pinned_key_that_differs_fails(pack: SealedPack, key: LocalKey, tmp_path) -> None:
    other = local_key(tmp_path / "other")
    report = verify_pack(pack.folder, signer=other.fingerprint, known=key.fingerprint)
    assert (report.exit_code, report.trust) == (ExitCode.VIOLATED, SignerTrust.OTHER)


def test_an_authority_that_is_not_among_the_given_roots_is_inconclusive(
    pack: SealedPack, key: LocalKey
) -> None:
    with LoopbackTrust() as other:
        roots = load_roots(other.tsa_roots.encode(), source="x")
    report = checked(pack.folder, key, timestamp_roots=roots)
    assert report.exit_code is ExitCode.INCONCLUSIVE
    assert report.intact


def test_a_pack_without_timestamp_holds_unless_a_time_is_asked_for(
    seal: Seal, key: LocalKey, trust: LoopbackTrust
) -> None:
    pack = seal()
    assert checked(pack.folder, key).exit_code is ExitCode.HOLDS
    roots = load_roots(trust.tsa_roots.encode(), source="x")
    assert checked(pack.folder, key, timestamp_roots=roots).exit_code is ExitCode.INCONCLUSIVE


def test_a_pdf_alone_holds(pack: SealedPack, key: LocalKey, trust: LoopbackTrust) -> None:
    roots = load_roots(trust.tsa_roots.encode(), source="x")
    report = checked(pack.folder / "report.pdf", key, timestamp_roots=roots)
    assert report.exit_code is ExitCode.HOLDS
    assert report.kind == "pdf"
    assert report.record_digest == pack.record.digest
    assert [s.part for s in report.timestamps] == ["report.pdf"] * 2


# --- not a pack


def test_what_is_no_pack_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"hello")
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("file", "empty", "pipe", "nothing"):
        with pytest.raises(NotAPack) as caught:
            verify_pack(tmp_path / name)
        assert caught.value.exit_code is ExitCode.ERROR
        assert caught.value.remedy


# --- the folder


@pytest.mark.parametrize("name", ["audit.json", "report.pdf", "sample.txt", "evidence"])
def test_a_file_that_is_gone_is_noticed(pack: SealedPack, key: LocalKey, name: str) -> None:
    path = pack.folder / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert checked(pack.folder, key).exit_code is ExitCode.VIOLATED


@pytest.mark.parametrize(
    "name", ["extra.txt", ".hidden", "evidence/x", "evidence/sha256/" + "0" * 64, "folder/"]
)
def test_a_file_too_many_is_noticed(pack: SealedPack, key: LocalKey, name: str) -> None:
    path = pack.folder / name
    path.mkdir() if name.endswith("/") else path.write_bytes(b"")
    assert failed(checked(pack.folder, key)) == ["nothing else"]


def test_links_are_not_followed(pack: SealedPack, key: LocalKey, tmp_path: Path) -> None:
    target = tmp_path / "copy.txt"
    (pack.folder / "sample.txt").rename(target)
    (pack.folder / "sample.txt").symlink_to(target)
    assert checked(pack.folder, key).exit_code is ExitCode.VIOLATED


def test_files_swapped_between_packs_are_noticed(seal: Seal, key: LocalKey, tmp_path: Path) -> None:
    """Each file is signed by the same key, and belongs to another record."""
    import dataclasses

    one = seal()
    other = seal(
        record=dataclasses.replace(sample_record(), tool_version="9"), out=tmp_path / "other"
    )
    for name in ("report.pdf", "audit.json", "audit.sigstore.json"):
        copy = tmp_path / "mixed"
        shutil.copytree(one.folder, copy)
        shutil.copy(other.folder / name, copy / name)
        assert checked(copy, key).exit_code is ExitCode.VIOLATED, name
        shutil.rmtree(copy)
