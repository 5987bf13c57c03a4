"""Makes ``fingerprints.json`` from folders of license texts. Maintainers run it, the tool never.

    python -m weighbridge.licensing.derive -o src/weighbridge/licensing/fingerprints.json FOLDER…

A folder holds one UTF-8 text a file, named ``<id>.txt``, or ``<id>@<variant>.txt`` where one
license goes round in several wordings. ``<id>`` is an SPDX id or a LicenseRef. An optional
``names.json`` maps ids to full names, and an optional ``source.json`` says where the folder's texts
come from.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from weighbridge.edge.files import write_atomic
from weighbridge.licensing.fingerprints import (
    RUN,
    SCHEMA,
    Fingerprint,
    pack,
    run_hashes,
    shingle,
    words_digest,
)
from weighbridge.licensing.text import is_title_word, title_words
from weighbridge.licensing.words import Reading, lenient, split_words, strict

MIN_WORDS = 20  # a shorter text is too easily part of another
MAX_TITLE = 40
LONG_TEXT = 600  # words; a longer one keeps every eighth shingle
SAMPLE = 8

# AI model licenses that have an SPDX id; those with a LicenseRef are strict anyway.
STRICT_IDS = frozenset({"OpenMDW-1.0"})

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
    every = 1 if is_strict or len(body) <= LONG_TEXT else SAMPLE
    kept = {shingle(h) for h in hashes if shingle(h) % every == 0}
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
        every=every,
        shingles="" if passage else pack(sorted(kept)),
    )


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


def to_bytes(rows: Sequence[Fingerprint], sources: Sequence[Any]) -> bytes:
    """The file: one line a text, so that a change shows as the lines that changed."""
    lines = [
        json.dumps(
            {
                "id": f.id,
                "also": list(f.also),
                "name": f.name,
                "strict": f.strict,
                "passage": f.passage,
                "words": f.words,
                "sha256": f.sha256,
                "head": f"{f.head:016x}",
                "tail": f"{f.tail:016x}",
                "every": f.every,
                "shingles": f.shingles,
            },
            ensure_ascii=False,
        )
        for f in rows
    ]
    head = f'{{"schema": {json.dumps(SCHEMA)},\n"sources": {json.dumps(list(sources))},\n'
    return (head + '"texts": [\n' + ",\n".join(lines) + "\n]}\n").encode()


def derive(folders: Sequence[Path]) -> bytes:
    """The fingerprint file of all texts in some folders."""
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
    return to_bytes(merged(found), sources)


def _json(path: Path, otherwise: Any) -> Any:
    return json.loads(path.read_bytes()) if path.exists() else otherwise


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    write_atomic(options.output, derive(options.folders))


if __name__ == "__main__":
    main()
