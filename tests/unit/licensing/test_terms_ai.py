"""What the knowledge base must say of the licenses of AI models, each fact as the text has it."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import weighbridge.licensing
from weighbridge.licensing.fingerprints import known_texts
from weighbridge.licensing.hub_ids import HUB_IDS
from weighbridge.licensing.terms_file import file_name, parse_terms
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

FOLDER = Path(weighbridge.licensing.__file__).parent / "terms" / "ai"
FILES = sorted(FOLDER.glob("*.yaml"))
STATED = ("use", "modify", "redistribute", "commercial", "hosted-service")
STATED_OF_OUTPUTS = ("use-outputs", "train-on-outputs")
AI_HUB_IDS = sorted(
    name
    for name, hub in HUB_IDS.items()
    if hub.ids and (hub.ids[0].startswith("LicenseRef-") or hub.ids[0] == "OpenMDW-1.0")
)
LLAMA = {
    "2": "llama-2-license-2023",
    "3": "llama3",
    "3.1": "llama-3.1-license-2024",
    "3.2": "llama-3.2-license-2024",
    "3.3": "llama-3.3-license-2024",
    "4": "llama-4-cla-2025",
}
RAILS = (
    "bigscience-rail-1.0",
    "bigscience-open-rail-m",
    "stable-diffusion-2022-08-22",
    "bigscience-open-rail-m2",
    "bigcode-open-rail-m-v1",
    "deepseek-la-1.0",
)
GEMMAS = ("gemma-tou-2024-04-01", "gemma-tou-2025-03-24")


@cache
def read(name: str) -> Terms:
    path = FOLDER / f"{name}.yaml"
    return parse_terms(path.read_text(encoding="utf-8"), source=path.name)


def obligation(terms: Terms, word: Obligation) -> Clause:
    return next(c for c in terms.obliges if c.word == word)


def has(terms: Terms, word: str) -> bool:
    parts = (*terms.obliges, *terms.restricts, *terms.life)
    return any(c.word == word for c in parts)


def answer(terms: Terms, word: Permission) -> Answer | None:
    found = terms.permission(word)
    return found.answer if found else None


def mode(terms: Terms, scope: Scope) -> Mode | None:
    found = terms.reach(scope)
    return found.mode if found else None


def clauses(terms: Terms) -> Iterator[Clause]:
    yield from (*terms.permits, *terms.obliges, *terms.restricts, *terms.propagates, *terms.life)


def test_there_are_enough() -> None:
    assert len(FILES) >= 70
    assert sum(read(path.stem).read == "text" for path in FILES) >= 50


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_sound_and_silent_on_nothing_that_matters(path: Path) -> None:
    terms = read(path.stem)
    assert path.name == file_name(terms.id)
    assert not terms.reviewed  # no lawyer has looked
    stated = {clause.word for clause in terms.permits}
    assert stated.issuperset((*STATED, *STATED_OF_OUTPUTS))
    source = terms.text("license")
    assert source is not None
    assert source.source


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_digest_is_the_fingerprint_of_that_license(path: Path) -> None:
    terms = read(path.stem)
    known = {f.sha256 for f in known_texts() if f.id == terms.id and not f.passage}
    for text in terms.texts:
        wanted = known if text.key == "license" else set()
        assert {text.sha256} == (wanted or {""})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_license_not_read_claims_no_digest(path: Path) -> None:
    terms = read(path.stem)
    if terms.read != "text":
        assert not any(text.sha256 for text in terms.texts)
        assert any(c.basis is not Basis.TEXT for c in clauses(terms))


@pytest.mark.parametrize("hub_id", AI_HUB_IDS)
def test_every_ai_license_of_the_hub_is_there(hub_id: str) -> None:
    files = [read(file_name(i).removesuffix(".yaml")) for i in HUB_IDS[hub_id].ids]
    assert [terms.id for terms in files] == list(HUB_IDS[hub_id].ids)
    assert files[0].hub == (hub_id,)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_goes_down_is_in_the_file(path: Path) -> None:
    """The words that a flow-down names are clauses of the same license."""
    terms = read(path.stem)
    words = {c.word for c in (*terms.obliges, *terms.restricts)}
    for clause in terms.propagates:
        assert words.issuperset(clause.value.split()), clause


# Llama


@pytest.mark.parametrize("version", ["2", "3"])
def test_llama_2_and_3_may_not_improve_other_models(version: str) -> None:
    terms = read(LLAMA[version])
    clause = terms.permission(Permission.TRAIN_ON_OUTPUTS)
    assert clause is not None
    assert clause.answer is Answer.NO
    assert clause.where == "1.b.v"
    assert clause.basis is Basis.TEXT
    assert terms.restriction(Restriction.NO_TRAIN_OTHERS) is not None


@pytest.mark.parametrize("version", ["3.1", "3.2", "3.3", "4"])
def test_llama_3_1_and_later_may_where_the_name_begins_with_llama(version: str) -> None:
    terms = read(LLAMA[version])
    assert answer(terms, Permission.TRAIN_ON_OUTPUTS) is Answer.CONDITIONAL
    assert terms.restriction(Restriction.NO_TRAIN_OTHERS) is None
    assert obligation(terms, Obligation.NAME_PREFIX).value == "Llama"
    reach = terms.reach(Scope.OUTPUTS)
    assert reach is not None
    assert reach.mode is Mode.FLOW_DOWN
    assert reach.value == "name-prefix"  # and no more than the name


def test_llama_3_has_its_own_prefix_and_badge_and_llama_2_none() -> None:
    three = read("llama3")
    assert obligation(three, Obligation.NAME_PREFIX).value == "Llama 3"
    assert obligation(three, Obligation.BADGE).value == "Built with Meta Llama 3"
    assert not has(read(LLAMA["2"]), Obligation.NAME_PREFIX)
    assert not has(read(LLAMA["2"]), Obligation.BADGE)


@pytest.mark.parametrize("version", ["3.2", "3.3", "4"])
def test_the_eu_is_left_out_by_the_use_policy_for_multimodal_models(version: str) -> None:
    clause = read(LLAMA[version]).restriction(Restriction.TERRITORY)
    assert clause is not None
    assert (clause.text, clause.value, clause.models) == ("use-policy", "EU", ("multimodal",))


@pytest.mark.parametrize("version", ["2", "3", "3.1"])
def test_earlier_llamas_leave_no_territory_out(version: str) -> None:
    assert read(LLAMA[version]).restriction(Restriction.TERRITORY) is None


@pytest.mark.parametrize("version", sorted(LLAMA))
def test_llama_notices_users_and_suits(version: str) -> None:
    terms = read(LLAMA[version])
    notice = obligation(terms, Obligation.NOTICE_SENTENCE)
    mark = "Meta Llama 3" if version == "3" else f"Llama {version}"
    assert notice.value.startswith(f"{mark} is licensed under the ")
    assert notice.value.endswith(" Meta Platforms, Inc. All Rights Reserved.")
    assert notice.where == "1.b.iii"
    assert "service" not in notice.uses
    cap = terms.restriction(Restriction.USERS_CAP)
    assert cap is not None
    assert cap.value == "700000000"
    assert has(terms, Life.LITIGATION_TERMINATION)
    assert (terms.family, terms.version) == ("llama", version)


def test_the_second_llama_4_id_is_its_use_policy() -> None:
    policy, agreement = read("llama-4-license-2025"), read(LLAMA["4"])
    assert "Acceptable Use Policy" in policy.name
    assert policy.restricts == agreement.restricts
    assert policy.propagates == agreement.propagates
    assert policy.hub == ()


def test_llama_1_is_for_research_outputs_too() -> None:
    terms = read("llama-license-2023")
    assert answer(terms, Permission.COMMERCIAL) is Answer.NO
    assert terms.restriction(Restriction.RESEARCH_ONLY) is not None
    assert answer(terms, Permission.USE_OUTPUTS) is Answer.CONDITIONAL
    assert has(terms, Life.REVOCABLE)


# Gemma, RAIL, DeepSeek: hosting is distribution, distillation from outputs a derivative


@pytest.mark.parametrize("name", [*GEMMAS, *RAILS])
def test_hosting_distributes_and_distillation_derives(name: str) -> None:
    terms = read(name)
    for scope in (Scope.HOSTED, Scope.OUTPUTS, Scope.MODIFIED):
        clause = terms.reach(scope)
        assert clause is not None
        assert (clause.mode, clause.basis, clause.value) == (Mode.FLOW_DOWN, Basis.TEXT, "")
    flow = obligation(terms, Obligation.USE_POLICY_FLOW_DOWN)
    assert "service" in flow.uses
    assert answer(terms, Permission.TRAIN_ON_OUTPUTS) is Answer.CONDITIONAL
    assert has(terms, Life.REMOTE_RESTRICT)


@pytest.mark.parametrize("name", GEMMAS)
def test_gemma_notice_goes_with_files_not_with_services(name: str) -> None:
    notice = obligation(read(name), Obligation.NOTICE_SENTENCE)
    assert notice.value == (
        "Gemma is provided under and subject to the Gemma Terms of Use found at "
        "ai.google.dev/gemma/terms"
    )
    assert set(notice.uses) == {"weights", "application"}


def test_only_the_older_rails_may_update_the_model() -> None:
    def note(name: str) -> str:
        return next(c.note for c in read(name).life if c.word == Life.REMOTE_RESTRICT)

    assert "latest version" in note("stable-diffusion-2022-08-22")
    assert "latest version" not in note("bigscience-open-rail-m2")


def test_a_suit_ends_every_right_under_bigcode_and_patents_only_elsewhere() -> None:
    def note(name: str) -> str:
        return next(c.note for c in read(name).life if c.word == Life.LITIGATION_TERMINATION)

    assert note("bigcode-open-rail-m-v1").startswith("all rights")
    assert note("bigscience-open-rail-m").startswith("the patent licenses only")


# bounds on users, revenue and territory


@pytest.mark.parametrize(
    ("name", "word", "value"),
    [
        ("qwen-2024", Restriction.USERS_CAP, "100000000"),
        ("tongyi-qianwen-2023", Restriction.USERS_CAP, "100000000"),
        ("hyperclova-x-seed-2025", Restriction.USERS_CAP, "10000000"),
        ("tencent-hunyuan-3d-2.0-cla", Restriction.USERS_CAP, "1000000"),
        ("tencent-hunyuan-3d-2.0-cla", Restriction.TERRITORY, "EU GB KR"),
        ("tencent-hunyuan-community-eu", Restriction.TERRITORY, "EU"),
        ("stability-ai-community-2024", Restriction.REVENUE_CAP, "1000000"),
        ("databricks-open-model", Restriction.USERS_CAP, "700000000"),
    ],
)
def test_bounds(name: str, word: Restriction, value: str) -> None:
    clause = read(name).restriction(word)
    assert clause is not None
    assert (clause.value, clause.basis, clause.text) == (value, Basis.TEXT, "license")


def test_the_first_hunyuan_text_leaves_no_territory_out() -> None:
    terms = read("tencent-hunyuan-community-2024-05-14")
    assert terms.restriction(Restriction.TERRITORY) is None


# outputs


def test_qwen_asks_for_a_badge_and_tongyi_forbids() -> None:
    qwen, tongyi = read("qwen-2024"), read("tongyi-qianwen-2023")
    assert obligation(qwen, Obligation.BADGE).value == "Built with Qwen|Improved using Qwen"
    assert answer(qwen, Permission.TRAIN_ON_OUTPUTS) is Answer.CONDITIONAL
    assert answer(tongyi, Permission.TRAIN_ON_OUTPUTS) is Answer.NO
    assert answer(read("tongyi-qianwen-research"), Permission.COMMERCIAL) is Answer.NO


@pytest.mark.parametrize("name", ["flux-1-nc", "flux-1-dev-nc-1.1.1"])
def test_flux_outputs_may_be_sold_and_its_weights_not(name: str) -> None:
    terms = read(name)
    assert answer(terms, Permission.COMMERCIAL) is Answer.NO
    outputs = terms.permission(Permission.USE_OUTPUTS)
    assert outputs is not None
    assert outputs.answer is Answer.CONDITIONAL
    assert "commercial ones too" in outputs.note
    train = terms.restriction(Restriction.NO_TRAIN_OTHERS)
    assert train is not None
    assert train.where == "2.d"
    assert mode(terms, Scope.MODIFIED) is Mode.SAME_LICENSE


def test_exaone_binds_outputs_and_names() -> None:
    terms = read("exaone-ai-model-1.1-nc")
    assert answer(terms, Permission.COMMERCIAL) is Answer.NO
    assert answer(terms, Permission.TRAIN_ON_OUTPUTS) is Answer.NO
    clause = terms.restriction(Restriction.NON_COMMERCIAL)
    assert clause is not None
    assert "outputs" in clause.note
    assert obligation(terms, Obligation.NAME_PREFIX).value == "EXAONE"


def test_hyperclova_forbids_competitors_and_names_models_from_outputs() -> None:
    terms = read("hyperclova-x-seed-2025")
    assert terms.restriction(Restriction.NON_COMPETING) is not None
    assert obligation(terms, Obligation.NAME_PREFIX).value == "HyperCLOVA X"
    assert obligation(terms, Obligation.BADGE).value == "Powered by HyperCLOVA X"
    assert mode(terms, Scope.OUTPUTS) is Mode.FLOW_DOWN


def test_stability_forbids_foundational_models_and_asks_to_register() -> None:
    terms = read("stability-ai-community-2024")
    assert terms.restriction(Restriction.NO_TRAIN_OTHERS) is not None
    assert obligation(terms, Obligation.BADGE).value == "Powered by Stability AI"
    assert has(terms, Obligation.REGISTER)
    assert mode(terms, Scope.OUTPUTS) is Mode.FLOW_DOWN


def test_hunyuan_forbids_improving_others_and_only_encourages_its_badge() -> None:
    terms = read("tencent-hunyuan-3d-2.0-cla")
    assert answer(terms, Permission.TRAIN_ON_OUTPUTS) is Answer.NO
    assert not has(terms, Obligation.BADGE)


@pytest.mark.parametrize("name", ["openmdw-1.0", "openmdw-1.1"])
def test_openmdw_leaves_outputs_alone(name: str) -> None:
    terms = read(name)
    assert answer(terms, Permission.TRAIN_ON_OUTPUTS) is Answer.YES
    assert mode(terms, Scope.OUTPUTS) is Mode.NONE
    assert mode(terms, Scope.MODIFIED) is Mode.NOTICE
    assert terms.restricts == ()


# the rest


def test_falcon_2_follows_a_policy_that_changes() -> None:
    terms = read("falcon-2-11b-1.0")
    clause = next(c for c in terms.life if c.word == Life.MUTABLE_USE_POLICY)
    assert clause.basis is Basis.TEXT
    assert "latest version" in clause.note
    assert answer(terms, Permission.PATENT) is Answer.YES


def test_nvidia_ends_with_a_guardrail_and_asks_its_badge_for_cosmos_only() -> None:
    terms = read("nvidia-open-model-2025-04-28")
    assert terms.restriction(Restriction.NO_GUARDRAIL_BYPASS) is not None
    badge = obligation(terms, Obligation.BADGE)
    assert (badge.value, badge.models) == ("Built on NVIDIA Cosmos", ("cosmos",))
    reaches = [c for c in terms.propagates if c.word == Scope.OUTPUTS]
    assert {(c.mode, c.models) for c in reaches} == {
        (Mode.NONE, ()),
        (Mode.FLOW_DOWN, ("cosmos",)),
    }


def test_older_stability_licenses_forbid_services() -> None:
    clause = read("stability-ai-nc-2023-12-06").permission(Permission.HOSTED_SERVICE)
    assert clause is not None
    assert (clause.answer, clause.where) == (Answer.NO, "1.b")


@pytest.mark.parametrize("name", ["opt-175b", "seer", "deepfloyd-if-license", "apple-amlr"])
def test_research_licenses(name: str) -> None:
    terms = read(name)
    assert terms.read == "text"
    assert answer(terms, Permission.COMMERCIAL) is Answer.NO
    assert terms.restriction(Restriction.RESEARCH_ONLY) is not None


def test_what_nobody_found_stays_open() -> None:
    terms = read("h-research")
    for word in ("redistribute", "commercial", *STATED_OF_OUTPUTS):
        assert answer(terms, Permission(word)) is Answer.UNSETTLED
