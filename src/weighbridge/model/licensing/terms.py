"""The terms of a license as clauses: what it permits, obliges, restricts, and how far it reaches.

The words are those of the clause knowledge base (``weighbridge/licensing/terms/*.yaml``), after
choosealicense's rules, ODRL and the OSADL checklists where these have a word. A clause holds a
locator and our own words, never the license's text; the text is named by its digest.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class Basis(enum.StrEnum):
    """What a clause rests on."""

    TEXT = "text"  # the license's own words, read
    STATEMENT = "licensor-statement"  # the licensor says so elsewhere
    INTERPRETATION = "interpretation"  # follows from the words by an argument others may not share
    UNSETTLED = "unsettled"  # the words do not say, and nobody with authority has


class Permission(enum.StrEnum):
    """What a license may allow."""

    USE = "use"
    MODIFY = "modify"
    REDISTRIBUTE = "redistribute"
    SUBLICENSE = "sublicense"
    COMMERCIAL = "commercial"
    HOSTED_SERVICE = "hosted-service"
    USE_OUTPUTS = "use-outputs"
    TRAIN_ON_OUTPUTS = "train-on-outputs"  # to train another model on what this one generates
    PATENT = "patent"


class Obligation(enum.StrEnum):
    """What a license may demand of a release."""

    LICENSE_COPY = "license-copy"
    COPYRIGHT_NOTICE = "copyright-notice"
    NOTICE_SENTENCE = "notice-sentence"  # ``value`` is the sentence for the NOTICE file
    STATE_CHANGES = "state-changes"
    SOURCE = "source"
    NETWORK_SOURCE = "network-source"
    BADGE = "badge"  # ``value`` is the phrase to show: "Built with Llama"
    NAME_PREFIX = "name-prefix"  # ``value`` is how the name of a derived model must begin
    REGISTER = "register"
    ATTRIBUTION = "attribution"
    USE_POLICY_FLOW_DOWN = "use-policy-flow-down"  # pass on the use restrictions, enforceable


class Restriction(enum.StrEnum):
    """What a license may forbid or bound."""

    NON_COMMERCIAL = "non-commercial"
    RESEARCH_ONLY = "research-only"
    NO_DERIVATIVES = "no-derivatives"
    NO_TRAIN_OTHERS = "no-train-others"
    NON_COMPETING = "non-competing"
    FIELD_OF_USE = "field-of-use"
    TERRITORY = "territory"  # ``value``: codes without a grant, "EU GB KR"
    USERS_CAP = "users-cap"  # ``value``: monthly active users above which there is no grant
    REVENUE_CAP = "revenue-cap"  # ``value``: US dollars a year above which there is no grant
    COMPUTATIONAL_USE_ONLY = "computational-use-only"
    NO_GUARDRAIL_BYPASS = "no-guardrail-bypass"


class Scope(enum.StrEnum):
    """What of a work the license reaches when another makes something of it."""

    COPY = "copy"
    MODIFIED = "modified"  # changed weights: fine-tunes, adapters, merges, quantized copies
    OUTPUTS = "distilled-from-outputs"  # models trained on its outputs
    TRAINED = "trained-on"  # models trained on it, where it is data, or with it, where it is code
    HOSTED = "hosted"  # use over a network counts as distribution


class Mode(enum.StrEnum):
    """How a license reaches there."""

    SAME_LICENSE = "same-license"
    FLOW_DOWN = "flow-down"  # another license may be used, these clauses go with it
    NOTICE = "notice"  # any license; notices and the text stay
    NONE = "none"


class Life(enum.StrEnum):
    """How the grant may end or change."""

    REVOCABLE = "revocable"
    REMOTE_RESTRICT = "remote-restrict"
    LITIGATION_TERMINATION = "litigation-termination"
    MUTABLE_USE_POLICY = "mutable-use-policy"


class Answer(enum.StrEnum):
    """Whether a permission is given."""

    YES = "yes"
    NO = "no"
    CONDITIONAL = "conditional"  # ``note`` says on what; an obligation or restriction names it
    UNSETTLED = "unsettled"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause, in our words.

    ``word`` is a member of one of the vocabularies above. ``where`` locates it ("1.b.v",
    "section 4"). ``text`` says which document it stands in, by a key of :attr:`Terms.texts`
    (``license``, ``use-policy``). ``answer`` is for permissions, ``mode`` for propagation.
    ``value`` as the word defines it; of a flow-down in ``propagates``, the words of the clauses
    that go along, by spaces, all where empty. ``uses``: activities (``use.Activity``) that trigger
    it, all where empty. ``models``: what it is limited to, a kind of model (``multimodal``) or a
    part of the names (``cosmos``).
    """

    word: str
    where: str
    basis: Basis
    text: str = "license"
    answer: Answer | None = None
    mode: Mode | None = None
    value: str = ""
    uses: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A document whose clauses were read: its address, and the digest that fingerprints give it.

    ``sha256`` is the digest of its words (:func:`weighbridge.licensing.fingerprints.words_digest`),
    empty where nobody here has read the document itself.
    """

    key: str
    sha256: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """A license by clause. ``id`` is an SPDX id or a LicenseRef.

    ``also`` are ids with the same terms; ``hub`` the Hub's ids; ``names`` what a card's
    ``license_name`` calls it. ``family`` and ``version`` order the versions of one license.
    ``kind``: software, data, content, model. ``read``: how the clauses were had (``text``: from the
    text; ``known``: from common knowledge of a well-known license; ``secondary``: from what others
    write of it). ``reviewed`` by a lawyer.
    """

    id: str
    name: str
    kind: str
    read: str
    reviewed: bool
    family: str = ""
    version: str = ""
    also: tuple[str, ...] = ()
    hub: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    texts: tuple[Text, ...] = ()
    permits: tuple[Clause, ...] = ()
    obliges: tuple[Clause, ...] = ()
    restricts: tuple[Clause, ...] = ()
    propagates: tuple[Clause, ...] = ()
    life: tuple[Clause, ...] = ()

    def permission(self, word: Permission) -> Clause | None:
        """The clause on a permission; none where the knowledge base is silent."""
        return next((c for c in self.permits if c.word == word), None)

    def restriction(self, word: Restriction) -> Clause | None:
        """The clause that forbids or bounds something."""
        return next((c for c in self.restricts if c.word == word), None)

    def reach(self, scope: Scope) -> Clause | None:
        """How the license reaches there."""
        return next((c for c in self.propagates if c.word == scope), None)

    def text(self, key: str) -> Text | None:
        """One of its documents."""
        return next((t for t in self.texts if t.key == key), None)


_PARTS = ("permits", "obliges", "restricts", "propagates", "life")


def to_facts(terms: Terms) -> dict[str, Any]:
    """Terms as the data of evidence of the kind ``terms``."""
    facts: dict[str, Any] = {
        name: getattr(terms, name)
        for name in ("id", "name", "kind", "read", "reviewed", "family", "version")
    }
    facts |= {name: list(getattr(terms, name)) for name in ("also", "hub", "names")}
    facts["texts"] = [{"key": t.key, "sha256": t.sha256, "source": t.source} for t in terms.texts]
    for part in _PARTS:
        facts[part] = [_clause_facts(clause) for clause in getattr(terms, part)]
    return facts


def from_facts(facts: Mapping[str, Any]) -> Terms:
    """What :func:`to_facts` wrote."""
    fields: dict[str, Any] = {
        name: facts[name]
        for name in ("id", "name", "kind", "read", "reviewed", "family", "version")
    }
    fields |= {name: tuple(facts[name]) for name in ("also", "hub", "names")}
    fields |= {part: tuple(_clause(c) for c in facts[part]) for part in _PARTS}
    return Terms(**fields, texts=tuple(Text(**t) for t in facts["texts"]))


def _clause_facts(clause: Clause) -> dict[str, Any]:
    return {
        "word": clause.word,
        "where": clause.where,
        "basis": clause.basis.value,
        "text": clause.text,
        "answer": clause.answer.value if clause.answer else "",
        "mode": clause.mode.value if clause.mode else "",
        "value": clause.value,
        "uses": list(clause.uses),
        "models": list(clause.models),
        "note": clause.note,
    }


def _clause(facts: Mapping[str, Any]) -> Clause:
    return Clause(
        word=facts["word"],
        where=facts["where"],
        basis=Basis(facts["basis"]),
        text=facts["text"],
        answer=Answer(facts["answer"]) if facts["answer"] else None,
        mode=Mode(facts["mode"]) if facts["mode"] else None,
        value=facts["value"],
        uses=tuple(facts["uses"]),
        models=tuple(facts["models"]),
        note=facts["note"],
    )
