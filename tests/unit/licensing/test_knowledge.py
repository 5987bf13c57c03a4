"""The clause knowledge base: its files, its index, and how a license is found in it."""

from pathlib import Path

import pytest

from weighbridge.licensing import knowledge, knowledge_index
from weighbridge.licensing.fingerprints import known_texts
from weighbridge.licensing.hub_ids import HUB_IDS
from weighbridge.licensing.ids import resolve
from weighbridge.licensing.terms_file import file_name, parse_terms
from weighbridge.model.licensing.terms import (
    Answer,
    Basis,
    Permission,
    Scope,
    from_facts,
    to_facts,
)

FOLDER = Path(knowledge.__file__).parent / knowledge.FOLDER

SOUND = """
id: LicenseRef-sample
name: A sample
kind: model
read: text
reviewed: false
also: [LicenseRef-sample-2]
texts:
  - {key: license, sha256: "", source: "https://example.org/license"}
  - {key: use-policy, sha256: "", source: ""}
permits:
  - {word: use, answer: yes, where: "1", basis: text}
  - {word: commercial, answer: no, where: "2", basis: text}
obliges:
  - {word: badge, where: "1", basis: text, value: "Built with it", uses: [weights]}
restricts:
  - {word: users-cap, where: "2", basis: text, value: "1000"}
  - {word: territory, text: use-policy, where: "3", basis: text, value: "EU GB",
     models: [multimodal]}
propagates:
  - {word: modified, mode: flow-down, where: "1", basis: text}
  - {word: hosted, mode: none, where: "", basis: text}
life:
  - {word: revocable, where: "4", basis: text}
"""

# The Hub's license table (hub-docs 242f4a1).
_HUB = """
apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0
bigcode-openrail-m afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear
c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0
cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0
cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0 cdla-permissive-2.0 wtfpl
ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0 lgpl
lgpl-2.1 lgpl-3.0 isc h-research intel-research lppl-1.3c ms-pl apple-ascl apple-amlr mpl-2.0
odc-by odbl openmdw-1.0 openmdw-1.1 openrail++ osl-3.0 postgresql ofl-1.1 ncsa unlicense zlib pddl
lgpl-lr deepfloyd-if-license fair-noncommercial-research-license llama2 llama3 llama3.1 llama3.2
llama3.3 llama4 grok2-community gemma unknown other
"""
HUB = _HUB.split()
NO_TEXT = {"openrail", "bsd", "cc", "gfdl", "gpl", "lgpl", "unknown", "other"}


def replaced(old: str, new: str) -> str:
    assert old in SOUND
    return SOUND.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a list", "the file: it must be a mapping"),
        ("id: [", "did not find expected"),
        (SOUND + "surprise: 1\n", "unknown key surprise"),
        (SOUND + "id: LicenseRef-twice\n", "stands twice"),
        (replaced("name: A sample", "name: 3.1"), "name: 3.1 must be a text; put it in quotes"),
        (replaced("name: A sample", "name: ''"), "name: it is missing"),
        (replaced("kind: model", "kind: poem"), "kind: 'poem' is none of"),
        (replaced("read: text", "read: maybe"), "read: 'maybe' is none of"),
        (replaced("reviewed: false", "reviewed: soon"), "reviewed: it must be true or false"),
        (replaced("id: LicenseRef-sample", "id: a b"), "neither an SPDX id nor a LicenseRef"),
        (replaced("LicenseRef-sample-2", "LicenseRef-sample"), "is not another id"),
        (replaced("also:", "hub: [no-such]\nalso:"), "the Hub has no license id 'no-such'"),
        (replaced("also:", "hub: [mit]\nalso:"), "'mit' stands for ('MIT',)"),
        (replaced("also:", "names: [1.0]\nalso:"), "put numbers in quotes"),
        (replaced("also:", "names: [a, a]\nalso:"), "stands there twice"),
        (replaced("key: license", "key: terms"), "key license is missing"),
        (replaced("key: use-policy", "key: license"), "two documents have one key"),
        (replaced('sha256: ""', "sha256: abc"), "texts[0].sha256"),
        (replaced("https://example", "http://example"), "it must be an https address"),
        (replaced("word: use", "word: sing"), "permits[0].word: 'sing' is none of use,"),
        (replaced("answer: yes, ", ""), "permits[0].answer: it is missing"),
        (replaced("answer: yes", "answer: conditional"), "permits[0].note"),
        (replaced("word: commercial", "word: use"), "permits: use stands there twice"),
        (replaced("basis: text", "basis: rumor"), "permits[0].basis: 'rumor' is none of"),
        (replaced("basis: text", "basis: text, mode: none"), "unknown key mode"),
        (replaced('where: "1", basis', 'where: "", basis'), "permits[0].where"),
        (replaced('where: "1", basis', "where: 1, basis"), "put it in quotes"),
        (replaced("text: use-policy", "text: annex"), "texts has no document 'annex'"),
        (replaced(', value: "Built with it"', ""), "obliges[0].value: badge needs one"),
        (replaced("uses: [weights]", "uses: [swimming]"), "'swimming' is none of internal,"),
        (replaced('"1000"', '"1e3"'), "a cap is a whole number"),
        (replaced('"1000"', "1000"), "put it in quotes"),
        (replaced('"EU GB"', '"Europe"'), "two-letter codes"),
        (replaced("models: [multimodal]", "models: [A B]"), "not a word in lower case"),
        (replaced("mode: flow-down, ", ""), "propagates[0].mode: it is missing"),
        (replaced("life:\n", "life: {}\nlives:\n"), "unknown key lives"),
        (SOUND.replace("life:\n  - {word: revocable", "life:\n  - {note: x, word: 1"), "1 is none"),
        (replaced("basis: text}", f"basis: text, note: {'x' * 301}}}"), "longer than 300"),
    ],
)  # fmt: skip
def test_a_defective_file_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"^sample\.yaml:") as caught:
        parse_terms(text, source="sample.yaml")
    assert says in str(caught.value)


def test_a_sound_file_is_read() -> None:
    terms = parse_terms(SOUND, source="sample.yaml")
    use = terms.permission(Permission.USE)
    commercial = terms.permission(Permission.COMMERCIAL)
    assert use is not None
    assert commercial is not None
    assert (use.answer, commercial.answer) == (Answer.YES, Answer.NO)  # not true and false
    assert terms.restricts[1].models == ("multimodal",)
    assert from_facts(to_facts(terms)) == terms


def test_every_file_is_sound_and_the_index_is_theirs() -> None:
    found, defects = knowledge_index.read_folder(FOLDER)
    body, claims = knowledge_index.index(found)
    assert defects == []
    assert claims == []
    written = (FOLDER / knowledge.INDEX_FILE).read_text(encoding="utf-8")
    assert written == knowledge_index.rendered(body), (
        "run: python -m weighbridge.licensing.knowledge_index"
    )
    assert len(found) >= 60


def test_what_two_files_claim_is_told() -> None:
    terms = parse_terms(SOUND, source="sample.yaml")
    _, claims = knowledge_index.index({"a.yaml": terms, "b.yaml": terms})
    assert "b.yaml: licenseref-sample belongs to a.yaml already" in claims
    assert "b.yaml: a-sample belongs to a.yaml already" in claims


def test_a_file_must_be_named_like_its_id(tmp_path: Path) -> None:
    (tmp_path / "ai").mkdir()
    (tmp_path / "ai" / "other.yaml").write_text(SOUND)
    found, defects = knowledge_index.read_folder(tmp_path)
    assert found == {}
    assert defects == ["ai/other.yaml: LicenseRef-sample must stand in sample.yaml"]
    assert file_name("LicenseRef-scancode-qwen-2024") == "qwen-2024.yaml"


def test_an_index_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"index\.json"):
        knowledge.parse_index(b'{"schema": "something else"}')


def test_the_list_is_the_hubs() -> None:
    assert len(HUB) == 83
    assert set(HUB) == set(HUB_IDS)


@pytest.mark.parametrize("hub_id", HUB)
def test_a_hub_id_has_terms_or_a_reason(hub_id: str) -> None:
    terms = knowledge.by_hub_id(hub_id)
    if hub_id in NO_TEXT:
        assert terms is None
        assert resolve(hub_id).why
        return
    assert terms is not None
    assert knowledge.by_hub_id(hub_id.upper()) == terms
    for wording in HUB_IDS[hub_id].ids:
        assert knowledge.terms(wording) is not None, wording


@pytest.mark.parametrize("license_id", knowledge.known_ids())
def test_a_known_id_resolves(license_id: str) -> None:
    terms = knowledge.terms(license_id)
    assert terms is not None
    assert terms.id == license_id
    assert resolve(license_id).status == "known"
    for other in terms.also:
        assert knowledge.terms(other) == terms
    for name in terms.names:
        assert knowledge.by_name(name) == terms


@pytest.mark.parametrize("license_id", knowledge.known_ids())
def test_what_the_engine_asks_is_stated(license_id: str) -> None:
    terms = knowledge.terms(license_id)
    assert terms is not None
    asked = {"use", "modify", "redistribute", "commercial", "hosted-service", "use-outputs",
             "train-on-outputs"}  # fmt: skip
    assert asked - {clause.word for clause in terms.permits} == set()
    if terms.read != "secondary":  # what others write is often silent on it, and so are we
        for scope in (Scope.COPY, Scope.MODIFIED):
            assert terms.reach(scope) is not None
    for clause in terms.permits:
        assert (clause.answer is Answer.UNSETTLED) <= (clause.basis is Basis.UNSETTLED)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("GPL-3.0-or-later", "GPL-3.0-only"),
        ("GPL-3.0+", "GPL-3.0-only"),
        ("GPL-3.0", "GPL-3.0-only"),
        ("gpl-3.0-ONLY", "GPL-3.0-only"),
        ("LGPL-2.1+", "LGPL-2.1-only"),
        ("Apache-2.0+", "Apache-2.0"),
        ("GFDL-1.3-no-invariants-or-later", "GFDL-1.3-only"),
        (" MIT ", "MIT"),
    ],
)
def test_other_spellings_of_an_id(written: str, expected: str) -> None:
    terms = knowledge.terms(written)
    assert terms is not None
    assert terms.id == expected


@pytest.mark.parametrize("odd", ["", "+", "-only", "GPL", "no-such", "../software/mit", "x" * 9999])
def test_what_is_not_known_has_no_terms(odd: str) -> None:
    assert knowledge.terms(odd) is None
    assert knowledge.by_hub_id(odd) is None
    assert knowledge.by_name(odd) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("The MIT License", "MIT"),
        ("Creative_Commons Attribution 4.0", "CC-BY-4.0"),
        ("llama3.1", "LicenseRef-scancode-llama-3.1-license-2024"),
        ("CC-BY-NC-4.0", "CC-BY-NC-4.0"),
    ],
)
def test_names_of_cards(name: str, expected: str) -> None:
    terms = knowledge.by_name(name)
    assert terms is not None
    assert terms.id == expected


def test_bsl_is_boost_and_not_the_business_source_license() -> None:
    boost = knowledge.by_hub_id("bsl-1.0")
    assert boost is not None
    assert boost.id == "BSL-1.0"
    assert knowledge.terms("BUSL-1.1") is None


def test_digests_are_those_that_texts_are_recognized_by() -> None:
    digests: dict[str, set[str]] = {}
    for text in known_texts():
        for license_id in (text.id, *text.also):
            digests.setdefault(license_id, set()).add(text.sha256)
    for terms in knowledge.all_terms():
        text = terms.text("license")
        if text is not None and text.sha256 and terms.id in digests:
            assert text.sha256 in digests[terms.id], terms.id


def test_one_license_is_read_without_the_others() -> None:
    knowledge._read.cache_clear()
    knowledge.terms("MIT")
    assert knowledge._read.cache_info().currsize == 1
