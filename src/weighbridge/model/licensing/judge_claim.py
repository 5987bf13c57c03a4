"""The license that the subject states against what an ancestor's license demands of it.

Whoever states a license for a model offers it to everybody under these words: this question does
not depend on the stated use. Where the subject's license leaves a choice, every alternative is an
offer, and each has to keep what the ancestor demands.
"""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.licensing.judge_copyleft import copyleft, network_copyleft, same_license
from weighbridge.model.licensing.judge_offers import Claim
from weighbridge.model.licensing.judge_outputs import flowing
from weighbridge.model.licensing.judge_reach import Reach
from weighbridge.model.licensing.judge_say import Held, fits, noted
from weighbridge.model.licensing.judge_territory import codes
from weighbridge.model.licensing.judge_use import applies
from weighbridge.model.licensing.terms import Answer as Permitted
from weighbridge.model.licensing.terms import (
    Basis,
    Clause,
    Mode,
    Obligation,
    Permission,
    Restriction,
    Scope,
)
from weighbridge.model.licensing.use import Use
from weighbridge.model.licensing.verdict import Answer, Verdict

_PRIVATE = (Restriction.NON_COMMERCIAL, Restriction.RESEARCH_ONLY)
_NARROWS = (*_PRIVATE, Restriction.NO_DERIVATIVES)
_POLICY = (Restriction.FIELD_OF_USE, Obligation.USE_POLICY_FLOW_DOWN)
# What a license over a derived model may have to repeat, most telling first.
_MUST_STAY = (
    Obligation.USE_POLICY_FLOW_DOWN, Restriction.FIELD_OF_USE, Restriction.NO_TRAIN_OTHERS,
    Restriction.NON_COMPETING, Restriction.USERS_CAP, Restriction.REVENUE_CAP,
    Restriction.TERRITORY, Restriction.NO_GUARDRAIL_BYPASS, Restriction.COMPUTATIONAL_USE_ONLY,
)  # fmt: skip
_PLAIN = {
    Obligation.USE_POLICY_FLOW_DOWN: "the duty to pass the use restrictions on",
    Restriction.FIELD_OF_USE: "the use policy",
    Restriction.NO_TRAIN_OTHERS: "the ban on training other models",
    Restriction.NON_COMPETING: "the ban on competing",
    Restriction.USERS_CAP: "the cap on users",
    Restriction.REVENUE_CAP: "the cap on revenue",
    Restriction.TERRITORY: "the excluded territory",
    Restriction.NO_GUARDRAIL_BYPASS: "the ban on bypassing safeguards",
    Restriction.COMPUTATIONAL_USE_ONLY: "the limit to computational use",
}
_RELABEL = (
    "State the ancestor's license for the model, or a license that keeps these terms, or build on "
    "another one."
)


def judged_claim(held: Held, claim: Claim) -> Iterator[Verdict]:
    """What one ancestor's license demands against one offer."""
    reach = held.reached.reach
    if reach in (Reach.WHOLE, Reach.BUNDLED):
        yield from _withheld(held, claim)  # the same license does not help where leave is missing
    if same_license(held.terms, claim.ids):
        return
    if reach is Reach.LINKED:
        yield from _linked(held, claim)
    elif reach is Reach.DATA:
        yield from _data(held, claim)
    elif reach is Reach.OUTPUTS:
        scope = held.scope(Scope.OUTPUTS)
        if scope is not None and scope.mode in (Mode.SAME_LICENSE, Mode.FLOW_DOWN):
            yield from _whole(held, claim, scope, flowing(held))
    else:
        changed = held.scope(Scope.MODIFIED)
        copied = held.scope(Scope.COPY) or changed
        yield from _whole(held, claim, changed if held.reached.modified else copied, frozenset())


def _whole(
    held: Held, claim: Claim, scope: Clause | None, words: frozenset[str]
) -> Iterator[Verdict]:
    """Weights, shipped code and data, or outputs under a license that reaches as far."""
    private = tuple(_private(held, claim, words))
    yield from private
    if scope is None:
        if not private and any(c.word in _PLAIN for c in held.terms.restricts):
            yield held.silent(Scope.MODIFIED, "what license a derived model may have")
    elif scope.mode is Mode.SAME_LICENSE:
        yield from _same(held, claim, scope)
    elif scope.mode is Mode.FLOW_DOWN:
        yield from _flow_down(held, claim, scope, words)


def _private(held: Held, claim: Claim, words: frozenset[str]) -> Iterator[Verdict]:
    clause = next((c for w in _PRIVATE if (c := held.terms.restriction(w)) is not None), None)
    if clause is None or (words and clause.word not in words):
        return
    if claim.has(*_PRIVATE) or claim.refuses(Permission.COMMERCIAL):
        return
    data = held.reached.reach is Reach.DATA
    says = f"forbids commercial use, which {claim.name} grants"
    yield held.verdict(
        Answer.CONFLICT, clause.word, clause,
        f"{says}; a model trained on the data is taken to be use of it" if data else says,
        "State a license without commercial use, or train on data that allows it."
        if data
        else _RELABEL,
        basis=Basis.INTERPRETATION if data else None,
    )  # fmt: skip


def _withheld(held: Held, claim: Claim) -> Iterator[Verdict]:
    """No leave to pass on at all, or not what is changed."""
    passing_on = held.terms.permission(Permission.REDISTRIBUTE)
    refused = passing_on is not None and passing_on.answer is Permitted.NO
    if passing_on and refused and not claim.refuses(Permission.REDISTRIBUTE):
        yield held.verdict(
            Answer.CONFLICT, passing_on.word, passing_on,
            f"does not permit passing it on, which {claim.name} grants{noted(passing_on)}",
            "Do not offer the model to others, or get leave from the rights holder.",
        )  # fmt: skip
    fixed = held.terms.restriction(Restriction.NO_DERIVATIVES)
    if fixed is not None and held.reached.modified:
        yield held.verdict(
            Answer.CONFLICT, fixed.word, fixed,
            f"forbids to pass on what is changed, and the model is offered under {claim.name}",
            "Do not offer the model to others, or get leave from the rights holder.",
        )  # fmt: skip


def _same(held: Held, claim: Claim, scope: Clause) -> Iterator[Verdict]:
    bundled = held.reached.reach is Reach.BUNDLED
    if bundled and held.terms.kind == "software" and not copyleft(held.terms):
        return  # its files keep their license; what stands beside them may have another
    beside = " beside it" if bundled else ""
    yield held.verdict(
        Answer.CONFLICT, scope.word, scope,
        f"asks for the same license, and the model{beside} is offered under {claim.name}"
        f"{noted(scope)}",
        "Say in the card which files stand under which license, or leave the part out."
        if bundled
        else _RELABEL,
        basis=Basis.INTERPRETATION if bundled else None,
    )  # fmt: skip


def _flow_down(held: Held, claim: Claim, scope: Clause, words: frozenset[str]) -> Iterator[Verdict]:
    """The clauses that must go along, and whether the offer has them."""
    demanded = [c for w in _MUST_STAY for c in (*held.terms.restricts, *held.terms.obliges)
                if c.word == w and (not words or w in words)]  # fmt: skip
    demanded = [c for c in demanded if not c.models or applies(held, c, Use())[0]]
    dropped = [clause for clause in demanded if not _kept(clause, claim)]
    if dropped:
        # A license that grants less than the ancestor's relabels nothing: the terms go along still.
        narrower = any(
            claim.has(word) and held.terms.restriction(word) is None for word in _NARROWS
        )
        names = ", ".join(dict.fromkeys(_PLAIN[c.word] for c in dropped))  # type: ignore[index]
        yield held.verdict(
            Answer.OBLIGATION if narrower else Answer.CONFLICT, dropped[0].word, dropped[0],
            f"demands that its terms go along, and {claim.name} drops {names}",
            "Pass the ancestor's license on with the model, and say that it holds too."
            if narrower
            else _RELABEL,
        )  # fmt: skip
        return
    other = not any(one.family and one.family == held.terms.family for one in claim.terms)
    policy = next((c for c in demanded if c.word in _POLICY), None)
    if policy is not None and other:
        yield held.verdict(
            Answer.UNDETERMINED, policy.word, policy,
            f"demands that its use restrictions go along, and whether those of {claim.name} hold "
            "all of them is for a person to read",
            "Compare the two use policies, or state the ancestor's license.",
            basis=Basis.UNSETTLED,
        )  # fmt: skip
    else:
        yield held.verdict(
            Answer.OBLIGATION, scope.word, scope, f"goes along with the model{noted(scope)}",
            "Pass the ancestor's license on with the model.",
        )  # fmt: skip


def _kept(clause: Clause, claim: Claim) -> bool:
    """Whether the offer has a clause as strict."""
    if clause.word in _POLICY:
        return claim.has(*_POLICY)
    other = claim.clause(clause.word)
    if other is None:
        return clause.word == Restriction.REVENUE_CAP and claim.has(*_PRIVATE)
    if clause.word == Restriction.TERRITORY:
        return codes(clause.value.split()) <= codes(other.value.split())
    if clause.word in (Restriction.USERS_CAP, Restriction.REVENUE_CAP):
        both = clause.value.isdigit() and other.value.isdigit()
        return both and (len(other.value), other.value) <= (len(clause.value), clause.value)
    return True


def _data(held: Held, claim: Claim) -> Iterator[Verdict]:
    """Data licenses speak of copies and adaptations of the data; few say what a model is."""
    scope = held.scope(Scope.TRAINED)
    if scope is not None and scope.mode is Mode.NONE and scope.basis is not Basis.UNSETTLED:
        return
    yield from _private(held, claim, frozenset())
    asks = scope or held.scope(Scope.MODIFIED)
    fixed = held.terms.restriction(Restriction.NO_DERIVATIVES)
    if fixed is not None:
        yield _unsettled(held, fixed, "forbids to share adaptations")
    elif asks is None or asks.mode not in (Mode.SAME_LICENSE, Mode.FLOW_DOWN):
        return
    elif scope is not None and scope.basis is not Basis.UNSETTLED:
        yield from _same(held, claim, scope) if scope.mode is Mode.SAME_LICENSE else ()
    else:
        yield _unsettled(held, asks, "lets its terms go along with adaptations")


def _unsettled(held: Held, clause: Clause, says: str) -> Verdict:
    return held.verdict(
        Answer.UNDETERMINED, clause.word, clause,
        f"{says}, and whether a model trained on the data is one is not settled",
        "Take legal advice for the places where the model is offered, and record the decision.",
        basis=Basis.UNSETTLED,
    )  # fmt: skip


def _linked(held: Held, claim: Claim) -> Iterator[Verdict]:
    """Running on copyleft code binds no weights. Some licensors claim those trained with it.

    Where nobody has said so of the package, the question is put for network copyleft alone: for
    the rest it is not asked in practice.
    """
    clauses = [c for c in held.terms.propagates if c.word == Scope.TRAINED]
    claimed = [c for c in clauses if c.models and fits(c, held.reached.node)]
    if claimed and claimed[0].mode is Mode.SAME_LICENSE:
        yield held.verdict(
            Answer.CONFLICT, claimed[0].word, claimed[0],
            "is said to hold for weights that were trained with the package, and the model is "
            f"offered under {claim.name}",
            "Replace the package, or get a license from its rights holder, or offer the model "
            "under the package's license.",
        )  # fmt: skip
    elif network_copyleft(held.terms):
        clause = clauses[0] if clauses else held.scope(Scope.HOSTED)
        yield held.verdict(
            Answer.UNDETERMINED, Scope.TRAINED, clause,
            "asks for the same license even for use over a network, and whether it reaches "
            "weights that were trained with the package is not settled",
            "Find out whether the weights were trained with it, and take legal advice then.",
            basis=Basis.UNSETTLED,
        )  # fmt: skip
