"""Datasets as BibTeX, CITATION.cff and Croissant: any text, escaped; nothing invented."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weighbridge.collect.dataset_records import parse_citation_cff
from weighbridge.edge.bibtex import parse_bibtex
from weighbridge.edge.yaml import load_yaml
from weighbridge.report import citations_bibtex, citations_cff, citations_croissant
from weighbridge.report.citations import empty_fields

COMMIT = "0123456789abcdef0123456789abcdef01234567"
EVIL = "x}\n@misc{evil, title={y}} \x1b[31m \u202e <b> | ]( $HOME & 100% _ # ~ ^ \\ \" ' \x85\u2028"


def facts(**over):
    plain = {
        "id": "o/n", "used_in": [], "license": "", "license_id": "", "license_status": "",
        "citation": "", "doi": "", "url": "", "accessed": "", "purpose": "", "pin": "",
        "pin_kind": "", "recorded_in": "datasets.yaml", "recorded_line": 1, "license_file": "",
        "license_sha256": "", "license_text": "",
    }  # fmt: skip
    return {**plain, **over}


WHOLE = facts(
    used_in=[{"path": "t.py", "member": "", "line": 2, "kind": "code", "revision": COMMIT}],
    license="cc-by-4.0", license_id="CC-BY-4.0", license_status="known", doi="10.5555/n",
    url="https://example.org/n", accessed="2026-11-02", purpose="training", pin=COMMIT,
    pin_kind="commit", citation="@misc{n, author={Doe, J{\\'e} and {The Org}}, title={The {N}},"
    " year=2024}",
)  # fmt: skip


@pytest.mark.parametrize("field", ["id", "citation", "license", "url", "doi", "purpose", "pin"])
def test_text_of_others_stays_text(field: str) -> None:
    one = facts(**{field: EVIL})
    (entry,) = parse_bibtex(citations_bibtex.render([one]).decode())
    assert entry.kind == "misc"
    cff = citations_cff.render([one], title=EVIL, authors=(EVIL,)).decode()
    assert len(load_yaml(cff, source="x").value["references"]) == 1
    croissant = citations_croissant.render([one])
    assert json.loads(croissant)["@type"] == "sc:Dataset"
    for data in (citations_bibtex.render([one]), cff.encode(), croissant):
        text = data.decode()
        assert all(c.isprintable() or c == "\n" for c in text), field


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_files_that_are_read(name: str, citation: str, url: str) -> None:
    one = facts(id=name or "x", citation=citation, url=url, license=citation)
    assert parse_bibtex(citations_bibtex.render([one]).decode())
    cff = citations_cff.render([one], title=name, authors=()).decode()
    assert load_yaml(cff, source="x").value["references"][0]["type"] == "data"
    json.loads(citations_croissant.render([one]))


def test_bibtex_of_a_record() -> None:
    (entry,) = parse_bibtex(citations_bibtex.render([WHOLE]).decode())
    assert (entry.kind, entry.key) == ("misc", "n")
    assert entry.get("author") == "Doe, J{\\'e} and {The Org}"
    assert entry.get("title") == "The {N}"
    assert (entry.get("doi"), entry.get("urldate")) == ("10.5555/n", "2026-11-02")
    assert entry.get("version") == COMMIT


def test_bibtex_keys_are_each_their_own() -> None:
    text = citations_bibtex.render([WHOLE, WHOLE, facts(id="a b"), facts(id="a-b"), facts(id="é")])
    keys = [entry.key for entry in parse_bibtex(text.decode())]
    assert len(set(keys)) == len(keys) == 5


def test_bibtex_escapes_what_latex_reads() -> None:
    text = citations_bibtex.render([facts(id="a_b&c{d}%#$~^\\")]).decode()
    assert r"a\_b\&c\textbraceleft{}d\textbraceright{}\%\#\$" in text
    assert r"\textasciitilde{}\textasciicircum{}\textbackslash{}" in text


def test_values_that_are_not_known_are_left_out() -> None:
    one = facts()
    assert citations_bibtex.render([one]).decode() == "@misc{o-n,\n  title = {{o/n}},\n}\n"
    cff = load_yaml(citations_cff.render([one], title="M", authors=()).decode(), source="x").value
    assert cff["references"] == [{"type": "data", "title": "o/n"}]
    assert "authors" not in cff
    given_ = json.loads(citations_croissant.render([one]))
    assert set(given_) == {"@context", "@type", "conformsTo", "name"}
    assert empty_fields(one) == ("license", "pin", "doi or citation", "accessed", "purpose")
    assert "authors" in citations_cff.unfilled(one)[0]
    assert "license" in citations_croissant.unfilled(one)


def test_cff_of_a_record_is_read_back() -> None:
    text = citations_cff.render([WHOLE], title="M", authors=("A. Author",)).decode()
    reference = load_yaml(text, source="x").value["references"][0]
    assert reference["authors"] == [
        {"family-names": "Doe", "given-names": "Jé"}, {"name": "The Org"},
    ]  # fmt: skip
    assert (reference["license"], reference["commit"]) == ("CC-BY-4.0", COMMIT)
    (record,) = parse_citation_cff(text, source="CITATION.cff")
    assert (record.id, record.doi, record.pin_kind) == ("o/n", "10.5555/n", "commit")


def test_a_license_that_cff_has_no_word_for_is_a_note() -> None:
    one = facts(license="x", license_id="CDLA-Permissive-2.0", license_status="known")
    reference = load_yaml(
        citations_cff.render([one], title="M", authors=()).decode(), source="x"
    ).value["references"][0]
    assert "license" not in reference
    assert reference["notes"] == "License: CDLA-Permissive-2.0"


def test_croissant_of_one_and_of_several() -> None:
    one = json.loads(citations_croissant.render([WHOLE]))
    assert one["license"] == "https://spdx.org/licenses/CC-BY-4.0.html"
    assert one["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert one["@context"]["@language"] == "en"
    several = json.loads(citations_croissant.render([WHOLE, facts(id="p/q")]))
    assert [each["name"] for each in several["@graph"]] == ["o/n", "p/q"]
    assert json.loads(citations_croissant.render([]))["@graph"] == []
