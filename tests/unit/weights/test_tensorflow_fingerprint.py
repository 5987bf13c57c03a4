"""A SavedModel's fingerprint: sums, and nothing that anybody loads."""

from __future__ import annotations

import io

import pytest
from tests.unit.weights import looking
from tests.unit.weights import proto_build as p

from weighbridge.model.artifact import Kind
from weighbridge.weights.inspect import inspect_file
from weighbridge.weights.tensorflow import fingerprint

SUMS = b"".join(p.num(number, 2**63 + number) for number in range(1, 6))
WHOLE = SUMS + p.sub(6, p.num(1, 3)) + p.sub(7, "1234567890123456789")


def codes(data: bytes) -> set[str]:
    return looking.codes(looking.seen(fingerprint.inspect, data))


def test_a_fingerprint_is_read_by_its_name() -> None:
    found = inspect_file(io.BytesIO(WHOLE), len(WHOLE), Kind.BINARY, "model/fingerprint.pb")
    assert looking.clean(found)
    assert found.bytes_read >= len(WHOLE)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (WHOLE + p.num(9, 1), "unknown-field"),
        (WHOLE + p.sub(1, "text"), "unknown-field"),
        (WHOLE + p.num(1, 7), "duplicate-field"),
        (SUMS + p.sub(7, "rm -rf /"), "bad-value"),
        (WHOLE[:-3], "malformed"),
        (WHOLE + b"\xff" * 20, "malformed"),
    ],
)
def test_what_is_no_fingerprint(data: bytes, code: str) -> None:
    assert code in codes(data)


def test_size_is_bounded() -> None:
    found = looking.seen(fingerprint.inspect, p.sub(7, "a" * 5000))
    assert "4096 bytes" in found.incomplete_reason
    assert not found.issues
