"""The Model Documentation Form and Annex XI as tables: what fills each field, or what to write.

The fields, and what they are read from, are in :mod:`weighbridge.report.documentation.fields`; the
same as JSON is :mod:`weighbridge.report.documentation.json_view`.
"""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.record import AuditRecord
from weighbridge.report.documentation.fields import POINTS, Filled, filled, standing
from weighbridge.report.documentation.values import Known
from weighbridge.report.markdown import plain

NAME = "model-documentation"
FILENAME = "model-documentation.md"
MEDIA_TYPE = "text/markdown"

MAX_SHOWN = 20  # values of one field; the JSON has all


def render(record: AuditRecord) -> bytes:
    """Two tables in GitHub Flavored Markdown, in UTF-8; text of the subject's is not active."""
    form = filled(record)
    lines = [*_head(record, form), *_form(form), *_annex(form), *_foot(record)]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _head(record: AuditRecord, form: dict[str, Filled]) -> Iterator[str]:
    known = Known(record)
    gaps = sum(not one.values for one in form.values())
    yield f"# Model documentation: {plain(record.subject.name)}"
    yield ""
    yield f"{len(form) - gaps} fields are filled and {gaps} are gaps, as of {record.as_of}."
    yield "'Computed' values come from the bytes, 'declared' ones from what somebody wrote: whether"
    yield "they are true and enough is for a person to say."
    if not known.collected:
        yield ""
        yield "The record holds nothing on documents: sections are shown as gaps, read or not."
    if known.unread:
        yield ""
        yield f"Not everything was read, so a gap may be none: {plain(known.unread)}."


def _form(form: dict[str, Filled]) -> Iterator[str]:
    yield from ("", "## Model Documentation Form", "")
    yield "| | field | value, or what to write | where | basis |"
    yield "| --- | --- | --- | --- | --- |"
    for one in form.values():
        start = f"| {plain(one.field.group)} | {plain(one.field.name)} |"
        if not one.values:
            yield f"{start} **gap**: {plain(one.field.write)} | | |"
            continue
        for number, value in enumerate(one.values[:MAX_SHOWN]):
            left = start if number == 0 else "| | |"
            yield f"{left} {plain(value.text)} | {plain(value.where)} | {value.basis} |"
        if len(one.values) > MAX_SHOWN:
            yield f"| | | and {len(one.values) - MAX_SHOWN} more | | |"


def _annex(form: dict[str, Filled]) -> Iterator[str]:
    yield from ("", "## EU AI Act, Annex XI", "")
    yield "| section and point | demand | state | read from | what to write |"
    yield "| --- | --- | --- | --- | --- |"
    for point in POINTS:
        state, write = standing(point, form)
        fields = ", ".join(form[name].field.name for name in point.fields)
        name = f"{point.name} ({point.note})" if point.note else point.name
        cells = (point.id, name, state, fields, " ".join(write))
        yield "| " + " | ".join(plain(cell, 2000) for cell in cells) + " |"


def _foot(record: AuditRecord) -> Iterator[str]:
    yield ""
    yield f"Subject `{record.subject.digest}`, record `{record.digest}`. Not legal advice."
