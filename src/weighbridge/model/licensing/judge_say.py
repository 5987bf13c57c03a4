"""A verdict's making: the clause it names, the way it is reached, and the words for both."""

from __future__ import annotations

from dataclasses import dataclass

from weighbridge.model.facts.lineage import NodeFacts, NodeLicenseFacts
from weighbridge.model.licensing.judge_licenses import Reading
from weighbridge.model.licensing.judge_reach import Reach, Reached, weakest
from weighbridge.model.licensing.terms import Basis, Clause, Scope, Terms
from weighbridge.model.licensing.verdict import Answer, Verdict

# What to state, by field of ``use.Use``: the question, and how the command line takes the answer.
ASKS = {
    "purpose": ("whether the use is research or commercial", "--use research or --use commercial"),
    "activities": (
        "whether the model is used internally, offered as a service, or given to others",
        "--distribute internal, service, weights or application",
    ),
    "territory": ("where the model is used or offered", "--territory with country codes or EU"),
    "users": ("how many users a month the licensee's products have", "--users"),
    "revenue": ("the licensee's revenue a year in US dollars", "--revenue"),
}


@dataclass(frozen=True, slots=True)
class Held:
    """A license that holds for a node, by which statement, and how the node reaches the subject."""

    reached: Reached
    terms: Terms
    reading: Reading
    exception: str = ""

    @property
    def name(self) -> str:
        """The license and whose it is, to begin a sentence with."""
        said = "" if self.reading.how == ("declared",) else f" ({self.reading.said_by})"
        terms = f"{self.terms.name} WITH {self.exception}" if self.exception else self.terms.name
        if self.reached.reach is Reach.OWN:
            return f"{terms}, the model's own license{said},"
        return f"{terms}, the license of '{self.reached.node['id']}'{said},"

    def scope(self, word: Scope) -> Clause | None:
        """How the license reaches there: what is said of this very model, or else of all."""
        found = [clause for clause in self.terms.propagates if clause.word == word]
        named = [clause for clause in found if clause.models and fits(clause, self.reached.node)]
        general = [clause for clause in found if not clause.models]
        return next(iter((*named, *general)), None)

    def verdict(
        self,
        answer: Answer,
        word: str,
        clause: Clause | None,
        says: str,
        remedy: str,
        *,
        basis: Basis | None = None,
        asks: tuple[str, ...] = (),
        value: str = "",
    ) -> Verdict:
        """A verdict on one clause. ``says`` goes on where :attr:`name` ends, without a full stop.

        ``basis`` weakens the clause's own. What nobody with authority has settled is no conflict:
        it is undetermined. The same holds where an exception was added that may lift the clause.
        """
        bases = [
            self.reached.basis,
            *([clause.basis] if clause else []),
            *([basis] if basis else []),
        ]
        rests_on = weakest(*bases)
        if answer is Answer.CONFLICT and (rests_on is Basis.UNSETTLED or self.exception):
            answer = Answer.UNDETERMINED
            rests_on = Basis.UNSETTLED
            says = f"{says}; whether that holds here is not settled"
        document = self.terms.text(clause.text) if clause else None
        where = f" ({located(clause)})" if clause and located(clause) else ""
        return placed(
            self.reached,
            answer,
            self.terms.id,
            word,
            f"{self.name} {says}{where}{_rests(rests_on, answer)}.",
            remedy,
            where=clause.where if clause else "",
            text=clause.text if clause else "",
            text_sha256=document.sha256 if document else "",
            basis=rests_on if clause or basis else None,
            value=value,
            asks=asks,
            statement=self.reading.first,
        )

    def ask(self, field: str, word: str, clause: Clause | None, says: str) -> Verdict:
        """A verdict that waits for what was not stated; :func:`judge` puts one question for all."""
        question, flag = ASKS[field]
        return self.verdict(
            Answer.UNDETERMINED, word, clause, f"{says}, and it was not stated {question}",
            f"State it with {flag}.", asks=(field,),
        )  # fmt: skip

    def silent(self, word: str, says: str) -> Verdict:
        """The knowledge base does not say."""
        return self.verdict(
            Answer.UNDETERMINED, word, None,
            f"is not known here to say {says}",
            "Have the license's text read on this point.",
        )  # fmt: skip


def placed(
    reached: Reached,
    answer: Answer,
    license_id: str,
    word: str,
    message: str,
    remedy: str,
    *,
    where: str = "",
    text: str = "",
    text_sha256: str = "",
    basis: Basis | None = None,
    value: str = "",
    asks: tuple[str, ...] = (),
    statement: NodeLicenseFacts | None = None,
) -> Verdict:
    """A verdict on a node, at the first step of its way: that stands in a file of the subject."""
    places = [edge["place"] for edge in reached.path.edges[:1]]
    if not places and statement:
        places = [statement["place"]]
    return Verdict(
        answer=answer,
        node=reached.node["key"],
        license=license_id,
        word=word,
        message=message,
        remedy=remedy,
        where=where,
        text=text,
        text_sha256=text_sha256,
        basis=basis,
        path=reached.path.text(),
        steps=reached.steps,
        value=value,
        asks=asks,
        path_file=places[0]["path"] if places else "",
        line=places[0]["line"] if places else 0,
    )


def fits(clause: Clause, node: NodeFacts) -> bool | None:
    """Whether a clause that is limited to kinds of models holds for one; none where not known.

    ``multimodal`` is a kind; any other word is looked for in the model's or package's name.
    """
    if not clause.models:
        return True
    answers = [
        node["multimodal"] if word == "multimodal" else word.lower() in node["id"].lower()
        for word in clause.models
    ]
    return True if True in answers else None if None in answers else False


def located(clause: Clause) -> str:
    """The clause's place: ``use-policy, 3.a``."""
    return (
        clause.where if clause.text == "license" else f"{clause.text}, {clause.where}".strip(", ")
    )


def noted(clause: Clause) -> str:
    """What the knowledge base adds to a clause, to end a sentence with."""
    return f": {clause.note}" if clause.note else ""


def _rests(basis: Basis, answer: Answer) -> str:
    if answer in (Answer.OK, Answer.OBLIGATION):
        return ""
    if basis is Basis.INTERPRETATION:
        return "; this is an interpretation"
    if basis is Basis.STATEMENT:
        return "; the licensor says so outside the license"
    return ""
