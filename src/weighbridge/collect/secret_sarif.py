"""What other scanners of secrets found, out of their SARIF 2.1.0 reports.

Such reports quote the secret, in the region's snippet and sometimes in the message. So of a result
only the rule's id, the path, the line and the commit are taken, and the file's bytes are not kept.
Lists of digests that call every random-looking string a secret (detect-secrets) are not taken:
on a model with a tokenizer they are wrong more often than right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.model.facts.secret import SecretFacts

MAX_BYTES = 64 * 2**20
MAX_RESULTS = 10_000
SCANNERS = ("gitleaks", "betterleaks", "trufflehog", "ggshield", "gitguardian", "kingfisher",
            "noseyparker", "secretlint", "titus")  # fmt: skip

_SAFE = re.compile(r"[A-Za-z0-9][\w ./:@()-]{0,79}")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LEVELS = {"error": "high", "warning": "medium", "note": "low", "none": "low"}


def read_sarif(name: str, data: bytes) -> tuple[str, list[SecretFacts]]:
    """The scanner's name and version, and what it found.

    Raises:
        HostileInput: it is no SARIF 2.1.0 report, or not of a known scanner of secrets.
        BoundExceeded: it is too long.
    """
    body = load_json(data, source=name, max_bytes=MAX_BYTES)
    if not isinstance(body, dict) or body.get("version") != "2.1.0":
        raise HostileInput(f"{name} is no SARIF 2.1.0 report")
    runs = body.get("runs")
    if not isinstance(runs, list) or not runs:
        raise HostileInput(f"{name} has no runs")
    tools: dict[str, None] = {}
    found: list[SecretFacts] = []
    for run in runs:
        tool = _tool(run, name)
        tools[tool] = None
        for facts in _results(run, tool, name):
            if len(found) == MAX_RESULTS:
                raise BoundExceeded(name, MAX_RESULTS, "results")
            found.append(facts)
    return ", ".join(tools)[:200], found


def _tool(run: Any, name: str) -> str:
    driver = _at(run, "tool", "driver")
    called = _at(driver, "name")
    if not isinstance(called, str) or not called.lower().startswith(SCANNERS):
        raise HostileInput(
            f"{name} is of {visible(str(called), 40)!r}, which is no scanner of secrets known here",
            remedy=f"Known are {', '.join(SCANNERS)}.",
        )
    version = _at(driver, "semanticVersion") or _at(driver, "version")
    known = isinstance(version, str) and _SAFE.fullmatch(version[:40])
    return visible(called, 40) + (f" {version[:40]}" if known else "")


def _results(run: Any, tool: str, name: str) -> Iterator[SecretFacts]:
    results = run.get("results")
    if results is None:
        return
    if not isinstance(results, list):
        raise HostileInput(f"{name} has results that are no list")
    for result in results:
        rule = _at(result, "ruleId")
        if not isinstance(rule, str) or not _SAFE.fullmatch(rule):
            rule = "unnamed"
        place = _at(_first(_at(result, "locations")), "physicalLocation")
        line = _at(place, "region", "startLine")
        commit = _at(result, "partialFingerprints", "commitSha")
        level = _at(result, "level")
        yield SecretFacts(
            part="secret",
            rule=rule,
            provider=tool.split(" ")[0],
            title=f"what {tool.split(' ')[0]} calls {rule}",
            severity=_LEVELS.get(level, "high") if isinstance(level, str) else "high",
            path=_path(_at(place, "artifactLocation", "uri")),
            line=line if isinstance(line, int) and 0 < line < 2**31 else 0,
            member="",
            offset=-1,
            validated="reported",
            masked="",
            length=0,
            fingerprint="",
            commit=commit if isinstance(commit, str) and _COMMIT.fullmatch(commit) else "",
            source=tool,
        )


def _path(uri: object) -> str:
    if not isinstance(uri, str):
        return ""
    text = re.sub(r"\Afile:/{2,3}", "/", uri[:4096])
    return visible(unquote(text).removeprefix("./"), 500)


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None
