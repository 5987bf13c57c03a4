"""``weighbridge ledger``: append audits to a log that nobody can change unseen, and verify it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weighbridge.cli.layout import check_format, columns, format_option, show, show_json, wrapped
from weighbridge.cli.plain import PlainCommand, PlainGroup
from weighbridge.model.errors import ExitCode, HostileInput, UsageError

if TYPE_CHECKING:
    from weighbridge.ledger.entry import Entry
    from weighbridge.ledger.log import Appended
    from weighbridge.ledger.note import VerifierKey
    from weighbridge.ledger.verify import LedgerReport

app = typer.Typer(
    cls=PlainGroup,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Keep audits in an append-only ledger, and verify it.",
)
SCHEMA = "urn:weighbridge:ledger-verification:1"
LIST_SCHEMA = "urn:weighbridge:ledger-list:1"

Pack = Annotated[Path, typer.Argument(help="The folder that 'weighbridge audit --out' wrote.")]
Ledger = Annotated[Path, typer.Argument(help="The ledger's folder.")]
LedgerOption = Annotated[Path, typer.Option("--ledger", help="The ledger's folder.")]
Key = Annotated[
    str, typer.Option("--key", help="The ledger's verifier key, name+id+base64. Default: your own.")
]


@app.command(cls=PlainCommand)
def append(pack: Pack, ledger: LedgerOption) -> None:
    """Append a sealed audit to the ledger, and put the proof of it into the pack.

    The ledger and its key are made on first use. A pack that is in the ledger is not appended
    again. Exit code 0: it is in the ledger; 1: the pack's seal does not hold; 2: an error.
    """
    done = append_pack(pack, ledger)
    what = "Appended as" if done.added else "Already"
    show([f"{what} entry {done.index} of {done.origin}, which has {done.size}."])
    raise typer.Exit(int(ExitCode.HOLDS))


def append_pack(pack: Path, ledger: Path) -> Appended:
    """Append a pack to a ledger and write the proof into the pack.

    Raises:
        SealBroken: the pack's seal does not hold.
        WeighbridgeError: see :func:`weighbridge.ledger.log.append`.
    """
    from weighbridge.cli.paths import write_result
    from weighbridge.ledger import log
    from weighbridge.ledger.proof import PROOF_FILE, prove
    from weighbridge.seal.keys import sealing_folder

    entry = _sealed_entry(pack)
    done = log.append(ledger, entry, sealing_folder())
    write_result(pack / PROOF_FILE, prove(ledger, entry).to_bytes())
    return done


@app.command(cls=PlainCommand)
def verify(
    ledger: Ledger,
    since: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint kept from earlier, which the ledger must continue."),
    ] = None,
    key: Key = "",
    format_: Annotated[str, format_option("WEIGHBRIDGE_LEDGER_VERIFY_FORMAT")] = "text",
) -> None:
    """Compute the ledger again from its entries, and compare it with its signed checkpoint.

    Entries that were taken away together with a checkpoint put back to an earlier one show only
    against a checkpoint kept elsewhere: --since, or the one beside your own key. Exit code 0:
    nothing was changed; 1: something was; 3: the key is not known, or an append was cut off; 2: an
    error.
    """
    check_format(format_)
    report = _verified(ledger, key, since or [])
    if format_ == "json":
        show_json(_json(report))
    else:
        show(_text(report))
    raise typer.Exit(int(report.exit_code))


@app.command(cls=PlainCommand)
def prove(
    pack: Pack,
    ledger: LedgerOption,
    output: Annotated[
        str, typer.Option("--output", "-o", help="Write the proof here. Default: into the pack.")
    ] = "",
) -> None:
    """Write the proof that a pack is in the ledger, under its present checkpoint."""
    from weighbridge.cli.paths import write_result
    from weighbridge.ledger import proof

    made = proof.prove(ledger, _sealed_entry(pack))
    target = Path(output) if output else pack / proof.PROOF_FILE
    write_result(target, made.to_bytes())
    show([f"{target}: entry {made.index} of {made.key.name}"])
    raise typer.Exit(int(ExitCode.HOLDS))


@app.command(cls=PlainCommand)
def consistency(
    ledger: Ledger,
    since: Annotated[Path, typer.Option(help="The older checkpoint.")],
    output: Annotated[str, typer.Option("--output", "-o", help="Write it here.")] = "",
) -> None:
    """Write the proof that the ledger continues an older checkpoint, as a witness asks for it."""
    from weighbridge.cli.paths import write_result
    from weighbridge.ledger.proof import prove_consistency

    made = prove_consistency(ledger, _checkpoint(since))
    if output:
        write_result(Path(output), made)
    else:
        typer.echo(made.decode(), nl=False)
    raise typer.Exit(int(ExitCode.HOLDS))


@app.command("list", cls=PlainCommand)
def list_entries(
    ledger: Ledger,
    key: Key = "",
    format_: Annotated[str, format_option("WEIGHBRIDGE_LEDGER_LIST_FORMAT")] = "text",
) -> None:
    """List the ledger's entries, oldest first, after verifying it. Nothing damaged is shown."""
    from weighbridge.ledger.verify import read_entries

    check_format(format_)
    report = _verified(ledger, key, [])
    if report.problems or report.checkpoint is None:
        show(_text(report))
        raise typer.Exit(int(report.exit_code))
    entries = list(enumerate(read_entries(ledger, report.checkpoint)))
    if format_ == "json":
        body = [{"index": index, **entry.to_json()} for index, entry in entries]
        show_json({"schema": LIST_SCHEMA, "origin": report.checkpoint.origin, "entries": body})
    else:
        show(columns([_row(index, entry) for index, entry in entries]))
        show([f"Note: {note}." for note in report.notes])
    raise typer.Exit(int(report.exit_code))


def _row(index: int, entry: Entry) -> tuple[str, ...]:
    about = f"{entry.subject_name} ({entry.subject_digest.short})"
    if entry.verdict is None:
        about += f", snapshot {entry.record.short}"
        return (str(index), entry.as_of.isoformat(), entry.kind.value, "-", about)
    about += f", policy {entry.policy_id} {entry.policy_version}"
    verdict = entry.verdict.name.lower()
    return (str(index), entry.as_of.isoformat(), entry.kind.value, verdict, about)


def _sealed_entry(pack: Path) -> Entry:
    """The entry of a pack whose seal holds over its record."""
    from weighbridge.ledger.proof import entry_of
    from weighbridge.seal.sealed_record import sealed_record

    if not pack.is_dir():
        raise UsageError(f"{pack} is not the folder of an audit pack")
    record = sealed_record(pack)
    entry = entry_of(pack)
    if entry.record != record.digest:
        raise UsageError(f"{pack} changed while it was read", remedy="Try again.")
    return entry


def _verified(ledger: Path, key: str, since: list[Path]) -> LedgerReport:
    from weighbridge.ledger.folder import LedgerFolder
    from weighbridge.ledger.keys import existing_key, public_bytes, remembered
    from weighbridge.ledger.log import read_verifier
    from weighbridge.ledger.verify import verify_ledger
    from weighbridge.seal.keys import sealing_folder

    if not ledger.is_dir():
        raise UsageError(f"{ledger} is not the folder of a ledger")
    keys = sealing_folder()
    own = existing_key(keys)
    public = public_bytes(own) if own else None
    last = None
    try:
        named = read_verifier(LedgerFolder(ledger))
    except HostileInput:
        named = None  # verifying says what is wrong with it
    if named and named.public == public:
        last = remembered(keys, named.name)
    return verify_ledger(
        ledger,
        trusted=_key(key) if key else None,
        own=public,
        since=[_checkpoint(path) for path in since],
        last=last,
    )


def _key(text: str) -> VerifierKey:
    from weighbridge.ledger.note import VerifierKey

    try:
        return VerifierKey.from_text(text.strip())
    except HostileInput as error:
        raise UsageError(
            f"--key: {error.message}", remedy="It is the line in 'log.vkey' of the ledger."
        ) from error


def _checkpoint(path: Path) -> bytes:
    from weighbridge.cli.paths import read_small
    from weighbridge.ledger.note import MAX_NOTE_BYTES

    return read_small(path, MAX_NOTE_BYTES, "the checkpoint")


def _text(report: LedgerReport) -> list[str]:
    words = {
        ExitCode.HOLDS: "HOLDS",
        ExitCode.VIOLATED: "DOES NOT HOLD",
        ExitCode.INCONCLUSIVE: "INTACT, NOT ESTABLISHED",
    }
    lines = [words[report.exit_code]]
    if report.checkpoint:
        count, root = report.checkpoint.size, report.checkpoint.root.hex()
        lines[0] += f": {report.checkpoint.origin}, {count} entries, root {root}"
    lines += [wrapped(f"{text}.", 2, first="- ") for text in (*report.problems, *report.notes)]
    return lines if not report.key else [*lines, f"Key: {report.key.to_text()}"]


def _json(report: LedgerReport) -> dict[str, object]:
    head = report.checkpoint
    return {
        "schema": SCHEMA,
        "exitCode": int(report.exit_code),
        "key": report.key.to_text() if report.key else None,
        "checkpoint": head and {"origin": head.origin, "size": head.size, "root": head.root.hex()},
        "problems": list(report.problems),
        "notes": list(report.notes),
    }
