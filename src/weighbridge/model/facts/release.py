"""Evidence of the kind ``release``: what a model's files say that its licenses may demand.

One, about the subject. Which phrases are looked for comes from the licenses of the lineage
(:mod:`weighbridge.model.licensing.phrases` says how they are compared).
"""

from __future__ import annotations

from typing import Literal, TypedDict

MAX_PHRASES = 500  # looked for; more are told as cut
MAX_COPYRIGHT_LINES = 50

Role = Literal["notice", "attribution", "readme", "license", "policy"]


class ReleaseFileFacts(TypedDict):
    """A file that was read for phrases.

    ``role``: a notice file; one with attributions or credits; the readme, without its front matter;
    a license; a use policy. ``words``: the digest of its words, as
    :func:`weighbridge.licensing.fingerprints.words_digest` makes it; empty for the readme.
    """

    path: str
    role: Role
    words: str


class PhraseFacts(TypedDict):
    """A phrase that was looked for, as a license words it, and one file in which it stands."""

    phrase: str
    path: str
    role: Role
    line: int


class CopyrightFacts(TypedDict):
    """A line that says who holds the copyright."""

    path: str
    role: Role
    line: int


class UnreadFacts(TypedDict):
    """A file that could not be read to its end; ``reason`` is half a sentence."""

    path: str
    role: Role
    reason: str


class ReleaseFacts(TypedDict):
    """What the files say.

    ``name``: the model's own name; ``name_path`` and ``name_line`` say where it was read, empty
    where it is only the folder's name. ``phrases``: each phrase once a file that holds it.
    ``asked`` counts the phrases to look for, ``cut`` those of them beyond :data:`MAX_PHRASES`,
    which were not.
    """

    name: str
    name_path: str
    name_line: int
    files: list[ReleaseFileFacts]
    phrases: list[PhraseFacts]
    copyright: list[CopyrightFacts]
    unread: list[UnreadFacts]
    asked: int
    cut: int
