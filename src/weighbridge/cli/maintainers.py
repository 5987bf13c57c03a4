"""``weighbridge maintainers``: who keeps what a model stands on, and whether that changed hands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from weighbridge.cli import services as service_flags
from weighbridge.cli import signer_flags, trust_flags
from weighbridge.cli.plain import PlainCommand, PlainGroup
from weighbridge.model.errors import ExitCode, UsageError

_DEFAULT = "check"
FORMATS = ("console", "json")
DIFF_FORMATS = (*FORMATS, "markdown")


class _Maintainers(PlainGroup):
    """A group whose command ``check`` is meant where none is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "-h", "--help"):
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_Maintainers,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)

Subject = Annotated[str, typer.Argument(help="A model's folder, a weight file or a git clone.")]
Environment = Annotated[
    list[str] | None,
    typer.Option(help="A site-packages folder the model runs with; read, never run."),
]
IndexUrl = Annotated[str, typer.Option(help=service_flags.INDEX_URL)]
HubUrl = Annotated[str, typer.Option(help=service_flags.HUB_URL)]
ForgeUrl = Annotated[str, typer.Option(help=service_flags.FORGE_URL)]
ScorecardUrl = Annotated[str, typer.Option(help=service_flags.SCORECARD_URL)]
DepsDevUrl = Annotated[str, typer.Option(help=service_flags.DEPS_DEV_URL)]
RdapUrl = Annotated[str, typer.Option(help=service_flags.RDAP_URL)]
OsvUrl = Annotated[str, typer.Option(help=service_flags.OSV_URL)]
OsvDatabase = Annotated[str, typer.Option(help=service_flags.OSV_DATABASE)]
Cards = Annotated[str, typer.Option(help=service_flags.CARDS)]
Offline = Annotated[bool, typer.Option("--offline", help="Open no socket.")]
ConfigFile = Annotated[
    str, typer.Option(help="The configuration file. Default: the one in the current folder.")
]
Output = Annotated[
    str, typer.Option("--output", "-o", help="Write the result here instead of to stdout.")
]


@app.callback()
def maintainers() -> None:
    """See who keeps what a model stands on, what was accepted of it, and what changed since.

    'weighbridge maintainers SUBJECT' is short for 'weighbridge maintainers check SUBJECT'.
    """


@app.command(cls=PlainCommand)
def check(
    subject: Subject,
    baseline: Annotated[str, typer.Option(help=service_flags.BASELINE)] = "",
    ledger: Annotated[
        str, typer.Option(help="Take the newest baseline of the ledger in this folder.")
    ] = "",
    key: Annotated[
        list[str] | None,
        typer.Option(help="A public key whose baselines count, in PEM; repeat for more."),
    ] = None,
    identity: Annotated[
        str, typer.Option(help="Whom the baseline's certificate must name; may be a glob.")
    ] = "",
    issuer: trust_flags.Issuer = "",
    certificate_root: trust_flags.CertificateRoot = None,
    trusted_root: trust_flags.TrustedRoot = "",
    timestamp_root: trust_flags.TimestampRoot = None,
    trust: Annotated[str, typer.Option(help="Whose baselines count, as this policy says.")] = "",
    changed_since: Annotated[
        str | None,
        typer.Option(help="Ask only about projects whose pin changed since this git revision."),
    ] = None,
    cooldown: Annotated[
        int | None,
        typer.Option(
            help="Hours that a release must be old. Default: 72 with --changed-since, else 0."
        ),
    ] = None,
    environment: Environment = None,
    index_url: IndexUrl = "",
    hub_url: HubUrl = "",
    forge_url: ForgeUrl = "",
    scorecard_url: ScorecardUrl = "",
    deps_dev_url: DepsDevUrl = "",
    rdap_url: RdapUrl = "",
    osv_url: OsvUrl = "",
    osv_database: OsvDatabase = "",
    cards: Cards = "",
    offline: Offline = False,
    as_of: Annotated[
        str, typer.Option(help="Judge as of this date (YYYY-MM-DD). Default: now.")
    ] = "",
    config: ConfigFile = "",
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            envvar="WEIGHBRIDGE_MAINTAINERS_CHECK_FORMAT",
            help=f"One of {', '.join(FORMATS)}.",
        ),
    ] = "console",
    output: Output = "",
) -> None:
    """Ask who keeps the projects that a model stands on, and look for signs of a takeover.

    Against a baseline, what changed since it was accepted is seen as well. Exit code 0: nothing
    speaks for a takeover; 1: something does, or a release is too young; 3: too little could be
    asked, or the baseline does not count; 2: an error.
    """  # fmt: skip
    from weighbridge.cli.audit import _show
    from weighbridge.cli.maintainers_check import Asked, checked
    from weighbridge.cli.maintainers_show import as_console, as_json
    from weighbridge.cli.trust_options import Options

    _check_format(format_, FORMATS)
    _not_empty(subject, "SUBJECT")
    if changed_since is not None:
        _not_empty(changed_since, "--changed-since")
    if baseline and ledger:
        raise UsageError("--baseline and --ledger both name a baseline", remedy="Give one.")
    if cooldown is not None and cooldown < 0:
        raise UsageError(f"--cooldown {cooldown} is below zero", remedy="Give hours.")
    asked = Asked(
        subject=Path(subject),
        baseline=baseline,
        ledger=ledger,
        trust=Options(
            tuple(key or ()),
            tuple(certificate_root or ()),
            identity,
            issuer,
            trusted_root,
            tuple(timestamp_root or ()),
            trust,
        ),
        since=changed_since or "",
        cooldown=cooldown,
        environments=tuple(Path(folder) for folder in environment or ()),
        offline=offline,
        as_of=as_of,
        config=config,
        services={
            "index_url": index_url,
            "hub_url": hub_url,
            "forge_url": forge_url,
            "scorecard_url": scorecard_url,
            "deps_dev_url": deps_dev_url,
            "rdap_url": rdap_url,
            "osv_url": osv_url,
            "osv_database": osv_database,
            "cards": cards,
        },
    )
    found = checked(asked)
    _show(as_json(found) if format_ == "json" else as_console(found), output)
    raise typer.Exit(int(found.exit_code))


@app.command(cls=PlainCommand)
def snapshot(
    subject: Subject,
    output: Annotated[
        str, typer.Option("--output", "-o", help="Where to write it, NAME.maintainers.json.")
    ] = "",
    ledger: Annotated[
        str, typer.Option(help="Keep it beside the ledger in this folder, and append it there.")
    ] = "",
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help="Sign nothing: to look at, never to be believed.")
    ] = False,
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
    environment: Environment = None,
    index_url: IndexUrl = "",
    hub_url: HubUrl = "",
    forge_url: ForgeUrl = "",
    scorecard_url: ScorecardUrl = "",
    deps_dev_url: DepsDevUrl = "",
    rdap_url: RdapUrl = "",
    osv_url: OsvUrl = "",
    osv_database: OsvDatabase = "",
    cards: Cards = "",
    offline: Offline = False,
    config: ConfigFile = "",
) -> None:
    """Write down who keeps the projects now. Signed, it is what was accepted: a baseline.

    Look first: 'weighbridge maintainers SUBJECT', and 'maintainers diff' against the last one.
    Whoever signs says that the projects are to be as they are now. Exit code 0: it was written; 3:
    it was, and something could not be asked; 2: an error, nothing was.
    """
    from weighbridge.cli.maintainers_snapshot import Wanted, kept, write
    from weighbridge.cli.signer_options import Options

    _not_empty(subject, "SUBJECT")
    signer = Options(
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
    wanted = Wanted(
        subject=Path(subject),
        output=output,
        ledger=ledger,
        unsigned=unsigned,
        force=force,
        signer=signer,
        environments=tuple(Path(folder) for folder in environment or ()),
        offline=offline,
        config=config,
        services={
            "index_url": index_url,
            "hub_url": hub_url,
            "forge_url": forge_url,
            "scorecard_url": scorecard_url,
            "deps_dev_url": deps_dev_url,
            "rdap_url": rdap_url,
            "osv_url": osv_url,
            "osv_database": osv_database,
            "cards": cards,
        },
    )
    made = kept(wanted)
    for line in write(made):
        typer.echo(line)
    raise typer.Exit(int(ExitCode.INCONCLUSIVE if made.missing else ExitCode.HOLDS))


@app.command(cls=PlainCommand)
def diff(
    old: Annotated[Path, typer.Argument(help="The earlier snapshot.")],
    new: Annotated[Path, typer.Argument(help="The later one.")],
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            envvar="WEIGHBRIDGE_MAINTAINERS_DIFF_FORMAT",
            help=f"One of {', '.join(DIFF_FORMATS)}.",
        ),
    ] = "console",
    output: Output = "",
) -> None:
    """Show what changed between two snapshots, for whom. No signature is verified here.

    Exit code 0: nothing that a signal fires on; 1: a signal fires on a change; 3: something was
    told and is not any more; 2: an error.
    """  # fmt: skip
    from weighbridge.cli.audit import _show
    from weighbridge.cli.maintainers_diff import compared, rendered

    _check_format(format_, DIFF_FORMATS)
    found = compared(old, new)
    _show(rendered(found, format_), output)
    raise typer.Exit(int(found.exit_code))


def _check_format(name: str, allowed: tuple[str, ...]) -> None:
    if name not in allowed:
        raise UsageError(f"unknown format {name!r}", remedy=f"One of {', '.join(allowed)}.")


def _not_empty(text: str, name: str) -> None:
    if not text:
        raise UsageError(f"{name} is empty", remedy="Is a variable of the shell not set?")
