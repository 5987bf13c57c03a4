"""The revision of the drawing goes up with what is drawn: verifying tells old drawings by it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from weighbridge.model.digest import Digest
from weighbridge.model.errors import ExitCode
from weighbridge.model.finding import Finding, Location, Outcome, Severity
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord, RuleResult, Verdict
from weighbridge.report import pdf
from weighbridge.testing.seal_samples import sample_record

# If this fails and the change is meant: raise REVISION in weighbridge.report.pdf by one (once
# between two commits is enough), and write the revision and the digest that is found here.
PINNED = (3, "179b63958a60fe50fd5b355960ec26c8c76295f20b7c0963ee5655004d5b7581")


def a_record() -> AuditRecord:
    """A record whose report has every kind of row and no text that changes from day to day."""
    found = tuple(
        Finding(outcome, f"Something was found ({number}).", "Put it right.",
                Location("models/a.bin", line=number + 1), f"key-{number}", Severity.HIGH)
        for number, outcome in enumerate((Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL))
    )  # fmt: skip
    base = sample_record()
    result = RuleResult("unsafe-content", "weights", "no weight file runs code", Severity.CRITICAL,
                        Mode.ENFORCE, Outcome.FAIL, found, (base.evidence[0].digest,), "",
                        closes_gate=True)  # fmt: skip
    verdict = Verdict(open=False, exit_code=ExitCode.VIOLATED, reasons=("it fails",))
    return replace(base, results=(result,), verdict=verdict)


def drawn(record: AuditRecord) -> str:
    """A digest of all lines, rectangles and paths, wherever they stand."""
    flow = pdf.lay_out(record, Digest("sha256", "0" * 64))
    pages = [
        [
            [[round(x, 2), round(y, 2), face.name, size, color, shown]
             for x, y, face, size, color, shown, _ in page.lines],
            [[round(number, 2) for number in rect[:4]] + [rect.color] for rect in page.rects],
            [[path.points, path.color, path.width, path.dashed] for path in page.paths],
        ]
        for page in flow.pages
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(pages).encode()).hexdigest()


def test_whoever_changes_the_drawing_raises_its_revision():
    assert (pdf.REVISION, drawn(a_record())) == PINNED


def test_the_digest_sees_a_word_and_a_color(monkeypatch):
    before = drawn(a_record())
    from weighbridge.report.pdf import findings, style

    monkeypatch.setattr(findings, "MUTED", style.RED)
    assert drawn(a_record()) != before
    monkeypatch.undo()
    assert drawn(replace(a_record(), results=())) != before
