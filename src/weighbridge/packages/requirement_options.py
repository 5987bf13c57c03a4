"""The options of requirements files: which take a value, and what they mean for the packages."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

_MAX_QUOTED_OPTIONS = 64 * 1024

# Each option's kind: an include, a place of packages, or empty where it changes no package.
WITH_VALUE = {
    "-r": "requirement", "--requirement": "requirement",
    "-c": "constraint", "--constraint": "constraint",
    "-e": "editable", "--editable": "editable",
    "-i": "index", "--index-url": "index", "--pypi-url": "index",
    "--extra-index-url": "extra-index",
    "-f": "find-links", "--find-links": "find-links",
    "--trusted-host": "trusted-host",
    "--no-binary": "", "--only-binary": "", "--use-feature": "",
    "--all-releases": "", "--only-final": "",
}  # fmt: skip
FLAGS = {
    "--no-index": "", "--prefer-binary": "", "--require-hashes": "", "--no-require-hashes": "",
    "--pre": "",
}  # fmt: skip
PER_REQUIREMENT = {
    "--hash": "hash", "--config-settings": "", "--config-setting": "", "-C": "",
    "--global-option": "", "--install-option": "",
}  # fmt: skip


def split_options(text: str) -> tuple[str, str]:
    """The requirement, and its options: they begin at the first blank followed by a hyphen."""
    words = text.split(" ")
    first = next((i for i, word in enumerate(words) if word.startswith("-")), len(words))
    return " ".join(words[:first]).strip(), " ".join(words[first:])


def options(text: str, known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each option's kind and value. Long names may be shortened, as pip's parser allows.

    Raises:
        ValueError: an unknown option, a missing value, an open quotation mark.
    """
    words = iter(_words(text))
    for word in words:
        name, separator, value = word.partition("=")
        if not word.startswith("--"):
            name, separator, value = word[:2], word[2:], word[2:].removeprefix("=")
        matching = {k for k in known if k == name or (name[:2] == "--" and k.startswith(name))}
        if name in known:
            matching = {name}
        kinds = {known[match] for match in matching}
        if len(kinds) != 1 or len(name) < 2 or name == "--":
            raise ValueError(f"{name[:40]!r} is not an option of requirements files")
        if matching <= set(FLAGS):
            yield "", ""
            continue
        if not separator:
            value = next(words, "")
        if not value:
            raise ValueError(f"{name} has no value")
        yield kinds.pop(), value


def _words(text: str) -> list[str]:
    if not any(character in text for character in "'\"\\"):
        return text.split()
    if len(text) > _MAX_QUOTED_OPTIONS:
        raise ValueError(f"quoted options of {len(text)} characters")
    return shlex.split(text)
