"""Loads ``structure_build`` by its path (test modules are no package)."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_NAME = "structure_build"
_SPEC = importlib.util.spec_from_file_location(_NAME, Path(__file__).with_name(f"{_NAME}.py"))
assert _SPEC
assert _SPEC.loader
sys.modules[_NAME] = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(sys.modules[_NAME])
