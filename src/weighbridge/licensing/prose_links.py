"""Licenses that an address stands for: the pages of their stewards, and shields.io badges."""

from __future__ import annotations

import re
from urllib.parse import unquote

from weighbridge.licensing.prose_names import Mention, Named, find_names

_BADGE = re.compile(r"(?:img\.)?shields\.io/(?:static/v1\?|badge/)", re.I)
_STATIC = re.compile(r"[?&](label|message)=([^&#]{1,120})", re.I)
_CC = re.compile(
    r"creativecommons\.org/licenses/(by(?:-nc)?(?:-sa|-nd)?)/(\d\.\d)(?=[/\s?#)]|\Z)", re.I
)
# (how an address goes on after its scheme, what it stands for: a hub id, an SPDX id or LicenseRef)
_KNOWN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.I), name)
    for pattern, name in (
        (r"apache\.org/licenses/license-2\.0", "Apache 2.0"),
        (r"opensource\.org/licen[sc]es?/mit\b", "MIT"),
        (r"creativecommons\.org/publicdomain/zero/1\.0", "CC0 1.0"),
        (r"gnu\.org/licenses/(?:old-licenses/)?agpl-3\.0", "AGPL 3.0"),
        (r"gnu\.org/licenses/(?:old-licenses/)?lgpl-3\.0", "LGPL 3.0"),
        (r"gnu\.org/licenses/(?:old-licenses/)?gpl-3\.0", "GPL 3.0"),
        (r"gnu\.org/licenses/old-licenses/gpl-2\.0", "GPL 2.0"),
        (r"mozilla\.org/(?:[\w-]+/)?mpl/2\.0", "MPL 2.0"),
        (r"ai\.meta\.com/llama/license", "Llama 2 Community"),
        (r"(?:llama\.meta|llama)\.com/llama3/license", "Llama 3 Community"),
        (r"(?:llama\.meta|llama)\.com/llama3_1/license", "Llama 3.1 Community"),
        (r"(?:llama\.meta|llama)\.com/llama3_2/license", "Llama 3.2 Community"),
        (r"(?:llama\.meta|llama)\.com/llama3_3/license", "Llama 3.3 Community"),
        (r"(?:llama\.meta|llama)\.com/llama4/license", "Llama 4 Community"),
        (r"ai\.google\.dev/gemma/terms", "Gemma Terms of Use"),
        (r"spaces/compvis/stable-diffusion-license", "CreativeML OpenRAIL-M"),
        (r"spaces/bigscience/license", "BigScience BLOOM RAIL 1.0"),
        (r"spaces/bigcode/bigcode-model-license-agreement", "BigCode OpenRAIL-M"),
    )
)
# Pages that hold one license under its id: the id is the last part of the path.
_BY_ID = re.compile(
    r"(?:opensource\.org/licenses?|choosealicense\.com/licenses|spdx\.org/licenses)/"
    r"([a-z0-9.+-]{2,40}?)(?:\.html|\.php|\.txt)?/?(?=[?#]|\Z)",
    re.I,
)


def address_license(address: str) -> Named | None:
    """What license an address is the page of, if it is known."""
    match = _CC.search(address)
    if match:
        return _named(f"CC {match[1].replace('-', ' ')} {match[2]}")
    for pattern, name in _KNOWN:
        if pattern.search(address):
            return _named(name)
    by_id = _BY_ID.search(address)
    return _named(by_id[1]) if by_id else None


def badge_texts(address: str) -> tuple[str, str] | None:
    """The two texts of a badge that shields.io draws: the label and the message.

    In its path ``--`` is a hyphen, ``__`` an underscore, and one underscore a space.
    """
    begun = _BADGE.search(address)
    if begun is None:
        return None
    rest = address[begun.end() :]
    if "static/v1" in begun[0].lower():
        pairs = {key.lower(): unquote(value) for key, value in _STATIC.findall("?" + rest)}
        return pairs.get("label", ""), pairs.get("message", "")
    path = unquote(rest.partition("?")[0]).removesuffix(".svg").removesuffix(".png")
    path = path.replace("--", "\0").replace("__", "\1").replace("_", " ")
    parts = [p.replace("\0", "-").replace("\1", "_") for p in path.split("-")]
    if len(parts) < 3:
        return None
    # the last part is the color; authors forget to double hyphens, so all between is the message
    return parts[0], "-".join(parts[1:-1])


def _named(name: str) -> Named | None:
    found: list[Mention] = find_names(name)
    whole = [m for m in found if m.begin == 0 and m.end >= len(name.rstrip())]
    return whole[0].named if whole else None
