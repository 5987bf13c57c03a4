"""The model card: the YAML front matter of ``README.md``, and the beginning of its text.

The front matter is what the Hugging Face Hub reads: a YAML mapping between two ``---`` lines at the
very top (``huggingface_hub.repocard``). A card that cannot be read is *broken*, with a line and a
reason, and never a card without a license.
"""

from __future__ import annotations

import codecs
import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from weighbridge.edge.yaml import KeyPath, MalformedYaml, YamlDocument, load_yaml
from weighbridge.model.artifact import Artifact, Presence, Problem
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.snapshot.snapshot import Snapshot

NAMES = ("README.md", "readme.md", "Readme.md", "README.MD", "ReadMe.md")
MAX_SCAN = 2**20  # bytes in which the front matter must end
MAX_BODY = 64 * 2**10  # characters of the text that are kept
MAX_ENTRIES = 5_000  # of one list
MAX_TEXT = 500  # characters of one value
_FENCE = "---"


class CardState(enum.StrEnum):
    """Whether there is a model card, and whether it could be read."""

    PRESENT = "present"
    ABSENT = "absent"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class CardValue:
    """One value of the front matter as text, and its line.

    ``plain`` is false for what is no string in YAML; for a list or mapping ``text`` says so.
    """

    text: str
    line: int
    plain: bool = True


@dataclass(frozen=True, slots=True)
class CardDataset:
    """A dataset that ``model-index`` says the model was measured on; ``revision`` may be empty."""

    id: str
    revision: str
    line: int


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a model card says. Lists are empty and texts blank where it says nothing.

    ``line`` and ``reason`` are set for a broken card. ``license`` holds every entry of the key
    ``license``, ``licence`` those of the misspelling that some trainers write and the Hub ignores.
    ``lines`` gives the line of each top-level key. ``digest`` is the file's SHA-256 in hex.
    ``front`` is the front matter itself, a mapping; ``body`` begins at the line ``body_line`` and
    is cut after :data:`MAX_BODY` characters.
    """

    state: CardState
    path: str = ""
    digest: str = ""
    line: int = 0
    reason: str = ""
    has_front_matter: bool = False
    license: tuple[CardValue, ...] = ()
    licence: tuple[CardValue, ...] = ()
    license_name: str = ""
    license_link: str = ""
    datasets: tuple[CardValue, ...] = ()
    evaluated_on: tuple[CardDataset, ...] = ()
    base_model: tuple[CardValue, ...] = ()
    pipeline_tag: str = ""
    library_name: str = ""
    tags: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    body: str = ""
    body_line: int = 1
    lines: Mapping[str, int] = field(default_factory=dict)
    front: YamlDocument | None = None


def is_card_path(path: str) -> bool:
    """Whether a path is that of a model card, in whatever folder."""
    return path.rpartition("/")[2] in NAMES


def read_card(snapshot: Snapshot) -> ModelCard:
    """The subject's own model card, at the top. Hostile input makes it broken."""
    return next(read_cards(snapshot, top_only=True), ModelCard(CardState.ABSENT))


def read_cards(snapshot: Snapshot, *, top_only: bool = False) -> Iterator[ModelCard]:
    """The model card of every folder that has one, the top first: adapters carry their own.

    Where names differ in letter case only, the first of :data:`NAMES` counts.
    """
    found: dict[str, Artifact | Problem] = {}
    items: list[Artifact | Problem] = [*snapshot.problems, *snapshot.artifacts]
    for item in items:
        if is_card_path(item.path) and not (top_only and "/" in item.path):
            found[item.path] = item
    folders: dict[str, str] = {}
    for path in sorted(found, key=lambda p: (p.count("/"), NAMES.index(p.rpartition("/")[2]), p)):
        folders.setdefault(path.rpartition("/")[0], path)
    for path in sorted(folders.values(), key=lambda p: (p.count("/"), p)):
        card = found[path]
        if isinstance(card, Problem):
            yield ModelCard(CardState.BROKEN, path, reason=card.detail)
        else:
            yield _read(snapshot, card)


def _read(snapshot: Snapshot, artifact: Artifact) -> ModelCard:
    digest = artifact.digest()
    known = digest.value if digest else ""
    if artifact.presence is not Presence.CONTENT:
        reason = f"it is a {artifact.presence}: its text is not here"
        return ModelCard(CardState.BROKEN, artifact.path, known, reason=reason)
    try:
        return _parse(snapshot, artifact, known)
    except MalformedYaml as error:
        reason = error.message.partition(": ")[2] or error.message
        return ModelCard(CardState.BROKEN, artifact.path, known, error.line, reason)
    except HostileInput as error:
        return ModelCard(CardState.BROKEN, artifact.path, known, reason=error.message)
    except OSError as error:
        return ModelCard(CardState.BROKEN, artifact.path, known, reason=f"{error.strerror}")


def _parse(snapshot: Snapshot, artifact: Artifact, digest: str) -> ModelCard:
    with snapshot.open(artifact) as stream:
        head = stream.read(MAX_SCAN)
    front, body = split_front_matter(head, whole=artifact.size <= MAX_SCAN)
    if front is None:
        return ModelCard(CardState.PRESENT, artifact.path, digest, body=body)
    document = load_yaml(front, source=artifact.path, max_bytes=MAX_SCAN)
    value = {} if document.value is None else document.value
    if not isinstance(value, dict):
        what = "a list" if isinstance(value, list) else "one value"
        raise MalformedYaml(
            artifact.path, document.line(()), f"the front matter is {what}, not keys"
        )
    card = _card(artifact.path, digest, YamlDocument(value, document.lines), body)
    return replace(card, body_line=front.count("\n") + 2)


def split_front_matter(head: bytes, *, whole: bool) -> tuple[str | None, str]:
    """The front matter and the text after it, from a card's first bytes.

    The front matter comes with an empty line for each line before it, so that a parser counts the
    file's own lines. It is None where there is none.

    Args:
        head: the first bytes of the file.
        whole: whether that is all of it.

    Raises:
        HostileInput: it is not UTF-8 text, or the front matter is never closed.
        BoundExceeded: the front matter does not end within ``head``.
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise HostileInput("it is UTF-16 text; a model card is UTF-8")
    if b"\0" in head:
        raise HostileInput("it holds NUL bytes: it is not text")
    if head.startswith(b"version https://git-lfs.github.com/spec/"):
        raise HostileInput("it is a Git LFS pointer: its text is not here")
    lines = head.removeprefix(codecs.BOM_UTF8).splitlines(keepends=True)
    start = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    if start == len(lines) or lines[start].strip() != _FENCE.encode():
        return None, _text(b"".join(lines))
    ends = (i for i in range(start + 1, len(lines)) if lines[i].rstrip() == _FENCE.encode())
    end = next(ends, None)
    if end is None:
        if not whole:
            raise BoundExceeded("the front matter", MAX_SCAN, "bytes")
        raise MalformedYaml("", start + 1, "the front matter is opened here and never closed")
    block = b"".join(lines[start + 1 : end])
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError as error:
        line = start + 2 + block.count(b"\n", 0, error.start)
        raise MalformedYaml("", line, "the front matter is not UTF-8") from error
    return "\n" * (start + 1) + text, _text(b"".join(lines[end + 1 :]))


def _text(body: bytes) -> str:
    return body[: 4 * MAX_BODY].decode("utf-8", "replace")[:MAX_BODY]


def _card(path: str, digest: str, document: YamlDocument, body: str) -> ModelCard:
    reader, value = _Reader(document), document.value
    return ModelCard(
        CardState.PRESENT,
        path,
        digest,
        has_front_matter=True,
        license=reader.values(value, "license"),
        licence=reader.values(value, "licence"),
        license_name=reader.word(value, "license_name"),
        license_link=reader.word(value, "license_link"),
        datasets=reader.values(value, "datasets"),
        evaluated_on=reader.evaluated_on(value.get("model-index")),
        base_model=reader.values(value, "base_model"),
        pipeline_tag=reader.word(value, "pipeline_tag"),
        library_name=reader.word(value, "library_name"),
        tags=tuple(v.text for v in reader.values(value, "tags")),
        language=tuple(v.text for v in reader.values(value, "language")),
        body=body,
        lines={key: document.line((key,)) for key in value},
        front=document,
    )


class _Reader:
    """Takes values of any shape apart without trusting their shape."""

    def __init__(self, document: YamlDocument) -> None:
        self.document = document

    def values(self, table: dict[str, Any], key: str) -> tuple[CardValue, ...]:
        """A key's value, or each entry of its list; none for null."""
        value = table.get(key)
        if isinstance(value, list):
            if len(value) > MAX_ENTRIES:
                raise BoundExceeded(f"the list {key!r} of the model card", MAX_ENTRIES, "entries")
            entries = [self._value(item, (key, i)) for i, item in enumerate(value)]
            return tuple(e for e in entries if e is not None)
        single = self._value(value, (key,))
        return () if single is None else (single,)

    def word(self, table: dict[str, Any], key: str) -> str:
        """A key's value as text, blank for a list or mapping."""
        value = self._value(table.get(key), (key,))
        return value.text if value is not None and value.plain else ""

    def _value(self, value: object, path: KeyPath) -> CardValue | None:
        line = self.document.line(path)
        if value is None:
            return None
        if isinstance(value, list | dict):
            return CardValue(
                "a list" if isinstance(value, list) else "a mapping", line, plain=False
            )
        if isinstance(value, bool):
            return CardValue("true" if value else "false", line, plain=False)
        return CardValue(str(value).strip()[:MAX_TEXT], line, isinstance(value, str))

    def evaluated_on(self, index: object) -> tuple[CardDataset, ...]:
        """The datasets of ``model-index``: a list of models, each with results, each with one.

        Shape: the Hub's ``modelcard.md`` specification. What does not have it is passed over: the
        Hub shows nothing for it either.
        """
        found: list[CardDataset] = []
        for m, model in enumerate(index if isinstance(index, list) else ()):
            results = model.get("results") if isinstance(model, dict) else None
            for r, result in enumerate(results if isinstance(results, list) else ()):
                dataset = result.get("dataset") if isinstance(result, dict) else None
                if not isinstance(dataset, dict) or not isinstance(dataset.get("type"), str):
                    continue
                if len(found) == MAX_ENTRIES:
                    raise BoundExceeded("model-index of the model card", MAX_ENTRIES, "results")
                line = self.document.line(("model-index", m, "results", r, "dataset", "type"))
                revision = dataset.get("revision")
                found.append(
                    CardDataset(
                        dataset["type"].strip()[:MAX_TEXT],
                        revision.strip()[:MAX_TEXT] if isinstance(revision, str) else "",
                        line,
                    )
                )
        return tuple(found)
