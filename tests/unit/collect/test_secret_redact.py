"""No collector's quotation brings a secret into a record."""

from __future__ import annotations

import pytest
from tests.unit.collect.secret_samples import BASE62, Maker, tokens

from weighbridge.collect.secret_redact import clean, redacted
from weighbridge.edge.text import visible
from weighbridge.model.canonical import thaw
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState

MAKE = Maker(5)
FACE = "h" + f"f_{MAKE.of(BASE62[10:], 34)}"


def evidence(data: dict[str, object], kind: EvidenceKind = EvidenceKind.MODEL) -> Evidence:
    return Evidence(kind, "", EvidenceState.OBSERVED, "file:README.md", "model@1", data=data)


@pytest.mark.parametrize("form", tokens(MAKE), ids=lambda form: form[0])
def test_a_token_is_replaced_by_its_pattern(form) -> None:
    rule, value = form
    assert clean(f"use '{value}' here") == f"use '[redacted: {rule}]' here"


@pytest.mark.parametrize("cut", [8, 20, 36])
def test_a_token_that_was_cut_with_its_text_is_taken_out_too(cut) -> None:
    text = visible("a " * 200 + FACE + " b" * 9, 400 + cut)
    assert FACE[:8] in text
    assert FACE[:8] not in clean(text)
    assert clean(text).startswith("a a ")


def test_many_secrets_leave_nothing_of_the_text() -> None:
    text = " ".join(MAKE.crc("ghp") for _ in range(150))
    assert clean(text) == "[redacted: many secrets]"


def test_evidence_without_one_is_the_same_object() -> None:
    same = evidence({"claims": [{"value": "a chat model…", "sha256": "ab" * 32}]})
    assert redacted(same) is same


def test_texts_are_cleaned_however_deep_they_lie() -> None:
    found = redacted(evidence({"claims": [{"value": f"key {FACE}"}], "count": 3}))
    assert thaw(found.data) == {
        "claims": [{"value": "key [redacted: hugging-face-token]"}],
        "count": 3,
    }
    assert found.digest != evidence({"claims": [{"value": f"key {FACE}"}], "count": 3}).digest
