"""The declared license and the license files say the same."""

from __future__ import annotations

from weighbridge.model.evidence import EvidenceKind
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
    Statements,
    broken_card,
    statements,
    unread_file,
)

META = RuleMeta(
    id="contradicting-license",
    family="licenses",
    since="0.1",
    severity=Severity.HIGH,
    summary="the license that the model card declares is the one whose text the model carries",
    why=(
        "Where the card says one license and the LICENSE file is another, whoever relies on the "
        "friendlier of the two may hold no license at all. It happens when a model is built on "
        "another one and relabeled: cards that say Apache-2.0 over a Llama text are the commonest "
        "conflict among published models."
    ),
    remedy=(
        "Find out which license the rights holder granted, and make the card and the license "
        "files say it."
    ),
    example="A README.md with 'license: apache-2.0' beside a LICENSE that is the Llama 3.1 text.",
    needs=(EvidenceKind.LICENSE,),
    references=("https://arxiv.org/abs/2509.09873", "https://arxiv.org/abs/2602.08816"),
)

# A text that another license takes in by reference: LGPL-3.0 is the GPL-3.0 with permissions added.
_TAKEN_IN = {"GPL-3.0": "LGPL-3.0"}


def check(case: Case) -> Conclusion:
    """Compare every identified text with what is declared."""
    said = statements(case)
    digests = [evidence.digest for evidence in said.everything]
    if not said.everything:
        return conclude([not_collected("licenses")], digests)
    findings = [broken_card(evidence) for evidence in said.unread_card]
    named = [d for d in said.declared if d.facts["status"] in ("known", "family")]
    if said.unread_card:
        return conclude(findings, digests)
    if not said.declared:
        findings += _several(said)
    elif named:
        findings += [unread_file(e) for e in said.unread_files]
        findings += [f for text in said.texts if (f := _compare(text, said, named)) is not None]
    compared = len(said.texts) > (0 if named else 1) and (named or not said.declared)
    if not findings and not compared:
        return not_applicable("The model does not state its license twice.", digests)
    note = f"License texts compared with what is declared: {len(said.texts)}."
    return conclude(findings, digests, note=note)


def _several(said: Statements) -> list[Finding]:
    """Different texts and no word on which one holds."""
    own = [t for t in said.texts if not t.apart and t.facts["status"] == "known"]
    if len({t.facts["id"] for t in own}) < 2:
        return []
    texts = ", ".join(f"'{t.evidence.about}' ({t.facts['id']})" for t in own)
    return [
        Finding(
            Outcome.UNKNOWN,
            f"The model carries several license texts and declares none: {texts}.",
            "Declare in the front matter of README.md which license holds for the model.",
            own[0].location,
            key="several-texts",
            evidence=tuple(t.evidence.digest for t in own),
        )
    ]


def _compare(text: Stated, said: Statements, named: list[Stated]) -> Finding | None:
    facts = text.facts
    declared = " and ".join(f"'{d.facts['raw']}'" for d in said.declared)
    if facts["status"] != "known":
        if text.apart:
            return None
        return Finding(
            Outcome.UNKNOWN,
            f"'{text.evidence.about}' may or may not be the text of {declared}, which is declared: "
            f"{facts['why']}.",
            "Restore the license's text word for word, or have what differs read by a person.",
            text.location,
            key="not-comparable",
            evidence=(text.evidence.digest,),
        )
    if all(_declares(symbol, facts["also"], named) for symbol in facts["symbols"]):
        return None
    if len(named) < len(said.declared):
        return None  # an entry such as 'other' may stand for this text
    card = named[0]
    where = f"'{card.evidence.about}' line {card.facts['line']}"
    return Finding(
        Outcome.MANUAL if text.apart else Outcome.FAIL,
        f"'{text.evidence.about}' is the text of {facts['id']}, and {where} declares {declared}.",
        "Say in the card which parts of the model the text is for."
        if text.apart
        else "Find out which license was granted, and let card and text both say it.",
        text.location,
        key=f"{declared}:{facts['id']}",
        evidence=(*(d.evidence.digest for d in named), text.evidence.digest),
    )


def _declares(symbol: str, also: list[str], named: list[Stated]) -> bool:
    """Whether one of the declared licenses is the one of a text."""
    for declared in named:
        if any(symbol.startswith(prefix) for prefix in declared.facts["family"]):
            return True
        ids = {_plain(i) for i in declared.facts["symbols"]}
        if _plain(symbol) in ids or _TAKEN_IN.get(_plain(symbol)) in ids:
            return True
        if not set(also).isdisjoint(declared.facts["symbols"]):
            return True
    return False


def _plain(license_id: str) -> str:
    """An id without what a text cannot tell: whether later versions are allowed too."""
    return license_id.removesuffix("-or-later").removesuffix("-only").removesuffix("+")
