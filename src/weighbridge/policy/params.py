"""A rule's parameters as a policy sets them, held against what the rule declares."""

from __future__ import annotations

from typing import Any

from weighbridge.edge.yaml import KeyPath
from weighbridge.model.policy import ParamValue
from weighbridge.model.rule import RuleMeta
from weighbridge.policy.document import Document
from weighbridge.policy.suggest import did_you_mean


def checked_params(
    document: Document, here: KeyPath, meta: RuleMeta, given: dict[str, Any]
) -> dict[str, ParamValue]:
    """The parameters given for a rule.

    Args:
        document: the policy file.
        here: the rule's key path.
        meta: the rule's.
        given: the plain values under ``params``.

    Raises:
        ConfigurationError: a parameter that the rule does not have, or of another type.
    """
    values: dict[str, ParamValue] = {}
    for name, value in given.items():
        at = (*here, "params", name)
        if name not in meta.defaults:
            remedy = did_you_mean(name, meta.defaults) if meta.params else "It has no parameters."
            raise document.error(f"{meta.id!r} has no parameter {name[:100]!r}", at, remedy)
        typed = as_param(value, like=meta.defaults[name])
        if typed is None:
            shown = repr(value)[:60]
            raise document.error(
                f"the parameter {name!r} of {meta.id!r} must be {type_words(meta.defaults[name])}, "
                f"not {shown}",
                at,
            )
        values[name] = typed
    return values


def as_param(value: object, *, like: ParamValue) -> ParamValue | None:
    """A plain YAML value as a parameter of the type of ``like``, None where it is of another."""
    if isinstance(like, tuple):
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        return None
    # a bool is an int in Python, and is not one here
    if type(value) is type(like):
        assert isinstance(value, bool | int | str)
        return value
    return None


def type_words(value: ParamValue) -> str:
    """A parameter's type, for people."""
    if isinstance(value, tuple):
        return "a list of texts"
    if isinstance(value, bool):
        return "true or false"
    return "a whole number" if isinstance(value, int) else "text"
