"""CVSS v4.0 scores against those that another implementation gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weighbridge.sources.cvss4 import score
from weighbridge.sources.severity import of_vector

ALL_HIGH = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H"


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        # scored by the library cvss, which agreed on 6,000 vectors drawn at random
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3),
        ("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.7),
        (ALL_HIGH, 10.0),
        ("CVSS:4.0/AV:P/AC:H/AT:P/PR:L/UI:A/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0.0),
        ("CVSS:4.0/AV:L/AC:L/AT:N/PR:H/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N/E:A/CR:X/IR:H/AR:L", 0.0),
        ("CVSS:4.0/AV:A/AC:L/AT:N/PR:H/UI:P/VC:L/VI:L/VA:N/SC:N/SI:N/SA:L/E:U/CR:X/IR:M/AR:H", 0.4),
        ("CVSS:4.0/AV:P/AC:H/AT:N/PR:L/UI:N/VC:L/VI:N/VA:L/SC:H/SI:H/SA:H/E:P/CR:X/IR:X/AR:H", 1.2),
        ("CVSS:4.0/AV:L/AC:H/AT:P/PR:N/UI:P/VC:L/VI:N/VA:N/SC:N/SI:L/SA:L/E:A/CR:H/IR:L/AR:L", 2.0),
        ("CVSS:4.0/AV:A/AC:L/AT:P/PR:L/UI:A/VC:L/VI:L/VA:L/SC:H/SI:H/SA:H/E:X/CR:M/IR:M/AR:M", 2.4),
        ("CVSS:4.0/AV:N/AC:H/AT:P/PR:N/UI:N/VC:N/VI:L/VA:N/SC:H/SI:L/SA:H/E:U/CR:X/IR:L/AR:M", 2.8),
        ("CVSS:4.0/AV:P/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N/E:P/CR:M/IR:X/AR:H", 3.2),
        ("CVSS:4.0/AV:P/AC:L/AT:N/PR:L/UI:N/VC:N/VI:H/VA:N/SC:L/SI:H/SA:H/E:U/CR:L/IR:H/AR:L", 3.6),
        ("CVSS:4.0/AV:P/AC:L/AT:P/PR:H/UI:N/VC:L/VI:H/VA:L/SC:N/SI:N/SA:H/E:X/CR:X/IR:L/AR:M", 4.0),
        ("CVSS:4.0/AV:P/AC:L/AT:N/PR:N/UI:P/VC:L/VI:H/VA:L/SC:L/SI:L/SA:N", 5.2),
        ("CVSS:4.0/AV:L/AC:L/AT:N/PR:H/UI:N/VC:H/VI:N/VA:H/SC:N/SI:L/SA:N/E:X/CR:X/IR:M/AR:H", 6.8),
        ("CVSS:4.0/AV:A/AC:L/AT:N/PR:H/UI:A/VC:L/VI:H/VA:H/SC:H/SI:H/SA:H/E:A/CR:H/IR:H/AR:M", 7.2),
        ("CVSS:4.0/AV:N/AC:H/AT:N/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:A/CR:L/IR:H/AR:X", 7.6),
        ("CVSS:4.0/AV:A/AC:L/AT:N/PR:L/UI:N/VC:H/VI:N/VA:H/SC:H/SI:N/SA:H", 8.4),
        ("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:L/SC:H/SI:L/SA:N", 8.8),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:A/VC:H/VI:H/VA:N/SC:H/SI:L/SA:L", 9.2),
    ],
)  # fmt: skip
def test_scores(vector: str, expected: float) -> None:
    assert score(vector) == expected


@pytest.mark.parametrize(
    "vector",
    [
        "",
        "CVSS:4.0/",
        ALL_HIGH.replace("4.0", "4.1"),
        ALL_HIGH.replace("/AT:N", ""),
        ALL_HIGH.replace("/AT:N", "/AT:N/AT:P"),
        ALL_HIGH.replace("AV:N", "AV:X"),
        ALL_HIGH.replace("AV:N", "AV:"),
        ALL_HIGH.replace("AV:N", "AV:NN"),
        ALL_HIGH.replace("SI:H", "SI:S"),
        ALL_HIGH + "/E:Z",
        ALL_HIGH + "/MAV:S",
        ALL_HIGH + "/X:1" * 100,
    ],
)
def test_what_is_no_vector_has_no_score(vector: str) -> None:
    assert score(vector) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_it(head: str, tail: str) -> None:
    for vector in (head, f"CVSS:4.0/{head}", f"{ALL_HIGH}/{tail}"):
        found = of_vector(vector)
        assert found.score is None or 0.0 <= found.score <= 10.0


BASE = {"AV": "NALP", "AC": "LH", "AT": "NP", "PR": "NLH", "UI": "NPA", "VC": "HLN", "VI": "HLN",
        "VA": "HLN", "SC": "HLN", "SI": "HLN", "SA": "HLN"}  # fmt: skip


@given(st.fixed_dictionaries({name: st.sampled_from(values) for name, values in BASE.items()}),
       st.sampled_from("XAPU"), st.sampled_from("XHML"))  # fmt: skip
def test_every_vector_has_a_score_with_one_decimal(
    values: dict[str, str], exploit: str, need: str
) -> None:
    text = "/".join(f"{name}:{value}" for name, value in values.items())
    found = score(f"CVSS:4.0/{text}/E:{exploit}/CR:{need}")
    assert found is not None
    assert found == round(found, 1)
