"""What operators do beyond arithmetic, and which domains need nobody's library.

``operators.json`` lists the domains that ONNX and ONNX Runtime define, each with its source; where
a domain's operators are listed too, another one in it is a custom operator. ``latest`` is the
newest version that the list knows. An operator that a function of the model defines needs nothing.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import NamedTuple

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.relative_path import outside


class Judgement(NamedTuple):
    """A verdict, and what the operator does: ``effect`` completes "it …"."""

    verdict: Verdict
    effect: str


class Domain(NamedTuple):
    """``operators`` is None where all that ask for the domain are accepted."""

    latest: int
    operators: frozenset[str] | None


STANDARD = "ai.onnx"  # which is what an empty domain means

# ONNX Runtime built with language interoperability (operator PyOp), ONNX Runtime Training
# (PythonOp: a torch.autograd function by its name), and onnxruntime-extensions' Python functions.
_PYTHON = frozenset(
    ("PyOp", "PythonOp", "PythonOpGrad", "PyCustomOp", "PyCustomOpDef", "PyFunc", "PyFunction")
)
_CALLS_PYTHON = Judgement(Verdict.DANGEROUS, "calls Python code that the model names")
_CALLS_TORCH = Judgement(Verdict.UNLISTED_CALL, "calls any function of torch, by its name")
# Functions of ATen that take a file name or start something (native_functions.yaml, TorchScript).
_TORCH_FILES = ("from_file", "save", "load")
_READS_BY_TORCH = Judgement(Verdict.DANGEROUS, "reaches files through a function of torch")
_COMPILED = Judgement(
    Verdict.UNLISTED, "hands a program that is compiled for an accelerator to its driver"
)
_OUTSIDE_CONTEXT = Judgement(
    Verdict.DANGEROUS, "loads a compiled program from outside the model's folder"
)
# onnxruntime-extensions: operators that send their inputs away (the documentation of its Azure
# operators), and its domains.
_EXTENSIONS = frozenset(("ai.onnx.contrib", "com.microsoft.extensions"))
_SENDS = Judgement(Verdict.DANGEROUS, "sends its inputs to a network address that the model names")
_SENDING = ("Azure", "OpenAI")
_NEEDS_EXTENSIONS = Judgement(
    Verdict.UNLISTED, "needs an operator of onnxruntime-extensions that is on no list here"
)

# Operators whose texts matter to the judgement.
TEXT_OPERATORS = _PYTHON | {"ATen", "EPContext", "Snpe"}


@functools.cache
def domains() -> dict[str, Domain]:
    """The domains of ``operators.json`` by name."""
    raw = resources.files(__package__).joinpath("operators.json").read_text("utf-8")
    found: dict[str, Domain] = {}
    for entry in json.loads(raw)["domains"]:
        names = entry["operators"]
        found[entry["domain"]] = Domain(
            entry["latest"], None if names is None else frozenset(names)
        )
    return found


def by_name(operator: str, texts: dict[str, str]) -> Judgement | None:
    """The judgement of an operator that reaches further, whatever its domain; None for others.

    ``texts`` has those of its attributes that are text, for :data:`TEXT_OPERATORS`.
    """
    if operator in _PYTHON:
        return _CALLS_PYTHON
    if operator == "ATen":
        called = texts.get("operator", "").rpartition("::")[2].partition(".")[0]
        return _READS_BY_TORCH if called in _TORCH_FILES else _CALLS_TORCH
    if operator in ("EPContext", "Snpe"):
        return _OUTSIDE_CONTEXT if outside(texts.get("ep_cache_context", "")) else _COMPILED
    return None


def by_domain(domain: str, operator: str) -> Judgement | None:
    """The judgement of an operator that no function of the model defines; None for a harmless one.

    ``domain`` has the standard one's name in place of an empty one; ``operator`` is an ``op_type``.
    """
    known = domains().get(domain)
    if domain in _EXTENSIONS:
        if operator.startswith(_SENDING):
            return _SENDS
        listed = known is not None and operator in (known.operators or ())
        return None if listed else _NEEDS_EXTENSIONS
    if known is None:
        return Judgement(
            Verdict.UNLISTED_CALL, f"needs a custom operator library for the domain {domain!r}"
        )
    if known.operators is not None and operator not in known.operators:
        return Judgement(
            Verdict.UNLISTED_CALL,
            f"needs a custom operator library: the domain {domain!r} has no such operator",
        )
    return None


def is_newer(domain: str, version: int) -> bool:
    """Whether a model asks for a version of a listed domain that came after the list."""
    known = domains().get(domain)
    return known is not None and 0 < known.latest < version
