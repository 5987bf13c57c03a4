"""The stated use against one license that reaches the subject: what it permits and restricts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from weighbridge.model.licensing.judge_reach import Reach
from weighbridge.model.licensing.judge_say import Held, fits, noted
from weighbridge.model.licensing.judge_territory import not_granted
from weighbridge.model.licensing.terms import (
    Answer as Permitted,
)
from weighbridge.model.licensing.terms import (
    Basis,
    Clause,
    Permission,
    Restriction,
)
from weighbridge.model.licensing.use import Activity, Purpose, Use
from weighbridge.model.licensing.verdict import Answer, Verdict

_PRIVATE = (Restriction.NON_COMMERCIAL, Restriction.RESEARCH_ONLY)
_KEEP_TO = {
    Restriction.FIELD_OF_USE: "allows only some uses",
    Restriction.NON_COMPETING: "forbids to compete with its licensor",
    Restriction.NO_GUARDRAIL_BYPASS: "forbids to bypass its safeguards",
    Restriction.NO_TRAIN_OTHERS: "forbids to train other models on its outputs",
    Restriction.COMPUTATIONAL_USE_ONLY: "allows computation on the data and nothing else",
}


def judged_use(held: Held, use: Use, words: frozenset[str] = frozenset()) -> Iterator[Verdict]:
    """Conflicts, open questions and rules of conduct of one license.

    Args:
        held: the license, and how it reaches the subject.
        use: the stated use.
        words: the restrictions that go along; all where empty.
    """
    for word, matters, doing in _permissions(held, use):
        yield from _permission(held, word, matters, doing)
    private = False
    for clause in held.terms.restricts:
        if words and clause.word not in words:
            continue
        if clause.word in _PRIVATE:
            if private:
                continue  # both say that the use must not be commercial: one verdict is enough
            private = True
        holds, waits_for = applies(held, clause, use)
        if holds is False:
            continue
        for verdict in _restriction(held, clause, use):
            if holds is None and verdict.answer is Answer.CONFLICT:
                yield _depends(held, clause, waits_for)
            else:
                yield verdict


def applies(held: Held, clause: Clause, use: Use) -> tuple[bool | None, str]:
    """Whether a clause that is limited to some activities or kinds of model holds here.

    None where that is not known; then the field of ``Use`` that would tell, if one would.
    """
    fitting = fits(clause, held.reached.node)
    if not fitting:
        return fitting, ""
    if clause.uses:
        if not use.activities:
            return None, "activities"
        return not use.activities.isdisjoint(clause.uses), ""
    return True, ""


def distributes(use: Use) -> bool | None:
    """Whether weights are given to others; none where it was not stated."""
    given = {Activity.WEIGHTS, Activity.APPLICATION}
    return not use.activities.isdisjoint(given) if use.activities else None


def _permissions(held: Held, use: Use) -> Iterator[tuple[Permission, tuple[bool | None, str], str]]:
    """The permissions that the use needs: whether it does, which field would tell, and for what."""
    reach = held.reached.reach
    yield Permission.USE, (True, ""), "use"
    commercial = use.purpose is Purpose.COMMERCIAL if use.purpose else None
    if not any(clause.word in _PRIVATE for clause in held.terms.restricts):
        yield Permission.COMMERCIAL, (commercial, "purpose"), "commercial use"
    if reach in (Reach.DATA, Reach.LINKED, Reach.OUTPUTS):
        return  # what is not passed on or served needs no leave to be
    service = Activity.SERVICE in use.activities if use.activities else None
    no_derivatives = held.terms.restriction(Restriction.NO_DERIVATIVES)
    if held.reached.modified and no_derivatives is None:
        yield Permission.MODIFY, (True, ""), "changing it"
    yield Permission.HOSTED_SERVICE, (service, "activities"), "use as a hosted service"
    yield Permission.REDISTRIBUTE, (distributes(use), "activities"), "passing it on"


def _permission(
    held: Held, word: Permission, matters: tuple[bool | None, str], doing: str
) -> Iterator[Verdict]:
    needed, field = matters
    if needed is False:
        return
    clause = held.terms.permission(word)
    answer = clause.answer if clause else None
    basis = Basis.INTERPRETATION if held.reached.reach is Reach.DATA else None
    if answer is Permitted.YES or (answer is Permitted.CONDITIONAL and _condition_known(held)):
        return
    if needed is None:
        yield held.ask(field, word, clause, f"does not plainly permit {doing}")
    elif clause is None or answer is None:
        yield held.silent(word, f"whether it permits {doing}")
    elif answer is Permitted.NO:
        yield held.verdict(
            Answer.CONFLICT, word, clause, f"does not permit {doing}{noted(clause)}",
            "Do not use it so, use another model, or get a license from the rights holder.",
            basis=basis,
        )  # fmt: skip
    else:
        yield held.verdict(
            Answer.UNDETERMINED, word, clause, f"does not settle {doing}{noted(clause)}",
            "Ask the rights holder, or have the clause read by a lawyer.",
        )  # fmt: skip


def _condition_known(held: Held) -> bool:
    """Whether the conditions of a permission stand as clauses, which are judged by themselves."""
    return bool(held.terms.restricts or held.terms.obliges)


def _depends(held: Held, clause: Clause, field: str) -> Verdict:
    """A restriction that would be violated if it held here, and nobody knows whether it does."""
    if field:
        return held.ask(field, clause.word, clause, "restricts some activities")
    return held.verdict(
        Answer.UNDETERMINED, clause.word, clause,
        f"restricts models that are {' or '.join(clause.models)}, and nothing says whether "
        f"'{held.reached.node['id'] or 'this model'}' is one",
        "Give the model's task in its card ('pipeline_tag').",
    )  # fmt: skip


def _restriction(held: Held, clause: Clause, use: Use) -> Iterator[Verdict]:
    handler = _HANDLERS.get(clause.word)
    if handler is not None:
        yield from handler(held, clause, use)
    elif clause.word in _KEEP_TO and not _of_no_matter(held, clause):
        says = _KEEP_TO[Restriction(clause.word)]
        yield held.verdict(
            Answer.OBLIGATION, clause.word, clause, f"{says}{noted(clause)}",
            "Keep to it, and see to it that those who use the model do.",
            value=clause.value,
        )  # fmt: skip


def _of_no_matter(held: Held, clause: Clause) -> bool:
    """Training is computation, and a model trained on data is no copy of it."""
    data = held.reached.reach is Reach.DATA
    return data and clause.word == Restriction.COMPUTATIONAL_USE_ONLY


def _private(held: Held, clause: Clause, use: Use) -> Iterator[Verdict]:
    only = "non-commercial use" if clause.word == Restriction.NON_COMMERCIAL else "research"
    if use.purpose is None:
        yield held.ask("purpose", clause.word, clause, f"is for {only} only")
    elif use.purpose is Purpose.COMMERCIAL:
        data = held.reached.reach is Reach.DATA
        says = f"is for {only} only, and the stated use is commercial"
        yield held.verdict(
            Answer.CONFLICT, clause.word, clause,
            f"{says}; a model trained on the data is taken to be use of it" if data else says,
            "Use another model, or get a commercial license from the rights holder.",
            basis=Basis.INTERPRETATION if data else None,
        )  # fmt: skip


def _no_derivatives(held: Held, clause: Clause, use: Use) -> Iterator[Verdict]:
    reach = held.reached.reach
    if not held.reached.modified and reach is not Reach.DATA:
        return
    given = distributes(use)
    if given is None:
        yield held.ask("activities", clause.word, clause, "forbids to pass on what is changed")
    elif given:
        yield held.verdict(
            Answer.CONFLICT, clause.word, clause,
            "forbids to pass on what is changed, and the model is to be passed on",
            "Do not distribute the model, or get leave from the rights holder.",
            basis=Basis.UNSETTLED if reach is Reach.DATA else None,
        )  # fmt: skip


def _territory(held: Held, clause: Clause, use: Use) -> Iterator[Verdict]:
    if not use.territory:
        yield held.ask("territory", clause.word, clause, f"grants nothing in {clause.value}")
        return
    where = not_granted(clause.value, use.territory)
    if where:
        yield held.verdict(
            Answer.CONFLICT, clause.word, clause,
            f"grants nothing in {clause.value}, and the stated territory has {' '.join(where)}",
            "Leave these places out, use another model, or get a license from the rights holder.",
            value=clause.value,
        )  # fmt: skip


def _users(held: Held, clause: Clause, use: Use) -> Iterator[Verdict]:
    yield from _cap(held, clause, use.users, "users", "monthly users")


def _revenue(held: Held, clause: Clause, use: Use) -> Iterator[Verdict]:
    if use.purpose is not Purpose.RESEARCH:
        yield from _cap(held, clause, use.revenue, "revenue", "US dollars a year")


def _cap(
    held: Held, clause: Clause, stated: int | None, field: str, unit: str
) -> Iterator[Verdict]:
    if not re.fullmatch(r"[0-9]{1,18}", clause.value):
        yield held.silent(clause.word, f"where its cap on {unit} lies")
        return
    cap = int(clause.value)
    if stated is None:
        yield held.ask(field, clause.word, clause, f"ends at {cap:,} {unit}")
    elif stated > cap:
        yield held.verdict(
            Answer.CONFLICT, clause.word, clause,
            f"ends at {cap:,} {unit}, and {stated:,} are stated",
            "Get a license of your own from the rights holder.",
            value=clause.value,
        )  # fmt: skip


_HANDLERS: dict[str, Callable[[Held, Clause, Use], Iterator[Verdict]]] = {
    Restriction.NON_COMMERCIAL: _private,
    Restriction.RESEARCH_ONLY: _private,
    Restriction.NO_DERIVATIVES: _no_derivatives,
    Restriction.TERRITORY: _territory,
    Restriction.USERS_CAP: _users,
    Restriction.REVENUE_CAP: _revenue,
}
