"""Records of 100,000 findings: the views for people end, stay bounded, and name what they cut."""

from __future__ import annotations

import resource
import time
from dataclasses import replace

import pytest

from weighbridge.model.errors import ExitCode
from weighbridge.model.finding import Finding, Location, Outcome, Severity
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord, RuleResult, Verdict
from weighbridge.report import html, pdf
from weighbridge.report.pdf.findings import AT_LEAST, MAX_FINDINGS
from weighbridge.testing.seal_samples import sample_record

EACH = (60_000, 39_800, 200)  # findings of each rule
SECONDS, MEBIBYTES = 60.0, 250.0  # of processor time, and of memory beyond what the record takes


@pytest.fixture(scope="module")
def record() -> AuditRecord:
    base = sample_record()
    results = tuple(
        RuleResult(f"rule-{number}", "weights", "no weight file runs code", severity, Mode.ENFORCE,
                   Outcome.FAIL, _findings(count), (base.evidence[0].digest,), "",
                   closes_gate=True)
        for number, (count, severity) in enumerate(
            zip(EACH, (Severity.CRITICAL, Severity.HIGH, Severity.LOW), strict=True))
    )  # fmt: skip
    verdict = Verdict(open=False, exit_code=ExitCode.VIOLATED, reasons=("they fail",))
    return replace(base, results=results, verdict=verdict)


def _findings(count: int) -> tuple[Finding, ...]:
    return tuple(
        Finding(Outcome.FAIL, f"Loading this file calls module_{n}.call.", f"Convert part {n}.",
                Location(f"models/part-{n:06d}/model.bin", byte_offset=n, member="data.pkl"),
                f"module_{n}.call")
        for n in range(count)
    )  # fmt: skip


def bounded(render, record: AuditRecord) -> bytes:
    """What it renders, within the bounds."""
    record.to_bytes()  # kept by the record; no part of what is measured
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    data = render(record)
    assert time.process_time() - begun < SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1024 < MEBIBYTES
    return data


@pytest.mark.slow  # some fifteen seconds
def test_the_pdf_names_what_it_leaves_out(record: AuditRecord):
    flow = pdf.lay_out(record, record.digest)
    shown = [line.shown for page in flow.pages for line in page.lines]
    drawn = MAX_FINDINGS + 2 * AT_LEAST
    assert any(f"{drawn:,} of {sum(EACH):,} findings are drawn" in line for line in shown)
    for count in (EACH[0] - MAX_FINDINGS, EACH[1] - AT_LEAST, EACH[2] - AT_LEAST):
        assert any(line.startswith(f"{count:,} more findings of this rule") for line in shown)
    assert sum(line.startswith("models/part-") for line in shown) >= drawn
    data = bounded(pdf.render, record)
    assert data.startswith(b"%PDF-1.7")
    assert len(data) < 30 * 2**20


@pytest.mark.slow  # some four seconds, and as many to make the record
def test_the_page_names_what_it_leaves_out(record: AuditRecord):
    text = bounded(html.render, record).decode()
    assert f"5,000 of {sum(EACH):,} findings are shown here" in text
    for number, count in enumerate(EACH):
        assert f"rule-{number}: " in text
        assert f" of {count:,}" in text
    assert text.count('data-s="low"') >= 50  # the mildest rule is not crowded out
    assert len(text) < 10 * 2**20
