"""Every registered reader against changed files of its kind: the checks of ``make fuzz``, without
its engine, on few inputs. A reader that is registered is in here by that."""

from __future__ import annotations

import functools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fuzz.change import changed
from tests.fuzz.parsers import checker, judged
from tests.fuzz.seeds import TARGETS, seeds

_LONGEST = 8192


@functools.cache
def _seeds() -> dict[str, list[bytes]]:
    return seeds(_LONGEST)


def _flipped(data: bytes, most: int) -> bytes:
    """What the engine does otherwise: some other bytes."""
    return bytes(byte ^ (0x55 if place % 7 == 3 else 0) for place, byte in enumerate(data[:most]))


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_changed_file_ends_in_an_inspection(name: str, data: st.DataObject) -> None:
    samples = _seeds()[name]
    raw = samples[data.draw(st.integers(0, len(samples) - 1))]
    for step in data.draw(st.lists(st.integers(0, 2**32), min_size=1, max_size=4)):
        raw = changed(name, raw, _LONGEST, step, samples, _flipped)
    assert judged(checker(name), raw, 2) == ""


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.binary(max_size=300))
@settings(max_examples=15, deadline=None)
def test_any_bytes_behind_a_beginning_end_in_an_inspection(name: str, data: bytes) -> None:
    whole = _seeds()[name][0]
    assert judged(checker(name), whole[: len(whole) // 2] + data, 2) == ""
