"""Which better known models of a Hub another one could be taken for, by its owner and name.

Known are the names of :mod:`weighbridge.model.known_models`, the publishers and families of
:mod:`weighbridge.licensing.families`, and those of the user's configuration. A model is taken for
one of them where it has that one's very name under another owner, or where its owner's name is one
edit away from that one's. A quantization or a fine-tune has a name of its own (``…-GGUF``), or says
in its card what it was made from: neither passes for the original.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from weighbridge.collect.context import CollectContext
from weighbridge.collect.project_wanted import hub_about
from weighbridge.licensing.families import all_families
from weighbridge.model.artifact import Presence
from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.facts.lineage import LineageFacts, NodeFacts
from weighbridge.model.facts.model import ModelIdentityFacts
from weighbridge.model.known_models import KNOWN_MODELS
from weighbridge.model.likeness import Likenesses

MAX_LIKE = 10
MIN_STEM = 4  # characters of a family's name: "if" and "opt" are words of any name
_SEPARATORS = re.compile(r"[-_.]+")
_SUBJECT = "subject"
_MADE_FROM = frozenset({"", "finetune", "adapter", "merge", "quantized", "repack"})
# What publishers put behind a family's name for its members; other words are somebody's own.
_MEMBER = re.compile(
    r"(?:v?[0-9]{1,4}|[0-9]{1,4}x[0-9]{1,3}b|a?[0-9]{1,4}[bmk]|e[0-9]b|base|instruct|chat|it|pt|hf"
    r"|vl|vision|text|coder?|math|guard|mini|small|medium|large|tiny|xl|xxl|huge|turbo|uncased"
    r"|cased|multilingual|preview|thinking|reasoning|plus|pro|moe|en|dev|schnell|neo|nemo)\Z"
)


class KnownModels:
    """Finds what a model's name could be taken for."""

    def __init__(self, more: Iterable[str] = ()) -> None:
        families = [row.pattern for row in all_families()]
        exact = [*KNOWN_MODELS, *(p for p in families if "*" not in p), *more]
        self._names: dict[str, list[str]] = {}
        for name in exact:
            self._names.setdefault(_plain(name.partition("/")[2]), []).append(name)
        self._stems = sorted(
            ((_plain(p.partition("/")[2].rstrip("*")), p.partition("/")[0])
             for p in families if p.endswith("*")),
            key=lambda pair: (-len(pair[0]), pair),
        )  # fmt: skip
        self._owners = frozenset(n.partition("/")[0].casefold() for n in (*families, *exact))
        self._like_owners = Likenesses(self._owners)

    def like(self, model: str, made_from: Sequence[str] | None) -> list[str] | None:
        """The known models that one could be taken for; empty where it is like none.

        Args:
            model: ``owner/name``; one without an owner is the Hub's own.
            made_from: what its card says that it was made from, None where nobody read it.

        Returns:
            None where it has a known one's name, and it is not told whether it says so itself.
        """
        owner, _, name = model.rpartition("/")
        if not owner or owner.casefold() in self._owners:
            return []
        near = self._like_owners.of(owner.casefold())
        if near is not None and "affix" not in near[1]:
            return [f"{near[0]}/{name}"]
        found = self._named(name)
        if not found:
            return []
        if made_from is None:
            return None
        owners = {one.partition("/")[0].casefold() for one in found}
        said = {_plain(one.rpartition("/")[2]) for one in made_from}
        who = {one.partition("/")[0].casefold() for one in made_from if "/" in one}
        return [] if _plain(name) in said or owners & who else found[:MAX_LIKE]

    def _named(self, name: str) -> list[str]:
        """The known ones of this very name, or of whose family it would be a member."""
        plain = _plain(name)
        if plain in self._names:
            return self._names[plain]
        for stem, owner in self._stems:
            words = plain[len(stem) :].split("-")
            if (
                len(stem.rstrip("-")) >= MIN_STEM
                and plain.startswith(stem)
                and all(_MEMBER.match(word) for word in words if word)
            ):
                return [f"{owner}/{name}"]
        return []


def _plain(name: str) -> str:
    return _SEPARATORS.sub("-", name.casefold())


@functools.cache
def known_models(more: tuple[str, ...]) -> KnownModels:
    """The table, made once for each configuration."""
    return KnownModels(more)


@dataclass(frozen=True, slots=True)
class Origins:
    """What models were made from, by ``about``, as the subject's own files and cards say.

    A model is in ``read`` if its card was: then what is not said there is said nowhere.
    """

    made_from: Mapping[str, frozenset[str]]
    read: frozenset[str]

    def of(self, about: str, on_hub: Sequence[str] | None) -> list[str] | None:
        """All that a model says it was made from; None where neither the Hub nor a card tells."""
        if on_hub is None and about not in self.read and not self.made_from.get(about):
            return None
        return sorted({*(on_hub or ()), *self.made_from.get(about, ())})


def origins(ctx: CollectContext, own: str) -> Origins:
    """Out of the evidence on the model and its lineage; ``own`` is the subject's ``about``."""
    found: dict[str, set[str]] = {}
    read: set[str] = set()
    if own:
        if any(a.path == "README.md" and a.presence is Presence.CONTENT
               for a in ctx.snapshot.artifacts):  # fmt: skip
            read.add(own)
        for source in _observed(ctx, EvidenceKind.MODEL):
            bases = cast(ModelIdentityFacts, source)["base_models"]
            found.setdefault(own, set()).update(base["id"] for base in bases)
    for source in _observed(ctx, EvidenceKind.LINEAGE):
        _of_lineage(cast(LineageFacts, source), own, found, read)
    return Origins({about: frozenset(ids) for about, ids in found.items()}, frozenset(read))


def _of_lineage(facts: LineageFacts, own: str, found: dict[str, set[str]], read: set[str]) -> None:
    nodes = {node["key"]: node for node in facts["nodes"]}
    for node in facts["nodes"][1:]:
        if node["kind"] in ("model", "adapter") and node["state"] == "read":
            read.add(hub_about("models", node["id"]))
    for edge in facts["edges"]:
        child, parent = nodes.get(edge["child"]), nodes.get(edge["parent"])
        if child is None or parent is None or edge["relation"] not in _MADE_FROM:
            continue
        about = _about(child, own)
        if about and parent["kind"] in ("model", "adapter"):
            found.setdefault(about, set()).add(parent["id"])


def _about(node: NodeFacts, own: str) -> str:
    if node["key"] == _SUBJECT:
        return own
    return hub_about("models", node["id"]) if node["kind"] in ("model", "adapter") else ""


def _observed(ctx: CollectContext, kind: EvidenceKind) -> Iterable[object]:
    for source in ctx.earlier.get(kind, ()):
        if source.state is EvidenceState.OBSERVED:
            yield source.data
