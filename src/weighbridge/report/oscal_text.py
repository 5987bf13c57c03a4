"""OSCAL's kinds of text: tokens, one-line strings, and markup with nothing active in it.

Source: the data types of NIST's OSCAL 1.2.1 (``token``, ``string``, ``markup-line``,
``markup-multiline``). Markup is CommonMark with ``{{ insert: … }}`` as an addition, so what a
stranger wrote is written with entities there, and as it is in strings.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable

from weighbridge.edge.text import visible
from weighbridge.model.canonical import Json

NAMESPACE = "urn:weighbridge:oscal"

_ACTIVE = re.compile(r'[&<>`*_\[\]{}\\~^"!#|]')
_NO_TOKEN = re.compile(r"[^A-Za-z0-9.]+")
_MAX_TOKEN = 120


def line(text: str, limit: int = 2000) -> str:
    """A ``string``: one line that neither begins nor ends with white space, and is not empty."""
    if not (len(text) <= limit and text.isascii() and text.isprintable()):
        text = visible(text, limit)
    return text.strip() or "none"


def markup(text: str, limit: int = 1000) -> str:
    """One line of ``markup-line`` that shows the text and does nothing else."""
    return _ACTIVE.sub(lambda found: f"&#{ord(found[0])};", line(text, limit))


def prop(name: str, value: str, remarks: str = "") -> dict[str, Json]:
    """A property in our own namespace; what OSCAL defines no name for must have one."""
    body: dict[str, Json] = {"name": name, "ns": NAMESPACE, "value": line(value)}
    if remarks:
        body["remarks"] = markup(remarks)
    return body


def token(text: str) -> str:
    """A ``token`` that a person recognizes: ``EU-AIA Art. 15(5)`` is ``EU-AIA-Art.-15-5``.

    Two texts may have the same one; :func:`tokens` tells them apart.
    """
    plain = _NO_TOKEN.sub("-", text).strip("-.")
    if not plain[:1].isalpha():
        plain = f"_{plain}"
    return plain if len(plain) <= _MAX_TOKEN else _with_hash(plain[:_MAX_TOKEN], text)


def tokens(texts: Iterable[str]) -> dict[str, str]:
    """The token of each text, no two the same: a part of their hash tells those apart."""
    sharing: dict[str, list[str]] = defaultdict(list)
    for text in dict.fromkeys(texts):
        sharing[token(text)].append(text)
    return {
        text: name if len(group) == 1 else _with_hash(name, text)
        for name, group in sharing.items()
        for text in group
    }


def statement(control: str, rule: str) -> str:
    """The id of what a rule says about a control."""
    return f"{control}_smt.{token(rule)}"


def _with_hash(name: str, text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{name}_{digest[:32]}"  # "_" stands in no other token but in front
