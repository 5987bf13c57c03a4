"""What the tests of weight formats have in common."""

from __future__ import annotations

import io
from types import ModuleType

import pytest
from tests.unit.weights import craft

from weighbridge.model.artifact import Kind
from weighbridge.weights.inspect import inspect_file


@pytest.fixture(scope="session", name="craft")
def _craft() -> ModuleType:
    return craft


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
