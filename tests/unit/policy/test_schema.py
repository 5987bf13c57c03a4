"""The JSON Schema agrees with the loader."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest
import yaml

from weighbridge.model.errors import ConfigurationError
from weighbridge.policy.schema import policy_schema
from weighbridge.policy.shipped import shipped_names, shipped_policy

HEAD = "schema: 1\nid: p\nversion: v1\nowner: o\n"
GOOD = [
    "rules: {unsigned-weights: {}}\n",
    "rules: {unsigned-weights: {mode: 'off'}, tunable: {severity: high, on_unknown: report}}\n",
    "rules: {tunable: {params: {min_signers: 2, allow: [a], deep: false, style: x}}}\n",
    "rules: {tunable: {}}\ngate: {fail_on: low}\ntimestamp: {required: true}\nframeworks: [X-1]\n",
]
BAD = [
    "rules: {}\n",
    "rules: {nope: {}}\n",
    "rules: {tunable: {sevrity: high}}\n",
    "rules: {tunable: {params: {min_signers: yes}}}\n",
    "rules: {tunable: {params: {nope: 1}}}\n",
    "rules: {tunable: {severity: worst}}\n",
    "rules: {tunable: {}}\ngatee: {}\n",
    "rules: {tunable: {}}\ntrust: [{name: x}]\n",
    "rules: {tunable: {}}\ntrust: [{name: x, public_key: a, key_file: b}]\n",
    "rules: {tunable: {}}\nwaivers: [{id: x}]\n",
    "rules: {tunable: {}}\nextends: {policy: baseline, sha256: abc}\n",
]


@pytest.mark.parametrize("body", GOOD)
def test_what_the_loader_takes_is_valid(body, metas, write, load) -> None:
    validator = jsonschema_rs.validator_for(policy_schema(metas))
    load(write(body))
    validator.validate(yaml.safe_load(HEAD + body))


@pytest.mark.parametrize("body", BAD)
def test_what_the_loader_refuses_is_invalid(body, metas, write, load) -> None:
    validator = jsonschema_rs.validator_for(policy_schema(metas))
    with pytest.raises(ConfigurationError):
        load(write(body))
    assert not validator.is_valid(yaml.safe_load(HEAD + body))


def test_each_rule_has_its_parameters(metas) -> None:
    schema = policy_schema(metas)
    rules = schema["properties"]["rules"]["properties"]
    assert list(rules) == [meta.id for meta in metas]
    params = rules["tunable"]["properties"]["params"]["properties"]
    assert params["min_signers"] == {
        "type": "integer", "default": 1, "description": "How many must sign. Stricter: higher.",
    }  # fmt: skip
    assert rules["unsigned-weights"]["properties"]["params"]["properties"] == {}


def test_the_schema_is_the_same_each_time(metas) -> None:
    assert json.dumps(policy_schema(metas)) == json.dumps(policy_schema(metas))


@pytest.mark.parametrize("name", shipped_names())
def test_the_shipped_policies_are_valid_but_for_rules_not_listed_here(name, metas) -> None:
    schema = policy_schema(metas)
    schema["properties"]["rules"] = {"type": "object"}
    text = shipped_policy(name).read_text()
    document = json.loads(json.dumps(yaml.safe_load(text), default=str))
    jsonschema_rs.validator_for(schema).validate(document)
