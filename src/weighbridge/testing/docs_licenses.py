"""The generated page on the clause knowledge base: every license, clause by clause, by family."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from weighbridge.licensing.families import all_families
from weighbridge.licensing.knowledge import all_terms
from weighbridge.model.licensing.terms import Clause, Terms

_KINDS = {
    "model": "Licenses for models",
    "software": "Licenses for software",
    "data": "Licenses for data",
    "content": "Licenses for works",
}
_READ = {
    "text": "clauses read in the text",
    "known": "clauses from common knowledge of the license",
    "secondary": "clauses from what others write of the license",
}
_PARTS = (
    ("permits", "Permits"),
    ("obliges", "Obliges"),
    ("restricts", "Restricts"),
    ("propagates", "Reaches"),
    ("life", "Life"),
)
_INTRO = """# Licenses by clause

What the clause knowledge base says of each license. Notes are this project's words and not the
license's. The basis of a clause follows its place: `text` is what the license says,
`licensor-statement` what its licensor or steward says elsewhere, `interpretation` follows by an
argument others may not share, and `unsettled` is what nobody with authority has said. None of it is
legal advice.
"""


def page(licenses: tuple[Terms, ...] | None = None) -> str:
    """The page in Markdown, without the line that says it is generated."""
    every = all_terms() if licenses is None else licenses
    reviewed = sum(terms.reviewed for terms in every)
    lines = [
        _INTRO,
        f"{len(every)} licenses, of which a lawyer has reviewed {reviewed}.",
        "",
        *_overview(every),
    ]
    for kind, title in _KINDS.items():
        ours = sorted((t for t in every if t.kind == kind), key=_order)
        if ours:
            lines += ["", f"## {title}"]
        for family, members in groupby(ours, key=lambda terms: terms.family):
            lines += ["", f"### {f'Family {family}' if family else 'Without versions'}"]
            for terms in members:
                lines += ["", *_license(terms)]
    return "\n".join([*lines, "", *_families()]) + "\n"


def _order(terms: Terms) -> tuple[bool, str, str, str]:
    return not terms.family, terms.family, terms.version, terms.id.lower()


def _overview(every: Iterable[Terms]) -> Iterator[str]:
    yield "| license | kind | commercial use | hub ids | read | reviewed |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for terms in sorted(every, key=lambda terms: terms.id.lower()):
        commercial = next((c.answer for c in terms.permits if c.word == "commercial"), None)
        hub = ", ".join(f"`{hub}`" for hub in terms.hub)
        reviewed = "yes" if terms.reviewed else "no"
        said = commercial or "not stated"
        yield _row(f"`{terms.id}`", terms.kind, said, hub, terms.read, reviewed)


def _license(terms: Terms) -> Iterator[str]:
    yield f"#### {terms.name}"
    yield ""
    also = f", also {', '.join(f'`{i}`' for i in terms.also)}" if terms.also else ""
    names = f" Cards call it {', '.join(f'`{n}`' for n in terms.names)}." if terms.names else ""
    yield f"`{terms.id}`{also}: {_READ[terms.read]}.{names}"
    yield ""
    for text in terms.texts:
        yield f"- {text.key}: {text.source or 'no address known'}" + (
            f", words `{text.sha256[:16]}…`" if text.sha256 else ", its words were not read here"
        )
    yield ""
    yield "| | clauses |"
    yield "| --- | --- |"
    for part, title in _PARTS:
        clauses: tuple[Clause, ...] = getattr(terms, part)
        if clauses:
            yield _row(title, "<br>".join(_clause(clause) for clause in clauses))


def _clause(clause: Clause) -> str:
    says = clause.answer or clause.mode or ""
    place = ", ".join(
        word
        for word in (
            clause.text if clause.text != "license" else "",
            clause.where,
            f"`{clause.basis.value}`",
            " or ".join(clause.uses),
            f"{' and '.join(clause.models)} models" if clause.models else "",
        )
        if word
    )
    value = f" “{clause.value}”" if clause.value else ""
    note = f": {clause.note}" if clause.note else ""
    return f"**{clause.word}**{f' {says}' if says else ''}{value} ({place}){note}"


def _families() -> Iterator[str]:
    yield "## Models by name"
    yield ""
    yield "The license of a model whose card was not read, where its name decides it."
    yield ""
    yield "| names | license | source | basis |"
    yield "| --- | --- | --- | --- |"
    for row in sorted(all_families(), key=lambda row: row.pattern):
        yield _row(f"`{row.pattern}`", f"`{row.license}`", row.source, row.basis)


def _row(*cells: str) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"
