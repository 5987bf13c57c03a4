"""Loads ``craft`` by its path (test modules are no package) and gives it to every test here."""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path
from types import ModuleType

import pytest

from weighbridge.model.artifact import Kind
from weighbridge.weights.inspect import inspect_file


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "weights_craft", Path(__file__).with_name("craft.py")
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def craft() -> ModuleType:
    return _load()


@pytest.fixture(scope="session")
def look():
    """Inspect bytes as a file of a kind and a name."""

    def inspect(data: bytes, kind: Kind = Kind.PICKLE, path: str = "model.pkl"):
        return inspect_file(io.BytesIO(data), len(data), kind, path)

    return inspect


@pytest.fixture(scope="session")
def codes():
    """The issue codes of an inspection."""
    return lambda seen: {issue.code for issue in seen.issues}
