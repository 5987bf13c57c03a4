"""Core metadata of a distribution (packaging.python.org): its fields, and what they declare."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from weighbridge.edge.text import visible
from weighbridge.packages.addresses import without_secrets
from weighbridge.packages.source import MalformedSource, unique

Fields = Mapping[str, Sequence[str]]

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,40}):[ \t]*(.*)\Z")
_CLASSIFIER = "License :: "
_MAX_CLASSIFIERS = 1000
_MAX_URLS = 100
_TEXT = 300
_NO_WORD = re.compile(r"[\W_]+")
# labels of Project-URL (Well-known Project URLs in Metadata), best first
_HOME = ("homepage", "source", "repository", "sourcecode", "github", "gitlab", "code")


def metadata_fields(data: bytes) -> dict[str, list[str]]:
    """The fields by name in lower case; the description after the first empty line is not read.

    Raises:
        MalformedSource: it is not UTF-8, or holds a line that is no field.
    """
    head = data.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedSource(f"its metadata are not UTF-8 text: {error.reason}") from error
    fields: dict[str, list[str]] = {}
    last: list[str] = []
    for line in text.split("\n"):
        match = _FIELD.match(line)
        if match:
            last = fields.setdefault(match.group(1).lower(), [])
            last.append(match.group(2).strip())
        elif line[:1] in (" ", "\t") and last:
            last[-1] += "\n" + line.strip()
        elif line.strip():
            raise MalformedSource(f"its metadata hold a line that is no field: {line[:40]!r}")
    return fields


def only(fields: Fields, name: str) -> str:
    """The value of a field that stands exactly once.

    Raises:
        MalformedSource: it does not.
    """
    values = fields.get(name, [])
    if len(values) != 1:
        raise MalformedSource(f"its metadata have {len(values)} {name} fields")
    return values[0]


def declared_license(fields: Fields) -> tuple[str, bool]:
    """The license as declared, best statement first: expression (PEP 639), field, classifiers."""
    for expression in fields.get("license-expression", [])[:1]:
        return visible(expression, 500), True
    for text in fields.get("license", [])[:1]:
        if text and "\n" not in text and len(text) <= 100 and text.upper() != "UNKNOWN":
            return visible(text, 100), False
    classifiers = [
        c.rpartition(" :: ")[2]
        for c in license_classifiers(fields)
        if c != "License :: OSI Approved"
    ]
    return visible(", ".join(unique(classifiers)), 500), False


def license_statement(fields: Fields) -> tuple[str, bool]:
    """The expression or the whole ``License`` field, which may be a license's text, as written."""
    for expression in fields.get("license-expression", [])[:1]:
        return expression, True
    for text in fields.get("license", [])[:1]:
        return ("" if text.upper() == "UNKNOWN" else text), False
    return "", False


def license_classifiers(fields: Fields) -> tuple[str, ...]:
    """The classifiers that speak of licenses."""
    listed = fields.get("classifier", [])[:_MAX_CLASSIFIERS]
    return tuple(c for c in listed if c.startswith(_CLASSIFIER))


def declared_supplier(fields: Fields) -> str:
    """Who made it, as declared: the author, else the maintainer, with the address given."""
    for role in ("author", "maintainer"):
        name = _first(fields, role)
        address = _first(fields, f"{role}-email")
        if name and address and name not in address and address not in name:
            both = f"{name}, {address}" if "<" in address else f"{name} <{address}>"
            return visible(both, _TEXT)
        if name or address:
            return visible(max(name, address, key=len), _TEXT)
    return ""


def declared_url(fields: Fields) -> str:
    """The project's home page, or else where its source is; http addresses only."""
    by_label: dict[str, str] = {}
    for entry in fields.get("project-url", [])[:_MAX_URLS]:
        label, _, address = entry.partition(",")
        by_label.setdefault(_NO_WORD.sub("", label).lower(), address.strip())
    stated = [by_label.get("homepage", ""), _first(fields, "home-page")]
    stated += [by_label.get(label, "") for label in _HOME]
    for address in stated:
        if address.lower().startswith(("https://", "http://")) and "\n" not in address:
            return visible(without_secrets(address), _TEXT)
    return ""


def _first(fields: Fields, name: str) -> str:
    value = next(iter(fields.get(name, [])), "").strip()
    return "" if value.upper() == "UNKNOWN" else " ".join(value.split())
