"""PaddlePaddle's PIR programs: operators are judged, values are given before they are taken."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from tests.unit.weights import looking

from weighbridge.weights import paddle_pir
from weighbridge.weights.config_json import inspect_config
from weighbridge.weights.inspection import Inspection, Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.source import file_source


def value(number: int, *sides: int) -> dict[str, Any]:
    kind = {"#": "0.t_dtensor", "D": [{"#": "0.t_f32"}, list(sides), "NCHW", [], 0]}
    return {"%": number, "TT": kind}


def operator(name: str, takes: tuple[int, ...] = (), gives: tuple[int, ...] = (), **more: Any):
    return {"#": name, "A": [], "I": [{"%": n} for n in takes],
            "O": [value(n, 2) for n in gives], **more}  # fmt: skip


PARAMETER = {"#": "p", "A": [0, 1, 1, "w"], "DA": [], "O": value(1, 4, 2), "OA": [1, 0, 1]}
DATA = operator("1.data", gives=(2,))


def program(*operators: Any, base: Any = None, **more: Any) -> dict[str, Any]:
    block = {"#": "block_0", "args": [], "ops": list(operators)}
    base = {"magic": "pir", "trainable": True, "version": 4} if base is None else base
    regions = [{"#": "region_0", "blocks": [block]}]
    return {"base_code": base, "program": {"regions": regions, **more}}


def seen(document: Any) -> Inspection:
    raw = json.dumps(document).encode()
    log = Log()
    inspect_config(file_source(io.BytesIO(raw), len(raw)), log, "inference.json")
    return log.freeze("a test")


def test_a_program_as_paddle_writes_it() -> None:
    found = seen(program(
        PARAMETER, DATA, operator("1.matmul", (2, 1), (3,)), operator("1.relu_", (3,), (4,)),
        operator("1.batch_norm_", (4, 0), (5,)), operator("1.matmul_grad", (5,), (6,)),
        operator("0.combine", (6,), (7,)), operator("1.fetch", (7,)),
    ))  # fmt: skip
    assert looking.clean(found)
    assert (found.tensors, found.parameters, found.dtypes) == (1, 8, ("f32",))
    assert ("pd_op.matmul", 1) in found.allowed


def test_regions_see_what_is_around_them_and_not_the_other_way() -> None:
    inner = {"blocks": [{"args": [{"#": -1}], "ops": [operator("1.relu", (2, -1), (9,)),
                                                      operator("2.yield", (9,))]}]}  # fmt: skip
    loop = operator("1.while", (2,), (3,), regions=[inner])
    assert looking.clean(seen(program(DATA, loop, operator("1.relu", (3,), (4,)))))
    outside = seen(program(DATA, loop, operator("1.relu", (9,), (4,))))
    assert looking.codes(outside) == {"undefined-value"}


# Name -> verdict
JUDGED = {
    "1.py_func": Verdict.DANGEROUS, "1.pylayer": Verdict.DANGEROUS, "py_func.f": Verdict.DANGEROUS,
    "1.load_combine": Verdict.DANGEROUS, "pd_op.save": Verdict.DANGEROUS,
    "1.read_file": Verdict.DANGEROUS, "3.inert": Verdict.UNLISTED_CALL,
    "1.not_paddles_own": Verdict.UNLISTED_CALL, "inert.matmul": Verdict.UNLISTED_CALL,
    "matmul": Verdict.UNLISTED_CALL, "1.": Verdict.UNLISTED_CALL,
    "1.run_program": Verdict.UNLISTED_CALL, "1.tensorrt_engine": Verdict.UNLISTED,
}  # fmt: skip


@pytest.mark.parametrize("name", JUDGED)
def test_operators(name: str) -> None:
    texts = [{"N": "file_path", "AT": {"#": "0.a_str", "D": "/nonexistent/inert"}}, 7]
    given = operator(name) | {"A": texts}
    nested = operator("1.if", regions=[{"blocks": [{"ops": [given]}]}])
    for document in (program(given), program(nested)):
        (found,) = seen(document).operations
        assert found.verdict is JUDGED[name]
        assert "/nonexistent/inert" in found.rendered


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (program(operator("1.relu", (3,))), "undefined-value"),
        (program(operator("1.relu", (2,), (3,)), DATA), "undefined-value"),
        (program(DATA, DATA), "duplicate-value"),
        (program(7), "bad-node"),
        (program({"#": 1}), "bad-node"),
        (program(operator("1.relu") | {"I": ["x"]}), "bad-node"),
        (program(PARAMETER | {"O": value(1, -4)}), "bad-shape"),
        (program(PARAMETER | {"O": value(1, *[1] * 70)}), "bad-shape"),
        (program(PARAMETER | {"O": {"%": 1}}), "bad-shape"),
        (program(regions=[]), "bad-model"),
        (program(regions=[{"blocks": [{}]}]), "bad-structure"),
        ({"base_code": {"magic": "pir", "version": 4}}, "bad-model"),
        (program(base={"magic": "pir"}), "bad-version"),
        (program(base={"magic": "pir", "version": -1}), "bad-version"),
    ],
)
def test_programs_that_are_none(document, code) -> None:
    assert code in looking.codes(seen(document))


def test_a_later_version_is_a_gap() -> None:
    found = seen(program(DATA, base={"magic": "pir", "version": paddle_pir.LAST_VERSION + 1}))
    assert "version" in found.incomplete_reason
    assert not found.issues


def test_another_document_is_no_program() -> None:
    for other in ({}, [], {"base_code": 1}, {"base_code": {"magic": "other"}, "program": {}}):
        assert not paddle_pir.is_program(other)
    assert looking.clean(seen({"base_code": {"magic": "x"}}))
