"""The view of datasets: where each is used, what it needs, what is there and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.facts.dataset import DatasetFacts
from weighbridge.model.finding import Finding
from weighbridge.model.policy import Mode, Policy
from weighbridge.model.record import RuleResult

# need -> the rule that asks for it, and the key that answers
NEEDS: tuple[tuple[str, str], ...] = (
    ("license", "unlicensed-dataset"),
    ("pin", "unpinned-dataset"),
    ("citation", "uncited-dataset"),
    ("accessed", "undocumented-dataset"),
    ("purpose", "undocumented-dataset"),
    ("license_file", "undocumented-dataset"),
)


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a dataset needs. ``value`` is empty where nothing is on record.

    ``rule`` is the rule of the policy that demands it, empty where none does; ``findings`` what
    that rule says against the dataset.
    """

    name: str
    value: str
    rule: str
    findings: tuple[Finding, ...] = ()

    @property
    def missing(self) -> bool:
        """Whether the policy demands it and is not content with what is there."""
        return bool(self.findings)


@dataclass(frozen=True, slots=True)
class Cited:
    """One dataset: what is known of it, and each of its needs."""

    facts: DatasetFacts
    needs: tuple[Need, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing that the policy demands is missing."""
        return not any(need.missing for need in self.needs)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the rules say against it, each once."""
        return tuple(dict.fromkeys(f for need in self.needs for f in need.findings))

    @property
    def places(self) -> tuple[str, ...]:
        """Every place that names it."""
        return tuple(place(use) for use in self.facts["used_in"])


def place(use: object) -> str:
    """A use as ``path:line``, with the notebook's cell."""
    facts = cast(dict[str, object], use)
    member = f" {facts['member']}" if facts["member"] else ""
    line = f":{facts['line']}" if facts["line"] else ""
    return f"{facts['path']}{member}{line}"


def cited(
    evidence: Iterable[Evidence], results: Sequence[RuleResult], policy: Policy
) -> tuple[Cited, ...]:
    """Each dataset with what the rules say of it, by id."""
    against: dict[tuple[str, object], list[Finding]] = {}
    for result in results:
        for finding in result.findings:
            for digest in finding.evidence:
                against.setdefault((result.rule, digest), []).append(finding)
    demanded = _demanded(policy)
    found = []
    for item in evidence:
        if item.state is not EvidenceState.OBSERVED:
            continue
        facts = cast(DatasetFacts, item.data)
        needs = []
        for name, rule in NEEDS:
            asked = name in demanded
            findings = against.get((rule, item.digest), []) if asked else []
            if rule == "undocumented-dataset" and facts.get(name, ""):
                findings = []  # one finding speaks of all keys of that rule
            needs.append(Need(name, value(facts, name), rule if asked else "", tuple(findings)))
        found.append(Cited(facts, tuple(needs)))
    return tuple(sorted(found, key=lambda one: one.facts["id"]))


def _demanded(policy: Policy) -> frozenset[str]:
    """The needs that rules of the policy ask for."""
    on = {setting.rule: setting for setting in policy.rules if setting.mode is not Mode.OFF}
    demanded = {name for name, rule in NEEDS if rule in on and rule != "undocumented-dataset"}
    if "undocumented-dataset" in on:
        required = on["undocumented-dataset"].params.get("require", ())
        assert isinstance(required, tuple)
        demanded |= set(required)
    return frozenset(demanded)


def value(facts: DatasetFacts, need: str) -> str:
    """What is on record for a need, as one line; empty where nothing is."""
    if need == "license":
        known, written = facts["license_id"], facts["license"]
        return f"{known} ({written})" if known and known != written else written
    if need == "pin":
        if facts["pin"]:
            return f"{facts['pin']} ({facts['pin_kind'].replace('-', ' ')})"
        asked = {use["revision"] for use in facts["used_in"] if use["revision"]}
        return f"{asked.pop()} (where it is loaded)" if len(asked) == 1 else ""
    if need == "citation":
        first = f"doi:{facts['doi']}" if facts["doi"] else facts["citation"] or facts["url"]
        return " ".join(first.split())
    if need == "license_file" and facts.get("license_file"):
        text = facts["license_text"] or "no known license"
        return f"{facts['license_file']} ({text}, sha256:{facts['license_sha256'][:12]})"
    return str(facts.get(need, ""))


def empty_fields(facts: DatasetFacts) -> tuple[str, ...]:
    """The keys of the record that nobody gave a value, whatever the policy asks."""
    names = [name for name, _ in NEEDS if name != "license_file"]
    lacking = [n for n in names if not (facts["pin"] if n == "pin" else value(facts, n))]
    return tuple("doi or citation" if name == "citation" else name for name in lacking)
