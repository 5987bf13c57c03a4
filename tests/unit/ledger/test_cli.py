"""``weighbridge ledger`` and ``audit --ledger`` over real packs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.integration.conftest import Run, runner_here

from weighbridge.ledger.proof import PROOF_FILE, check
from weighbridge.seal.keys import local_key
from weighbridge.seal.pack import seal_pack
from weighbridge.testing.seal_samples import SampleView, sample_pdf, sample_raw, sample_record


@pytest.fixture
def weighbridge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("WEIGHBRIDGE_CONFIG_DIR", str(tmp_path / "config"))
    return runner_here(tmp_path)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return seal_pack(
        sample_record(), timestamp_url="", offline=True, signer=local_key(tmp_path / "sealing"),
        raw=sample_raw(), out=tmp_path / "pack", views=(SampleView(),), pdf=sample_pdf,
    ).folder  # fmt: skip


def test_a_pack_whose_seal_does_not_hold_is_not_appended(weighbridge, pack, tmp_path) -> None:
    record = pack / "audit.json"
    record.write_bytes(record.read_bytes().replace(b"tiny-model", b"tall-model"))
    assert weighbridge("ledger", "append", "pack", "--ledger", "ledger").returncode == 1
    assert not (tmp_path / "ledger").exists()


def test_wrong_words_are_errors(weighbridge, pack, tmp_path) -> None:
    for words in (
        ("append", "nothing", "--ledger", "ledger"),
        ("verify", "nothing"),
        ("verify", "pack"),
        ("list", "pack"),
        ("verify", "pack", "--key", "no key"),
        ("verify", "pack", "--since", "nothing"),
        ("prove", "pack", "--ledger", "pack"),
        ("consistency", "pack", "--since", "pack/audit.json"),
    ):
        done = weighbridge("ledger", *words)
        assert done.returncode == 2, (words, done)
        assert "defect" not in done.stderr
    assert weighbridge("audit", "pack", "--ledger", "ledger").returncode == 2


def test_append_verify_list_and_prove(weighbridge, pack, tmp_path, monkeypatch) -> None:
    done = weighbridge("ledger", "append", "pack", "--ledger", "ledger")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Appended as entry 0")
    assert check(pack) == ()
    again = weighbridge("ledger", "append", "pack", "--ledger", "ledger")
    assert again.stdout.startswith("Already entry 0")

    done = weighbridge("ledger", "verify", "ledger", "--since", "ledger/checkpoint", "-f", "json")
    body = json.loads(done.stdout)
    assert (done.returncode, body["checkpoint"]["size"], body["problems"]) == (0, 1, [])

    listed = weighbridge("ledger", "list", "ledger", "--format", "json")
    (entry,) = json.loads(listed.stdout)["entries"]
    assert entry["record"] == str(sample_record_of(pack).digest)
    assert "tiny-model" in weighbridge("ledger", "list", "ledger").stdout

    assert weighbridge("ledger", "prove", "pack", "--ledger", "ledger", "-o", "p").returncode == 0
    assert (tmp_path / "p").read_bytes() == (pack / PROOF_FILE).read_bytes()
    shown = weighbridge("ledger", "consistency", "ledger", "--since", "ledger/checkpoint").stdout
    assert shown.startswith("old 1\n\n")

    # someone else, who knows the key only if it was given
    monkeypatch.setenv("WEIGHBRIDGE_CONFIG_DIR", str(tmp_path / "other"))
    assert weighbridge("ledger", "verify", "ledger").returncode == 3
    assert weighbridge("ledger", "verify", "ledger", "--key", body["key"]).returncode == 0
    bundle = tmp_path / "ledger/tile/entries/000.p/1"
    bundle.write_bytes(bundle.read_bytes().replace(b"tiny", b"huge"))
    assert weighbridge("ledger", "verify", "ledger", "--key", body["key"]).returncode == 1
    assert "huge" not in weighbridge("ledger", "list", "ledger").stdout


def test_an_audit_is_appended_and_its_pack_has_the_proof(weighbridge, tmp_path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model/config.json").write_text("{}")
    audit = ("audit", "model", "--offline", "--out", "out", "--ledger", "ledger")
    done = weighbridge(*audit, "--format", "json")
    assert done.returncode == 1  # nothing is signed
    assert "Ledger: entry 0 of weighbridge-ledger/" in done.stderr
    assert (tmp_path / "out" / PROOF_FILE).is_file()
    assert check(tmp_path / "out") == ()


def sample_record_of(pack: Path):
    from weighbridge.model.record import AuditRecord

    return AuditRecord.from_bytes((pack / "audit.json").read_bytes())
