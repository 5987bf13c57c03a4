"""Renewing timestamps before they lapse, and the list of when they do."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.unit.seal.seal_checks import Seal, checked, failed
from typer.testing import CliRunner

from weighbridge.cli.report import app
from weighbridge.model.errors import ExitCode, SealError
from weighbridge.seal.keys import LocalKey
from weighbridge.seal.outcome import Reason
from weighbridge.seal.pack import SealedPack
from weighbridge.seal.renew import due, packs_in, renew
from weighbridge.seal.renewals import RENEWALS_FILE, Renewals
from weighbridge.signing.timestamp import (
    TimestampInvalid,
    TimestampUnavailable,
    load_roots,
    request_timestamp,
)
from weighbridge.sources.http import HttpClient
from weighbridge.testing import x509
from weighbridge.testing.sigstore import LoopbackTrust
from weighbridge.testing.tsa import Mode

MONTH = dt.timedelta(days=30)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def http(timeout_seconds: float = 10.0) -> HttpClient:
    return HttpClient(offline=False, timeout_seconds=timeout_seconds)


@pytest.fixture
def short(trust: LoopbackTrust) -> Iterator[LoopbackTrust]:
    """An authority whose certificate ends in a month."""
    before = trust.timestamps.signer
    trust.timestamps.signer = x509.leaf(
        "short", trust.timestamps.root, (ExtendedKeyUsageOID.TIME_STAMPING,), validity=MONTH
    )
    yield trust
    trust.timestamps.signer = before


def roots(trust: LoopbackTrust) -> tuple[bytes, ...]:
    return load_roots(trust.tsa_roots.encode(), source="x")


# --- hostile


@pytest.mark.parametrize("mode", [Mode.STALL, Mode.REFUSE, Mode.WRONG_IMPRINT, Mode.GARBAGE])
def test_an_authority_that_fails_changes_nothing(
    pack: SealedPack, trust: LoopbackTrust, mode: Mode
) -> None:
    before = tree(pack.folder)
    with trust.timestamp_mode(mode), pytest.raises((TimestampUnavailable, TimestampInvalid)):
        renew(pack.folder, http(0.5), trust.timestamp_url)
    assert tree(pack.folder) == before


def test_an_authority_that_fails_the_second_time_changes_nothing(
    pack: SealedPack, trust: LoopbackTrust, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(pack.folder)
    answer = trust.timestamps.answer

    def once(query: bytes) -> object:
        result = answer(query)
        trust.timestamps.mode = Mode.SERVER_ERROR
        return result

    monkeypatch.setattr(trust.timestamps, "answer", once)
    with trust.timestamp_mode(Mode.GRANT), pytest.raises(TimestampUnavailable):
        renew(pack.folder, http(), trust.timestamp_url)
    assert tree(pack.folder) == before


@pytest.mark.parametrize("at", [0, 1])
def test_a_full_disk_leaves_a_pack_that_holds(
    pack: SealedPack,
    key: LocalKey,
    trust: LoopbackTrust,
    monkeypatch: pytest.MonkeyPatch,
    at: int,
) -> None:
    real, synced = os.fsync, 0

    def full(descriptor: int) -> None:
        nonlocal synced
        synced += 1
        if synced > at:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    before = tree(pack.folder)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SealError, match="No space left"):
        renew(pack.folder, http(), trust.timestamp_url)
    after = tree(pack.folder)
    assert (after == before) is (at == 0)
    assert sorted(after) == sorted(before)
    assert checked(pack.folder, key, timestamp_roots=roots(trust)).exit_code is ExitCode.HOLDS
    monkeypatch.undo()
    renew(pack.folder, http(), trust.timestamp_url)
    assert checked(pack.folder, key, timestamp_roots=roots(trust)).exit_code is ExitCode.HOLDS


def test_what_was_changed_is_not_renewed(pack: SealedPack, trust: LoopbackTrust) -> None:
    (pack.folder / "sample.txt").write_bytes(b"changed")
    before = tree(pack.folder)
    with pytest.raises(SealError, match="not what was sealed"):
        renew(pack.folder, http(), trust.timestamp_url)
    assert tree(pack.folder) == before


def test_the_renewal_of_another_pack_is_noticed(
    pack: SealedPack, seal: Seal, key: LocalKey, trust: LoopbackTrust, tmp_path: Path
) -> None:
    other = seal(out=tmp_path / "other", timestamp_url=trust.timestamp_url)
    renew(other.folder, http(), trust.timestamp_url)
    data = (other.folder / RENEWALS_FILE).read_bytes()
    (pack.folder / RENEWALS_FILE).write_bytes(data)
    assert failed(checked(pack.folder, key)) == ["renewals"]
    # a token that was taken over something else, in a file that names the right seal
    own = (pack.folder / "audit.sigstore.json").read_bytes()
    stolen = Renewals(
        Renewals.none_of(own).seal,
        Renewals.from_bytes(data, (other.folder / "audit.sigstore.json").read_bytes()).tokens,
    )
    (pack.folder / RENEWALS_FILE).write_bytes(stolen.to_bytes())
    assert failed(checked(pack.folder, key)) == ["timestamp of audit.sigstore.json"]


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"schema":1}', b"\xff", b"[" * 9999])
def test_renewals_that_are_none(pack: SealedPack, key: LocalKey, data: bytes) -> None:
    (pack.folder / RENEWALS_FILE).write_bytes(data)
    assert failed(checked(pack.folder, key)) == ["renewals"]


@pytest.mark.parametrize("samples", [8, pytest.param(80, marks=pytest.mark.slow)])
def test_every_byte_of_the_renewals_counts(
    pack: SealedPack, key: LocalKey, trust: LoopbackTrust, samples: int
) -> None:
    renew(pack.folder, http(), trust.timestamp_url)
    path = pack.folder / RENEWALS_FILE
    original = path.read_bytes()
    for at in range(0, len(original), max(1, len(original) // samples)):
        path.write_bytes(original[:at] + bytes([original[at] ^ 1]) + original[at + 1 :])
        assert not checked(pack.folder, key).intact, at
    path.write_bytes(original[:-1])
    assert not checked(pack.folder, key).intact


# --- what renewal is for


def test_a_renewed_pack_holds_after_its_first_timestamps_lapsed(
    seal: Seal, key: LocalKey, short: LoopbackTrust
) -> None:
    pack = seal(timestamp_url=short.timestamp_url)
    sealed = tree(pack.folder)
    later = dt.datetime.now(dt.UTC) + 2 * MONTH
    given = {"timestamp_roots": roots(short), "now": later}
    assert checked(pack.folder, key, **given).existed is None
    long = x509.leaf("long", short.timestamps.root, (ExtendedKeyUsageOID.TIME_STAMPING,))
    short.timestamps.signer = long
    done = renew(pack.folder, http(), short.timestamp_url)
    assert done.late is None
    assert done.lapses == long.certificate.not_valid_after_utc
    report = checked(pack.folder, key, **given)
    assert report.exit_code is ExitCode.HOLDS
    assert report.existed is not None
    assert report.existed < dt.datetime.now(dt.UTC)
    # nothing that was sealed was rewritten
    renewed = tree(pack.folder)
    assert renewed.pop("report.pdf").startswith(sealed.pop("report.pdf"))
    assert renewed.pop(RENEWALS_FILE)
    assert renewed == sealed


def test_a_pack_without_a_timestamp_gets_its_first(
    seal: Seal, key: LocalKey, trust: LoopbackTrust
) -> None:
    pack = seal()
    assert "signer" in due(pack.folder).what
    renew(pack.folder, http(), trust.timestamp_url)
    renew(pack.folder, http(), trust.timestamp_url)
    report = checked(pack.folder, key, timestamp_roots=roots(trust))
    assert (report.exit_code, report.reason) == (ExitCode.HOLDS, Reason.HOLDS)
    assert len(report.timestamps) == 4


def test_openssl_data(pack: SealedPack, trust: LoopbackTrust) -> None:
    """A renewal is over the seal's file and the renewals before it: anybody can check that."""
    renew(pack.folder, http(), trust.timestamp_url)
    renew(pack.folder, http(), trust.timestamp_url)
    body = json.loads((pack.folder / RENEWALS_FILE).read_bytes())
    import base64

    from weighbridge.signing.timestamp import verify_timestamp

    tokens = [base64.b64decode(token) for token in body["tokens"]]
    seal = (pack.folder / "audit.sigstore.json").read_bytes()
    assert verify_timestamp(tokens[0], seal, roots(trust)).trusted
    assert verify_timestamp(tokens[1], seal + tokens[0], roots(trust)).trusted


def test_a_pdf_alone_is_renewed(
    pack: SealedPack, key: LocalKey, trust: LoopbackTrust, tmp_path: Path
) -> None:
    alone = tmp_path / "alone.pdf"
    alone.write_bytes((pack.folder / "report.pdf").read_bytes())
    renew(alone, http(), trust.timestamp_url)
    report = checked(alone, key, timestamp_roots=roots(trust))
    assert report.exit_code is ExitCode.HOLDS
    assert len(report.timestamps) == 3


# --- the list


def run(*arguments: object):  # type: ignore[no-untyped-def]
    return CliRunner().invoke(app, ["renew", *map(str, arguments)])


def test_the_list_and_the_command(seal: Seal, short: LoopbackTrust, tmp_path: Path) -> None:
    base = tmp_path / "packs"
    seal(out=base / "b" / "untimestamped")
    seal(out=base / "a", timestamp_url=short.timestamp_url)
    assert [p.name for p in packs_in(base)] == ["a", "untimestamped"]
    result = run(base, "--list")
    assert result.exit_code == 0
    first, second = result.stdout.splitlines()
    assert "packs/a" in first
    assert "in 29 days" in first
    assert "untimestamped" in second
    (base / "b" / "untimestamped" / "audit.sigstore.json").write_bytes(b"{}")
    result = run(base, "--list", "-f", "json")
    assert result.exit_code == 3
    packs = json.loads(result.stdout)["packs"]
    assert [bool(entry["problem"]) for entry in packs] == [True, False]
    result = run(base, "--timestamp", short.timestamp_url, "--within", 40)
    assert result.exit_code == 1  # one of the two is no pack any more
    assert "renewed until" in result.stdout
    assert "NOT renewed" in result.stdout
    later = due(base / "a")
    assert later.lapses is not None


def test_a_token_that_lapsed_is_said_to_be_too_late(
    seal: Seal, trust: LoopbackTrust, short: LoopbackTrust
) -> None:
    pack = seal(timestamp_url=short.timestamp_url)
    done = renew(pack.folder, http(), trust.timestamp_url, now=dt.datetime.now(dt.UTC) + 2 * MONTH)
    assert done.late is not None


def test_wrong_calls(pack: SealedPack, tmp_path: Path) -> None:
    from weighbridge.model.errors import UsageError

    assert isinstance(run(tmp_path / "nothing-here").exception, UsageError)  # no authority
    (tmp_path / "empty").mkdir()
    assert isinstance(run(tmp_path / "empty", "--list").exception, UsageError)
    assert isinstance(run(pack.folder, "--format", "xml").exception, UsageError)
    result = run(tmp_path / "nothing.pdf", "--list")
    assert result.exit_code == 3


def test_asking_for_stamps_needs_the_right_bytes(trust: LoopbackTrust) -> None:
    """The chain's first token is over the seal's file, which holds the token before it."""
    token = request_timestamp(http(), trust.timestamp_url, b"seal")
    renewals = Renewals("00", (token,))
    assert renewals.covered(b"seal", 0) == b"seal"
    assert renewals.covered(b"seal", 1) == b"seal" + token
