"""The JSON Schema of policy files: completion and checks in editors, and generated documentation.

A policy that wants it begins with ``# yaml-language-server: $schema=<address of the schema>``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from weighbridge.model.policy import ParamValue
from weighbridge.model.rule import Param, RuleMeta

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def policy_schema(rules: Sequence[RuleMeta]) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a policy file, with every rule and its parameters.

    Args:
        rules: every rule there is.
    """
    from weighbridge.policy.shape import PolicyFile

    schema = PolicyFile.model_json_schema(by_alias=True)
    definitions = schema["$defs"]
    for table in (schema, *definitions.values()):
        for field in table.get("properties", {}).values():
            if field.get("default", "") is None:
                del field["default"]  # nothing is said where a key is left out
    entry = definitions.pop("RuleEntry")
    schema["properties"]["rules"] = {
        "type": "object",
        "description": schema["properties"]["rules"]["description"],
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {meta.id: _rule(entry, meta) for meta in rules},
    }
    schema["properties"]["extends"] = {
        "description": schema["properties"]["extends"]["description"],
        "oneOf": [{"type": "string", "minLength": 1}, {"$ref": "#/$defs/Extends"}],
    }
    definitions["WaiverEntry"]["properties"]["rule"]["enum"] = [meta.id for meta in rules]
    definitions["SignerEntry"]["oneOf"] = [
        _only(keys) for keys in (
            ("public_key",), ("key_file",), ("key_sha256",), ("identity", "issuer", "trusted_root"),
            ("identity", "certificate_roots"),
        )
    ]  # fmt: skip
    return {"$schema": _DIALECT, **schema}


def _only(keys: tuple[str, ...]) -> dict[str, Any]:
    """An entry that says who a signer is in this way and in no other; an issuer may be added."""
    ways = ("public_key", "key_file", "key_sha256", "trusted_root", "certificate_roots")
    others: list[str] = [way for way in ways if way not in keys]
    if "identity" not in keys:
        others += ["identity", "issuer"]
    return {"required": list(keys), "not": {"anyOf": [{"required": [key]} for key in others]}}


def _rule(entry: dict[str, Any], meta: RuleMeta) -> dict[str, Any]:
    properties = {name: dict(field) for name, field in entry["properties"].items()}
    properties["severity"]["description"] += f" The rule's: {meta.severity}."
    properties["params"] = {
        "type": "object",
        "description": properties["params"]["description"],
        "additionalProperties": False,
        "properties": {param.name: _param(param) for param in meta.params},
    }
    return {
        "type": "object",
        "description": f"This rule checks that {meta.summary}",
        "additionalProperties": False,
        "properties": properties,
    }


def _param(param: Param) -> dict[str, Any]:
    text = param.help
    if param.stricter:
        text += f" Stricter: {param.stricter}."
    return {**_type(param.default), "description": text}


def _type(value: ParamValue) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"type": "boolean", "default": value}
    if isinstance(value, int):
        return {"type": "integer", "default": value}
    if isinstance(value, str):
        return {"type": "string", "default": value}
    return {"type": "array", "items": {"type": "string"}, "default": list(value)}
