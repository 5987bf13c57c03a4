"""License texts pasted into a metadata field, told by phrases that only they have.

Sources: the texts of the SPDX License List, of which phrases of a few words are quoted. This tells
the plain licenses from their variants by what a variant adds; whole texts in files are compared
word by word elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_CHARACTERS = 2**16  # of a text are read; the longest license known here, GPL 3, has 35,000
MIN_CHARACTERS = 200  # what is shorter is no license text

_HEAD = 1_500  # characters, at most, of titles and copyright statements before a license
_TAIL = 600  # characters after the last phrase that may still belong to a variant of the license
_NO_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class _Text:
    """``every`` one of its phrases stands in the text, and ``none`` of those of its variants."""

    id: str
    every: tuple[str, ...]
    none: tuple[str, ...] = ()


_GRANT = (
    "permission is hereby granted free of charge to any person obtaining a copy of this software"
)
_KEEP_NOTICE = "and this permission notice"
_BSD = (
    "redistribution and use in source and binary forms with or without modification are permitted",
    "redistributions of source code must retain",
    "redistributions in binary form must reproduce",
    "even if advised of the possibility of such damage",  # its end: nothing was cut off
)
_BSD_VARIANTS = (
    "advertising materials",
    "acknowledgment",
    "acknowledgement",
    "patent",
    "nuclear",
    "bug fixes patches or upgrades",
    "the views and conclusions contained",
)
_ENDORSE = "endorse or promote products derived from"
_FREELY = "with or without fee is hereby granted"

_TEXTS = (
    _Text(
        "MIT",
        (_GRANT, _KEEP_NOTICE, "shall be included in all copies"),
        ("except as contained in this notice", "good not evil", "advertising"),
    ),
    _Text("MIT-0", (_GRANT, "dealings in the software"), (_KEEP_NOTICE, "above copyright notice")),
    _Text("X11", (_GRANT, _KEEP_NOTICE, "except as contained in this notice", "x consortium")),
    _Text("BSD-3-Clause", (*_BSD, _ENDORSE), _BSD_VARIANTS),
    _Text("BSD-2-Clause", _BSD, (*_BSD_VARIANTS, "endorse", "may not be used", "neither the name")),
    _Text("BSD-4-Clause", (*_BSD, _ENDORSE, "all advertising materials mentioning features")),
    _Text(
        "Apache-2.0",
        ("apache license version 2 0 january 2004", "terms and conditions for use reproduction"),
    ),
    _Text(
        "Apache-2.0",
        ("licensed under the apache license version 2 0 the license", "without warranties"),
        ("terms and conditions for use reproduction",),
    ),
    _Text(
        "ISC",
        (
            _FREELY,
            "provided that the above copyright notice and this permission notice appear in all",
            "tortious action",
        ),
        ("not be used in advertising", "supporting documentation"),
    ),
    _Text(
        "0BSD",
        ("use copy modify and or distribute this software for any purpose", _FREELY, "tortious"),
        ("provided that the above",),
    ),
    _Text(
        "PSF-2.0",
        ("psf hereby grants licensee a nonexclusive royalty free world wide license",),
        ("beopen",),
    ),
    _Text("Python-2.0", ("psf hereby grants licensee", "beopen", "stichting mathematisch centrum")),
    _Text("MPL-2.0", ("mozilla public license version 2 0", "1 1 contributor means each")),
    _Text("Unlicense", ("this is free and unencumbered software released into the public domain",)),
    _Text(
        "Zlib",
        (
            "as is without any express or implied warranty",
            "altered source versions must be plainly marked as such",
        ),
    ),
    _Text("BSL-1.0", ("boost software license version 1 0 august 17th 2003",)),
    _Text("LicenseRef-GPL-3.0-unspecified", ("gnu general public license version 3 29 june 2007",)),
    _Text("LicenseRef-GPL-2.0-unspecified", ("gnu general public license version 2 june 1991",)),
    _Text(
        "LicenseRef-LGPL-3.0-unspecified",
        ("gnu lesser general public license version 3 29 june 2007",),
    ),
    _Text(
        "LicenseRef-LGPL-2.1-unspecified",
        ("gnu lesser general public license version 2 1 february 1999",),
    ),
    _Text(
        "LicenseRef-AGPL-3.0-unspecified",
        ("gnu affero general public license version 3 19 november 2007",),
    ),
)


def license_of_text(text: str) -> str:
    """The id, or family reference, of the license text that a text begins with; else "".

    What follows it is passed over: packages paste the licenses of all that they bundle after their
    own. The text of a GNU license does not tell whether later versions are allowed.
    """
    if len(text) < MIN_CHARACTERS:
        return ""
    words = f" {_NO_WORD.sub(' ', text[:MAX_CHARACTERS].lower())} "
    found = {known.id for known in _TEXTS if _begins_with(known, words)}
    return found.pop() if len(found) == 1 else ""


def _begins_with(known: _Text, words: str) -> bool:
    begin = words.find(f" {known.every[0]} ")
    if not 0 <= begin <= _HEAD:
        return False
    ends = []
    for phrase in known.every:
        at = words.find(f" {phrase} ", begin)
        if at < 0:
            return False
        ends.append(at + len(phrase))
    own = words[: max(ends) + _TAIL]
    return not any(f" {phrase} " in own for phrase in known.none)
