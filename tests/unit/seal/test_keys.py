"""The local sealing key: one per user, closed to others."""

from __future__ import annotations

import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from weighbridge.model.errors import SealError
from weighbridge.seal.keys import (
    CERTIFICATE_FILE,
    KEY_FILE,
    UnsafeKey,
    existing_key,
    local_key,
    sealing_folder,
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_key_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "sealing"
    assert existing_key(folder) is None
    assert not folder.exists()
    key = local_key(folder)
    assert mode(folder) == 0o700
    assert mode(folder / KEY_FILE) == 0o600
    again = local_key(folder)
    assert again.fingerprint == key.fingerprint
    assert again.certificate == key.certificate
    assert sorted(p.name for p in folder.iterdir()) == [CERTIFICATE_FILE, KEY_FILE]


def test_the_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("WEIGHBRIDGE_CONFIG_DIR", str(tmp_path / "there"))
    assert sealing_folder() == tmp_path / "there" / "sealing"
    assert local_key().fingerprint == local_key(tmp_path / "there" / "sealing").fingerprint
    monkeypatch.delenv("WEIGHBRIDGE_CONFIG_DIR")
    assert "weighbridge" in str(sealing_folder())


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620, 0o660])
def test_a_key_open_to_others_is_refused(tmp_path: Path, bits: int) -> None:
    folder = tmp_path / "sealing"
    local_key(folder)
    (folder / KEY_FILE).chmod(bits)
    with pytest.raises(UnsafeKey) as caught:
        local_key(folder)
    assert "chmod 600" in caught.value.remedy


def test_a_folder_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "sealing"
    local_key(folder)
    folder.chmod(0o777)
    with pytest.raises(UnsafeKey):
        local_key(folder)
    folder.chmod(0o700)


@pytest.mark.parametrize("data", [b"", b"hello", b"-----BEGIN PRIVATE KEY-----\nAA==\n"])
def test_a_broken_key_is_never_replaced(tmp_path: Path, data: bytes) -> None:
    folder = tmp_path / "sealing"
    local_key(folder)
    (folder / KEY_FILE).write_bytes(data)
    with pytest.raises(SealError):
        local_key(folder)
    assert (folder / KEY_FILE).read_bytes() == data


def test_a_pipe_in_the_keys_place_does_not_hang(tmp_path: Path) -> None:
    folder = tmp_path / "sealing"
    folder.mkdir(mode=0o700)
    os.mkfifo(folder / KEY_FILE, 0o600)
    with pytest.raises(UnsafeKey):
        local_key(folder)


def test_a_lost_certificate_is_made_again_and_a_strangers_refused(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    key = local_key(one)
    (one / CERTIFICATE_FILE).unlink()
    assert local_key(one).fingerprint == key.fingerprint
    local_key(two)
    (one / CERTIFICATE_FILE).write_bytes((two / CERTIFICATE_FILE).read_bytes())
    with pytest.raises(SealError, match="not the certificate"):
        local_key(one)


def test_the_certificate_says_what_it_is(tmp_path: Path) -> None:
    from cryptography import x509

    certificate = x509.load_der_x509_certificate(local_key(tmp_path / "sealing").certificate)
    assert certificate.subject == certificate.issuer
    assert "Weighbridge local sealing key" in certificate.subject.rfc4514_string()
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.content_commitment
    assert not usage.key_cert_sign
    years = (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days / 365.25
    assert 9.9 < years < 10.1


def _make(folder: Path, gate: object, results: object) -> None:
    gate.wait()  # type: ignore[attr-defined]
    key = local_key(folder)
    results.put((str(key.fingerprint), key.certificate))  # type: ignore[attr-defined]


def test_processes_that_race_end_with_one_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    gate, results = context.Barrier(4), context.Queue()
    folder = tmp_path / "sealing"
    workers = [context.Process(target=_make, args=(folder, gate, results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    got = {results.get(timeout=20) for _ in workers}
    for worker in workers:
        worker.join()
    assert len(got) == 1
    assert got == {(str(local_key(folder).fingerprint), local_key(folder).certificate)}
    assert len(list(folder.iterdir())) == 2


def test_without_hard_links_the_key_is_made_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    assert (
        local_key(tmp_path / "sealing").fingerprint == local_key(tmp_path / "sealing").fingerprint
    )


def test_a_full_disk_leaves_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    folder = tmp_path / "sealing"
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SealError, match="No space left"):
        local_key(folder)
    assert list(folder.iterdir()) == []
