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
    agree,
    broken_card,
    plain_id,
    statements,
    unread_file,
    unread_prose,
)

META = RuleMeta(
    id="contradicting-license",
    family="licenses",
    since="0.1",
    severity=Severity.HIGH,
    summary="declared license, license text and the card's own sentences name the same license",
    why=(
        "Where the card says one license and the LICENSE file is another, or the card's text names "
        "a third, whoever relies on the friendliest of them may hold no license at all. It happens "
        "when a model is built on another one and relabeled: cards that say Apache-2.0 over a "
        "Llama text are the commonest conflict among published models."
    ),
    remedy=(
        "Find out which license the rights holder granted, and make the card, its text and the "
        "license files say it."
    ),
    example="A README.md with 'license: apache-2.0' beside a LICENSE that is the Llama 3.1 text.",
    needs=(EvidenceKind.LICENSE,),
    references=("https://arxiv.org/abs/2509.09873", "https://arxiv.org/abs/2602.08816"),
)

# A text that another license takes in by reference: LGPL-3.0 is the GPL-3.0 with permissions added.
_TAKEN_IN = {"GPL-3.0": "LGPL-3.0"}
# Licenses that let a work be passed on under other terms as long as its notices are kept: that a
# model once came under one of them does not contradict what is declared today.
_PASSED_ON_FREELY = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC-BY-4.0", "CC0-1.0",
        "CDLA-Permissive-2.0", "ISC", "MIT", "NCSA", "OpenMDW-1.0", "PostgreSQL", "Unlicense",
        "WTFPL", "Zlib",
    }
)  # fmt: skip
_FREE_FAMILIES = ("Apache-", "BSD-")


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
    held = [t for t in said.texts if not t.apart and t.facts["status"] == "known"]
    settled = named if len(named) == len(said.declared) else []
    sentences = _sentences(said, settled or held) if settled or held else None
    findings += sentences or []
    findings += [unread_prose(e) for e in said.unread_prose]
    compared = len(said.texts) > (0 if named else 1) and (named or not said.declared)
    compared = compared or (sentences is not None and any(map(_of_model, said.prose)))
    if not findings and not compared:
        return not_applicable("The model does not state its license twice.", digests)
    note = (
        f"License texts compared with what is declared: {len(said.texts)}; "
        f"sentences of the card on the model's license: {sum(map(_of_model, said.prose))}."
    )
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
        ids = {plain_id(i) for i in declared.facts["symbols"]}
        if plain_id(symbol) in ids or _TAKEN_IN.get(plain_id(symbol)) in ids:
            return True
        if not set(also).isdisjoint(declared.facts["symbols"]):
            return True
    return False


def _of_model(sentence: Stated) -> bool:
    return sentence.facts["covers"] in ("", "model", "origin")


def _sentences(said: Statements, stated: list[Stated]) -> list[Finding]:
    """The card's sentences that say neither what is declared nor, without that, the text held."""
    agreed = any(
        s.facts["covers"] == "model" and any(agree(s.facts, d.facts) for d in stated)
        for s in said.prose
    )
    return [
        finding
        for sentence in said.prose
        if (finding := _differs(sentence, stated, agreed=agreed)) is not None
    ]


def _differs(sentence: Stated, stated: list[Stated], *, agreed: bool) -> Finding | None:
    """A sentence on the model fails; one whose subject is not told is unknown.

    Where another sentence says what is declared, each weighs one step less. What is said of a base
    model is for a person, and of code, data and other things nothing.
    """
    facts = sentence.facts
    if any(agree(facts, d.facts) for d in stated) and facts["status"] != "other":
        return None
    covers = facts["covers"]
    if covers in ("code", "data", "other") or (covers in ("base", "origin") and _free(sentence)):
        return None
    where = f"'{sentence.evidence.about}' line {facts['line']}"
    other = " and ".join(f"'{d.facts['raw']}'" for d in stated)
    beside = (
        f"{other} is declared" if stated[0].facts["role"] == "declared" else f"{other} is there"
    )
    if facts["status"] == "other":
        outcome = Outcome.MANUAL if covers == "base" or agreed else Outcome.UNKNOWN
        message = f"{where} says '{facts['raw']}', and {facts['why']}; {beside}."
        remedy = "Have the sentence read by a person, and let card and text name what was granted."
    elif covers == "base":
        outcome = Outcome.MANUAL
        message = (
            f"{where} says that what the model was made from is under {facts['raw']}; {beside}."
        )
        remedy = "Check what that license asks of models that are made from its own."
    elif covers == "origin":
        outcome = Outcome.UNKNOWN
        message = f"{where} says that it came under {facts['raw']} originally; {beside}."
        remedy = "Find out whether the first license lets the model be offered under another one."
    else:
        steps = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL)
        outcome = steps[(covers != "model") + agreed]
        message = f"{where} says that the license is {facts['raw']}; {beside}."
        remedy = "Find out which license was granted, and let the card say it in both places."
    return Finding(
        outcome,
        message,
        remedy,
        sentence.location,
        key=f"prose:{covers or 'unsaid'}:{facts['id'] or facts['raw']}",
        evidence=(*(d.evidence.digest for d in stated), sentence.evidence.digest),
    )


def _free(sentence: Stated) -> bool:
    facts = sentence.facts
    if facts["status"] == "other":
        return False
    return all(i in _PASSED_ON_FREELY for i in facts["symbols"]) and all(
        f.startswith(_FREE_FAMILIES) for f in facts["family"]
    )
