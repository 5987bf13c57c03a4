"""The SPDX expression that a Python package's declared license stands for.

Declared are an expression (PEP 639), free text in the ``License`` field (a name, a sentence, a
whole license), and classifiers. Expressions are checked by :mod:`packaging.licenses`, which is what
the package index checks them by; it has the ids of the SPDX License List. Names are looked up in
:mod:`weighbridge.packages.license_tables`, and nothing is guessed by likeness.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Sequence

from weighbridge.packages.license_tables import (
    CLASSIFIERS,
    FAMILIES,
    FILLING,
    REPLACED,
    SHORT_NAMES,
    SPELLINGS,
)
from weighbridge.packages.license_texts import license_of_text

MAX_NAME = 500  # characters; what is longer is a text and no name
MAX_PARTS = 8  # licenses in one piece of free text
MAX_CLASSIFIERS = 1000

_PREFIX = "License :: "
_LATER = re.compile(
    r"[\s,-]*\b(?:or|and)[\s-]+(?:\(?at your option\)?\s+)?(?:any\s+)?"
    r"(?:later|newer|greater|above|higher)\b(?:\s+versions?)?"
)
_VERSION_SIGN = re.compile(r"(?<=[a-z])v(?=\s*\d)")  # GPLv3
_TOKEN = re.compile(r"[a-z]+|\d+(?:\.\d+)*\s*\+?|\+")
_BETWEEN = re.compile(r"\s+(or|and)\s+|\s*([/|&])\s*", re.IGNORECASE)
_ASIDE = re.compile(r"([^()]*)\(([^()]*)\)[\s.]*\Z")
_POINTER = re.compile(r"\s*(?:see\b|https?://|c\))", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+")
_COPYRIGHT = re.compile(  # who holds it, but nothing that may be a condition
    r"[\s,;.]+copyright\b(?!.*\b(?:no|not|non\w*|only|except|unless)\b).*\Z", re.IGNORECASE
)
_CHOICE = re.compile(r"\b(?:dual(?:ly)?|either|choice of)\b", re.IGNORECASE)


def spdx_expression(license: str, is_expression: bool, classifiers: Sequence[str]) -> str:  # noqa: A002
    """The SPDX expression that a declaration stands for, or "" where it tells none.

    A family of licenses (``BSD``, the classifier ``Apache Software License``) stands for a
    ``LicenseRef-`` (:data:`license_tables.FAMILIES`), unless classifiers or text say which member
    of the family is meant: PEP 639 forbids to pick one. Several classifiers and no text that says
    how they belong together stand for nothing, as it demands too.

    Args:
        license: the ``License-Expression`` or ``License`` field, whole; may be a license's text.
        is_expression: that it was declared as an expression. One that is not valid is read as text.
        classifiers: all of the package's; those that are not below ``License ::`` are passed over.
    """
    text = license.strip()
    if is_expression and (valid := valid_expression(text)):
        return valid
    classified = _classified(classifiers)
    named = _named(text) if len(text) <= MAX_NAME and "\n" not in text else ""
    if not named:
        named = _of_license_text(text, classified)
    if named in FAMILIES:
        return _settled(named, classified)
    if named:
        return named
    if len(classified) == 1:
        return classified[0]
    if classified and len(text) <= MAX_NAME and _CHOICE.search(text):
        return " OR ".join(classified)
    return ""


def settled_by_texts(expression: str, texts: Sequence[str]) -> str:
    """An expression, or, where it is a family's reference, the member whose text is at hand.

    Args:
        expression: as :func:`spdx_expression` tells it.
        texts: of the license files that the package brings along. Several that are of the family
            and differ settle nothing.
    """
    if expression not in FAMILIES:
        return expression
    return _settled(expression, tuple({license_of_text(text) for text in texts}))


def valid_expression(text: str) -> str:
    """A valid SPDX expression in its canonical form, deprecated GNU ids replaced; else "".

    Ids may be those of the SPDX License List and ``LicenseRef-`` ones.
    """
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    if not text or len(text) > MAX_NAME:
        return ""
    try:
        canonical = canonicalize_license_expression(text)
    except InvalidLicenseExpression:
        return ""
    return re.sub(r"[^\s()]+", lambda found: REPLACED.get(found[0], found[0]), canonical)


def _classified(classifiers: Sequence[str]) -> tuple[str, ...]:
    """What the classifiers stand for, sorted, without the family of which another is a member.

    A classifier that names a license SPDX does not have stands for "", and so for doubt.
    """
    found = {
        CLASSIFIERS.get(classifier.removeprefix(_PREFIX).strip(), "")
        for classifier in classifiers[:MAX_CLASSIFIERS]
        if classifier.startswith(_PREFIX)
        and classifier not in (f"{_PREFIX}OSI Approved", f"{_PREFIX}DFSG approved")
    }
    if "" in found:
        return ()
    general = {one for one in found if any(one != other and _holds(one, other) for other in found)}
    return tuple(sorted(found - general))


def _holds(family: str, member: str) -> bool:
    return member == family or member.startswith(FAMILIES.get(family, ()))


def _settled(family: str, classified: tuple[str, ...]) -> str:
    """The one classifier that says which member of a family is meant, or the family itself."""
    members = [other for other in classified if _holds(family, other)]
    return members[0] if len(members) == 1 else family


def _of_license_text(text: str, classified: tuple[str, ...]) -> str:
    """What a pasted license text stands for."""
    title = text.partition("\n")[0].strip()
    if found := license_of_text(text):
        return "" if _CHOICE.search(text[:MAX_NAME]) else found
    named = _named(title) if title != text and len(title) <= MAX_NAME else ""
    # A title alone could stand above terms of somebody's own: only with a classifier that agrees.
    agreed = len(classified) == 1 and (_holds(classified[0], named) or _holds(named, classified[0]))
    return named if named and agreed else ""


@functools.lru_cache(maxsize=2048)
def _named(text: str) -> str:
    """What a name, or several names with "or", "and" or a slash between them, stand for."""
    known = _one_name(text)
    if known:
        return known
    without = _COPYRIGHT.sub("", text)
    if without != text and (known := _named(without)):
        return known
    parts = _BETWEEN.split(_LATER.sub("+", _CHOICE.sub(" ", text.lower())))
    names, signs = parts[0::3], {sign for sign in (*parts[1::3], *parts[2::3]) if sign}
    if not 2 <= len(names) <= MAX_PARTS:
        return ""
    found = [_one_name(name) for name in names]
    if not all(found):
        return ""
    joined = dict.fromkeys(found)
    if signs <= {"and", "&"}:
        return (" OR " if _CHOICE.search(text) else " AND ").join(joined)
    # a slash between two names offers a choice (MIT/Apache-2.0), as it does in crates
    return " OR ".join(joined) if signs <= {"or", "/", "|"} else ""


def _one_name(text: str) -> str:
    """What one name stands for; an aside in brackets must say the same or point elsewhere."""
    text = text.strip().strip("\"'.,;").removeprefix(_PREFIX)
    known = valid_expression(text) or CLASSIFIERS.get(text) or _spelled(text)
    aside = _ASIDE.match(text)
    if known or not aside:
        return known
    outside, inside = (_spelled(part) for part in aside.groups())
    if outside and (_POINTER.match(aside[2]) or (inside and _holds(inside, outside))):
        return outside
    return inside if inside and outside and _holds(outside, inside) else ""


def _spelled(text: str) -> str:
    return _spellings().get(_plain(text), "")


def _plain(text: str) -> str:
    """A name without what its spellings differ in: ``gpl 3+`` for "GNU GPLv3 or later"."""
    plain = _LATER.sub("+", _ADDRESS.sub(" ", text.lower()))
    words: list[str] = []
    for token in _TOKEN.findall(_VERSION_SIGN.sub(" ", plain)):
        word = re.sub(r"(?:\.0)+(?=\s*\+?\Z)", "", token).replace(" ", "")
        if word == "+" and words:
            words[-1] += "+"
        elif word not in FILLING and word != "v":
            words.append(word)
    plain = " ".join(words)
    for long, short in SHORT_NAMES:
        plain = plain.replace(long, short)
    words = [word for word, _ in itertools.groupby(plain.split())]
    half = len(words) // 2
    if half and words[:half] == words[half:]:  # GPLv3 (GPL-3)
        words = words[:half]
    return " ".join(words)


@functools.cache
def _spellings() -> dict[str, str]:
    return {_plain(name): found for found, names in SPELLINGS.items() for name in names}
