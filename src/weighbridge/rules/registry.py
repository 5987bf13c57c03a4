"""The built-in rules, by family. A literal tuple; a test holds it against the files."""

from __future__ import annotations

import importlib
from typing import cast

from weighbridge.model.rule import Rule

RULES: tuple[str, ...] = ()


def load_rules() -> tuple[Rule, ...]:
    """Import every built-in rule, in the registry's order."""
    return tuple(cast(Rule, importlib.import_module(f"weighbridge.rules.{r}")) for r in RULES)
