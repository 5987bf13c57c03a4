"""YAML whose texts a loader evaluates or calls, aliases of nothing, and keys that stand twice."""

from __future__ import annotations

import pytest
from tests.unit.weights.test_yaml_config import found, looked

from weighbridge.model.errors import HostileInput

RUNS = "__import__('os').system('echo inert')"


@pytest.mark.parametrize(
    "text",
    [
        f'backbone:\n  - [-1, 1, "{RUNS}", [64]]\n',
        f'nc: 80\nhead:\n  - [-1, 1, Conv, [64, "{RUNS}"]]\n',
        f'activation: "{RUNS}"\nbackbone: []\n',
        'act: "exec(x)"\n',
        'backbone: [[-1, 1, "(lambda: 0)()", []]]',
        "backbone: [[-1, 1, \"getattr(nn, 'x')\", []]]",
        'backbone: [[-1, 1, "nn.os.system(1)", []]]',
        'backbone: [[-1, 1, "nn.ReLU()(open)", []]]',
        'backbone: [[-1, 1, "[print][0](1)", []]]',
        'head: [[-1, 1, "nn.Module.__init__", []]]',
    ],
)
def test_what_yolo_evaluates(text: str) -> None:
    assert {(verdict, action) for verdict, action, _ in found(text)} == {("dangerous", "call")}


@pytest.mark.parametrize(
    "text",
    [
        'backbone:\n  - [-1, 1, Conv, [64, 2]]\n  - [-1, 1, nn.Upsample, [None, 2, "nearest"]]\n',
        "head:\n  - [[17, 20, 23], 1, Detect, [nc, anchors]]\n",
        "activation: nn.LeakyReLU(0.1)\n",
        "activation: torch.nn.SiLU()\n",
        "activation: gelu\n",
        "activation: nn.GELU(approximate='tanh')\n",
        f'description: "{RUNS}"\n',
        f'model:\n  backbone: "{RUNS}"\n',  # no list of layers: nobody evaluates it
        f'backbone: [[-1, "{RUNS}", Conv, []]]\n',  # a number of repeats
    ],
)
def test_what_yolo_does_not(text: str) -> None:
    assert found(text) == set()


def test_components_of_torchtune_are_called() -> None:
    assert found("model:\n  _component_: os.system\n") == {("dangerous", "call", "os.system")}
    assert found("model:\n  _component_: torchtune.models.llama3.llama3_8b\n") == set()
    assert found("quantizer:\n  _component_: torchao.quantization.Int8\n") == set()


def test_an_object_of_a_listed_class_is_data_and_calls_are_not() -> None:
    assert found("model: !!python/object:argparse.Namespace\n  lr: 1\n") == set()
    for text in (
        "!!python/object/apply:argparse.Namespace [1]",
        "!!python/object/new:argparse.Namespace {}",
        "!!python/object:os._Environ {}",
        "!!python/object:Namespace {}",
    ):
        assert {verdict for verdict, _, _ in found(text)} == {"dangerous"}


@pytest.mark.parametrize("text", ["a: *nothing", "a: &x 1\n---\nb: *x", "[*a, &a 1]"])
def test_an_alias_of_nothing(text: str) -> None:
    with pytest.raises(HostileInput, match="names no anchor"):
        looked(text)


def test_aliases_of_what_is_open_and_of_what_was() -> None:
    for text in ("&a [*a]", "a: &x 1\nb: *x", "a: &x {k: &y [1]}\nb: [*x, *y]", "&a 1"):
        assert not looked(text).issues


@pytest.mark.parametrize("text", ["a: 1\na: 2", "x: {b: 1, b: 2}", "'a': 1\n\"a\": 2"])
def test_a_key_that_stands_twice(text: str) -> None:
    assert {issue.code for issue in looked(text).issues} == {"duplicate-key"}


def test_keys_that_only_look_alike() -> None:
    text = "a: {b: 1}\nc: {b: 2}\n'1': x\n1: y\n---\na: 2\nd:\n  <<: {x: 1}\n  <<: {y: 2}\n"
    assert not looked(text).issues
