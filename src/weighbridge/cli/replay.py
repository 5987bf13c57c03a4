"""``weighbridge replay PACK``: the same evidence, policy and date must give the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from weighbridge.cli.plain import PlainCommand
from weighbridge.model.errors import ExitCode, UsageError

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command(cls=PlainCommand)
def replay(
    pack: Annotated[Path, typer.Argument(help="An audit pack, or its audit.json.")],
) -> None:
    """Evaluate a pack's evidence again and compare every byte.

    Reads audit.json alone: no clock, no network. Exit code 1 if a byte differs.
    """
    from weighbridge import __version__
    from weighbridge.audit import reevaluate
    from weighbridge.model.record import AuditRecord
    from weighbridge.seal.folder import read_file

    path = pack / "audit.json" if pack.is_dir() else pack
    try:
        original = read_file(path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", remedy="Name an audit pack's folder."
        ) from error
    record = AuditRecord.from_bytes(original)
    again = reevaluate(record)
    if again.to_bytes() == original:
        typer.echo(f"audit.json is reproduced byte for byte: {record.digest}")
        raise typer.Exit(int(ExitCode.HOLDS))
    typer.echo("audit.json is NOT reproduced:")
    for line in _differences(record, again):
        typer.echo(f"  {line}")
    if record.tool_version != __version__:
        typer.echo(
            f"  The record was made by weighbridge {record.tool_version}, this is {__version__}: "
            "replay it with that version before drawing conclusions."
        )
    raise typer.Exit(int(ExitCode.VIOLATED))


def _differences(before: object, after: object) -> list[str]:
    """What differs, by rule; the caller has already seen that something does."""
    from weighbridge.model.record import AuditRecord

    assert isinstance(before, AuditRecord)
    assert isinstance(after, AuditRecord)
    lines = []
    if before.subject != after.subject:
        lines.append(f"subject: the digest of the files listed is {after.subject.digest}")
    new = {result.rule: result for result in after.results}
    for result in before.results:
        now = new.pop(result.rule, None)
        if now is None:
            lines.append(f"{result.rule}: is not a rule of this version")
        elif now != result:
            lines.append(f"{result.rule}: the record says {result.outcome}, replay says "
                         f"{now.outcome} with {len(now.findings)} findings")  # fmt: skip
    lines += [f"{rule}: is not in the record" for rule in new]
    if before.verdict != after.verdict:
        lines.append(f"verdict: exit code {int(before.verdict.exit_code)} in the record, "
                     f"{int(after.verdict.exit_code)} on replay")  # fmt: skip
    return lines or ["the bytes differ from the canonical form of the same content"]
