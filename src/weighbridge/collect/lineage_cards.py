"""The cards of ancestors: looked up in a folder, then on a hub, and read like the subject's own.

A card is the text of a stranger. What came is put into the store before it is parsed, and read
through the very readers that a subject's files go through; their bounds hold.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from weighbridge.collect import lineage_licenses as licenses
from weighbridge.collect.card import CardState, ModelCard, read_card
from weighbridge.collect.lineage_prose import mentions
from weighbridge.collect.lineage_recipes import of_code
from weighbridge.collect.lineage_said import Kind as NodeKind
from weighbridge.collect.lineage_said import Parent, Said, State, of_model, of_tags, prefixed
from weighbridge.collect.model_card import read_front_matter
from weighbridge.collect.model_files import read_files
from weighbridge.collect.model_ledger import Ledger, place, word
from weighbridge.collect.model_names import Own, is_hub_id
from weighbridge.collect.model_tasks import TASKS
from weighbridge.model.artifact import Artifact, Kind, Presence
from weighbridge.model.digest import Digest, directory_digest
from weighbridge.model.errors import ConfigurationError
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.sources.card_folder import MAX_HEAD, CardFolder, Held
from weighbridge.sources.http import HttpClient
from weighbridge.sources.hub import HubClient

MAX_CARDS = 2_000
_DATA_WORDS = ("extended|", "extended/")


@dataclass(frozen=True, slots=True)
class Looked:
    """What became of looking one ancestor up. ``said`` is None where nothing was read."""

    state: State
    why: str = ""
    said: Said | None = None


@dataclass(slots=True)
class Cards:
    """Where cards of others are had. Without a folder and a hub, nobody is asked."""

    folder: CardFolder | None
    hub: HubClient | None
    store: Callable[[bytes], Digest]
    asked: list[str] = field(default_factory=list)
    raw: set[Digest] = field(default_factory=set)
    trouble: str = ""  # why the hub that was to be asked could not be
    read: int = 0

    @classmethod
    def of(
        cls, folder: Path | None, hub: str, http: HttpClient, store: Callable[[bytes], Digest]
    ) -> Cards:
        """The sources that are configured; an empty address asks no hub."""
        cards = cls(CardFolder(folder) if folder else None, None, store)
        if folder:
            cards.asked.append("folder of cards")
        if hub:
            try:
                cards.hub = HubClient(http, hub)
                cards.asked.append(cards.hub.name)
            except ConfigurationError as error:
                cards.trouble = error.message
        return cards

    @property
    def any(self) -> bool:
        """Whether anybody is to be asked."""
        return self.folder is not None or self.hub is not None or bool(self.trouble)

    def look(self, kind: str, name: str, revision: str) -> Looked:
        """What the card of one ancestor says."""
        if not is_hub_id(name):
            return Looked("named")
        if self.read >= MAX_CARDS:
            return Looked("cut", f"more than {MAX_CARDS} cards were to be read")
        data = kind == "dataset"
        held = self.folder.find("datasets" if data else "models", name, revision) \
            if self.folder else None  # fmt: skip
        if held is not None:
            self.read += 1
            return self._from_folder(held, name, data=data)
        if self.hub is None:
            return Looked("unavailable", self.trouble) if self.trouble else Looked("named")
        self.read += 1
        return self._from_hub(name, revision, data=data)

    def _from_folder(self, held: Held, name: str, *, data: bool) -> Looked:
        self.raw.update(self.store(content) for content in held.files.values())
        label = f"cards:{'datasets/' if data else ''}{name}"
        if not held.files:
            return Looked("unavailable", held.unread)
        said = _read(held.files, held.sizes, label, name, held.commit, data=data)
        why = said.unread or held.unread
        return Looked("unavailable" if why else "read", why, said)

    def _from_hub(self, name: str, revision: str, *, data: bool) -> Looked:
        assert self.hub is not None
        answer = self.hub.ask("datasets" if data else "models", name, revision)
        self.raw.update(answer.raw)
        label = f"hf://{'datasets/' if data else ''}{name}"
        if answer.commit:
            label += f"@{answer.commit[:12]}"
        if answer.card is not None:
            size = len(answer.card)
            files = {"README.md": answer.card[:MAX_HEAD]}
            said = _read(files, {"README.md": size}, label, name, answer.commit, data=data)
            if not said.licenses:
                said.licenses = licenses.of_tags(answer.tags, place(label, "tags"))
            return Looked("unavailable" if said.unread else "read", said.unread, said)
        said = Said("dataset" if data else "model")
        at = place(label, "tags")
        said.parents = of_tags(answer.tags, at)
        said.licenses = licenses.of_tags(answer.tags, at)
        inputs = TASKS.get(answer.pipeline_tag, ((), ()))[0]
        said.multimodal = ("text" in inputs and len(inputs) > 1) if inputs else None
        known = answer.state == "read" or said.licenses or said.parents
        return Looked(answer.state, answer.why, said if known else None)


def _read(
    files: Mapping[str, bytes],
    sizes: Mapping[str, int],
    label: str,
    name: str,
    commit: str,
    *,
    data: bool,
) -> Said:
    snapshot = _in_memory(files, sizes, name)
    card = read_card(snapshot)
    if data:
        said = of_dataset_card(card)
    else:
        ledger = Ledger(Own(name, name, commit))
        read_front_matter(card, ledger)
        read_files(snapshot, ledger)
        said = of_model(ledger.base_models, ledger.claims, ledger.metrics)
    said.parents += of_text(card, name, data=data)
    said.licenses = licenses.of_card(card) if card.state is CardState.PRESENT else []
    if card.state is CardState.BROKEN:
        said.unread = f"its card could not be read: {card.reason}"
    elif card.state is CardState.PRESENT:
        said.licenses += licenses.of_text(card)
    said.parents = prefixed(said.parents, label)
    for one in said.licenses:
        one["place"] = {**one["place"], "path": f"{label}/{one['place']['path']}"}
    return said


def of_text(card: ModelCard, own: str, *, data: bool = False) -> list[Parent]:
    """The parents that a card's text names, in recipes and in sentences."""
    if card.state is not CardState.PRESENT:
        return []
    found = [] if data else of_code(card.body, card.path, card.body_line)
    for mention in mentions(card.body, card.path, card.body_line, own):
        if data and mention.relation != "distilled-from-outputs":
            continue  # how data came about is told in many words; only who generated it is sought
        stated = (licenses.in_prose(mention.license, mention.place),) if mention.license else ()
        kind: NodeKind = "dataset" if mention.dataset else "model"
        found.append(
            Parent(
                kind,
                mention.id,
                mention.relation,
                "prose",
                mention.place,
                mention.revision,
                licenses=stated,
            )
        )
    return found


def of_dataset_card(card: ModelCard) -> Said:
    """A data set's card: the sets that it holds (``source_datasets`` of the Hub's cards)."""
    said = Said("dataset")
    if card.front is None:
        return said
    value = card.front.value.get("source_datasets")
    for number, item in enumerate((value if isinstance(value, list) else [value])[:200]):
        name = word(item)
        for prefix in _DATA_WORDS:
            name = name.removeprefix(prefix)
        if "/" in name and is_hub_id(name):
            at = place(card.path, "source_datasets", card.front.line(("source_datasets", number)))
            said.parents.append(Parent("dataset", name, "bundles", "declared", at))
    return said


def _in_memory(files: Mapping[str, bytes], sizes: Mapping[str, int], name: str) -> Snapshot:
    """A snapshot of files that came from elsewhere, for the readers of a subject's files.

    A file's size is its own, its content what was fetched of it.
    """
    from weighbridge.model.digest import sha256

    artifacts = tuple(
        Artifact(path, sizes[path], Kind.TEXT, Presence.CONTENT, (sha256(content),))
        for path, content in sorted(files.items())
    )

    def opener(artifact: Artifact) -> BinaryIO:
        return io.BytesIO(files[artifact.path])

    digest = directory_digest((a.path, a.digests[0]) for a in artifacts)
    return Snapshot(Subject(SubjectKind.DIRECTORY, name, digest), artifacts, (), opener)
