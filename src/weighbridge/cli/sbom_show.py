"""What ``weighbridge sbom`` says beside the document, and what a check found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from weighbridge.cli.layout import columns, wrapped
from weighbridge.edge.text import paragraph, visible
from weighbridge.model.errors import ExitCode, worst
from weighbridge.model.evidence import EvidenceKind, EvidenceState

if TYPE_CHECKING:
    from weighbridge.model.record import AuditRecord
    from weighbridge.report.cyclonedx.stated import Stated
    from weighbridge.report.sbom_check import SbomReport

SCHEMA = "urn:weighbridge:sbom-check:1"
VERDICTS = {
    ExitCode.HOLDS: "HOLDS",
    ExitCode.VIOLATED: "DOES NOT HOLD",
    ExitCode.INCONCLUSIVE: "NOT CHECKED",
}
_SHOWN = 20  # messages of one file in the text; the JSON has them all
# What a bill of materials would lack without a word: the rest says in itself what it does not know.
_MATERIALS = frozenset({EvidenceKind.PACKAGES, EvidenceKind.INSTALLATION, EvidenceKind.MODEL})


def gaps(record: AuditRecord) -> list[str]:
    """What could not be read, so that the document may lack a part; a sentence each."""
    found = [f"not wholly read: {visible(p.path, 200)}: {p.detail}" for p in record.problems]
    for evidence in record.evidence:
        if evidence.kind not in _MATERIALS:
            continue
        about = visible(evidence.about or evidence.source, 200)
        if evidence.state is EvidenceState.UNAVAILABLE:
            found.append(f"not read: {about}: {evidence.reason}")
        data: Any = evidence.data
        for issue in data.get("issues", ()):
            if issue["incomplete"]:
                line = f":{issue['line']}" if issue["line"] else ""
                found.append(f"not wholly read: {about}{line}: {issue['detail']}")
    return found


def g7_table(record: AuditRecord, stated: Stated | None = None) -> str:
    """The G7's minimum elements of an SBOM for AI: each filled, or why it is not."""
    from weighbridge.report.cyclonedx.document import NOTHING, build
    from weighbridge.report.g7 import elements

    found = elements(record, build(record, "1.6", stated=stated or NOTHING).json)
    lines = [f"{sum(e.filled for e in found)} of {len(found)} elements are filled."]
    for cluster in dict.fromkeys(element.cluster for element in found):
        lines += ["", cluster]
        lines += columns(
            (f"  {element.name}", element.words) for element in found if element.cluster == cluster
        )
    return "\n".join(paragraph(line) for line in lines) + "\n"


def as_text(reports: Sequence[tuple[str, SbomReport]]) -> str:
    """A paragraph a document."""
    return "\n".join(line for file, report in reports for line in _lines(file, report)) + "\n"


def _lines(file: str, report: SbomReport) -> list[str]:
    what = f"{report.format} {report.version}".strip() or "unknown format"
    lines = [f"{VERDICTS[report.exit_code]}: {visible(file, 200)} ({what})"]
    for message in report.messages[:_SHOWN]:
        place = f"{message.pointer}: " if message.pointer else ""
        lead = f"  {message.level.value}  "
        lines.append(wrapped(f"[{message.code}] {place}{message.text}", 4, lead))
    if len(report.messages) > _SHOWN:
        lines.append(f"  … and {len(report.messages) - _SHOWN} more; --format json has them all")
    if report.ntia:
        lines.append("  NTIA minimum elements:")
        rows = [(f"    {e.name}", f"{e.have} of {e.of}") for e in report.ntia]
        lines += columns(rows)
    if report.g7:
        filled = sum(element.filled for element in report.g7)
        lines.append(f"  G7 minimum elements for AI: {filled} of {len(report.g7)} filled")
    parts = report.inventory.components
    if parts:
        hashed = sum(part.hashed for part in parts)
        licensed = sum(bool(part.license) for part in parts)
        lines.append(
            f"  {len(parts)} components: {hashed} with a hash, {licensed} with a license; "
            f"{report.inventory.relationships} dependencies"
        )
    return [paragraph(line) for line in lines]


def as_json(reports: Sequence[tuple[str, SbomReport]]) -> str:
    """One object, its documents in the order given. In ASCII: no character steers a terminal."""
    body = {
        "schema": SCHEMA,
        "exitCode": int(worst(report.exit_code for _, report in reports)),
        "documents": [
            {
                "file": file,
                "format": report.format,
                "version": report.version,
                "exitCode": int(report.exit_code),
                "messages": [
                    {"level": m.level.value, "code": m.code, "pointer": m.pointer, "text": m.text}
                    for m in report.messages
                ],
                "components": len(report.inventory.components),
                "hashed": sum(part.hashed for part in report.inventory.components),
                "licensed": sum(bool(part.license) for part in report.inventory.components),
                "dependencies": report.inventory.relationships,
                "ntia": [{"element": e.name, "have": e.have, "of": e.of} for e in report.ntia],
                "g7": [
                    {"element": e.key, "filled": e.filled, "pointer": e.place} for e in report.g7
                ],
            }
            for file, report in reports
        ],
    }
    return json.dumps(body, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f") + "\n"
