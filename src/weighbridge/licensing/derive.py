"""Makes ``fingerprints.json`` and ``.bin`` from folders of license texts. The tool never runs it.

    python -m weighbridge.licensing.derive -o src/weighbridge/licensing FOLDER…

A folder holds one UTF-8 text a file, named ``<id>.txt``, or ``<id>@<variant>.txt`` where one
license goes round in several wordings. ``<id>`` is an SPDX id or a LicenseRef. An optional
``names.json`` maps ids to full names, and an optional ``source.json`` says where the folder's texts
come from.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from weighbridge.edge.files import write_atomic
from weighbridge.licensing.fingerprints import (
    COLUMNS,
    DATA_FILE,
    INDEX_FILE,
    MAX_RANGE,
    RUN,
    SCHEMA,
    Fingerprint,
    Loose,
    run_hashes,
    sampled,
    shingle,
    words_digest,
)
from weighbridge.licensing.hub_ids import HUB_IDS
from weighbridge.licensing.text import is_title_word, title_words
from weighbridge.licensing.words import Reading, lenient, split_words, strict

MIN_WORDS = 20  # a shorter text is too easily part of another
MAX_TITLE = 40
LONG_TEXT = 600  # words; a longer one that no model card can name keeps some shingles only
SAMPLE = 16

# AI model licenses that have an SPDX id; those with a LicenseRef are strict anyway.
STRICT_IDS = frozenset({"OpenMDW-1.0"})

_NAMED_BY_CARDS = frozenset(i for hub in HUB_IDS.values() for i in hub.ids)

# Where a text may end and a passage begin that is not part of its terms, as words.
CUTS: tuple[tuple[str, str], ...] = (
    ("Apache-2.0", "end of terms and conditions"),
    ("Apache-2.0", "appendix how to apply the apache license"),
    ("Apache-2.0", "licensed under the apache license"),
    ("GPL-", "end of terms and conditions"),
    ("GPL-", "how to apply these terms to your new programs"),
    ("GPL-2.0", "appendix how to apply these terms to your new programs"),
    ("AGPL-", "end of terms and conditions"),
    ("AGPL-", "how to apply these terms to your new programs"),
    ("LGPL-2", "end of terms and conditions"),
    ("LGPL-2", "how to apply these terms to your new libraries"),
)


def fingerprints(license_id: str, name: str, text: str) -> list[Fingerprint]:
    """A text's fingerprint, and those of the passages that are cut from it."""
    words = split_words(text)
    is_strict = license_id.startswith("LicenseRef-") or license_id in STRICT_IDS
    body = (strict if is_strict else lenient)(words).words
    if is_strict:
        while body and words[len(words) - len(body)].statement:
            body = body[1:]
        return [_fingerprint(license_id, name, body, is_strict=True, passage=False)]
    own = title_words(license_id, name)
    start = 0
    while start < min(MAX_TITLE, len(body)) and is_title_word(body[start], own):
        start += 1
    ends = sorted({at for at in _cuts(license_id, body[start:]) if at} | {len(body) - start})
    parts = [body[start:][a:b] for a, b in zip([0, *ends], ends, strict=False)]
    return [
        _fingerprint(license_id, name, part, is_strict=False, passage=number > 0)
        for number, part in enumerate(parts)
        if len(part) >= (RUN if number else MIN_WORDS)
    ]


def _cuts(license_id: str, body: tuple[str, ...]) -> Iterable[int]:
    for prefix, phrase in CUTS:
        if license_id.startswith(prefix):
            at = _find(body, tuple(phrase.split()))
            if at is not None:
                yield at


def _find(words: tuple[str, ...], phrase: tuple[str, ...]) -> int | None:
    starts = (at for at in range(len(words)) if words[at : at + len(phrase)] == phrase)
    return next(starts, None)


def _fingerprint(
    license_id: str, name: str, body: tuple[str, ...], *, is_strict: bool, passage: bool
) -> Fingerprint:
    hashes = run_hashes(Reading(body, ()))
    kept = dict.fromkeys(map(shingle, hashes))
    return Fingerprint(
        id=license_id,
        also=(),
        name=name,
        strict=is_strict,
        passage=passage,
        words=len(body),
        sha256=words_digest(body),
        head=hashes[0],
        tail=hashes[-1],
        every=1,
        shingles=Loose(() if passage else tuple(kept)),
    )


def thinned(rows: Sequence[Fingerprint]) -> list[Fingerprint]:
    """Long texts with some of their shingles only, unless a model card can name them.

    A text that is half made of such a license's words keeps all of its own, or a change to that
    license might come out nearer to it (Pixar's is Apache-2.0 with one section changed).
    """
    whole = [f for f in rows if f.strict or not _NAMED_BY_CARDS.isdisjoint((f.id, *f.also))]
    named = frozenset(h for f in whole for h in f.shingles.values())
    kept = []
    for f in rows:
        own = f.shingles.values()
        if f in whole or f.words <= LONG_TEXT or 2 * len(named.intersection(own)) >= len(own):
            kept.append(f)
        else:
            loose = Loose(tuple(sampled(own, SAMPLE)))
            kept.append(dataclasses.replace(f, every=SAMPLE, shingles=loose))
    return kept


def merged(found: Iterable[Fingerprint]) -> list[Fingerprint]:
    """One fingerprint a text: ids that share their words are ``also`` of the plainest one."""
    groups: dict[tuple[bool, bool, str], list[Fingerprint]] = {}
    for fingerprint in found:
        key = (fingerprint.strict, fingerprint.passage, fingerprint.sha256)
        groups.setdefault(key, []).append(fingerprint)
    rows = []
    for group in groups.values():
        first, *rest = sorted(group, key=lambda f: _plainness(f.id))
        also = sorted({f.id for f in rest} - {first.id})
        rows.append(dataclasses.replace(first, also=tuple(also)))
    return sorted(rows, key=lambda f: (f.id, f.words, f.sha256))


def _plainness(license_id: str) -> tuple[bool, int, str]:
    """``GPL-3.0-only`` before ``-or-later``: a text alone never says "or later"."""
    return license_id.endswith("-or-later"), len(license_id), license_id


def to_bytes(rows: Sequence[Fingerprint], sources: Sequence[Any]) -> tuple[bytes, bytes]:
    """The two files. The index has one line a text, so that a change shows as changed lines."""
    places: dict[int, int] = {}
    ranges: list[bytes] = []
    lines = []
    for f in rows:
        own = _ranges([places.setdefault(h, len(places)) for h in f.shingles.values()])
        ranges += [a.to_bytes(3, "big") + (b - a).to_bytes(2, "big") for a, b in own]
        row = (f.id, list(f.also), f.name, int(f.strict), int(f.passage), f.words, f.sha256,
               f"{f.head:016x}", f"{f.tail:016x}", f.every, len(own))  # fmt: skip
        lines.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")))
    data = b"".join([h.to_bytes(3, "big") for h in places] + ranges)
    head = (
        f'{{"schema": {json.dumps(SCHEMA)},\n"sources": {json.dumps(list(sources))},\n'
        f'"data_sha256": "{hashlib.sha256(data).hexdigest()}",\n"different": {len(places)},\n'
        f'"columns": {json.dumps(list(COLUMNS))},\n"texts": [\n'
    )
    return (head + ",\n".join(lines) + "\n]}\n").encode(), data


def _ranges(indexes: Sequence[int]) -> list[tuple[int, int]]:
    """Indexes as half-open ranges, in their order."""
    found: list[tuple[int, int]] = []
    for index in indexes:
        if found and found[-1][1] == index and index - found[-1][0] < MAX_RANGE:
            found[-1] = (found[-1][0], index + 1)
        else:
            found.append((index, index + 1))
    return found


def derive(folders: Sequence[Path]) -> tuple[bytes, bytes]:
    """The index and the data of all texts in some folders."""
    found: list[Fingerprint] = []
    sources = []
    for folder in folders:
        names = _json(folder / "names.json", {})
        source = _json(folder / "source.json", None)
        sources += [source] if source else []
        for path in sorted(folder.glob("*.txt")):
            license_id = path.stem.partition("@")[0]
            text = path.read_text(encoding="utf-8-sig")
            found += fingerprints(license_id, names.get(license_id, license_id), text)
    return to_bytes(thinned(merged(found)), sources)


def _json(path: Path, otherwise: Any) -> Any:
    return json.loads(path.read_bytes()) if path.exists() else otherwise


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    index, data = derive(options.folders)
    write_atomic(options.output / INDEX_FILE, index)
    write_atomic(options.output / DATA_FILE, data)


if __name__ == "__main__":
    main()
