"""Annotated tags and their signatures.

Source: git-tag(1), gitformat-signature(5): a tag's signature stands at the end of its message, and
is over all that stands before it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from weighbridge.history.check import SignatureCheck, check_signed
from weighbridge.history.commit import Person, kind_of, person
from weighbridge.history.signers import AllowedSigner
from weighbridge.model.errors import HostileInput
from weighbridge.snapshot.git_objects import GitObjects
from weighbridge.snapshot.git_pack import GitObjectBroken
from weighbridge.snapshot.git_repository import Repository

_MAX_TAG = 1024 * 1024
MAX_TAGS = 10_000  # read at most
_BEGIN = b"-----BEGIN "


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag on a commit. A lightweight one has no tagger and no signature."""

    name: str
    commit: str
    annotated: bool
    tagger: Person | None = None
    signature: bytes = b""
    payload: bytes = b""

    def check(self, allowed: Sequence[AllowedSigner]) -> SignatureCheck:
        """What can be said of its signature."""
        if not self.signature:
            return SignatureCheck(None, "the tag carries no signature")
        time = self.tagger.time if self.tagger else None
        kind = kind_of(self.signature)
        return check_signed(kind, self.signature, self.payload, time, allowed)


def parse_tag(data: bytes) -> Tag:
    """Read a tag object.

    Raises:
        GitObjectBroken: it does not begin as a tag of a commit does.
    """
    head = data.partition(b"\n\n")[0].split(b"\n")
    if len(head) < 3 or not head[0].startswith(b"object ") or head[1] != b"type commit":
        raise GitObjectBroken("a git tag is not one of a commit")
    if not head[2].startswith(b"tag ") or b"\0" in b"\n".join(head):
        raise GitObjectBroken("a git tag has no name, or a NUL in its headers")
    tagger = head[3].removeprefix(b"tagger ") if len(head) > 3 else b""
    cut = _signature_start(data)
    return Tag(
        name=head[2][4:].decode("utf-8", "backslashreplace")[:500],
        commit=head[0][7:].decode("ascii", "replace"),
        annotated=True,
        tagger=person(tagger),
        signature=data[cut:],
        payload=data[:cut],
    )


def tags_on(
    repository: Repository, objects: GitObjects, commits: Collection[str]
) -> tuple[list[Tag], list[str]]:
    """The tags on certain commits, by name, and what could not be read."""
    found: list[Tag] = []
    problems: list[str] = []
    for number, (name, target) in enumerate(sorted(repository.tags().items())):
        if number >= MAX_TAGS:
            problems.append(f"only {MAX_TAGS} tags were read")
            break
        if target in commits:
            found.append(Tag(name, target, annotated=False))
            continue
        try:
            thing = objects.read(target, _MAX_TAG)
            if thing.type != "tag":
                continue
            tag = parse_tag(thing.data)
        except HostileInput as error:
            problems.append(f"the tag {name[:200]!r}: {error.message}")
            continue
        if tag.commit in commits:
            said = tag.name
            if said != name:
                problems.append(f"the tag {name[:200]!r} calls itself {said[:200]!r}")
            found.append(tag)
    return found, problems[:20]


def _signature_start(data: bytes) -> int:
    """Where the last line that begins a signature of a known kind stands; the end for none."""
    cut = len(data)
    at = 0
    while at < len(data):
        if data.startswith(_BEGIN, at) and kind_of(data[at : at + 60]) != "unrecognized":
            cut = at
        end = data.find(b"\n", at)
        at = end + 1 if end >= 0 else len(data)
    return cut
