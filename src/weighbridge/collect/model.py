"""What the model is, by its own files: one piece of evidence about the subject.

Everything is a claim with its place, and claims that contradict each other stand side by side: the
card's license and the GGUF's, two names, two base models. Only the model's own name is chosen, in
this order (:func:`own_name`): its folder in the Hub's cache, ``model_name`` of the card,
``model-index[0].name``, the card's first heading, and at last the subject's own name. A name that
is that of a base model is passed over: cards are copied from the base, and a fine-tune is not the
model it was made from. ``_name_or_path`` and ``general.basename`` are never names of the model.
"""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.collect.card import ModelCard, read_card
from weighbridge.collect.context import CollectContext
from weighbridge.collect.model_card import index_name, read_front_matter
from weighbridge.collect.model_files import read_files
from weighbridge.collect.model_ledger import FIELDS, Ledger, place, shown, word
from weighbridge.collect.model_names import Own, is_commit, is_hub_id, plain, purl
from weighbridge.collect.model_prose import read_sections, title
from weighbridge.collect.model_weights import read_weights
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.model import ModelIdentityFacts, PlaceFacts

__all__ = ["FIELDS", "KINDS", "NAME", "collect", "own_name"]

NAME = "model"
KINDS: tuple[EvidenceKind, ...] = (EvidenceKind.MODEL,)
_COLLECTOR = f"{NAME}@1"
_MAX_NAME = 200  # characters


def collect(ctx: CollectContext) -> tuple[Evidence, ...]:
    """What the model is. It is always observed: what could not be read stands in ``unread``."""
    own = Own.of(ctx.snapshot)
    ledger = Ledger(own)
    card = read_card(ctx.snapshot)
    read_front_matter(card, ledger)
    read_files(ctx.snapshot, ledger)
    read_weights(ctx, ledger)
    read_sections(card, ledger)
    namespace, name, where = own_name(own, card, ledger)
    known = bool(namespace or own.hub_id) and is_hub_id(
        f"{namespace}/{name}" if namespace else name
    )
    ledger.close()
    facts: ModelIdentityFacts = {
        "name": name,
        "namespace": namespace,
        "name_place": where,
        "revision": own.revision,
        "purl": purl(namespace, name, own.revision) if known and is_commit(own.revision) else "",
        "claims": ledger.claims,
        "base_models": ledger.base_models,
        "metrics": ledger.metrics,
        "energy": ledger.energy,
        "unread": ledger.unread,
    }
    source = f"snapshot:{ctx.snapshot.subject.digest}"
    return (
        Evidence(
            EvidenceKind.MODEL, "", EvidenceState.OBSERVED, source, _COLLECTOR, data={**facts}
        ),
    )  # fmt: skip


def own_name(own: Own, card: ModelCard, ledger: Ledger) -> tuple[str, str, PlaceFacts]:
    """The model's namespace, name, and where the name was read.

    A name of the card that is that of a base model is kept as a claim, and as a conflict.
    """
    chosen: tuple[str, str, PlaceFacts] | None = None
    if own.hub_id:
        namespace, _, name = own.hub_id.rpartition("/")
        chosen = namespace, name, place("")
    for text, at in _candidates(card):
        ledger.claim("name", text, at)
        if plain(text) in ledger.base_names and plain(text) != plain(own.hub_id):
            what = "is the name of the base model; it is not taken as this model's own"
            ledger.claim("conflict", f"{at['path']}, {at['key']}: {what}", at)
        elif chosen is None:
            namespace, _, name = text.rpartition("/") if is_hub_id(text) else ("", "", text)
            chosen = namespace, shown(name, _MAX_NAME), at
    return chosen or ("", shown(own.name, _MAX_NAME), place(""))


def _candidates(card: ModelCard) -> Iterator[tuple[str, PlaceFacts]]:
    """Names of the model that its card gives, the most certain first."""
    if card.front is not None and (text := word(card.front.value.get("model_name"))):
        yield text, place(card.path, "model_name", card.front.line(("model_name",)))
    if (found := index_name(card)) is not None:
        yield found
    if (heading := title(card)) is not None:
        yield heading
