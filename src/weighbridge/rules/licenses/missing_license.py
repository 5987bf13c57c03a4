"""The model states a license."""

from __future__ import annotations

from typing import cast

from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.facts.license import LicenseSearch
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    Severity,
    conclude,
    not_collected,
)
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.licenses._shared import (
    Stated,
    Statements,
    broken_card,
    statements,
    unread_file,
)

META = RuleMeta(
    id="missing-license",
    family="licenses",
    since="0.1",
    severity=Severity.HIGH,
    summary="the model states a license, in its model card or in a license file",
    why=(
        "Without a license nobody but the author may copy, change or offer the model: copyright "
        "grants nothing by silence. A card that says 'other', 'unknown' or a family such as 'gpl' "
        "and holds no text says no more than silence, and a card with the key 'licence', which "
        "some trainers write, shows no license on the Hub at all."
    ),
    remedy=(
        "Name the license under 'license:' in the front matter of README.md, by a hub id or an "
        "SPDX id, and add its text as LICENSE."
    ),
    example=(
        "A README.md whose front matter says 'licence: mit', or 'license: other' without "
        "'license_name', 'license_link' and a LICENSE file."
    ),
    needs=(EvidenceKind.LICENSE,),
    references=(
        "https://huggingface.co/docs/hub/repositories-licenses",
        "https://arxiv.org/abs/2602.08816",
        "https://spdx.org/licenses/",
    ),
)

_NAME_IT = "Write 'license: <id>' in the front matter of README.md, and add the text as LICENSE."


def check(case: Case) -> Conclusion:
    """Look for a declared license or a license text."""
    said = statements(case)
    digests = [evidence.digest for evidence in said.everything]
    if not said.everything:
        return conclude([not_collected("licenses")], digests)
    findings = [broken_card(evidence) for evidence in said.unread_card]
    for declared in said.declared:
        finding = _misstated(declared, has_text=bool(said.texts or said.unread_files))
        if finding is not None:
            findings.append(finding)
    if not said.declared and not said.texts and not said.unread_card:
        if said.unread_files:
            findings += [unread_file(evidence) for evidence in said.unread_files]
        else:
            findings.append(_only_prose(said) or _none(said))
    note = f"Licenses declared: {len(said.declared)}; license texts: {len(said.texts)}."
    return conclude(findings, digests, note=note)


def _misstated(declared: Stated, *, has_text: bool) -> Finding | None:
    """A declaration that amounts to none."""
    facts = declared.facts
    shown = f"'{declared.evidence.about}' says '{facts['key']}: {facts['raw']}'"
    if facts["key"] == "licence":
        message = f"{shown}, and the Hub and other readers of model cards know only 'license'."
        return _fail(declared, "misspelled-key", message, "Rename the key to 'license'.")
    if not facts["raw"]:
        message = f"The key 'license' of '{declared.evidence.about}' is empty."
        return _fail(declared, "empty", message, _NAME_IT)
    if facts["status"] not in ("family", "other") or has_text:
        return None
    if facts["link_state"] == "missing":
        message = f"{shown} with the link '{facts['license_link']}', which is not in the model."
        return _fail(declared, "link-missing", message, "Add the file that 'license_link' names.")
    if facts["license_name"] or facts["license_link"]:
        return None
    message = f"{shown}: {facts['why']}, and no text, name or link stands beside it."
    remedy = "Give the exact license id, or 'license_name', 'license_link' and the text as LICENSE."
    return _fail(declared, "names-no-text", message, remedy)


def _fail(declared: Stated, key: str, message: str, remedy: str) -> Finding:
    return Finding(
        Outcome.FAIL,
        message,
        remedy,
        declared.location,
        key=key,
        evidence=(declared.evidence.digest,),
    )


def _only_prose(said: Statements) -> Finding | None:
    """A sentence of the card names the model's license, and nothing else does."""
    told = [
        s
        for s in said.prose
        if s.facts["covers"] in ("", "model") and s.facts["status"] in ("known", "family")
    ]
    if not told:
        return None
    facts = told[0].facts
    return Finding(
        Outcome.MANUAL,
        f"'{told[0].evidence.about}' line {facts['line']} says '{facts['raw']}' in its text; the "
        "front matter declares no license, and no license file holds a text.",
        "Have the sentence read by a person, then declare the license under 'license:' and add its "
        "text as LICENSE.",
        told[0].location,
        key="only-prose",
        evidence=(told[0].evidence.digest,),
    )


def _none(said: Statements) -> Finding:
    nothing = next((e for e in said.everything if not e.about), said.everything[0])
    card = cast(LicenseSearch, nothing.data).get("card", "")
    where = f"'{card}' declares no license" if card else "The model has no README.md"
    return Finding(
        Outcome.FAIL,
        f"{where}, and no license file holds a text.",
        _NAME_IT,
        Location(card) if card else None,
        key="no-license",
        evidence=(nothing.digest,),
    )
