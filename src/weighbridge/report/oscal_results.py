"""What the rules found, as OSCAL observations, and what that means for each clause, as findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from weighbridge.model.canonical import Json
from weighbridge.model.clause import Clause, ClauseLink
from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence
from weighbridge.model.finding import Finding, Outcome
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.report.oscal_text import markup, prop, statement
from weighbridge.report.summary import (
    attested_by,
    checks,
    loosened_params,
    outcome_words,
    severity_of,
)

MAX_FINDINGS = 1000  # of one rule; the rest is counted

_UNDECIDED = {
    Outcome.UNKNOWN: "Not decided: evidence could not be had.",
    Outcome.ERROR: "Not decided: the rule or a collector broke.",
    Outcome.MANUAL: "Not decided: only a person can say.",
    Outcome.NOT_APPLICABLE: "The rule's question does not arise for this subject, so that nothing "
    "was assessed.",
}


@dataclass(frozen=True, slots=True)
class Results:
    """Makes both lists.

    Args:
        record: what they are of.
        controls: the control id of each clause, by its key.
        uuid: an identifier for a part's name.
        day: the time that everything bears.
    """

    record: AuditRecord
    controls: Mapping[str, str]
    uuid: Callable[[str], str]
    day: str

    def observations(self) -> list[Json]:
        """One for each rule that was evaluated."""
        places = {e.digest: (i, e) for i, e in enumerate(self.record.evidence)}
        return [
            self._observation(index, result, places)
            for index, result in enumerate(self.record.results)
            if result.mode is not Mode.OFF
        ]

    def _observation(
        self, index: int, result: RuleResult, places: Mapping[Digest, tuple[int, Evidence]]
    ) -> Json:
        told = f"{checks(result)} {outcome_words(self.record, result)}. {result.note}"
        lines = [markup(told)]
        lines += [_line(result, finding) for finding in result.findings[:MAX_FINDINGS]]
        cut = len(result.findings) - MAX_FINDINGS
        props = [
            prop("rule", result.rule),
            prop("family", result.family),
            prop("outcome", result.outcome.value),
            prop("severity", result.severity.value),
            prop("mode", result.mode.value),
            prop("closes-gate", str(result.closes_gate).lower()),
            prop("findings", str(len(result.findings))),
        ]
        if cut > 0:
            props.append(prop("findings-not-shown", str(cut)))
        props += [prop("waiver", waiver) for waiver in result.waivers]
        props += [prop("attested-by", str(one)) for one in attested_by(self.record, result)]
        body: dict[str, Json] = {
            "uuid": self._observed(index),
            "title": markup(result.rule),
            "description": "\n".join(lines),
            "props": list(props),
            "methods": ["UNKNOWN" if result.outcome is Outcome.ERROR else "EXAMINE"],
            "types": ["finding" if result.findings else "control-objective"],
            "origins": [{"actors": [{"type": "tool", "actor-uuid": self.uuid("tool")}]}],
            "subjects": [{"subject-uuid": self.uuid("subject"), "type": "component"}],
            "collected": self.day,
        }
        evidence: list[Json] = [_relevant(digest, places) for digest in result.evidence]
        if evidence:
            body["relevant-evidence"] = evidence
        return body

    def _observed(self, index: int) -> str:
        return self.uuid(f"observation:{index}")

    def findings(self) -> list[Json]:
        """One for each rule that bears on a clause, also where it is off or its link is lost."""
        by_rule: dict[str, tuple[int, RuleResult]] = {}
        for index, result in enumerate(self.record.results):
            if result.mode is not Mode.OFF:
                by_rule.setdefault(result.rule, (index, result))
        found: list[Json] = []
        for number, clause in enumerate(self.record.clauses):
            links = [(link, False) for link in clause.links]
            links += [(link, True) for link in clause.broken]
            for position, (link, lost) in enumerate(links):
                name = f"finding:{number}:{position}"
                found.append(self._finding(name, clause, link, by_rule.get(link.rule), lost=lost))
        return found

    def _finding(
        self,
        name: str,
        clause: Clause,
        link: ClauseLink,
        seen: tuple[int, RuleResult] | None,
        *,
        lost: bool,
    ) -> Json:
        result = seen[1] if seen else None
        status = self._status(link, result, lost=lost)
        standing = clause.standing(self.record.as_of)
        props = [
            prop("outcome", result.outcome.value if result else "off"),
            prop("strength", "lost" if lost else link.strength.value),
            prop("standing", standing.value),
        ]
        if not clause.verified:
            props.append(prop("clause-unverified", "its row rests on memory, at least in part"))
        target: dict[str, Json] = {
            "type": "statement-id",
            "target-id": statement(self.controls[clause.key], link.rule),
            "status": dict(status),
        }
        if result and result.outcome is Outcome.NOT_APPLICABLE and not lost:
            target["implementation-status"] = {"state": "not-applicable"}
        body: dict[str, Json] = {
            "uuid": self.uuid(name),
            "title": markup(f"{clause.key}: {link.rule}"),
            "description": f"{markup(clause.title)}: {markup(clause.paraphrase)}",
            "props": list(props),
            "target": target,
        }
        if seen:
            body["related-observations"] = [{"observation-uuid": self._observed(seen[0])}]
        if link.residue:
            body["remarks"] = f"Open even where the rule passes: {markup(link.residue)}"
        return body

    def _status(
        self, link: ClauseLink, result: RuleResult | None, *, lost: bool
    ) -> dict[str, Json]:
        if lost:
            names = loosened_params(self.record, link)
            why = f"The policy sets {names} past what the clause needs: the rule does not count."
            return _not_satisfied("other", why)
        if result is None:
            return _not_satisfied("other", "The policy turns this rule off: nothing was assessed.")
        if result.outcome is Outcome.PASS:
            words = outcome_words(self.record, result)
            return {"state": "satisfied", "reason": "pass",
                    "remarks": f"The rule: {words}, {link.strength} for this clause."}  # fmt: skip
        if result.outcome is Outcome.FAIL:
            return _not_satisfied("fail", f"{len(result.findings)} findings. {result.note}")
        if result.outcome is Outcome.WAIVED:
            return _not_satisfied("other", f"It fails. Accepted by {', '.join(result.waivers)}.")
        why = f"{_UNDECIDED[result.outcome]} {result.note}"
        return _not_satisfied("other", why)


def _not_satisfied(reason: str, remarks: str) -> dict[str, Json]:
    return {"state": "not-satisfied", "reason": reason, "remarks": markup(remarks)}


def _line(result: RuleResult, finding: Finding) -> str:
    place = f"{finding.location}: " if finding.location else ""
    waived = f" Waived by {finding.waiver}." if finding.waiver else ""
    head = f"{finding.outcome}, {severity_of(result, finding)}: "
    return f"- {head}{markup(f'{place}{finding.message} {finding.remedy}{waived}', 2000)}"


def _relevant(digest: Digest, places: Mapping[Digest, tuple[int, Evidence]]) -> Json:
    """Evidence, by a JSON Pointer (RFC 6901, section 6) into audit.json and by its digest."""
    found = places.get(digest)
    if found is None:
        return {"href": "audit.json", "description": "Evidence that the record does not hold.",
                "props": [prop("digest", str(digest))]}  # fmt: skip
    index, evidence = found
    about = f" about {evidence.about}" if evidence.about else ""
    why = f": {evidence.reason}" if evidence.reason else ""
    return {
        "href": f"audit.json#/evidence/{index}",
        "description": markup(f"{evidence.kind}{about}, {evidence.state}{why}", 600),
        "props": [prop("digest", str(digest))],
    }
