"""A second audit reads what has changed, and the record says what was not read again."""

import json
import os
import struct
import time

import pytest

SIZE = 64 * 2**20


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "m"
    folder.mkdir()
    header = json.dumps({"w": {"dtype": "U8", "shape": [SIZE], "data_offsets": [0, SIZE]}})
    with (folder / "model.safetensors").open("wb") as stream:
        stream.write(struct.pack("<Q", len(header)) + header.encode() + os.urandom(SIZE))
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    past = time.time() - 100
    os.utime(folder / "model.safetensors", (past, past))
    return folder


def _audit(model, *, cache=True):
    import datetime as dt

    from weighbridge.audit import AuditRequest, run_audit

    return run_audit(AuditRequest(model, dt.date(2026, 11, 20), offline=True, digest_cache=cache))


def _listing(audited):
    return next(e for e in audited.record.evidence if e.kind.value == "snapshot").data


def test_a_second_audit_reads_under_one_percent_again(model, monkeypatch):
    from weighbridge.snapshot import cache

    monkeypatch.setattr(cache, "SETTLED_NS", 0)
    first = _audit(model)
    assert first.bytes_read > SIZE
    assert "cached" not in _listing(first)
    (model / "README.md").write_text("---\nlicense: mit\n---\nchanged\n")
    second = _audit(model)
    assert second.bytes_read < SIZE / 100
    assert second.cached == ("model.safetensors",)
    assert _listing(second)["cached"] == 1
    plain = _audit(model, cache=False)
    assert plain.bytes_read > SIZE
    assert plain.record.subject == second.record.subject
    assert plain.record.artifacts == second.record.artifacts
    assert plain.record.verdict == second.record.verdict


def test_two_audits_without_the_cache_are_the_same_bytes(model):
    assert _audit(model, cache=False).record.digest == _audit(model, cache=False).record.digest


def test_the_same_evidence_gives_the_same_record(model, monkeypatch):
    from weighbridge.audit import reevaluate
    from weighbridge.snapshot import cache

    monkeypatch.setattr(cache, "SETTLED_NS", 0)
    _audit(model)
    second = _audit(model).record
    assert reevaluate(second).digest == second.digest
