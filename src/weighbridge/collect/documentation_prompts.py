"""Prompts that are kept as files, and who approved which content of them.

An approval stands in ``prompts.yaml`` beside or above the prompt, this project's own format (see
``docs/how-to/document-a-model.md``), or in the prompt's own front matter, where ``sha256`` is of
what follows it. The record is read strictly, as ``datasets.yaml`` is: a misspelled key must not
pass for an approval. Keys of a front matter that are not about approval are for others to read:
prompt tools keep the model's name and its settings there.
"""

from __future__ import annotations

import datetime as dt
import difflib
import hashlib
import posixpath
import re
from typing import Any

from weighbridge.collect.documentation_sections import substance
from weighbridge.collect.model_ledger import shown
from weighbridge.edge.yaml import KeyPath, MalformedYaml, YamlDocument, load_yaml
from weighbridge.model.errors import BoundExceeded
from weighbridge.model.facts.documentation import ApprovalFacts

RECORDS = ("prompts.yaml", "prompts.yml")
KEYS = ("path", "sha256", "approved_by", "approved_on", "version", "purpose")
MAX_BYTES = 4 * 2**20
MAX_ENTRIES = 1_000
MAX_TEXT = 500  # characters of one value
_FRONT = ("sha256", "approved_by", "approved_on", "version")
_SHA256 = re.compile(r"(?:sha256:)?([0-9a-f]{64})\Z", re.IGNORECASE)
_TEXTS = (
    ".txt", ".md", ".markdown", ".prompt", ".jinja", ".jinja2", ".j2", ".mustache", ".hbs", ".tmpl",
    ".yaml", ".yml", ".json", ".toml", ".xml", ".prompty", ".poml",
)  # fmt: skip
_TEMPLATES = (".jinja", ".jinja2", ".prompt", ".prompty", ".poml", ".prompt.yml", ".prompt.yaml")
_SYSTEM = re.compile(r"system[-_ ]?(?:prompt|message)", re.IGNORECASE)


def is_record(path: str) -> bool:
    """Whether a file's name is that of a record of approvals."""
    return posixpath.basename(path) in RECORDS


def is_prompt(path: str) -> bool:
    """Whether a file is kept as a prompt, by its name or its folder."""
    folder, name = posixpath.split(path.lower())
    if name in ("readme.md", "license", "license.txt", "license.md") or is_record(path):
        return False
    if name.endswith(_TEMPLATES):
        return True
    if not name.endswith(_TEXTS) and "." in name:
        return False
    return bool(_SYSTEM.match(name)) or bool({"prompts", "prompt"} & set(folder.split("/")))


def parse_record(text: str, path: str) -> tuple[tuple[str, ApprovalFacts], ...] | None:
    """The approvals of a ``prompts.yaml``, each with the path of the prompt in the subject.

    Returns:
        None where it is no list: agents keep the prompts themselves in a file of that name.

    Raises:
        MalformedYaml: it is not YAML, or not of the documented shape; with the line.
        BoundExceeded: it is too large, or has too many entries.
    """
    document = load_yaml(text, source=path, max_bytes=MAX_BYTES)
    if isinstance(document.value, dict):
        return None
    if document.value is None:
        return ()
    if not isinstance(document.value, list):
        problem = "it must be a list with one entry a prompt"
        raise MalformedYaml(path, document.line(()), problem)
    if len(document.value) > MAX_ENTRIES:
        raise BoundExceeded(path, MAX_ENTRIES, "entries")
    folder = posixpath.dirname(path)
    return tuple(
        _entry(document, path, folder, entry, number) for number, entry in enumerate(document.value)
    )


def _entry(
    document: YamlDocument, source: str, folder: str, entry: object, number: int
) -> tuple[str, ApprovalFacts]:
    line = document.line((number,))
    if not isinstance(entry, dict):
        raise MalformedYaml(source, line, "an entry must be keys and values, 'path:' first")
    for key in entry:
        if key not in KEYS:
            close = difflib.get_close_matches(key, KEYS, n=1)
            hint = f" (perhaps '{close[0]}' is meant)" if close else ""
            raise MalformedYaml(
                source, document.line((number, key)), f"there is no key '{shown(key, 80)}'{hint}"
            )
    named = _text(document, source, entry, "path", (number,))
    if not named:
        raise MalformedYaml(source, line, "an entry needs a 'path'")
    approval = _approval(document, source, entry, (number,))
    approval["line"] = line
    return posixpath.normpath(posixpath.join(folder, named)), approval


def front_matter(data: bytes, path: str) -> tuple[ApprovalFacts | None, str]:
    """The approval in a prompt's own front matter, and the SHA-256 of what follows it.

    Returns:
        None and an empty text where there is no front matter, None and the digest where it says
        nothing of an approval.

    Raises:
        MalformedYaml: it is opened and never closed, is no YAML, or a value is malformed.
    """
    lines = data.split(b"\n", 20_000)
    if lines[0].rstrip() != b"---":
        return None, ""
    end = next((i for i in range(1, len(lines)) if lines[i].rstrip() == b"---"), None)
    if end is None:
        return None, ""  # a rule over a text, and no front matter
    try:
        block = b"\n".join([b"", *lines[1:end]]).decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedYaml(path, 1, "the front matter is not UTF-8") from error
    digest = hashlib.sha256(b"\n".join(lines[end + 1 :])).hexdigest()
    document = load_yaml(block, source=path, max_bytes=MAX_BYTES)
    if not isinstance(document.value, dict):
        return None, digest
    if not {"approved_by", "approved_on"} & set(document.value):
        return None, digest
    return _approval(document, path, document.value, ()), digest


def _approval(
    document: YamlDocument, source: str, table: dict[str, Any], at: KeyPath
) -> ApprovalFacts:
    texts = {key: _text(document, source, table, key, at) for key in _FRONT}
    digest = _SHA256.match(texts["sha256"])
    if texts["sha256"] and digest is None:
        problem = "'sha256' must be 64 hexadecimal digits"
        raise MalformedYaml(source, document.line((*at, "sha256")), problem)
    try:
        day = dt.date.fromisoformat(texts["approved_on"]) if texts["approved_on"] else None
    except ValueError:
        problem = "'approved_on' must be a day such as 2026-11-20"
        raise MalformedYaml(source, document.line((*at, "approved_on")), problem) from None
    who = shown(texts["approved_by"])
    return {
        "approved_by": "" if substance(who).placeholder else who,
        "approved_on": day.isoformat() if day else "",
        "sha256": digest[1].lower() if digest else "",
        "version": shown(texts["version"], 100),
        "path": source,
        "line": document.line((*at, "approved_by")),
    }


def _text(document: YamlDocument, source: str, table: dict[str, Any], key: str, at: KeyPath) -> str:
    value = table.get(key)
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    if key == "version" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        problem = f"'{key}' must be text; write it in quotes"
        raise MalformedYaml(source, document.line((*at, key)), problem)
    if len(value) > MAX_TEXT:
        raise BoundExceeded(f"{source}: '{key}'", MAX_TEXT, "characters")
    return value.strip()
