"""Which keys of a configuration name credentials, and where their values come from.

Read line by line, in whatever format: ``key: value``, ``key = value``, ``"key": "value"``. What is
kept is the key, its line and the form of its value; never the value.
"""

from __future__ import annotations

import posixpath
import re
from typing import Literal

from weighbridge.collect.secret_checks import is_placeholder
from weighbridge.edge.text import visible
from weighbridge.model.facts.secret import CredentialKey

MAX_KEYS = 200
MAX_LINES = 200_000
_MAX_LINE = 2_000

_FILE = re.compile(
    r"(?:[\w.-]{0,200}\.)?env(?:\.[\w-]{1,20})?|\.(?:netrc|pypirc|npmrc)|credentials"
    r"|[\w.-]{0,200}\.(?:json|ya?ml|toml|ini|cfg|conf|properties|tfvars)",
    re.I,
)
_LINE = re.compile(
    r"\s{0,200}(?:export\s{1,8}|-\s{1,8}|\{\s{0,8})?[\"']?(?P<key>[A-Za-z_][\w.\-/]{0,100})[\"']?"
    r"\s{0,40}[:=]\s{0,40}(?P<value>\S.{0,1500})?\Z"
)
_CREDENTIAL = re.compile(
    r"(?:^|.*[_.\-/]|.*[a-z](?=[A-Z]))(?:password|passwd|passphrase|pwd|secret|secret[_-]?key"
    r"|(?:api|access|account|private|encryption|signing|storage)[_-]?key|client[_-]?secret"
    r"|(?:auth|access|api|bearer|hf|hub|refresh|session|bot|github|gitlab|deploy)[_-]?token"
    r"|connection[_-]?string|credentials?)",
    re.I,
)
_VAULT = re.compile(
    r"(?:ref\+)?(?:vault|awssm|aws-?secrets?(?:manager)?|ssm|gcpsm|gcp-?secrets?|azkv|azurekeyvault"
    r"|keyvault|op|bw|bitwarden|doppler|infisical|sops|k8s-?secret|secret)://?"
    r"|arn:aws:secretsmanager:|projects/[\w-]{1,60}/secrets/|!?vault\b|ENC\[|\{\{\s*(?:vault|lookup)"
    r"|\$\{\{?\s*(?:vault|secrets?|awssm|op|ssm|keyvault)\b|@Microsoft\.KeyVault",
    re.I,
)
_ENVIRONMENT = re.compile(
    r"\$\{|\$\(|\$[A-Za-z_]\w*\Z|\{\{|%[A-Za-z_]\w*%|!ENV\b|env(?:iron)?[:.(\[]|os\.environ"
    r"|\$env:|file:/|/run/secrets/|<%",
    re.I,
)
_NOTHING = re.compile(
    r"(?:null|none|nil|~|true|false|yes|no|on|off|-?[0-9]{1,9}(?:\.[0-9]{1,6})?|[\[{|>].{0,3}"
    r"|<.{0,80}>|x{3,}|\*{3,}|\.{3,}|your.{0,60}|todo|tbd|unset)?\Z",
    re.I,
)


def is_config(path: str) -> bool:
    """Whether a file of that name is a configuration whose keys are looked at."""
    return _FILE.fullmatch(posixpath.basename(path)) is not None


def credential_keys(data: bytes) -> tuple[list[CredentialKey], int]:
    """The keys that name credentials and have a value, and how many there are past the bound."""
    found: list[CredentialKey] = []
    dropped = 0
    for number, line in enumerate(data.split(b"\n", MAX_LINES)[:MAX_LINES], 1):
        match = _LINE.match(line[:_MAX_LINE].decode("utf-8", "replace").rstrip())
        if match is None or _CREDENTIAL.fullmatch(match["key"]) is None:
            continue
        form = _form(match["value"] or "")
        if form is None:
            continue
        if len(found) == MAX_KEYS:
            dropped += 1
            continue
        found.append({"key": visible(match["key"], 80), "line": number, "form": form})
    return found, dropped


def _form(raw: str) -> Literal["literal", "environment", "vault"] | None:
    value = raw.strip()
    if value[:1] in ("#", ";"):
        return None
    value = value.rstrip(",").rstrip("}").strip()
    if len(value) >= 2 and value[0] in "\"'" and value[0] in value[1:]:
        value = value[1 : value.index(value[0], 1)].strip()
    else:
        value = re.split(r"\s[#;]", value, maxsplit=1)[0].strip()
    if _NOTHING.match(value):
        return None
    if _VAULT.match(value):
        return "vault"
    if _ENVIRONMENT.match(value):
        return "environment"
    return None if is_placeholder(value.encode()) else "literal"
