"""Key facts of the licenses for software, data and works."""

import pytest

from weighbridge.licensing import knowledge
from weighbridge.model.licensing.terms import (
    Answer,
    Basis,
    Clause,
    Life,
    Mode,
    Obligation,
    Permission,
    Restriction,
    Scope,
    Terms,
)

PERMISSIVE = (
    "Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "BSD-3-Clause-Clear", "0BSD", "ISC",
    "Zlib", "Unlicense", "WTFPL", "BSL-1.0", "AFL-3.0", "ECL-2.0", "NCSA", "PostgreSQL",
)  # fmt: skip
COPYLEFT = (
    "GPL-2.0-only", "GPL-3.0-only", "LGPL-2.1-only", "LGPL-3.0-only", "AGPL-3.0-only", "MPL-2.0",
    "EPL-1.0", "EPL-2.0", "EUPL-1.1", "EUPL-1.2", "OSL-3.0", "LGPLLR", "MS-PL", "OFL-1.1",
)  # fmt: skip
OWN = [
    terms
    for terms in knowledge.all_terms()
    if terms.kind in ("software", "data", "content") and not terms.id.startswith("LicenseRef-")
]


def of(license_id: str) -> Terms:
    terms = knowledge.terms(license_id)
    assert terms is not None
    return terms


def reach(license_id: str, scope: Scope) -> Clause:
    clause = of(license_id).reach(scope)
    assert clause is not None
    return clause


def answer(license_id: str, word: Permission) -> Answer | None:
    clause = of(license_id).permission(word)
    assert clause is not None
    return clause.answer


@pytest.mark.parametrize("license_id", PERMISSIVE)
def test_permissive_licenses_bind_with_notices_at_most(license_id: str) -> None:
    assert answer(license_id, Permission.COMMERCIAL) is Answer.YES
    assert answer(license_id, Permission.TRAIN_ON_OUTPUTS) is Answer.YES
    assert of(license_id).restricts == ()
    assert reach(license_id, Scope.MODIFIED).mode in (Mode.NOTICE, Mode.NONE)


@pytest.mark.parametrize("license_id", COPYLEFT)
def test_copyleft_goes_with_changed_works_and_is_unsettled_for_training(license_id: str) -> None:
    assert reach(license_id, Scope.MODIFIED).mode is Mode.SAME_LICENSE
    assert reach(license_id, Scope.TRAINED).basis is Basis.UNSETTLED


@pytest.mark.parametrize(
    ("license_id", "mode"),
    [
        ("AGPL-3.0-only", Mode.SAME_LICENSE),
        ("EUPL-1.2", Mode.SAME_LICENSE),
        ("OSL-3.0", Mode.SAME_LICENSE),
        ("GPL-3.0-only", Mode.NONE),
        ("MPL-2.0", Mode.NONE),
        ("MIT", Mode.NONE),
        ("CC-BY-SA-4.0", Mode.NONE),
    ],
)
def test_who_reaches_a_hosted_service(license_id: str, mode: Mode) -> None:
    assert reach(license_id, Scope.HOSTED).mode is mode
    network = {o.word for o in of(license_id).obliges if "service" in o.uses}
    assert bool(network) == (mode is Mode.SAME_LICENSE)


def test_agpl_on_trained_weights_is_what_one_licensor_says() -> None:
    trained = [c for c in of("AGPL-3.0-only").propagates if c.word == Scope.TRAINED]
    assert [c.basis for c in trained] == [Basis.UNSETTLED, Basis.STATEMENT]
    assert trained[1].models == ("ultralytics",)
    source = of("AGPL-3.0-only").text(trained[1].text)
    assert source is not None
    assert "ultralytics" in source.source


@pytest.mark.parametrize("terms", OWN, ids=lambda terms: terms.id)
def test_the_letters_of_creative_commons(terms: Terms) -> None:
    elements = terms.id.split("-") if terms.id.startswith("CC-BY") else []
    held = {clause.word for clause in terms.restricts}
    assert (Restriction.NON_COMMERCIAL in held) == ("NC" in elements)
    assert (Restriction.NO_DERIVATIVES in held) == ("ND" in elements)
    if "NC" in elements:
        assert answer(terms.id, Permission.COMMERCIAL) is Answer.NO
    if elements:
        modified, trained = terms.reach(Scope.MODIFIED), terms.reach(Scope.TRAINED)
        assert modified is not None
        assert trained is not None
        assert (modified.mode is Mode.SAME_LICENSE) == ("SA" in elements)
        assert trained.basis is Basis.UNSETTLED
        stated = [c for c in terms.propagates if c.basis is Basis.STATEMENT]
        assert [c.text for c in stated] == ["cc-ai-training"]
        assert answer(terms.id, Permission.USE_OUTPUTS) is Answer.UNSETTLED
        assert any(c.word == Obligation.ATTRIBUTION for c in terms.obliges)


@pytest.mark.parametrize(
    "license_id", ["CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "CDLA-Sharing-1.0", "C-UDA-1.0"]
)
def test_results_are_free(license_id: str) -> None:
    for scope in (Scope.TRAINED, Scope.OUTPUTS):
        assert reach(license_id, scope).mode is Mode.NONE
        assert reach(license_id, scope).basis is Basis.TEXT
    assert answer(license_id, Permission.TRAIN_ON_OUTPUTS) is Answer.YES


def test_the_open_database_license_stops_at_produced_works() -> None:
    assert reach("ODbL-1.0", Scope.MODIFIED).mode is Mode.SAME_LICENSE
    trained = reach("ODbL-1.0", Scope.TRAINED)
    assert (trained.mode, trained.basis) == (Mode.NOTICE, Basis.INTERPRETATION)
    assert "4.5.b" in trained.where


def test_sharing_differs_from_permissive() -> None:
    assert reach("CDLA-Sharing-1.0", Scope.MODIFIED).mode is Mode.SAME_LICENSE
    assert reach("CDLA-Permissive-1.0", Scope.MODIFIED).mode is Mode.NOTICE


def test_c_uda_is_for_computational_use_only() -> None:
    clause = of("C-UDA-1.0").restriction(Restriction.COMPUTATIONAL_USE_ONLY)
    assert clause is not None
    assert "2.1" in clause.where


@pytest.mark.parametrize("license_id", ["CC0-1.0", "PDDL-1.0", "Unlicense", "WTFPL", "0BSD"])
def test_nothing_is_asked_by_those_that_ask_nothing(license_id: str) -> None:
    assert of(license_id).obliges == ()
    assert of(license_id).restricts == ()
    assert reach(license_id, Scope.MODIFIED).mode is Mode.NONE


@pytest.mark.parametrize(
    ("license_id", "expected"),
    [
        ("Apache-2.0", Answer.YES), ("MPL-2.0", Answer.YES), ("GPL-3.0-only", Answer.YES),
        ("MIT", Answer.UNSETTLED), ("GPL-2.0-only", Answer.UNSETTLED),
        ("BSD-3-Clause-Clear", Answer.NO), ("CC-BY-4.0", Answer.NO), ("CC0-1.0", Answer.NO),
        ("ECL-2.0", Answer.CONDITIONAL),
    ],
)  # fmt: skip
def test_patents(license_id: str, expected: Answer) -> None:
    assert answer(license_id, Permission.PATENT) is expected


def test_apache_asks_for_four_things_and_ends_with_litigation() -> None:
    apache = of("Apache-2.0")
    assert [(clause.word, clause.where) for clause in apache.obliges] == [
        (Obligation.LICENSE_COPY, "4.a"),
        (Obligation.STATE_CHANGES, "4.b"),
        (Obligation.COPYRIGHT_NOTICE, "4.c"),
        (Obligation.ATTRIBUTION, "4.d"),
    ]
    assert [clause.word for clause in apache.life] == [Life.LITIGATION_TERMINATION]


def test_nothing_claims_a_lawyers_review_or_a_text_without_an_address() -> None:
    for terms in OWN:
        assert not terms.reviewed
        text = terms.text("license")
        assert text is not None
        assert text.source, terms.id
        assert text.sha256, terms.id
