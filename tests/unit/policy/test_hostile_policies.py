"""Policy files that must be refused, each with its line."""

from __future__ import annotations

import os
import time

import pytest

from weighbridge.model.errors import ConfigurationError

HEAD = "schema: 1\nid: p\nversion: v1\nowner: o\n"  # the body begins at line 5
RULES = "rules:\n  unsigned-weights: {}\n"

REFUSED = {
    # what: (whole text, line, words in the message)
    "empty": ("", 1, "empty"),
    "only a comment": ("# nothing\n", 1, "empty"),
    "a list at the top": ("- schema: 1\n", 1, "not a table"),
    "a word at the top": ("baseline\n", 1, "not a table"),
    "no rules": (HEAD, 1, "names no rule"),
    "empty rules": (HEAD + "rules: {}\n", 5, "rules is empty"),
    "null rules": (HEAD + "rules:\n", 5, "rules must be a table"),
    "rules as a list": (HEAD + "rules: [unsigned-weights]\n", 5, "rules must be a table"),
    "all rules off": (HEAD + "rules: {unsigned-weights: {mode: off}}\n", 5, "turns every rule off"),
    "another schema": ("schema: 2\n" + HEAD[10:] + RULES, 1, "schema cannot be 2"),
    "schema as text": ("schema: '1'\n" + HEAD[10:] + RULES, 1, "schema cannot be '1'"),
    "schema as bool": ("schema: true\n" + HEAD[10:] + RULES, 1, "schema cannot be 'true'"),
    "no schema": (HEAD[10:] + RULES, 1, "'schema' is missing"),
    "no owner": ("schema: 1\nid: p\nversion: v1\n" + RULES, 1, "'owner' is missing"),
    "blank owner": (HEAD.replace("o\n", "' '\n") + RULES, 4, "owner is empty"),
    "version as a number": (
        "schema: 1\nid: p\nversion: 1.0\nowner: o\n" + RULES, 3, "Put it in quotes"),
    "version as a date": (
        "schema: 1\nid: p\nversion: 2026-11-01\nowner: o\n" + RULES, 3, "Put it in quotes"),
    "id with a slash": (HEAD.replace("id: p", "id: a/b") + RULES, 2, "id cannot be 'a/b'"),
    "unknown key at the top": (HEAD + "gatee: {}\n" + RULES, 5, "Did you mean 'gate'?"),
    "unknown key in the gate": (HEAD + "gate:\n  failon: high\n" + RULES, 6, "'fail_on'?"),
    "unknown key in a rule": (
        HEAD + "rules:\n  unsigned-weights:\n    sevrity: high\n", 7, "Did you mean 'severity'?"),
    "unknown key in a signer": (
        HEAD + RULES + "trust:\n  - name: a\n    pubkey: x\n", 9, "unknown key 'pubkey'"),
    "unknown key in a waiver": (
        HEAD + RULES + "waivers:\n  - id: w\n    until: x\n", 9, "unknown key 'until'"),
    "unknown key in timestamp": (HEAD + RULES + "timestamp: {require: true}\n", 7, "'required'?"),
    "unknown key in extends": (HEAD + RULES + "extends: {use: baseline}\n", 7, "unknown key 'use'"),
    "unknown rule": (
        HEAD + "rules:\n  unsigned-weight: {}\n", 6,
        "unknown rule 'unsigned-weight'. Did you mean 'unsigned-weights'?"),
    "unknown rule, after a good one": (HEAD + RULES + "  zzz: {}\n", 7, "unknown rule 'zzz'"),
    "a rule that says nothing": (HEAD + "rules:\n  unsigned-weights:\n", 6, "a table of keys"),
    "misspelt severity": (
        HEAD + "rules:\n  unsigned-weights: {severity: hihg}\n", 6, "Did you mean 'high'?"),
    "severity null": (HEAD + "rules:\n  unsigned-weights: {severity: null}\n", 6, "severity"),
    "severity as a number": (HEAD + "rules:\n  unsigned-weights: {severity: 3}\n", 6, "severity"),
    "severity in capitals": (HEAD + "gate: {fail_on: HIGH}\n" + RULES, 5, "fail_on cannot be"),
    "misspelt mode": (HEAD + "rules:\n  unsigned-weights: {mode: enforced}\n", 6, "'enforce'?"),
    "mode on": (HEAD + "rules:\n  unsigned-weights: {mode: on}\n", 6, "mode cannot be True"),
    "misspelt on_unknown": (
        HEAD + "rules:\n  unsigned-weights: {on_unknown: closed}\n", 6, "'close'?"),
    "unknown parameter": (
        HEAD + "rules:\n  tunable:\n    params:\n      min_signer: 2\n", 8, "'min_signers'?"),
    "parameter of a rule without any": (
        HEAD + "rules:\n  unsigned-weights: {params: {x: 1}}\n", 6, "has no parameters"),
    "bool for a number": (
        HEAD + "rules:\n  tunable: {params: {min_signers: true}}\n", 6, "a whole number, not True"),
    "number for a bool": (
        HEAD + "rules:\n  tunable: {params: {deep: 1}}\n", 6, "true or false, not 1"),
    "float for a number": (
        HEAD + "rules:\n  tunable: {params: {min_signers: 1.5}}\n", 6, "a whole number"),
    "text for a list": (
        HEAD + "rules:\n  tunable: {params: {allow: mit}}\n", 6, "a list of texts"),
    "numbers in a list": (
        HEAD + "rules:\n  tunable: {params: {allow: [1]}}\n", 6, "a list of texts"),
    "params as a list": (HEAD + "rules:\n  tunable: {params: [x]}\n", 6, "params must be a table"),
    "a duplicate key": (HEAD + RULES + "rules: {}\n", 7, "stands twice"),
    "a duplicate rule": (HEAD + RULES + "  unsigned-weights: {}\n", 7, "stands twice"),
    "a tag that runs code": (
        HEAD + RULES + "x: !!python/object/apply:os.system ['true']\n", 7, "tag"),
    "a binary tag": (HEAD.replace("o\n", "!!binary aGVsbG8=\n") + RULES, 4, "tag"),
    "two documents": (HEAD + RULES + "---\na: 1\n", 7, "one document"),
    "a tab": (HEAD + "rules:\n\tunsigned-weights: {}\n", 6, "cannot start any token"),
    "an unclosed bracket": (HEAD + "rules: {\n", 6, ""),
    "unknown framework": (HEAD + RULES + "frameworks: [EU-AIA, EU-AIB]\n", 7, "mean 'EU-AIA'"),
    "framework as a number": (HEAD + RULES + "frameworks: [1]\n", 7, "must be text"),
    "timestamp as a bool": (HEAD + RULES + "timestamp: true\n", 7, "must be a table"),
    "required as text": (HEAD + RULES + "timestamp: {required: 'yes'}\n", 7, "required"),
    "waivers of no days": (HEAD + RULES + "waivers_max_days: 0\n", 7, "waivers_max_days"),
    "waivers for ever": (HEAD + RULES + "waivers_max_days: 99999\n", 7, "waivers_max_days"),
    "a bool for days": (HEAD + RULES + "waivers_max_days: true\n", 7, "waivers_max_days"),
    "extends a list": (HEAD + RULES + "extends: [baseline]\n", 7, "extends must be a table"),
    "extends nothing": (HEAD + RULES + "extends: ''\n", 7, "extends"),
    "extends an unknown name": (HEAD + RULES + "extends: baselin\n", 7, "Did you mean 'baseline'?"),
    "extends a missing file": (HEAD + RULES + "extends: ./no.yaml\n", 7, "is not there"),
    "extends an absolute path": (HEAD + RULES + "extends: /etc/x.yaml\n", 7, "relative path"),
    "extends itself": (HEAD + RULES + "extends: ./p.yaml\n", 7, "in a circle"),
    "a bad pin": (HEAD + RULES + "extends: {policy: baseline, sha256: abc}\n", 7, "sha256"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_refused_with_its_line(what: str, write, load) -> None:
    text, line, words = REFUSED[what]
    path = write(text, head="")
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    error = caught.value
    assert error.line == line
    assert error.diagnostics().startswith(f"{path}:{line}: ")
    assert words in error.diagnostics()


def test_the_message_of_a_misspelt_rule_is_the_documented_one(write, load, monkeypatch) -> None:
    path = write("# a comment\nrules:\n  unsigned-weight: {}\n", "baseline.yaml")
    monkeypatch.chdir(path.parent)
    with pytest.raises(ConfigurationError) as caught:
        load("./baseline.yaml")
    assert caught.value.diagnostics() == (
        "./baseline.yaml:7: unknown rule 'unsigned-weight'. Did you mean 'unsigned-weights'?"
    )


def test_several_problems_are_counted_and_the_first_is_told(write, load) -> None:
    path = write("gate: {a: 1}\nrules:\n  unsigned-weights: {b: 2, severity: x}\n")
    with pytest.raises(ConfigurationError, match="unknown key 'a' in gate") as caught:
        load(path)
    assert caught.value.line == 5
    assert "There are 2 more problems." in caught.value.diagnostics()


def test_an_alias_bomb_is_stopped_in_time(write, load) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    path = write("\n".join(lines) + "\n" + RULES)
    start = time.process_time()
    with pytest.raises(ConfigurationError, match="exceeds the bound"):
        load(path)
    assert time.process_time() - start < 5


def test_a_deep_file_is_stopped(write, load) -> None:
    with pytest.raises(ConfigurationError, match="exceeds the bound"):
        load(write("x: " + "[" * 5000 + "]" * 5000 + "\n"))


def test_a_huge_file_is_not_read(write, load) -> None:
    path = write("#" * 2**20 + "\n" + RULES)
    with pytest.raises(ConfigurationError, match="larger than 1048576 bytes"):
        load(path)


def test_a_fifo_is_not_waited_for(tmp_path, load) -> None:
    path = tmp_path / "p.yaml"
    os.mkfifo(path)
    with pytest.raises(ConfigurationError, match="not a regular file"):
        load(path)


@pytest.mark.parametrize("path", ["/dev/zero.yaml", "/dev/zero/", "./no.yaml", "./a\0b.yaml"])
def test_what_is_no_file_is_an_error(path: str, load) -> None:
    with pytest.raises(ConfigurationError):
        load(path)


def test_a_folder_is_an_error(tmp_path, load) -> None:
    with pytest.raises(ConfigurationError):
        load(f"{tmp_path}/")


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path, load) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + RULES).encode())
    assert load(path).id == "p"


@pytest.mark.parametrize("data", [(HEAD + RULES).encode("utf-16"), b"schema: 1\nid: \xff\n"])
def test_what_is_not_utf8_is_refused(data: bytes, tmp_path, load) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(data)
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load(path)


def test_control_characters_in_a_message_are_the_printers_business_and_nothing_is_run(
    write, load
) -> None:
    path = write('rules:\n  "\\e[2Jx": {}\n')
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    assert "\x1b" not in caught.value.message  # repr has escaped it


def test_no_policy_is_an_error(load) -> None:
    with pytest.raises(ConfigurationError, match="no policy is named"):
        load()


def test_an_unknown_shipped_name_is_an_error(load) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load("stric")
    assert "Did you mean 'strict'?" in caught.value.diagnostics()
