"""``weighbridge sbom SUBJECT`` makes a bill of materials, ``weighbridge sbom check`` checks any."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from weighbridge.cli.plain import PlainCommand, PlainGroup
from weighbridge.model.errors import ExitCode, UsageError, WeighbridgeError

if TYPE_CHECKING:
    from weighbridge.model.record import AuditRecord
    from weighbridge.report.cyclonedx.stated import Stated
    from weighbridge.report.sbom_check import SbomReport

# What each format may be written in; the first is what is written if nothing is said.
SPEC_VERSIONS: dict[str, tuple[str, ...]] = {
    "cyclonedx": ("1.6", "1.7"),
    "cyclonedx-xml": ("1.6", "1.7"),
    "spdx": ("3.0.1",),
}
CHECK_FORMATS = ("text", "json")
_DEFAULT = "make"
# The modules that take longest to import.
_WRITERS = {
    "spdx": ("weighbridge.report.spdx",),
    "cyclonedx": (
        "weighbridge.report.cyclonedx.document",
        "cyclonedx.model.bom",
        "cyclonedx.output.json",
        "cyclonedx.spdx",
    ),
}


class _Sbom(PlainGroup):
    """A group whose command ``make`` is meant where none is named: ``weighbridge sbom MODEL``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, "-h", "--help"):
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_Sbom, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)


@app.callback()
def sbom() -> None:
    """Make a bill of materials of a model, or check one.

    'weighbridge sbom MODEL' is short for 'weighbridge sbom make MODEL'.
    """


@app.command(cls=PlainCommand)
def make(
    subject: Annotated[str, typer.Argument(help="A model's folder, a weight file or a git clone.")],
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            envvar="WEIGHBRIDGE_SBOM_MAKE_FORMAT",
            help=f"One of {', '.join(SPEC_VERSIONS)}.",
        ),
    ] = "cyclonedx",
    spec_version: Annotated[
        str, typer.Option(help="CycloneDX 1.6 (default) or 1.7; SPDX 3.0.1.")
    ] = "",
    environment: Annotated[
        list[str] | None,
        typer.Option(help="An environment it runs with, or its site-packages; read, never run."),
    ] = None,
    revision: Annotated[
        str, typer.Option(help="The files of this git revision instead of the folder's.")
    ] = "",
    as_of: Annotated[
        str, typer.Option(help="The document's date (YYYY-MM-DD). Default: today, UTC.")
    ] = "",
    author: Annotated[
        str, typer.Option(help="Who makes the document: a name, or 'Name <address>'.")
    ] = "",
    supplier: Annotated[
        str, typer.Option(help="Whose model it is, where its files do not say.")
    ] = "",
    model_version: Annotated[
        str, typer.Option(help="The model's version, where nothing says it.")
    ] = "",
    released: Annotated[
        str, typer.Option(help="The day (YYYY-MM-DD) its weights were made public.")
    ] = "",
    g7: Annotated[
        bool, typer.Option("--g7", help="Print the G7's 50 minimum elements instead.")
    ] = False,
    output: Annotated[
        str, typer.Option("--output", "-o", help="Write here instead of to stdout.")
    ] = "",
) -> None:
    """Make a bill of materials: the model, its files, data, base models and packages.

    It opens no socket. What is written is valid: the schema and all references were checked. What
    --author, --supplier, --model-version and --released state is told as stated, in CycloneDX.

    Exit code 0: it is complete as far as was asked; 3: a source could not be read, which is said on
    stderr and in the document; 2: an error, nothing was written.
    """
    from weighbridge.cli.layout import as_of_date
    from weighbridge.packages.ahead import verifying

    version = _spec_version(format_, spec_version)
    if subject == "":
        raise UsageError("SUBJECT is empty", remedy="Is a variable of the shell not set?")
    stated = _stated(author, supplier, model_version, released)
    if stated and format_ == "spdx":
        raise UsageError(
            "what --author, --supplier, --model-version and --released state is written in "
            "CycloneDX only",
            remedy="Leave them out, or write another format.",
        )
    environments = tuple(site_packages(Path(folder)) for folder in environment or ())
    _check_environments(environments)
    date = as_of_date(as_of)
    with verifying(environments):  # before the imports, which take a third as long
        from weighbridge.audit import AuditRequest, take_inventory
        from weighbridge.cli.sbom_show import gaps

        request = AuditRequest(
            subject=Path(subject),
            as_of=date,
            revision=revision,
            environments=environments,
            algorithms=("sha512",),
        )
        _prepare(format_, version)
        record = take_inventory(request).record
    if record.breakages:
        broken = "; ".join(f"{b.collector}: {b.message}" for b in record.breakages)
        raise WeighbridgeError(
            f"a collector broke, and half a bill of materials would pass for one: {broken}",
            remedy="This is a defect of weighbridge; please report it.",
        )
    data = _g7(record, stated) if g7 else _rendered(record, format_, version, stated)
    _write(data, output)
    missing = gaps(record)
    for line in missing:
        print(f"weighbridge: {line}", file=sys.stderr)  # noqa: T201
    raise typer.Exit(int(ExitCode.INCONCLUSIVE if missing else ExitCode.HOLDS))


@app.command(cls=PlainCommand)
def check(
    files: Annotated[list[str], typer.Argument(help="Bills of materials, of any tool.")],
    format_: Annotated[
        str,
        typer.Option(
            "--format", "-f", envvar="WEIGHBRIDGE_SBOM_CHECK_FORMAT", help="text or json."
        ),
    ] = "text",
    output: Annotated[
        str, typer.Option("--output", "-o", help="Write the result here instead of to stdout.")
    ] = "",
) -> None:
    """Check bills of materials: the schema, then every reference.

    CycloneDX 1.2 to 1.7 in JSON and XML, SPDX 3.0.1 in JSON-LD, SPDX 2.2 and 2.3 in JSON, by their
    content. References that lead nowhere, two things of one reference, what depends on itself or is
    its own ancestor are errors; circles are warnings. The minimum elements are counted.

    Exit code 0: all hold; 1: one does not; 3: one could not be read; 2: an error.
    """
    from weighbridge.cli.sbom_show import as_json, as_text
    from weighbridge.model.errors import worst

    _one_of(format_, CHECK_FORMATS, "format")
    reports = [(file, _checked(Path(file))) for file in files]
    shown = as_json(reports) if format_ == "json" else as_text(reports)
    _write(shown.encode("utf-8", "backslashreplace"), output)
    raise typer.Exit(int(worst(report.exit_code for _, report in reports)))


def site_packages(folder: Path) -> Path:
    """The folder of installed packages of a virtual environment; any other folder as it is."""
    if (folder / "pyvenv.cfg").is_file():
        for found in sorted(folder.glob("lib/python3*/site-packages")):
            return found
    return folder


def _check_environments(environments: Sequence[Path]) -> None:
    for folder in environments:
        if not folder.is_dir():
            raise UsageError(
                f"the environment {str(folder)!r} is no folder",
                remedy="Give a virtual environment's folder, or a site-packages folder.",
            )


def _spec_version(format_: str, wanted: str) -> str:
    _one_of(format_, SPEC_VERSIONS, "format")
    known = SPEC_VERSIONS[format_]
    if wanted and wanted not in known:
        raise UsageError(
            f"{format_} {wanted[:20]!r} is not written here", remedy=f"One of {', '.join(known)}."
        )
    return wanted or known[0]


def _one_of(given: str, known: Collection[str], what: str) -> None:
    if given in known:
        return
    import difflib

    near = difflib.get_close_matches(given, known, 1)
    hint = f"Did you mean {near[0]}?" if near else f"One of {', '.join(known)}."
    raise UsageError(f"unknown {what} {given[:40]!r}", remedy=hint)


def _prepare(format_: str, version: str) -> None:
    """Load what writes and checks the document, while the environment's files are verified."""
    import importlib

    for name in _WRITERS["spdx" if format_ == "spdx" else "cyclonedx"]:
        importlib.import_module(name)
    if format_ != "spdx":
        from weighbridge.report.cyclonedx_schema import validator

        validator(version)


def _stated(author: str, supplier: str, version: str, released: str) -> Stated | None:
    if not (author or supplier or version or released):
        return None
    import datetime as dt

    from weighbridge.report.cyclonedx.stated import Stated

    try:
        day = dt.date.fromisoformat(released) if released else None
    except ValueError as error:
        raise UsageError(
            f"--released {released!r} is not a date", remedy="Write YYYY-MM-DD."
        ) from error
    return Stated(author, supplier, version, day)


def _rendered(record: AuditRecord, format_: str, version: str, stated: Stated | None) -> bytes:
    if format_ == "spdx":
        from weighbridge.report import spdx

        return spdx.render(record)
    from weighbridge.report import cyclonedx

    wanted = cast(Literal["1.6", "1.7"], version)
    form: Literal["xml", "json"] = "xml" if format_ == "cyclonedx-xml" else "json"
    return cyclonedx.render_as(record, spec_version=wanted, format=form, stated=stated)


def _g7(record: AuditRecord, stated: Stated | None) -> bytes:
    from weighbridge.cli.sbom_show import g7_table

    return g7_table(record, stated).encode("utf-8", "backslashreplace")


def _checked(path: Path) -> SbomReport:
    """The check of one file; one that is too large is not read."""
    from weighbridge.cli.paths import read_small
    from weighbridge.report.sbom_check import MAX_BYTES, check_sbom, too_large

    try:
        size = path.stat().st_size if path.is_file() else 0
    except (OSError, ValueError):
        size = 0  # reading says what is wrong with it
    if size > MAX_BYTES:
        return too_large(size)
    return check_sbom(read_small(path, MAX_BYTES, "the document"))


def _write(data: bytes, output: str) -> None:
    if output:
        from weighbridge.cli.paths import write_result

        write_result(Path(output), data)
        return
    sys.stdout.buffer.write(data)
    sys.stdout.flush()
