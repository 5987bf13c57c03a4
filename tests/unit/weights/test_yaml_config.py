# ruff: noqa: E501 - a sample reads best as one line
"""YAML by its events: tags that construct, names that are called, aliases that grow."""

from __future__ import annotations

import contextlib
import io
import time

import pytest

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.log import Log
from weighbridge.weights.source import file_source
from weighbridge.weights.yaml_config import inspect


def looked(text: str | bytes) -> Inspection:
    data = text.encode() if isinstance(text, str) else text
    log = Log()
    inspect(file_source(io.BytesIO(data), len(data)), log)
    return log.freeze("yaml")


def found(text: str) -> set[tuple[str, str, str]]:
    return {(o.verdict.value, o.action, o.name) for o in looked(text).operations}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: !!python/object/apply:os.system ['echo inert']", ("dangerous", "call", "os.system")),
        ("a: !!python/object/new:x.Y {}", ("dangerous", "call", "x.Y")),
        ("!!python/object:x.Y {}", ("dangerous", "call", "x.Y")),
        ("a: !!python/name:os.system", ("dangerous", "import", "os.system")),
        ("a: !!python/module:os", ("dangerous", "import", "os")),
        ("a: !<tag:yaml.org,2002:python/object/apply:os.system> []", ("dangerous", "call", "os.system")),
        ("%TAG ! tag:yaml.org,2002:\n---\na: !python/name:os.system", ("dangerous", "import", "os.system")),
        ("%TAG !p! tag:yaml.org,2002:python/\n---\na: !p!name:x.y", ("dangerous", "import", "x.y")),
        ("? !!python/name:os.system\n: 1", ("dangerous", "import", "os.system")),
        ("a: !!javax.script.ScriptEngineManager []", ("dangerous", "construct", "!!javax.script.ScriptEngineManager")),
        ("a: !Custom {}", ("unlisted", "construct", "!Custom")),
        ("a: !!own 1", ("unlisted", "construct", "!!own")),
        ("a: !new:subprocess.Popen [x]", ("dangerous", "call", "subprocess.Popen")),
        ("a: !apply:own.module.f []", ("unlisted-call", "call", "own.module.f")),
        ("model: {_target_: os.system}", ("dangerous", "call", "os.system")),
        ("model:\n  - _target_: own.Thing\n", ("unlisted-call", "call", "own.Thing")),
        ("loader_module: own.module", ("unlisted-call", "call", "own.module")),
        ("target: subprocess.Popen\nparams: {args: x}", ("dangerous", "call", "subprocess.Popen")),
        ("class_path: os.system", ("dangerous", "call", "os.system")),
        ("a: 1\n---\nb: !!python/name:os.system", ("dangerous", "import", "os.system")),
    ],
)  # fmt: skip
def test_what_loading_would_do(text: str, expected: tuple[str, str, str]) -> None:
    assert found(text) == {expected}


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\nb: [x, 2.5, null]\nc: {d: true}\n",
        "a: !!python/tuple [1, 2]\nb: !!python/unicode x\n",
        "a: !!set {x, y}\nb: !!binary aGVsbG8=\nc: 2020-01-01\n",
        "model:\n  _target_: nemo.collections.asr.models.EncDecCTCModel\n  optim: {_target_: torch.optim.Adam}\n",
        "target: ldm.models.diffusion.ddpm.LatentDiffusion\nparams: {x: 1}\n",
        "target: os.system\n",  # nothing calls a target without params
        "a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\n",
        "a: !ref <b>\nb: !new:torch.nn.Linear\n  in_features: 1\n",
        "- '!!python/object/apply:os.system'\n# !!python/name:os.system\n",
        "loader_module: mlflow.sklearn\n",
        "",
    ],
)
def test_ordinary_files_are_nothing_to_report(text: str) -> None:
    seen = looked(text)
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())


def test_aliases_that_grow_without_bound() -> None:
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    for number in range(9):
        name, before = "bcdefghij"[number], "abcdefghi"[number]
        lines.append(f"{name}: &{name} [{','.join(['*' + before] * 9)}]")
    seen = looked("\n".join(lines))
    assert [i.code for i in seen.issues] == ["alias-bomb"]


def test_the_place_of_what_was_found() -> None:
    (operation,) = looked("abc: !!python/name:os.system").operations
    assert operation.offset == 5


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\xfd", b"a: [", b"a: b: c", b"\t- x", b"a: 'x", b"\x00"]
)
def test_what_is_no_yaml(data: bytes) -> None:
    with pytest.raises(HostileInput):
        looked(data)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 500_000,
        "{a: " * 500_000,
        "- " * 500_000,
        "? " * 200_000,
        "- a\n" * 900_000,
        "x" * 5_000_000,
    ],
)
def test_bounds(text: str) -> None:
    started = time.process_time()
    with pytest.raises(BoundExceeded):
        looked(text)
    assert time.process_time() - started < 2


def test_many_keys_in_one_line_do_not_stall() -> None:
    for text in (
        "a: " * 200_000,
        "&a " * 200_000,
        "*a " * 200_000,
        "!a " * 200_000,
        "a\n" * 400_000,
    ):
        started = time.process_time()
        with contextlib.suppress(HostileInput):
            assert not looked(text + "[").operations
        assert time.process_time() - started < 2
