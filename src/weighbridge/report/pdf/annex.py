"""The last sections: evidence, files, how to verify all this, its limits, and who signs it off."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from weighbridge.model.artifact import Presence
from weighbridge.model.evidence import EvidenceState
from weighbridge.model.record import AuditRecord, TimestampState
from weighbridge.report.pdf.flow import Flow, Text
from weighbridge.report.pdf.glyphs import BOLD, MONO
from weighbridge.report.pdf.matrix import evidence_id
from weighbridge.report.pdf.style import (
    AMBER,
    BAND,
    BODY,
    CONTENT_WIDTH,
    INK,
    LEFT,
    LINE,
    MUTED,
    Color,
)
from weighbridge.report.pdf.table import Column, Row, table
from weighbridge.report.summary import shorten, size_words

_PEOPLE = 3
MAX_ROWS = 10_000  # of a table; a model may have a million files
_STATE_COLOR: dict[EvidenceState, Color] = {
    EvidenceState.OBSERVED: INK,
    EvidenceState.ABSENT: INK,
    EvidenceState.UNAVAILABLE: AMBER,
    EvidenceState.UNSUPPORTED: MUTED,
}

_LIMITS = """\
This is not legal advice. Clause texts are paraphrased in our own words; their dates and legal \
status are as of the day of the audit, and rows marked unverified rest on memory. A lawyer decides \
whether and how a clause applies to you.
The audit read files and asked the services that the policy allows. It ran nothing of the model, \
so it says nothing of how the model behaves: accuracy, bias, robustness against crafted inputs, \
and what was learned from which data stay open.
A pass means that the rule's question was answered yes from the evidence listed. It does not mean \
that a law is complied with. There are counts and no percentages, because rules do not weigh the \
same.
Advisories, licenses and signatures are those known on the day of the audit. What was published \
later is not in this report.
Characters that no embedded font holds (emoji, rare ones), scripts that are written from right to \
left or whose letters change with their neighbors, combining marks, control characters and signs \
that look like Latin letters in another width are printed as escapes such as \\u202e: what is \
printed never reads other than it is. Chinese, Japanese and Korean are drawn where their fonts are \
at hand, and are escapes too where they are not. Long texts are cut and the rest is counted. The \
attached audit.json has every text in full.
This file is tagged for assistive technology. It makes no claim of PDF/UA or PDF/A, which no \
validator has confirmed."""


def evidence(flow: Flow, record: AuditRecord, title: str) -> None:
    """Each observation with its state, its source and its digest."""
    flow.heading(1, title)
    if not record.evidence:
        flow.paragraph(Text("Nothing was collected.", size=BODY))
        return
    columns = (Column("Kind", 74), Column("About", 124, heads=True), Column("State", 78),
               Column("Source", 84), Column("SHA-256", 131))  # fmt: skip
    table(flow, columns, itertools.islice(_evidence_rows(record), MAX_ROWS))
    _rest(flow, len(record.evidence))


def _evidence_rows(record: AuditRecord) -> Iterator[Row]:
    for item in record.evidence:
        state = [Text(item.state.value, BOLD, color=_STATE_COLOR[item.state])]
        if item.reason:
            state.append(Text(item.reason, size=6.4, color=MUTED, limit=200))
        yield Row(
            [
                [Text(item.kind.value)],
                [Text(shorten(item.about), MONO, 6.4)] if item.about
                else [Text("the whole subject", color=MUTED)],
                state,
                [Text(item.source, MONO, 6.0, MUTED, limit=200)],
                [Text(item.digest.value, MONO, 5.8, anchor=f"evidence-{evidence_id(item.digest)}")],
            ]
        )  # fmt: skip


def files(flow: Flow, record: AuditRecord, title: str) -> None:
    """Each file of the subject with its digest."""
    flow.heading(1, title)
    flow.paragraph(Text(f"Subject digest: {record.subject.digest}", MONO, 6.6, MUTED))
    if not record.artifacts:
        flow.paragraph(Text("The subject has no files.", size=BODY))
        return
    columns = (
        Column("Path", 196, heads=True),
        Column("Kind", 78),
        Column("Size", 62),
        Column("SHA-256", 155),
    )
    table(flow, columns, itertools.islice(_file_rows(record), MAX_ROWS))
    _rest(flow, len(record.artifacts))


def _rest(flow: Flow, number: int) -> None:
    """What is not drawn is counted."""
    if number > MAX_ROWS:
        more = f"{number - MAX_ROWS:,} more stand in audit.json."
        flow.paragraph(Text(more, size=BODY, color=AMBER))


def _file_rows(record: AuditRecord) -> Iterator[Row]:
    for artifact in record.artifacts:
        kind = [Text(artifact.kind.value)]
        if artifact.presence is not Presence.CONTENT:
            kind.append(Text(f"{artifact.presence}: not read", BOLD, 6.4, AMBER))
        path = [Text(shorten(artifact.path), MONO, 6.6)]
        if artifact.link_target:
            path.append(Text(f"link to {shorten(artifact.link_target)}", MONO, 6.2, MUTED))
        digest = artifact.digest()
        value = Text(digest.value, MONO, 5.8) if digest else Text("none", color=AMBER)
        yield Row([path, kind, [Text(size_words(artifact.size))], [value]])


def how_to_verify(flow: Flow, record: AuditRecord, title: str) -> None:
    """Commands that anyone can run, with and without this tool."""
    flow.heading(1, title)
    flow.paragraph(
        Text("PACK is the folder that the audit wrote. The first command checks all of it, without "
             "the network; those after the second need no Weighbridge.", size=BODY, color=MUTED)
    )  # fmt: skip
    _step(flow, "Everything: the seal, the signatures, the timestamp, and that all files tell the "
                "same.", ["weighbridge report verify PACK"])  # fmt: skip
    _step(flow, "Evaluate the same evidence again: the record comes out the same, byte for byte.",
          ["weighbridge replay PACK"])  # fmt: skip
    _step(flow, "The record attached to this file is audit.json; its SHA-256 stands in every "
                "page's foot.",
          ["pdfdetach -savefile audit.json -o attached.json report.pdf",
           "sha256sum attached.json audit.json"])  # fmt: skip
    _step(flow, "How this file is built for readers that do not see it.",
          ["pdfinfo -struct-text report.pdf"])  # fmt: skip
    _step(flow, "The signature in this file. It must say that the signature is valid and that the "
                "total document is signed: later additions leave the first true.",
          ["pdfsig report.pdf"])  # fmt: skip
    if record.timestamp.state is TimestampState.STAMPED:
        stamp = ".verificationMaterial.timestampVerificationData.rfc3161Timestamps[0]"
        _step(flow, "The timestamp over the seal, with the authority's root certificates.",
              [f"jq -r {stamp}.signedTimestamp audit.sigstore.json | base64 -d > seal.tsr",
               "jq -r .dsseEnvelope.signatures[0].sig audit.sigstore.json | base64 -d > seal.sig",
               "openssl ts -verify -in seal.tsr -data seal.sig -CAfile tsa-roots.pem"])  # fmt: skip
    else:
        _step(flow, "There is no timestamp to verify: the date of this report is the auditor's "
                    "word. With one, openssl ts -verify would show it.", [])  # fmt: skip


def _step(flow: Flow, text: str, commands: list[str]) -> None:
    wrapped = [line for command in commands
               for line in flow.wrap(Text(command, MONO, 7.2), CONTENT_WIDTH - 20)[1]]  # fmt: skip
    height = len(wrapped) * 10.6 + 9.0
    flow.ensure(height + 30.0)
    flow.paragraph(Text(text, size=BODY), after=3.0)
    if not commands:
        return
    flow.rect(LEFT, flow.y, CONTENT_WIDTH, height, BAND)
    y = flow.y + 12.4
    code = flow.element("Code")
    for line in wrapped:
        flow.put(LEFT + 10, y, Text(line, MONO, 7.2, INK), into=code)
        y += 10.6
    flow.y += height + 9.0


def limits(flow: Flow, record: AuditRecord, title: str) -> None:  # noqa: ARG001 - as all sections
    """What this report does not say."""
    flow.heading(1, title)
    for text in (*_LIMITS.splitlines(), *_eastern(flow)):
        flow.paragraph(Text(text, size=BODY, limit=0), after=5.0)


def _eastern(flow: Flow) -> Iterator[str]:
    """How Chinese, Japanese and Korean text of this record came out, if it has any."""
    if flow.eastern is None:
        return
    if not flow.eastern.codes:
        yield ("This record has Chinese, Japanese or Korean text, and was drawn without fonts for "
               "it: all of that text is printed as escapes.")  # fmt: skip
        return
    yield ("Chinese, Japanese and Korean text of this record is drawn with Noto Sans. Characters "
           "that differ may look alike there as in every script.")  # fmt: skip
    if flow.eastern.escaped:
        yield (f"{flow.eastern.escaped:,} of its characters are printed as escapes because it has "
               "too many different ones: the rarest are left out.")  # fmt: skip


def sign_off(flow: Flow, record: AuditRecord, title: str) -> None:
    """Where people sign, on paper or by a signature of their own over the sealed file."""
    flow.heading(1, title, follows=_PEOPLE * 44.0 + 60.0)
    said = (
        f"The signers have read the record {record.digest} of {record.as_of.isoformat()}; each "
        "answers for the decision beside their name, and not for what the audit could not see."
    )
    flow.paragraph(Text(said, size=BODY, color=MUTED))
    width = (CONTENT_WIDTH - 60.0) / 4
    for _ in range(_PEOPLE):
        flow.y += 30.0
        for number, label in enumerate(("Name", "Role", "Date", "Signature and decision")):
            x = LEFT + number * (width + 20.0)
            flow.rect(x, flow.y, width, 0.6, LINE)
            flow.put(x, flow.y + 10.5, Text(label, size=7.0, color=MUTED))
        flow.y += 14.0
    flow.y += 10.0
