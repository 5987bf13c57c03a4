"""Evidence of the kind ``license``: what a model declares, holds as license files, and says.

One piece of evidence a declared id (``about`` is the model card), a license, notice or use-policy
file (``about`` is its path), a statement in the card's text (``prose``), and an id that the headers
of code files name (``header``, ``about`` is the first such file). Declared, detected and stated in
prose are three facts; no one of them is made from another. A card or a file that could not be read
is ``unavailable`` and holds :class:`LicensePlace`. A license file without a word in it is
``absent``, as is the whole where nothing declares a license and no file holds one (``about`` is
then empty).
"""

from __future__ import annotations

from typing import Literal, TypedDict

Role = Literal["declared", "detected", "notice", "use-policy", "prose", "header"]
Covers = Literal["", "model", "origin", "base", "code", "data", "other"]


class DifferenceFacts(TypedDict):
    """Words of a file that the nearest known text does not have, or a place where it has others.

    ``line``: where they stand; ``words``: the file's own words, in lower case and cut short, empty
    where words of the known text are missing and nothing stands in their place. ``section``: the
    file's own heading above, empty where there is none.
    """

    line: int
    words: str
    section: str


class SentenceFacts(TypedDict):
    """A sentence of a file that is more than its license: ``what`` it is, its line, its words.

    ``copyright``: who holds the copyright. ``attribution``: that something is under a license, is
    built with something, or holds work of others. ``policy-link``: a use policy that the text takes
    in by its address, so that it may change without the file. ``latest``: the same, and the text
    says that whatever the address shows at the time holds.
    """

    what: Literal["copyright", "attribution", "policy-link", "latest"]
    line: int
    words: str
    address: str


class TerritoryFacts(TypedDict):
    """A sentence that keeps rights from people in a territory.

    ``excluded``: ISO 3166 codes, ``EU`` for the European Union. ``models``: ``multimodal`` where
    only those models are meant, else empty.
    """

    line: int
    words: str
    excluded: list[str]
    models: list[str]


class LicenseFacts(TypedDict):
    """One declared license, one license file, or one statement.

    ``raw``: the id as declared, the file's name, or the license's name as the sentence has it.
    ``key``: the card's key it stands under, ``licence`` being a misspelling that the Hub does not
    read; empty for a file. ``line``: where it is stated, 0 for a file.

    ``id``: an SPDX expression or LicenseRef, empty where none could be had. ``symbols``: the
    licenses in it. ``also``: other ids that stand for the same words (``GPL-3.0-or-later`` for the
    text of ``-only``). ``family``: how the ids begin that a family id (``gpl``) may stand for, or
    to which licenses a use policy belongs by its title. ``names_text``: the id by itself says which
    text holds. ``status``: ``known``, ``family``, ``other`` (left to the author), or ``unknown``
    (no such id; no such text). ``why``: why it is not known, half a sentence. ``suggestions``: ids
    that look like an unknown one.

    ``license_name``, ``license_link``: what the card says beside the id; ``link_state`` says what
    the link leads to.

    ``nearest``, ``similarity_permille``: the known text that an unknown one comes nearest, 1000
    being the very words. ``held``, ``extra_words``: known texts that stand in the file whole, and
    the words beside them. ``places``: the first lines that differ from the nearest text, where that
    could be told; ``differences``: with their words; ``missing_runs``: how many runs of five words
    of the nearest text the file lacks, -1 where only some of its runs are known. ``file_digest``:
    SHA-256 of the card or file. ``nested``: the file lies in a folder of the model. ``component``:
    it is not for the model as a whole (``LICENSE-CODE``, third-party notices, headers of code, a
    sentence on the data).

    ``covers``: what a statement is about, as far as its sentence says: the ``model`` (empty where
    nothing is named, and the model is meant most likely), its ``base``, the ``origin`` (the license
    that the model itself is said to have come under), ``code``, ``data``, ``other`` things.
    ``words``: the sentence, cut short. ``files``: the first files whose headers name the id, and
    ``file_count`` how many do. ``sentences``, ``territory``: what else license, notice and
    use-policy files say.
    """

    role: Role
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
    differences: list[DifferenceFacts]
    missing_runs: int
    suggestions: list[str]
    file_digest: str
    nested: bool
    component: bool
    covers: Covers
    words: str
    files: list[str]
    file_count: int
    sentences: list[SentenceFacts]
    territory: list[TerritoryFacts]


class LicensePlace(TypedDict):
    """Where reading stopped: at the card, its text, a license file, or the headers of code."""

    part: Literal["card", "prose", "file", "headers"]
    path: str
    line: int


class LicenseSearch(TypedDict):
    """What was looked at where no license was found: the card and the license files."""

    card: str
    has_front_matter: bool
    files: list[str]
