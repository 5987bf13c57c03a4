"""Models that were trained on what another one generated: what its license says about that."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.licensing.judge_say import Held, noted
from weighbridge.model.licensing.judge_use import judged_use
from weighbridge.model.licensing.terms import Answer as Permitted
from weighbridge.model.licensing.terms import (
    Basis,
    Clause,
    Mode,
    Obligation,
    Permission,
    Restriction,
    Scope,
    Terms,
)
from weighbridge.model.licensing.use import Use
from weighbridge.model.licensing.verdict import Answer, Verdict

_PURPOSE = frozenset(
    {Restriction.NON_COMMERCIAL, Restriction.RESEARCH_ONLY, Restriction.NON_COMPETING}
)
_AGAINST = (Restriction.NO_TRAIN_OTHERS, Restriction.NON_COMPETING)


def judged_outputs(held: Held, use: Use, own: frozenset[str]) -> Iterator[Verdict]:
    """Whether training on the outputs was allowed, and what then goes along.

    Args:
        held: the license of the model that generated.
        use: the stated use.
        own: ids of the licenses of models whose weights the subject holds: a license that forbids
            to train *other* models does not mean these.
    """
    yield from _training(held, own)
    scope = held.scope(Scope.OUTPUTS)
    if scope is not None and scope.mode in (Mode.SAME_LICENSE, Mode.FLOW_DOWN):
        yield from judged_use(held, use, flowing(held))


def flowing(held: Held) -> frozenset[str]:
    """The words of the clauses that reach a model trained on the outputs; empty for all.

    The knowledge base may list them as the ``value`` of the clause. Where it does not: all, if the
    license makes such a model a derivative that must carry its use restrictions (Gemma, the RAIL
    licenses) or stand under the same license; else the purpose, which is what licenses without a
    duty to pass restrictions on bind outputs to.
    """
    scope = held.scope(Scope.OUTPUTS)
    if scope is None or scope.value:
        return frozenset(scope.value.split()) if scope else frozenset()
    carried = {clause.word for clause in held.terms.obliges}
    if scope.mode is Mode.SAME_LICENSE or Obligation.USE_POLICY_FLOW_DOWN in carried:
        return frozenset()
    return _PURPOSE


def forbids_training(terms: Terms, own: frozenset[str]) -> Clause | None:
    """The clause that forbids to train another model on the outputs."""
    permission = terms.permission(Permission.TRAIN_ON_OUTPUTS)
    if permission is None or permission.answer is not Permitted.NO:
        return None
    others = terms.restriction(Restriction.NO_TRAIN_OTHERS)
    if others is not None and not own.isdisjoint((terms.id, *terms.also)):
        return None
    return others or permission


def _training(held: Held, own: frozenset[str]) -> Iterator[Verdict]:
    word = Permission.TRAIN_ON_OUTPUTS
    clause = held.terms.permission(word)
    forbids = forbids_training(held.terms, own)
    # The license speaks of its own model's outputs; those of a descendant are a further step.
    remote = Basis.INTERPRETATION if held.reached.remote else None
    if forbids is not None:
        yield held.verdict(
            Answer.CONFLICT, forbids.word, forbids,
            f"forbids to train other models on the outputs{noted(forbids)}",
            "Train on outputs of a model that allows it, or get leave from the rights holder.",
            basis=remote,
        )  # fmt: skip
    elif clause is None or clause.answer is None:
        yield held.silent(word, "whether other models may be trained on the outputs")
    elif clause.answer is Permitted.UNSETTLED:
        yield held.verdict(
            Answer.UNDETERMINED, word, clause,
            f"does not settle whether other models may be trained on the outputs{noted(clause)}",
            "Ask the rights holder, or have the clause read by a lawyer.",
        )  # fmt: skip
    elif clause.answer is Permitted.CONDITIONAL:
        against = [found for w in _AGAINST if (found := held.terms.restriction(w)) is not None]
        if against:
            yield held.verdict(
                Answer.UNDETERMINED, against[0].word, against[0],
                "allows to train other models on the outputs within a bound that cannot be told "
                f"from the files{noted(against[0])}",
                "Hold the model against the clause, and have the answer recorded.",
            )  # fmt: skip
