"""It is known which license the model stands under."""

from __future__ import annotations

from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.facts.license import LicenseFacts
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Outcome,
    Severity,
    conclude,
    not_applicable,
    not_collected,
)
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.licenses._shared import (
    Stated,
    broken_card,
    statements,
    unread_file,
)

META = RuleMeta(
    id="unknown-license",
    family="licenses",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="every declared license id and every license text of the model is a known one",
    why=(
        "Whether a model may be sold, hosted or trained on can only be told for a license whose "
        "terms are known. Model licenses differ by single clauses: Llama 3 forbids what Llama 3.1 "
        "allows. A text is therefore named only when it is a known one word for word; anything "
        "else is reported as a variant of the nearest, and what was changed is for a person to "
        "read."
    ),
    remedy=(
        "Use the hub id or SPDX id of the license, restore its text word for word, or have the "
        "changed terms read and recorded."
    ),
    example="A card that says 'license: apache2', or a LICENSE with one clause added to MIT.",
    needs=(EvidenceKind.LICENSE,),
    references=(
        "https://huggingface.co/docs/hub/repositories-licenses",
        "https://spdx.github.io/spdx-spec/v3.0.1/annexes/license-matching-guidelines-and-templates/",
    ),
)

MAX_DIFFERENCES = 3  # in a message; the evidence holds more
MAX_WORDS = 14
RUN = 5


def check(case: Case) -> Conclusion:
    """Go through the declared ids, then through the texts."""
    said = statements(case)
    digests = [evidence.digest for evidence in said.everything]
    if not said.everything:
        return conclude([not_collected("licenses")], digests)
    findings = [broken_card(evidence) for evidence in said.unread_card]
    findings += [unread_file(evidence) for evidence in said.unread_files]
    has_text = bool(said.texts)
    for declared in said.declared:
        if declared.facts["status"] == "unknown" and not has_text:
            findings.append(_no_such_id(declared))
        elif declared.facts["status"] in ("family", "other") and not has_text:
            findings.append(_text_elsewhere(declared))
    findings += [_unidentified(text) for text in said.texts if text.facts["status"] == "unknown"]
    if not findings and not said.declared and not said.texts:
        return not_applicable("The model states no license that could be identified.", digests)
    note = f"License ids and texts that are known: {len(said.declared) + len(said.texts)}."
    return conclude(findings, digests, note=note)


def _no_such_id(declared: Stated) -> Finding:
    facts = declared.facts
    meant = " or ".join(f"'{s}'" for s in facts["suggestions"])
    meant = f"{meant} if that is meant, or another" if meant else "a"
    return Finding(
        Outcome.FAIL,
        f"'{declared.evidence.about}' declares the license '{facts['raw']}', and {facts['why']}.",
        f"Write {meant} hub id or SPDX id, or 'license: other' with the text as LICENSE.",
        declared.location,
        key=f"id:{facts['raw']}",
        evidence=(declared.evidence.digest,),
    )


def _text_elsewhere(declared: Stated) -> Finding:
    facts = declared.facts
    named = facts["license_name"] or facts["license_link"]
    beside = f"; its text is said to be '{named}', which is not in the model" if named else ""
    return Finding(
        Outcome.UNKNOWN,
        f"'{declared.evidence.about}' declares '{facts['raw']}': {facts['why']}{beside}.",
        "Add the license's text to the model as LICENSE.",
        declared.location,
        key=f"text-elsewhere:{facts['raw']}",
        evidence=(declared.evidence.digest,),
    )


def _unidentified(text: Stated) -> Finding:
    """A text beside the model's own license is for a person; the model's own closes the gate."""
    facts = text.facts
    differs = _differences(facts)
    return Finding(
        Outcome.MANUAL if text.apart else Outcome.UNKNOWN,
        f"'{text.evidence.about}' is no license text that is known: {facts['why']}{differs}.",
        "Restore the license's text word for word, or have what differs read by a person.",
        text.location,
        key="unidentified-text",
        evidence=(text.evidence.digest,),
    )


def _differences(facts: LicenseFacts) -> str:
    """The first differences from the nearest text, in the file's own words."""
    shown = []
    for difference in facts.get("differences", [])[:MAX_DIFFERENCES]:
        section = f" (section {difference['section']})" if difference["section"] else ""
        words = difference["words"].split()
        more = " …" if len(words) > MAX_WORDS else ""
        said = f"adds '{' '.join(words[:MAX_WORDS])}{more}'" if words else "leaves words out"
        shown.append(f"line {difference['line']}{section} {said}")
    if not shown:
        places = ", ".join(str(line) for line in facts["places"])
        return f"; the first differences are in line {places}" if places else ""
    missing = facts.get("missing_runs", -1)
    lacks = f"; {missing} of its runs of {RUN} words are missing" if missing > 0 else ""
    return f"; {', '.join(shown)}{lacks}"
