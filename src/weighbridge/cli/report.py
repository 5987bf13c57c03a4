"""``weighbridge report``: whether a pack is what was sealed, and its results by dimension."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weighbridge.cli.plain import PlainCommand
from weighbridge.cli.report_documentation import documentation
from weighbridge.cli.report_renew import renew
from weighbridge.cli.report_views import Reports, diff, show
from weighbridge.model.errors import HostileInput, SealError, UsageError

if TYPE_CHECKING:
    from weighbridge.model.digest import Digest
    from weighbridge.model.record import AuditRecord
    from weighbridge.seal.outcome import SealReport

app = typer.Typer(
    cls=Reports, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)

FORMATS = ("text", "json")
SCHEMA = "urn:weighbridge:report-verify:1"


@app.callback()
def report() -> None:
    """Verify an audit pack or a PDF report, show it in any format, or compare it with another."""


app.command()(show)
app.command()(diff)


@app.command(cls=PlainCommand)
def verify(
    path: Annotated[str, typer.Argument(help="An audit pack's folder, or a PDF report.")],
    signer: Annotated[
        str, typer.Option(help="The fingerprint that the sealing key must have (sha256:…).")
    ] = "",
    timestamp_root: Annotated[
        list[str] | None,
        typer.Option(help="Root certificate of a timestamp authority to trust; may be repeated."),
    ] = None,
    certificate_root: Annotated[
        list[str] | None,
        typer.Option(help="Root certificate that the signer's may lead to; may be repeated."),
    ] = None,
    no_replay: Annotated[
        bool,
        typer.Option(
            "--no-replay", help="Do not evaluate the evidence again, nor draw the PDF again."
        ),
    ] = False,
    export: Annotated[
        str, typer.Option(help="Write signature, timestamp and key here, for openssl.")
    ] = "",
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            envvar="WEIGHBRIDGE_REPORT_VERIFY_FORMAT",
            help=f"One of {', '.join(FORMATS)}.",
        ),
    ] = "text",
) -> None:
    """Verify that nothing changed since a report was sealed, and by which key. Needs no network.

    Exit code 0: it holds, and the key is the one given or your own; 1: it was changed, another key
    sealed it, or its certificate expired; 3: it is intact, and the key or the time is not known
    here; 2: an error. The JSON has a reason: tampered, untrusted, expired, incomplete or holds.
    """
    from weighbridge.seal.verify import verify_pack

    if format_ not in FORMATS:
        raise UsageError(f"unknown format {format_!r}", remedy=f"One of {', '.join(FORMATS)}.")
    place = Path(path)
    result = verify_pack(
        place,
        signer=_fingerprint(signer),
        timestamp_roots=_roots(timestamp_root or []),
        certificate_roots=_roots(certificate_root or []),
        known=None if signer else _own_fingerprint(),
        replay=None if no_replay else _replayed,
        draw=None if no_replay else _drawn,
        proof=_proof,
    )
    if export:
        _export(place, Path(export))
    typer.echo(_json(result) if format_ == "json" else _text(result))
    raise typer.Exit(int(result.exit_code))


app.command()(renew)


@app.command()
def maturity(
    pack: Annotated[Path, typer.Argument(help="An audit pack, or its audit.json.")],
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            envvar="WEIGHBRIDGE_REPORT_MATURITY_FORMAT",
            help=f"One of {', '.join(FORMATS)}.",
        ),
    ] = "text",
) -> None:
    """Show a pack's results by the dimensions of maturity models, with the evidence behind each.

    Levels are conditions over outcomes; there is no score. The seal is not looked at: that is what
    'weighbridge report verify' does. Exit code 0: shown, whatever the levels; 2: an error.
    """
    from weighbridge.model.record import AuditRecord
    from weighbridge.report import maturity as view
    from weighbridge.seal.folder import read_file

    if format_ not in FORMATS:
        raise UsageError(f"unknown format {format_!r}", remedy=f"One of {', '.join(FORMATS)}.")
    path = pack / "audit.json" if pack.is_dir() else pack
    try:
        record = AuditRecord.from_bytes(read_file(path))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", remedy="Name an audit pack's folder."
        ) from error
    shown = view.render(record).decode("ascii") if format_ == "json" else view.as_text(record)
    typer.echo(shown, nl=False)


app.command()(documentation)


def _fingerprint(text: str) -> Digest | None:
    from weighbridge.model.digest import Digest
    from weighbridge.model.errors import MalformedDigest

    if not text:
        return None
    plain = text.strip().lower().removeprefix("sha256:").replace(":", "")
    try:
        return Digest("sha256", plain)
    except MalformedDigest as error:
        raise UsageError(
            f"--signer {text[:80]!r} is not a fingerprint",
            remedy="Write sha256: and the 64 hex digits that 'report verify' prints.",
        ) from error


def _own_fingerprint() -> Digest | None:
    from weighbridge.seal.keys import existing_key

    try:
        key = existing_key()
    except SealError as error:
        # verifying needs no key of our own; it then counts as not known here, which is said
        typer.echo(f"weighbridge: {error.diagnostics()}", err=True)
        return None
    return key.fingerprint if key else None


# Each imports what it needs when it is called: two of them are, in a copy of this process.
def _replayed(record: AuditRecord) -> AuditRecord:
    from weighbridge.audit import reevaluate

    return reevaluate(record)


def _drawn(record: AuditRecord) -> bytes:
    from weighbridge.report.registry import view

    return view("pdf").render(record)


def _proof(pack: Path) -> tuple[str, ...]:
    from weighbridge.ledger.proof import check

    return check(pack)


def _roots(files: list[str]) -> list[bytes]:
    from weighbridge.signing.timestamp import load_roots

    roots: list[bytes] = []
    for file in files:
        try:
            data = Path(file).read_bytes()
        except OSError as error:
            raise UsageError(
                f"{file} cannot be read: {error.strerror}",
                remedy="Name an authority's root certificate, in PEM or DER.",
            ) from error
        roots += load_roots(data, source=str(file))
    return roots


def _export(path: Path, folder: Path) -> None:
    from weighbridge.edge.files import write_atomic
    from weighbridge.seal.export import openssl_parts

    try:
        parts = openssl_parts(path)
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in sorted(parts.items()):
            write_atomic(folder / name, data)
    except HostileInput as error:
        typer.echo(f"weighbridge: nothing to export: {error.message}.", err=True)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written: {error.strerror}", remedy="Name another folder."
        ) from error


def _text(result: SealReport) -> str:
    from weighbridge.cli.layout import wrapped
    from weighbridge.edge.text import paragraph
    from weighbridge.model.errors import ExitCode

    words = {
        ExitCode.HOLDS: "HOLDS",
        ExitCode.VIOLATED: f"DOES NOT HOLD ({result.reason})",
        ExitCode.INCONCLUSIVE: "INTACT, NOT ESTABLISHED",
    }
    marks = {"ok": "ok", "failed": "FAILED", "inconclusive": "?", "not_checked": "-"}
    lines = [f"{words[result.exit_code]}: the {result.kind} was verified offline.", ""]
    for check in result.checks:
        lead = f"  {marks[check.state.value]:6}  "
        lines.append(wrapped(f"{check.name}: {check.detail}", 6, first=lead))
    lines += ["", wrapped(result.basis)]
    if result.gate_open is not None:
        verdict = "open" if result.gate_open else "closed"
        about = f"The record: {result.subject_name} ({result.subject_digest}), "
        lines.append(wrapped(f"{about}as of {result.as_of}, the gate was {verdict}."))
    return paragraph("\n".join(lines))


def _json(result: SealReport) -> str:
    import json

    def text(value: object) -> Any:
        return None if value is None else str(value)

    body = {
        "schema": SCHEMA,
        "kind": result.kind,
        "exitCode": int(result.exit_code),
        "reason": result.reason.value,
        "intact": result.intact,
        "signer": {
            "fingerprint": text(result.signer),
            "trust": result.trust.value,
            "holder": result.holder,
            "issuer": result.issuer,
        },
        "existedAt": result.existed.isoformat() if result.existed else None,
        "basis": result.basis,
        "checks": [
            {
                "name": check.name,
                "state": check.state.value,
                "detail": check.detail,
                "reason": check.reason.value if check.state.value == "failed" else None,
            }
            for check in result.checks
        ],
        "timestamps": [
            {
                "part": stamped.part,
                "time": stamped.timestamp.time.isoformat(),
                "authority": stamped.timestamp.authority,
                "trusted": stamped.timestamp.trusted,
                "until": stamped.until.isoformat(),
            }
            for stamped in result.timestamps
        ],
        "record": {
            "digest": text(result.record_digest),
            "subject": {"name": result.subject_name, "digest": text(result.subject_digest)},
            "asOf": result.as_of,
            "gateOpen": result.gate_open,
        },
    }
    return json.dumps(body, indent=2, sort_keys=True)
