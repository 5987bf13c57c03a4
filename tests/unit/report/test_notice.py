"""The draft of NOTICE: what it says, what it leaves alone, and what it never invents."""

import pytest
from tests.unit.model.license_graphs import GEMMA, LLAMA_31, QWEN, edge, graph, node, one, terms

from weighbridge.model.licensing.obligations import Demands, demands
from weighbridge.model.licensing.use import Activity, Use
from weighbridge.report.notice import draft

WEIGHTS = Use(activities=frozenset({Activity.WEIGHTS}))
SENTENCE = (
    "Llama 3.1 is licensed under the Llama 3.1 Community License, Copyright © Meta Platforms, Inc."
    " All Rights Reserved."
)
NOTHING = Demands((), (), 0)


def of(relation: str, *ids: str, parent: str = "model:acme/base", use: Use = WEIGHTS) -> Demands:
    return demands(one(relation, *ids, parent=parent), terms(*ids), use)


@pytest.mark.parametrize(
    "hostile",
    ["a\nNOTICE\nAll rights waived", "a\x1b[2J", "x\u202ey", "y" * 5_000, "///", "<!--", "\u2028z"],
)
def test_an_id_from_a_card_stays_on_its_line(hostile: str) -> None:
    found = of("finetune", "Apache-2.0", parent=f"model:{hostile}")
    text = draft(found)
    assert draft(found, text) == text
    assert text.isascii() or text.replace("\n", "").isprintable()
    assert all(len(line) < 1_500 for line in text.splitlines())
    assert "\nAll rights waived" not in text


def test_a_llama_gets_its_sentence_badge_and_credit() -> None:
    lines = draft(of("finetune", LLAMA_31, parent="model:meta-llama/Llama-3.1-8B")).splitlines()
    assert lines[0] == "NOTICE"
    assert SENTENCE in lines
    assert "Built with Llama" in lines
    credit = next(line for line in lines if line.startswith("Made from meta-llama/Llama-3.1-8B by"))
    assert "by meta-llama, under Llama 3.1 Community License Agreement (https://" in credit


def test_changes_and_holders_are_blanks_for_a_person() -> None:
    lines = draft(of("finetune", "Apache-2.0")).splitlines()
    assert "Changes to acme/base: <what was changed, by whom, when>" in lines
    assert "acme/base: Copyright <year and holder>" in lines


def test_an_author_that_nothing_names_is_a_blank() -> None:
    assert "Trained on squad by <author>, under" in draft(
        of("trained-on", "CC-BY-4.0", parent="dataset:squad")
    )


def test_what_is_unsettled_is_said_to_be() -> None:
    text = draft(of("trained-on", "CC-BY-4.0", parent="dataset:acme/qa"))
    assert "as far as it binds." in text
    assert "creativecommons.org/licenses/by/4.0" in text


def test_restrictions_are_passed_on() -> None:
    text = draft(of("finetune", GEMMA))
    assert "bound by the use restrictions of Gemma" in text
    assert "Gemma is provided under and subject to the Gemma Terms of Use found at" in text


def test_one_of_several_badges_is_drafted_and_any_of_them_is_taken() -> None:
    found = of("finetune", QWEN)
    assert "Built with Qwen" in draft(found).splitlines()
    assert "Improved using Qwen" not in draft(found)
    assert "Built with Qwen" not in draft(found, "Improved using Qwen.\n").splitlines()


def test_nothing_demanded_is_nothing_written() -> None:
    assert draft(NOTHING) == ""
    assert draft(NOTHING, "ours") == "ours"


@pytest.mark.parametrize(
    "existing",
    ["", "Our own words.", "Our own words.\n", "Our\r\nwords\r\n", "\ufeffOurs\n\n\n", "<!-- open",
     SENTENCE, f"x {SENTENCE.upper()} y\n", "Changes to acme/base: trained on qa by Acme, 2026\n"],
)  # fmt: skip
def test_what_stands_there_stays_and_a_second_draft_adds_nothing(existing: str) -> None:
    found = demands(
        graph(
            [node("model:acme/base", LLAMA_31), node("model:acme/other", "Apache-2.0")],
            [
                edge("subject", "merge", "model:acme/base"),
                edge("subject", "merge", "model:acme/other"),
            ],
        ),
        terms(LLAMA_31, "Apache-2.0"),
        WEIGHTS,
    )
    once = draft(found, existing)
    assert once.startswith(existing or "NOTICE")
    assert draft(found, once) == once
    assert once.count(SENTENCE) + once.count(SENTENCE.upper()) == 1
    if "\r\n" in existing:
        assert "\n" not in once.replace("\r\n", "")


def test_a_blank_that_was_filled_in_is_not_asked_for_again() -> None:
    found = of("finetune", "Apache-2.0")
    filled = (
        draft(found)
        .replace("<what was changed, by whom, when>", "trained on our data by Acme, 2026")
        .replace("<year and holder>", "2025 Base authors")
    )
    assert "<" not in filled
    assert draft(found, filled) == filled


def test_a_new_license_of_the_same_base_is_added() -> None:
    before = draft(of("finetune", "MIT"))
    after = draft(of("finetune", "Apache-2.0"), before)
    assert after.startswith(before)
    assert "under Apache License 2.0" in after
