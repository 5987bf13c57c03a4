"""Which patterns of miners and thieves of credentials start-up code follows. Read, never run.

The ids are those of :data:`weighbridge.model.hijack.patterns.PATTERNS`. Each is a combination: what
the code names, what it does, and for most where a value flows. Texts that it would run or decode
(``exec("…")``, ``python -c``, base64, also around zlib) are looked at in turn, some levels deep, as
litellm 1.82.8 wrapped its thief twice. That none is found is no proof: who wants to can hide from
any such look.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
import zlib
from collections.abc import Iterator

from weighbridge.model.errors import BoundExceeded
from weighbridge.packages.hook_code import MAX_SOURCE
from weighbridge.packages.startup_traits import look
from weighbridge.packages.startup_words import FAR_RIGHT, PRIVATE, words

KINDS = ("pth", "module", "setup", "script")
_MAX_LEVELS = 4
_MAX_INSIDE = 4 * MAX_SOURCE  # characters of all texts inside together
_MAX_TEXTS = 200
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}\Z")
_IMPORT = ("import ", "import\t")
_DEFINITE = {
    "decoded-run": "decodes-and-runs",
    "encoded-shell": "decodes-and-runs",
    "downloaded-run": "downloads-and-runs",
    "environment-sent": "sends-environment",
}


def startup_patterns(text: str, *, kind: str) -> tuple[str, ...]:
    """The patterns that some start-up code follows, sorted; empty where it follows none.

    Args:
        text: the source. Control characters are as they are in the file.
        kind: ``pth`` (its ``import`` lines count), ``module`` (an ``__init__.py``,
            ``sitecustomize``), ``setup`` (``setup.py``), ``script`` (of a shell or in JavaScript,
            judged by its words).

    Raises:
        BoundExceeded: the text is longer than ``MAX_SOURCE``: nothing may be concluded.
        ValueError: no such kind.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of start-up code")
    if len(text) > MAX_SOURCE:
        raise BoundExceeded("start-up code", MAX_SOURCE, "characters")
    if kind == "script":
        traits = words(text)
        return _sorted(_combine(traits, flows=False))
    search = _Search()
    if kind == "pth":
        lines = (line.lstrip("\ufeff") for line in text.splitlines())
        search.code([line for line in lines if line.startswith(_IMPORT)], 0)
    else:
        search.code([text], 0)
    return _sorted(search.found)


def _sorted(found: set[str]) -> tuple[str, ...]:
    return tuple(sorted(found))


class _Search:
    """Goes through some code and the code inside it."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self._left = _MAX_INSIDE
        self._texts = _MAX_TEXTS

    def code(self, sources: list[str], level: int) -> None:
        """Look at parts of one file together: what one names, another may do."""
        traits: set[str] = set()
        flows = True
        inside: list[str] = []
        for source in sources:
            looked = look(source)
            if looked is None:
                traits |= words(source)
                flows = False
                continue
            traits |= looked.traits
            inside += looked.code
            if "decodes" in looked.traits:
                inside += [t for literal in looked.literals for t in _decoded(literal)]
        runs = traits & {"runs", "process", "decoded-run"}
        if runs and any(FAR_RIGHT.search(source) for source in sources):
            self.found.add("hides-code")
        self.found |= _combine(traits, flows=flows)
        for text in inside if level < _MAX_LEVELS else ():
            if self._texts > 0 and len(text) <= self._left:
                self._texts -= 1
                self._left -= len(text)
                self.code([text], level + 1)


def _decoded(text: str) -> Iterator[str]:
    """The text that another one encodes, if it is base64, or base64 around zlib, of a text."""
    plain = "".join(text.split())
    if not _BASE64.match(plain):
        return
    altered = plain.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        data = base64.b64decode(altered + "=" * (-len(altered) % 4), validate=True)
    except (binascii.Error, ValueError):
        return
    opened = zlib.decompressobj()
    with contextlib.suppress(zlib.error):
        data = opened.decompress(data, MAX_SOURCE)
    try:
        found = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    if found and "\x00" not in found:
        yield found


def _combine(traits: set[str], *, flows: bool) -> set[str]:
    """The patterns that traits amount to.

    ``flows``: whether the code was parsed, so that where values go is known.
    """
    found = {pattern for trait, pattern in _DEFINITE.items() if trait in traits}
    acts = traits & {"process", "connects", "writes", "runs", "sender"}
    out = bool(traits & {"connects", "sender"})
    named = {trait.removeprefix("place:") for trait in traits if trait.startswith("place:")}
    mining = traits & {"stratum", "pool", "miner"}
    surely = "stratum" in traits or len(mining) > 1
    if mining and (acts if surely else traits & {"downloaded-run", "fetch-and-run"}):
        found.add("mines")
    many = len(named) > 1 or bool(named & PRIVATE)
    if out and "reads" in traits and many:
        found.add("steals-credentials")
    if "credential-sent" in traits and ("reads" in traits or not flows):
        found.add("steals-credentials")
    if "environment-packed" in traits and out:
        found.add("sends-environment")
    if "fetch-and-run" in traits and (traits & {"process", "runs"} or not flows):
        found.add("downloads-and-runs")
    if "persistence" in traits and traits & {"writes", "process"}:
        found.add("persists")
    if "metadata" in traits and out:
        found.add("asks-cloud-metadata")
    if "tls-off" in traits and out and traits & {"runs", "process"}:
        found.add("runs-unverified")
    return found
