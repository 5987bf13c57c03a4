"""``weighbridge lineage``: what it prints, its exit codes, and what it never does."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from tests.unit.collect.lineage_build import card, write

from weighbridge.testing.hub import FakeHub

TEXT = """\
Chat
  license: MIT (declared)
├─ finetune: o/base [declared]
│  │ license: llama-3.1-license-2024 (declared)
│  └─ finetune: o/gone [declared]
│       license: none known
│       vanished: {hub} has no such repository (404)
└─ trained-on: dataset o/d [declared]
     license: CC-BY-NC-4.0 (declared)

Each line says how the one above came from it, and what that rests on: declared
in a field made for it, computed from a tool's file, inferred, or read in
prose.

Not read:
  o/gone: vanished: {hub} has no such repository (404)

models: 2 · datasets: 1 · with a known license: 2 of 3
"""


@pytest.fixture(autouse=True)
def _no_token(monkeypatch) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)


@pytest.fixture
def subject(tmp_path: Path) -> Path:
    front = {"license": "mit", "base_model": "o/base", "datasets": ["o/d"]}
    return write(tmp_path / "m", {"README.md": card("# Chat", **front)})


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    files = {
        "o/base/README.md": card(license="llama3.1", base_model="o/gone"),
        "datasets/o/d/README.md": card(license="cc-by-nc-4.0"),
    }
    return write(tmp_path / "cards", files)


def test_what_is_refused(call, subject, tmp_path) -> None:
    (tmp_path / "file").write_text("x")
    for wrong in (
        ("--format", "pdf"),
        ("--cards", "no-such-folder"),
        ("--cards", "file"),
        ("--output", "no/such/folder/x"),
    ):
        code, out, err = call("lineage", subject, *wrong)
        assert (code, out) == (2, "")
        assert "Traceback" not in err
    assert call("lineage", "")[0] == 2
    assert call("lineage", tmp_path / "nothing")[0] == 2


def test_the_tree_and_exit_code_3_for_what_is_gone(call, subject, cards) -> None:
    with FakeHub({}) as hub:
        code, out, _ = call("lineage", subject, "--cards", cards, "--hub-url", hub.url)
        assert out == TEXT.format(hub=hub.url)
    assert code == 3
    assert all(len(line) < 80 for line in out.splitlines())


def test_exit_code_0_where_all_was_read(call, subject, cards) -> None:
    (cards / "o" / "base" / "README.md").write_text(card(license="mit"))
    code, out, _ = call("lineage", subject, "--cards", cards, "--offline")
    assert code == 0
    assert "Not read" not in out


def test_nobody_is_asked_unless_named(call, subject) -> None:
    code, out, _ = call("lineage", subject)
    assert code == 0
    assert "Nobody was asked about 2 of its ancestors." in out
    with FakeHub({"o/base": card(license="mit")}) as hub:
        assert call("lineage", subject, "--hub-url", hub.url, "--offline")[0] == 0
        assert hub.requests == []


def test_a_broken_card_is_exit_code_3(call, tmp_path, subject, cards) -> None:
    (cards / "o" / "base" / "README.md").write_text("---\n[\n---\n")
    assert call("lineage", subject, "--cards", cards)[0] == 3
    (subject / "README.md").write_text("---\n[\n---\n")
    assert call("lineage", subject)[0] == 3


def test_the_configuration_names_the_cards(call, subject, cards, tmp_path) -> None:
    (tmp_path / "weighbridge.yaml").write_text("cards: cards\nhub_url: ''\n")
    _, out, err = call("lineage", subject)
    assert "llama-3.1" in out
    assert "weighbridge.yaml" in err


def test_json_is_a_versioned_document_in_ascii(call, subject, cards, tmp_path) -> None:
    code, out, _ = call("lineage", subject, "--cards", cards, "-f", "json")
    document = json.loads(out)
    assert out.isascii()
    assert code == 3
    assert list(document) == [
        "schema", "subject", "offline", "whole", "asked", "cut", "nodes", "edges", "disputes",
        "not_read", "licenses",
    ]  # fmt: skip
    assert document["schema"] == "weighbridge.lineage/1"
    assert document["whole"] is False
    assert document["not_read"] == ["model:o/gone"]
    assert document["nodes"][0]["key"] == "subject"
    assert {"id": "MIT", "terms_known": True} in document["licenses"]
    assert call("lineage", subject, "--cards", cards, "-f", "json")[1] == out
    call("lineage", subject, "--cards", cards, "-f", "json", "-o", "out.json")
    assert (tmp_path / "out.json").read_text() == out


@pytest.mark.parametrize("form", ["text", "json", "mermaid", "dot", "svg"])
def test_hostile_names_reach_no_terminal_and_no_markup(form, call, tmp_path) -> None:
    evil = '"]\n%%{init}%% <script>x</script>\u202e\x1b[31m'
    subject = write(tmp_path / "m", {"README.md": card(base_model=[evil], datasets=[evil])})
    code, out, _ = call("lineage", subject, "-f", form)
    assert code == 0
    assert "\x1b" not in out
    assert "\u202e" not in out
    if form in ("mermaid", "svg"):
        assert "<script" not in out
    if form == "svg":
        ET.fromstring(out)


def test_an_audit_reads_the_same_cards(call, subject, cards) -> None:
    code, out, err = call("audit", subject, "--cards", cards, "--offline", "-f", "json")
    record = json.loads(out)
    assert code in (1, 3), err
    results = {result["rule"]: result for result in record["results"]}
    unknown = results["unknown-ancestor"]
    assert unknown["outcome"] == "unknown"
    (finding,) = unknown["findings"]
    assert "'o/gone'" in finding["message"]
    assert results["disputed-lineage"]["outcome"] == "pass"
