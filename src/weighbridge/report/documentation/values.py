"""What a record knows of a model that its documentation has to say: values with their places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, cast

from weighbridge.model.canonical import thaw
from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.facts.documentation import CardFacts
from weighbridge.model.facts.model import ClaimFacts, ModelIdentityFacts, PlaceFacts
from weighbridge.model.record import AuditRecord

MAX_VALUES = 1_000
MIN_WORDS = 3  # of a section that fills a field
_MAX_TEXT = 300

Basis = Literal["computed", "declared"]


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a field, and where it stands. ``basis``: from the bytes, or as somebody wrote."""

    text: str
    where: str
    basis: Basis


class Known:
    """The parts of a record that fields are filled from."""

    def __init__(self, record: AuditRecord) -> None:
        self.record = record
        self.model: ModelIdentityFacts | None = None
        self.card: CardFacts | None = None
        self.unread = ""
        for evidence in record.evidence:
            if evidence.kind is EvidenceKind.MODEL and evidence.data:
                self.model = cast(ModelIdentityFacts, thaw(evidence.data))
            elif evidence.kind is EvidenceKind.DOCUMENTATION and evidence.about == "card":
                self.card = cast(CardFacts, thaw(evidence.data)) if evidence.data else None
                if evidence.state is EvidenceState.UNAVAILABLE:
                    self.unread = evidence.reason
        self.collected = any(e.kind is EvidenceKind.DOCUMENTATION for e in record.evidence)

    def claims(self, *fields: str, basis: str = "") -> tuple[Value, ...]:
        """Claims about the model: each text once, what was computed first."""
        found = [
            claim
            for field in fields
            for claim in (self.model["claims"] if self.model else ())
            if claim["field"] == field and basis in ("", claim["place"]["method"])
        ]
        found.sort(key=lambda claim: claim["place"]["method"] != "computed")
        return _once(_of_claim(claim) for claim in found)

    def topic(self, topic: str) -> tuple[Value, ...]:
        """The sections on a topic of ``weighbridge.model.documentation`` that say something."""
        texts = self._texts()
        found = []
        for section in self.card["sections"] if self.card else ():
            if section["topic"] != topic or section["words"] < MIN_WORDS:
                continue
            place = f"{section['path']}:{section['line']}"
            begin = texts.get((section["path"], section["line"]), "")
            text = begin or f"section '{section['heading']}', {section['words']} words"
            found.append(Value(_cut(text), place, "declared"))
        return _once(found)

    def _texts(self) -> Mapping[tuple[str, int], str]:
        """How each section of the card begins, as far as the claims hold it."""
        claims = self.model["claims"] if self.model else ()
        return {
            (claim["place"]["path"], claim["place"]["line"]): claim["value"]
            for claim in claims
            if claim["place"]["method"] == "declared" and claim["place"]["line"]
        }

    def name(self) -> tuple[Value, ...]:
        """The model's own name, and its package URL."""
        if self.model is None:
            return ()
        full = "/".join(filter(None, (self.model["namespace"], self.model["name"])))
        place = self.model["name_place"]
        where = _where(place) if place["path"] else "the subject's name"
        found = [Value(full, where, "declared")]
        if self.model["purl"]:
            found.append(Value(self.model["purl"], "name and revision", "declared"))
        return tuple(found)

    def bases(self) -> tuple[Value, ...]:
        """The models that this one was made from."""
        if self.model is None:
            return ()
        return _once(
            Value(
                " ".join(filter(None, (base["relation"], base["id"], base["revision"]))),
                _where(base["place"]),
                "declared",
            )
            for base in self.model["base_models"]
        )

    def hashes(self) -> tuple[Value, ...]:
        """The SHA-256 of each weight file, and the digest of the whole."""
        subject = self.record.subject
        found = [Value(str(subject.digest), "all files of the subject", "computed")]
        weights = [artifact for artifact in self.record.artifacts if artifact.is_weight]
        for artifact in weights:
            digest = artifact.digest()
            if digest is not None:
                found.append(Value(str(digest), artifact.path, "computed"))
        return tuple(found[:MAX_VALUES]) if len(found) > 1 else ()

    def parameters(self) -> tuple[Value, ...]:
        """Numbers of parameters, counted in the headers of the weights, then those declared."""
        return _once(
            Value(
                in_powers(one.text) if one.basis == "computed" else one.text, one.where, one.basis
            )
            for one in self.claims("parameters")
        )

    def use_policy(self) -> tuple[Value, ...]:
        """Use policies: files of their own, and sections that are called so."""
        found = [
            Value(f"the file {evidence.about}", evidence.about, "declared")
            for evidence in self.record.evidence
            if evidence.kind is EvidenceKind.LICENSE and evidence.data.get("role") == "use-policy"
        ]
        for section in self.card["sections"] if self.card else ():
            heading = section["heading"].lower()
            if section["words"] >= MIN_WORDS and (
                "use polic" in heading or "acceptable" in heading
            ):
                where = f"{section['path']}:{section['line']}"
                found.append(Value(f"section '{section['heading']}'", where, "declared"))
        return _once(found)

    def energy(self) -> tuple[Value, ...]:
        """The energy used in training, in MWh as the form asks; what is no amount is left out."""
        return _once(
            Value(
                f"{Decimal(one['amount']) / 1000:f} MWh (written: {one['written']})",
                f"{one['path']}:{one['line']}",
                "declared",
            )
            for one in (self.card["energy"] if self.card else ())
            if one["quantity"] == "energy" and one["amount"]
        )

    def energy_method(self) -> tuple[Value, ...]:
        """What the card gives as the source of its amounts."""
        return _once(
            Value(one["source"], _where(one["place"]), "declared")
            for one in (self.model["energy"] if self.model else ())
            if one["source"]
        )

    def evaluations(self) -> tuple[Value, ...]:
        """Results, each with its data, harness and date as far as they are named."""
        return _once(
            Value(
                "; ".join(
                    filter(None, (one["result"], one["dataset"], one["harness"], one["date"]))
                ),
                f"{one['path']}:{one['line']}",
                "declared",
            )
            for one in (self.card["evaluations"] if self.card else ())
        )


def in_powers(text: str) -> str:
    """A number of parameters with three significant figures and in full: ``1.24*10^9 (1235…)``."""
    if not text.isdecimal() or len(text) > 20 or not int(text):
        return text
    mantissa, _, exponent = f"{Decimal(text):.2E}".partition("E+")
    return f"{mantissa}*10^{exponent} ({text})"


def _of_claim(claim: ClaimFacts) -> Value:
    place = claim["place"]
    return Value(_cut(claim["value"]), _where(place), place["method"])


def _where(place: PlaceFacts) -> str:
    line = f":{place['line']}" if place["line"] else ""
    key = f" ({place['key']})" if place["key"] else ""
    return f"{place['path']}{line}{key}"


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT].rstrip() + "…"


def _once(values: Iterable[Value]) -> tuple[Value, ...]:
    """Each text once, where it is met first."""
    found: dict[str, Value] = {}
    for value in values:
        if value.text:
            found.setdefault(value.text, value)
    return tuple(found.values())[:MAX_VALUES]
