"""Evidence of the kind ``license``: what a model declares, and what its license files are.

One piece of evidence a declared id (``about`` is the model card), one a license or notice file
(``about`` is its path). A card or a file that could not be read is ``unavailable`` and holds
:class:`LicensePlace`. A license file without a word in it is ``absent``, as is the whole where
nothing declares a license and no file holds one (``about`` is then empty).
"""

from __future__ import annotations

from typing import Literal, TypedDict


class LicenseFacts(TypedDict):
    """One declared license, or one license file.

    ``raw``: the id as declared, or the file's name. ``key``: the card's key it stands under,
    ``licence`` being a misspelling that the Hub does not read; empty for a file. ``line``: where it
    is declared, 0 for a file.

    ``id``: an SPDX expression or LicenseRef, empty where none could be had. ``symbols``: the
    licenses in it. ``also``: other ids that stand for the same words (``GPL-3.0-or-later`` for the
    text of ``-only``). ``family``: how the ids begin that a family id (``gpl``) may stand for.
    ``names_text``: the id by itself says which text holds. ``status``: ``known``, ``family``,
    ``other`` (left to the author), or ``unknown`` (no such id; no such text). ``why``: why it is
    not known, half a sentence. ``suggestions``: ids that look like an unknown one.

    ``license_name``, ``license_link``: what the card says beside the id; ``link_state`` says what
    the link leads to.

    ``nearest``, ``similarity_permille``: the known text that an unknown one comes nearest, 1000
    being the very words. ``held``, ``extra_words``: known texts that stand in the file whole, and
    the words beside them. ``places``: the first lines that differ from the nearest text, where that
    could be told. ``file_digest``: SHA-256 of the card or file. ``nested``: the file lies in a
    folder of the model. ``component``: its name says that it is not for the model as a whole
    (``LICENSE-CODE``, third-party notices).
    """

    role: Literal["declared", "detected", "notice"]
    raw: str
    key: str
    id: str
    symbols: list[str]
    also: list[str]
    family: list[str]
    names_text: bool
    status: Literal["known", "family", "other", "unknown"]
    why: str
    line: int
    license_name: str
    license_link: str
    link_state: Literal["", "file", "missing", "url"]
    nearest: str
    similarity_permille: int
    held: list[str]
    extra_words: int
    places: list[int]
    suggestions: list[str]
    file_digest: str
    nested: bool
    component: bool


class LicensePlace(TypedDict):
    """Where reading a license stopped. ``part``: whether it was the card or a license file."""

    part: Literal["card", "file"]
    path: str
    line: int


class LicenseSearch(TypedDict):
    """What was looked at where no license was found: the card and the license files."""

    card: str
    has_front_matter: bool
    files: list[str]
