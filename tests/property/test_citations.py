"""Datasets under any input: typed errors only, and what was not read is never a pass."""

import ast
import datetime as dt
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weighbridge.collect.dataset_code import read_trees
from weighbridge.collect.dataset_ids import classify
from weighbridge.collect.dataset_records import dvc_hash, parse_citation_cff, parse_datasets_yaml
from weighbridge.collect.dataset_scripts import decode_source, parse_python
from weighbridge.collect.datasets import evidence_of, find_uses
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import EvidenceState
from weighbridge.model.rule import Case
from weighbridge.rules.citations import uncited_dataset, unlicensed_dataset, unpinned_dataset
from weighbridge.testing.memory import snapshot_of

KEYS = st.sampled_from(
    ["datasets", "dataset", "dataset_name", "path", "_target_", "_component_", "dataset_mixer",
     "stage", "lr", "source", "converter", "data_files", "revision", "a/b", "json"]
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(st.none(), st.integers(), KEYS, st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=20,
)


@given(VALUES)
@settings(max_examples=120, deadline=None)
def test_any_configuration_is_read_or_reported(value: object) -> None:
    data = json.dumps(value).encode()
    for name in ("train.json", "dataset_info.json", "croissant.json", "x.dvc", "dvc.lock"):
        found = find_uses(snapshot_of({name: data}))
        assert all(use.path == name and use.id for use in found.uses)
        assert all(unread.reason for unread in found.unread)


PIECES = st.sampled_from(
    ["load_dataset", "(", ")", "'o/n'", "revision=", "'main'", ",", "\n", "    ", "import datasets",
     "from datasets import load_dataset as ld", "ld", "def f():", "for x in ", "[", "]", ":", "x",
     "=", "datasets.", "snapshot_download", "repo_type='dataset'", "**k", "*a", "lambda: ", "#",
     "'hf://datasets/a/b/c'", "f'{x}'", "partial", "if x else", "+", "\\", '"""', "é", "\ufb01"]
)  # fmt: skip
SOURCES = st.one_of(
    st.lists(PIECES, max_size=40).map(" ".join),
    st.lists(PIECES, max_size=40).map("".join),
    st.text(max_size=300).map(lambda t: "load_dataset\n" + t),
)


@given(SOURCES)
@settings(max_examples=120, deadline=None)
def test_any_script_is_read_or_reported(source: str) -> None:
    data = source.encode("utf-8", "surrogatepass")
    found = find_uses(snapshot_of({"train.py": data}))
    assert all(u.path == "train.py" and u.id for u in found.uses)
    assert all(u.reason for u in found.unread)
    try:
        ast.parse(data)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        mentions = any(w in source for w in ("load_dataset", "snapshot_download", "hf://datasets/"))
        assert not found.uses
        assert bool(found.unread) or not mentions


@given(st.binary(max_size=500))
@settings(max_examples=120, deadline=None)
def test_any_bytes_as_source(data: bytes) -> None:
    try:
        tree = parse_python(decode_source(data))
    except (HostileInput, SyntaxError):
        return
    uses, doubts = read_trees([("", tree)])
    assert isinstance(uses, list)
    assert isinstance(doubts, list)


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=20) | st.just("load_dataset('o/n')"),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["cells", "source", "cell_type", "input", "worksheets", "metadata",
                         "kernelspec", "language", "code"]),
        inner, max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
@settings(max_examples=120, deadline=None)
def test_any_json_as_a_notebook(value: object) -> None:
    data = json.dumps({"load_dataset": value, "cells": value}).encode()
    found = find_uses(snapshot_of({"n.ipynb": data}))
    assert all(u.member.startswith("cell ") for u in found.uses)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_as_a_notebook(data: bytes) -> None:
    found = find_uses(snapshot_of({"n.ipynb": b"load_dataset(" + data}))
    assert found.uses == ()
    assert len(found.unread) == 1


YAMLS = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.dictionaries(
            st.sampled_from(["id", "license", "revision", "sha256", "doi", "url", "citation", "dvc",
                             "accessed", "purpose", "licence", "type", "references", "title"]),
            st.sampled_from(["o/n", "0" * 40, "main", "a" * 64, "10.5555/x", "[a, b]", "{}", "~",
                             "2026-11-20", "1.5", "yes", "!x y", "*a", "'", "n.dvc"]),
            max_size=5,
        ),
        max_size=4,
    ).map(lambda rows: "".join(
        "".join(("- " if i == 0 else "  ") + f"{k}: {v}\n" for i, (k, v) in enumerate(row.items()))
        for row in rows
    )),
)  # fmt: skip


@given(YAMLS)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_as_a_record(text: str) -> None:
    for parse in (parse_datasets_yaml, parse_citation_cff, dvc_hash):
        try:
            found = parse(text, source="file")
        except HostileInput:
            continue
        assert isinstance(found, tuple | str)


@given(YAMLS, SOURCES)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_was_not_read_never_passes(record: str, source: str) -> None:
    files = {
        "datasets.yaml": record.encode("utf-8", "surrogatepass"),
        "train.py": source.encode("utf-8", "surrogatepass"),
    }
    snapshot = snapshot_of(files)
    evidence = evidence_of(snapshot)
    case = Case(snapshot.subject, dt.date(2026, 11, 20), evidence)
    for rule in (uncited_dataset, unlicensed_dataset, unpinned_dataset):
        outcome = rule.check(case).outcome
        if any(e.state is EvidenceState.UNAVAILABLE for e in evidence):
            assert outcome in ("unknown", "fail")


@given(st.text(max_size=400))
@settings(max_examples=120, deadline=None)
def test_any_text_as_a_name(text: str) -> None:
    found = classify(text)
    assert bool(found.id) == (found.kind == "dataset")
