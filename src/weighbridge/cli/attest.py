"""``weighbridge attest CONTROL SUBJECT``: a person's signed word on what no machine can check."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from weighbridge.cli import signer_flags, trust_flags
from weighbridge.cli.layout import as_of_date, check_format, format_option
from weighbridge.cli.plain import PlainCommand, PlainGroup
from weighbridge.model.errors import ExitCode, UsageError

_DEFAULT = "make"


class _Attest(PlainGroup):
    """A group whose command ``make`` is meant where none is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, "-h", "--help"):
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_Attest, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)


@app.callback()
def attest() -> None:
    """Attest to a control that no machine can check, list them, or check an attestation.

    'weighbridge attest CONTROL SUBJECT' is short for 'weighbridge attest make CONTROL SUBJECT'.
    """


@app.command(cls=PlainCommand)
def make(
    control: Annotated[
        str, typer.Argument(help="What is attested to; 'weighbridge attest list' has all.")
    ],
    subject: Annotated[str, typer.Argument(help="The model's folder, or its one file.")],
    name: Annotated[str, typer.Option(help="Who attests: a person's name.")] = "",
    role: Annotated[str, typer.Option(help="In which role.")] = "",
    email: Annotated[str, typer.Option(help="An address to ask at. It stands in reports.")] = "",
    statement: Annotated[
        str, typer.Option(help="What is attested, in the person's own words.")
    ] = "",
    evidence: Annotated[
        list[str] | None,
        typer.Option(help="A file that it rests on; its SHA-256 is signed. Repeat for more."),
    ] = None,
    expires: Annotated[
        str, typer.Option(help="The last day on which it counts (YYYY-MM-DD).")
    ] = "",
    as_of: Annotated[
        str, typer.Option(help="The day on which it is made (YYYY-MM-DD). Default: today, UTC.")
    ] = "",
    output: Annotated[
        str,
        typer.Option("--output", "-o", help="Where to write it: a name in .attestation.json."),
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite one that is there.")] = False,
    key: signer_flags.Key = "",
    password_file: signer_flags.PasswordFile = "",
    certificate: signer_flags.Certificate = "",
    certificate_chain: signer_flags.CertificateChain = None,
    pkcs11: signer_flags.Pkcs11 = "",
    sigstore: signer_flags.Sigstore = False,
    trust_config: signer_flags.TrustConfig = "",
    identity_token: signer_flags.IdentityToken = "",
    timestamp: signer_flags.Timestamp = None,
    format_: Annotated[str, format_option("WEIGHBRIDGE_ATTEST_MAKE_FORMAT")] = "text",
) -> None:
    """Sign a person's statement on a control, for this very subject and until a day.

    It is bound to every file of the subject but the model's signatures and other attestations.
    Exit code 0: it was written; 2: an error, nothing was.
    """
    from weighbridge.cli.attest_make import Said, made, write
    from weighbridge.cli.attest_show import made_as_json, made_as_text
    from weighbridge.cli.signer_options import Options

    check_format(format_)
    said = Said(
        control,
        statement,
        name,
        role,
        email,
        as_of_date(as_of),
        _day(expires),
        tuple(Path(file) for file in evidence or ()),
    )
    who = Options(
        lambda: signer_flags.password(password_file),
        key,
        certificate,
        tuple(certificate_chain or ()),
        pkcs11,
        sigstore,
        trust_config,
        identity_token,
        tuple(timestamp or ()),
    )
    result = made(Path(subject), said, who, output, force=force)
    for line in write(result):
        print(f"weighbridge: {line}", file=sys.stderr)  # noqa: T201
    print(made_as_json(result) if format_ == "json" else made_as_text(result))  # noqa: T201
    raise typer.Exit(int(ExitCode.HOLDS))


@app.command("list", cls=PlainCommand)
def list_controls(
    format_: Annotated[str, format_option("WEIGHBRIDGE_ATTEST_LIST_FORMAT")] = "text",
) -> None:
    """List the controls that can be attested to, with the question that each one asks."""
    from weighbridge.cli.attest_show import controls_as_json, controls_as_text

    check_format(format_)
    print(controls_as_json() if format_ == "json" else controls_as_text())  # noqa: T201
    raise typer.Exit(int(ExitCode.HOLDS))


@app.command(cls=PlainCommand)
def check(
    file: Annotated[str, typer.Argument(help="The attestation.")],
    subject: Annotated[str, typer.Argument(help="The model's folder, or its one file.")],
    key: Annotated[
        list[str] | None, typer.Option(help="A public key to trust, in PEM; repeat for more.")
    ] = None,
    identity: Annotated[
        str, typer.Option(help="Whom the signer's certificate must name; may be a glob.")
    ] = "",
    issuer: trust_flags.Issuer = "",
    certificate_root: trust_flags.CertificateRoot = None,
    trusted_root: trust_flags.TrustedRoot = "",
    timestamp_root: trust_flags.TimestampRoot = None,
    trust: Annotated[
        str, typer.Option(help="Whom to trust, and what to demand, as this policy says.")
    ] = "",
    as_of: Annotated[
        str, typer.Option(help="Judge as of this date (YYYY-MM-DD). Default: today, UTC.")
    ] = "",
    format_: Annotated[str, format_option("WEIGHBRIDGE_ATTEST_CHECK_FORMAT")] = "text",
) -> None:
    """Verify an attestation: who made it, and whether it holds for this subject on that day.

    Exit code 0: it does; 1: it does not; 3: a file or the signature could not be checked; 2: an
    error, nothing may be concluded.
    """
    from weighbridge.cli.attest_check import checked
    from weighbridge.cli.attest_show import checked_as_json, checked_as_text
    from weighbridge.cli.trust_options import Options

    check_format(format_)
    options = Options(
        tuple(key or ()),
        tuple(certificate_root or ()),
        identity,
        issuer,
        trusted_root,
        tuple(timestamp_root or ()),
        trust,
    )
    result = checked(Path(file), Path(subject), options, as_of_date(as_of))
    print(checked_as_json(result) if format_ == "json" else checked_as_text(result))  # noqa: T201
    raise typer.Exit(int(result.exit_code))


def _day(text: str) -> dt.date:
    if not text:
        raise UsageError(
            "--expires is missing", remedy="Say until when the statement counts: YYYY-MM-DD."
        )
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--expires {text!r} is not a date", remedy="Write YYYY-MM-DD.") from error
