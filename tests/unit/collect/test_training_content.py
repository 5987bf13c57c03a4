"""training-content.yaml: read strictly, answered by framework, and never inferred."""

import datetime as dt
import json

import pytest

from weighbridge.collect import datasets, model, training_content
from weighbridge.collect.context import CollectContext
from weighbridge.edge.yaml import MalformedYaml
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.model.evidence import EvidenceState
from weighbridge.model.training_answers import State, answers, content
from weighbridge.model.training_content import DATASET_KEYS, FIELDS, FRAMEWORKS, SECTIONS
from weighbridge.report.training_content import as_json, as_markdown
from weighbridge.testing.memory import snapshot_of

FILE = "training-content.yaml"
USE = 'from datasets import load_dataset\nload_dataset("o/n")\n'


def collected(files: dict[str, str]):
    snapshot = snapshot_of({path: data.encode() for path, data in files.items()})
    context = CollectContext(snapshot, dt.date(2026, 11, 20), offline=True)
    return [e for c in (datasets, model, training_content) for e in c.collect(context)]


def answered(framework: str, files: dict[str, str]):
    return {(a.dataset, *a.asked.keys): a for a in answers(framework, content(collected(files)))}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("- a\n", 1, "keys and values"),
        ("provider:\n  nmae: x\n", 2, "'name' is meant"),
        ("prvider: {}\n", 1, "'provider' is meant"),
        ("provider: x\n", 1, "must hold keys"),
        ("summary:\n  updated: soon\n", 2, "a date"),
        ("data: {latest_acquisition: 2026-13}\n", 1, "a month"),
        ("crawled: {used: maybe}\n", 1, "yes or no"),
        ("provider: {name: yes}\n", 1, "in quotes"),
        ("provider: {name: [a]}\n", 1, "must be text"),
        ("provider: {name: 1.5}\n", 1, "must be text"),
        ("datasets: {}\n", 1, "must be a list"),
        ("datasets:\n- source: public\n", 2, "needs an 'id'"),
        ("datasets:\n- id: a\n- id: a\n", 3, "stands twice"),
        ("datasets:\n- id: a\n  source: web\n", 3, "one of public"),
        ("datasets:\n- id: a\n  pionts: 3\n", 3, "'points' is meant"),
        ("provider: !!python/name:os.system {}\n", 1, "tag"),
        ("provider: {name: a, name: b}\n", 1, "twice"),
    ],
)
def test_a_malformed_record_names_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(MalformedYaml, match=says) as caught:
        training_content.parse(text, source=FILE)
    assert caught.value.line == line
    (evidence,) = (e for e in collected({FILE: text}) if e.kind == "training-content")
    assert evidence.state is EvidenceState.UNAVAILABLE
    assert f"line {line}: " in evidence.reason


@pytest.mark.parametrize(
    "text",
    ["datasets:\n" + "".join(f"- id: d{i}\n" for i in range(5_001)),
     "provider: {name: " + "x" * 20_001 + "}\n",
     "data: {modalities: [" + "x," * 1_001 + "]}\n"],
)  # fmt: skip
def test_bounds(text: str) -> None:
    with pytest.raises(BoundExceeded):
        training_content.parse(text, source=FILE)


def test_what_is_not_text_is_unavailable() -> None:
    snapshot = snapshot_of({FILE: b"\xff"})
    context = CollectContext(snapshot, dt.date(2026, 11, 20), offline=True)
    (evidence,) = training_content.collect(context)
    assert "not UTF-8" in evidence.reason
    with pytest.raises(HostileInput):
        training_content.parse("x: [", source=FILE)


def test_no_file_is_absent_and_an_empty_one_answers_nothing() -> None:
    assert collected({"x": ""})[-1].state is EvidenceState.ABSENT
    assert training_content.parse("", source=FILE)["given"] == {}


def test_values_are_text_with_their_line() -> None:
    text = (
        "\ufeffsummary: {updated: 2026-11-01}\ncrawled:\n  used: true\n  crawlers: [a, '', b]\n"
        "public: {used: 'No'}\ndatasets:\n- id: https://huggingface.co/datasets/o/n\n  points: 12\n"
    )
    facts = training_content.parse(text.removeprefix("\ufeff"), source=FILE)
    assert facts["given"]["summary.updated"] == {"values": ["2026-11-01"], "line": 1}
    assert facts["given"]["crawled.used"] == {"values": ["yes"], "line": 3}
    assert facts["given"]["crawled.crawlers"]["values"] == ["a", "b"]
    assert facts["given"]["public.used"]["values"] == ["no"]
    assert facts["datasets"][0]["id"] == "o/n"
    assert facts["datasets"][0]["given"]["points"] == {"values": ["12"], "line": 8}


def test_every_field_has_a_key_that_can_be_written() -> None:
    sections = {f"{name}.{key}" for name, keys in SECTIONS.items() for key in keys}
    for fields in FIELDS.values():
        for asked in fields:
            known = set(DATASET_KEYS) | {"standards"} if asked.each else sections
            assert set(asked.keys) <= known | {"datasets.public"}, asked
            assert set(asked.when) <= sections
    assert tuple(FIELDS) == FRAMEWORKS
    assert len({a.number for a in FIELDS["ab-2013"]}) == 12
    assert len({a.number for a in FIELDS["data-provenance"]}) == 22


def test_nothing_is_inferred() -> None:
    files = {"t.py": USE, "datasets.yaml": "- id: o/n\n  license: MIT\n"}
    given = answered("ab-2013", files)
    assert {a.state for a in given.values()} == {State.EMPTY}
    eu = answered("eu-ai-act", files)
    assert eu["", "model.names"].state is State.EMPTY, "the folder's name is no model's name"
    assert eu["", "public.modalities"].state is State.DEPENDS


def test_the_card_and_the_record_of_datasets_answer_too() -> None:
    card = "---\nmodel_name: M-1\nbase_model: a/b\n---\n"
    record = "- id: o/n\n  doi: 10.5555/n\n  purpose: training\n  license: MIT\n"
    files = {"README.md": card, "t.py": USE, "datasets.yaml": record}
    eu = answered("eu-ai-act", files)
    assert eu["", "model.names"].value.texts == ("M-1",)
    assert eu["", "model.depends_on"].value.texts == ("a/b",)
    provenance = answered("data-provenance", files)
    assert provenance["o/n", "identifier"].value.texts == ("10.5555/n",)
    assert provenance["o/n", "license"].value.place == "datasets.yaml:1"
    own = answered("eu-ai-act", {**files, FILE: "model: {names: [M-1.2]}\n"})
    assert own["", "model.names"].value.place == f"{FILE}:1"


def test_what_does_not_apply_is_no_gap() -> None:
    eu = answered("eu-ai-act", {FILE: "crawled: {used: no}\nuser_data: {from_model: yes}\n"})
    assert eu["", "crawled.domains"].state is State.DOES_NOT_APPLY
    assert eu["", "user_data.modalities"].missing
    assert not eu["", "user_data.services"].missing


def test_data_that_is_only_measured_on_is_left_out() -> None:
    files = {"t.py": USE, "datasets.yaml": "- id: o/n\n  purpose: Evaluation, testing\n"}
    assert content(collected(files)).left_out == ("o/n",)
    both = {**files, "datasets.yaml": "- id: o/n\n  purpose: training and evaluation\n"}
    assert content(collected(both)).left_out == ()
    named = {**files, FILE: "datasets:\n- id: o/n\n"}
    assert content(collected(named)).left_out == (), "the record itself names it"


def test_public_datasets_are_listed_with_their_link() -> None:
    text = "public: {used: yes}\ndatasets:\n- {id: o/n, source: public, link: https://x.org}\n"
    listed = answered("eu-ai-act", {FILE: text})["", "datasets.public"]
    assert listed.value.texts == ("o/n https://x.org",)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_views_list_every_empty_field(framework: str) -> None:
    evil = "o/<script>|`x`\x1b[31m\u202e www.x.org"
    text = "datasets:\n- id: " + json.dumps(evil) + "\n  issuer: '](http://x) *b*'\n"
    known = content(collected({FILE: text}))
    found = answers(framework, known)
    document = json.loads(as_json(framework, known, subject=evil))
    assert len(document["fields"]) == len(found)
    assert len(document["empty"]) == sum(a.missing for a in found) > 0
    shown = as_markdown(framework, known, subject=evil).decode()
    assert all(c.isprintable() or c == "\n" for c in shown)
    assert "<script" not in shown.replace("\\<script", "")
    assert "www.x" not in shown
    for answer in found:
        if answer.missing:
            assert answer.asked.label in shown
