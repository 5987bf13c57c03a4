"""The generated corpus: every label and every expectation holds."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
if str(ROOT) not in sys.path:  # the corpus is a package below the repository's root
    sys.path.insert(0, str(ROOT))

from tests.corpus.look import inspect, missing, state  # noqa: E402 - the path comes first
from tests.corpus.registry import generated  # noqa: E402
from tests.corpus.sample import Sample  # noqa: E402

from weighbridge.rules.weights.unsafe_content import _DOES  # noqa: E402

SAMPLES = tuple(generated())


def of(label: str) -> list:
    return [
        pytest.param(sample, id=f"{sample.family}/{sample.name}")
        for sample in SAMPLES
        if sample.label == label
    ]


@pytest.mark.parametrize("sample", of("malicious"))
def test_a_malicious_file_is_flagged_for_what_it_does(sample: Sample) -> None:
    seen = inspect(sample.name, sample.content)
    assert state(seen) == "flagged", seen.incomplete_reason or "called clean"
    assert missing(seen, sample.expect) == (), seen
    assert {operation.action for operation in seen.operations} <= set(_DOES)


@pytest.mark.parametrize("sample", of("malformed"))
def test_a_malformed_file_is_not_called_clean(sample: Sample) -> None:
    seen = inspect(sample.name, sample.content)
    assert state(seen) != "clean", sample.why
    assert missing(seen, sample.expect) == (), seen


@pytest.mark.parametrize("sample", of("benign"))
def test_an_honest_file_is_clean(sample: Sample) -> None:
    seen = inspect(sample.name, sample.content)
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())


def test_the_corpus_is_as_large_as_it_says() -> None:
    count = Counter(sample.label for sample in SAMPLES)
    classes = {sample.family for sample in SAMPLES if sample.label == "malicious"}
    assert count["malicious"] >= 450
    assert count["malformed"] >= 80
    assert count["benign"] >= 40
    assert len(classes) >= 25
    names = Counter((sample.label, sample.family, sample.name) for sample in SAMPLES)
    assert [name for name, times in names.items() if times > 1] == []


def test_the_same_bytes_every_time() -> None:
    for first, second in zip(SAMPLES, generated(), strict=True):
        assert first == second, first.name


def test_nothing_in_the_corpus_is_more_than_inert() -> None:
    """Paths lie below a folder that does not exist, commands echo, addresses are this machine's."""
    for sample in SAMPLES:
        for bad in (b"rm -rf", b"curl ", b"wget ", b"/bin/bash", b"nc -"):
            assert bad not in sample.content, sample.name
