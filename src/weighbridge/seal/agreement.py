"""Whether the parts of a pack say the same: its statements, its pages, and the evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from weighbridge import __version__
from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput
from weighbridge.seal.drawing import other_drawing, without_fonts
from weighbridge.seal.outcome import Findings
from weighbridge.seal.sealed_statement import read_statement
from weighbridge.seal.statement import PDF_FILE, RECORD_FILE
from weighbridge.signing.errors import SignatureInvalid

if TYPE_CHECKING:
    from weighbridge.model.record import AuditRecord
    from weighbridge.seal.again import Again
    from weighbridge.seal.pdf_signature import SignedPdf
    from weighbridge.signing.bundle import Bundle


def check_statements(
    findings: Findings, statements: Sequence[tuple[str, bytes]], seal: Bundle
) -> None:
    """Every other signed statement is one of its own type, by the seal's key."""
    for name, data in statements:
        label = f"statement {visible(name, 60)}"
        try:
            kind = _statement_type(data, seal)
        except (HostileInput, SignatureInvalid) as error:
            findings.add(label, error.message, "")
        else:
            findings.add(label, "", f"it is signed by the seal's key, as {visible(kind, 100)}")


def _statement_type(data: bytes, seal: Bundle) -> str:
    from weighbridge.seal.certificate import public_key
    from weighbridge.seal.low_s import low_s
    from weighbridge.signing.dsse import verify_envelope

    read = read_statement(data)
    if read.bundle.keyless or read.bundle.certificates != seal.certificates:
        raise HostileInput("it is signed under another certificate than the seal")
    public = public_key(seal.certificates[0])
    verify_envelope(public, read.bundle.envelope)
    signature = read.bundle.envelope.signature
    if low_s(public, signature) != signature:
        raise HostileInput("its signature is not in the form in which it was made")
    return read.predicate_type


def check_drawing(
    findings: Findings,
    pdf: SignedPdf | None,
    record: AuditRecord | None,
    again: Again,
    drawn_with: Mapping[str, str] | None,
) -> None:
    """The PDF's pages are what the record draws.

    Args:
        drawn_with: what drew the PDF, as the seal says; None where no seal does.
    """
    name = "pdf content"
    if pdf is None or record is None or not again.draws:
        findings.skip(name, "the pages were not compared with the record")
    elif (other := other_drawing(record, drawn_with)) or again.drawn is None:
        # whoever seals chooses what the seal says of the drawing: it must not turn the check off
        findings.unsure(
            name,
            f"the pages cannot be compared with the record: {other}. "
            f"{RECORD_FILE} is what counts; verify it with what drew it, or with --no-replay",
        )
    elif pdf.base is not None and again.drawn.result()["base"] == pdf.base:
        findings.add(name, "", f"drawing {RECORD_FILE} again gives this PDF, byte for byte")
    elif drawn_with is None:
        note = without_fonts(record)
        findings.unsure(
            name,
            f"drawing its {RECORD_FILE} gives another PDF; other libraries than those it was drawn "
            "with could be the cause, which only the pack's seal names"
            + (f". Or its fonts are: here {note}" if note else ""),
        )
    else:
        findings.add(
            name, f"the pages of {PDF_FILE} are not what this version draws of {RECORD_FILE}", ""
        )


def check_replay(findings: Findings, record: AuditRecord | None, again: Again) -> None:
    """The same evidence, policy and date still amount to this record."""
    name = "replay"
    if record is None or not again.replays:
        findings.skip(name, "the evidence was not evaluated again")
        return
    if again.replayed is None:
        version = visible(record.tool_version, 40)
        findings.skip(
            name,
            f"the record was made by weighbridge {version}, and this is {__version__}: "
            "replay it with that version",
        )
        return
    found = again.replayed.result()
    if "error" in found:
        findings.add(name, f"the evidence cannot be evaluated again ({found['error']})", "")
        return
    findings.add(
        name,
        "" if found["same"] else "evaluating the evidence again gives another record: see 'replay'",
        "evaluating the evidence again gives this record, byte for byte",
    )
