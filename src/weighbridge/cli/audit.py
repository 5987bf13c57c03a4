"""``weighbridge audit SUBJECT``: the main job."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weighbridge.cli import seal_options
from weighbridge.cli.plain import PlainCommand
from weighbridge.cli.services import (
    ATTESTATIONS,
    BASELINE,
    CARDS,
    DEPS_DEV_URL,
    FORGE_URL,
    HUB_URL,
    INDEX_URL,
    MODEL_ADVISORIES,
    OSV_DATABASE,
    OSV_URL,
    RDAP_URL,
    SCORECARD_URL,
)
from weighbridge.model.errors import UsageError
from weighbridge.model.record import TimestampNote, TimestampState

if TYPE_CHECKING:
    from weighbridge.audit import Audited, AuditRequest
    from weighbridge.cli.seal_options import SealOptions
    from weighbridge.seal.pack import SealedPack

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

UNSEALED = TimestampNote(TimestampState.NOT_REQUESTED, "no pack is written: --out was not given")
FORMATS = ("console", "json", "sarif")


@app.command(cls=PlainCommand)
def audit(
    subject: Annotated[str, typer.Argument(help="A model's folder, a weight file or a git clone.")],
    policy: Annotated[
        list[str] | None,
        typer.Option(help="A shipped policy's name, or a file. Repeat it to put one on top."),
    ] = None,
    out: Annotated[str, typer.Option(help="Write the sealed audit pack into this folder.")] = "",
    ledger: Annotated[
        str, typer.Option(help="Append the sealed audit to the ledger in this folder.")
    ] = "",
    as_of: Annotated[
        str, typer.Option(help="Judge as of this date (YYYY-MM-DD). Default: today, UTC.")
    ] = "",
    revision: Annotated[
        str | None,
        typer.Option(help="Audit the files of this git revision instead of the folder's."),
    ] = None,
    environment: Annotated[
        list[str] | None,
        typer.Option(help="A site-packages folder the model runs with; read, never run."),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Open no socket.")] = False,
    timestamp: Annotated[
        str, typer.Option(help="The RFC 3161 authority to ask for the seal's timestamp.")
    ] = "",
    osv_url: Annotated[str, typer.Option(help=OSV_URL)] = "",
    osv_database: Annotated[str, typer.Option(help=OSV_DATABASE)] = "",
    index_url: Annotated[str, typer.Option(help=INDEX_URL)] = "",
    model_advisories: Annotated[str, typer.Option(help=MODEL_ADVISORIES)] = "",
    cards: Annotated[str, typer.Option(help=CARDS)] = "",
    hub_url: Annotated[str, typer.Option(help=HUB_URL)] = "",
    forge_url: Annotated[str, typer.Option(help=FORGE_URL)] = "",
    scorecard_url: Annotated[str, typer.Option(help=SCORECARD_URL)] = "",
    deps_dev_url: Annotated[str, typer.Option(help=DEPS_DEV_URL)] = "",
    rdap_url: Annotated[str, typer.Option(help=RDAP_URL)] = "",
    attestations: Annotated[str, typer.Option(help=ATTESTATIONS)] = "",
    baseline: Annotated[str, typer.Option(help=BASELINE)] = "",
    sha512: Annotated[
        bool,
        typer.Option(
            "--sha512",
            help="Give each file a SHA-512 too, as BSI TR-03183-2 asks of a bill of materials; "
            "hashing then takes about three times as long.",
        ),
    ] = False,
    seal_key: seal_options.Key = "",
    seal_certificate: seal_options.Certificate = None,
    seal_pkcs12: seal_options.Pkcs12 = "",
    seal_pkcs11: seal_options.Pkcs11 = "",
    seal_password_file: seal_options.PasswordFile = "",
    seal_sigstore: seal_options.Sigstore = False,
    seal_trust_config: seal_options.TrustConfig = "",
    seal_identity_token: seal_options.IdentityToken = "",
    config: Annotated[
        str, typer.Option(help="The configuration file. Default: the one in the current folder.")
    ] = "",
    no_digest_cache: Annotated[
        bool,
        typer.Option("--no-digest-cache", help="Read every file, even one that was read before."),
    ] = False,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            envvar="WEIGHBRIDGE_AUDIT_FORMAT",
            help=f"One of {', '.join(FORMATS)}.",
        ),
    ] = "console",
    output: Annotated[
        str, typer.Option("--output", "-o", help="Write the result here instead of to stdout.")
    ] = "",
) -> None:
    """Weigh a model against a policy and write the audit pack.

    Exit code 0: the gate is open; 1: the policy is violated; 3: required evidence was unavailable;
    2: an error, nothing may be concluded.
    """
    from weighbridge.audit import AuditRequest, run_audit
    from weighbridge.cli.config import load_config
    from weighbridge.cli.layout import as_of_date
    from weighbridge.cli.services import services
    from weighbridge.edge.text import visible
    from weighbridge.snapshot.cache import cache_allowed

    if format_ not in FORMATS:
        raise UsageError(f"unknown format {format_!r}", remedy=f"One of {', '.join(FORMATS)}.")
    _given(subject, revision)
    if ledger and not out:
        raise UsageError("--ledger keeps sealed audits", remedy="Name the pack's folder by --out.")
    sealing = seal_options.SealOptions(
        seal_key, tuple(seal_certificate or ()), seal_pkcs12, seal_pkcs11, seal_password_file,
        seal_sigstore, seal_trust_config, seal_identity_token,
    )  # fmt: skip
    sealing.check()
    settings = load_config(Path(), subject=Path(subject), named=config)
    if settings.file:
        print(f"Configuration: {visible(settings.file)}", file=sys.stderr)  # noqa: T201
    request = AuditRequest(
        subject=Path(subject),
        as_of=as_of_date(as_of),
        revision=revision or "",
        policies=tuple(policy or ()) or settings.policies or ("baseline",),
        offline=offline or settings.offline,
        services=services(
            settings,
            osv_url=osv_url,
            osv_database=osv_database,
            index_url=index_url,
            model_advisories=model_advisories,
            cards=cards,
            hub_url=hub_url,
            forge_url=forge_url,
            scorecard_url=scorecard_url,
            deps_dev_url=deps_dev_url,
            rdap_url=rdap_url,
            attestations=attestations,
            baseline=baseline,
        ),
        environments=tuple(Path(folder) for folder in environment or ()),
        digest_cache=cache_allowed() and not no_digest_cache,
        algorithms=("sha512",) if sha512 or settings.sha512 else (),
    )
    sealing.check_network(offline=request.offline)
    audited = run_audit(request)
    _say_cached(audited)
    url = timestamp or settings.timestamp_url
    pack = _seal(audited, request, out, url, sealing) if out else None
    record = pack.record if pack else audited.record.with_timestamp(UNSEALED)
    if pack and ledger:
        _log(pack, ledger)
    _show(_render(format_, record, bool(output)), output)
    if pack:
        print(f"Report: {visible(str(pack.folder / 'report.pdf'))}", file=sys.stderr)  # noqa: T201
        if not revision and pack.folder.resolve().is_relative_to(request.subject.resolve()):
            print(  # noqa: T201
                "The pack lies inside of the model: the next audit, and whoever verifies the "
                "model's signature, will see files that were not there. Move it.",
                file=sys.stderr,
            )
    raise typer.Exit(int(record.verdict.exit_code))


def _given(subject: str, revision: str | None) -> None:
    """Refuse the empty text that a shell variable leaves behind which was never set.

    Raises:
        UsageError: the current folder, or its files as they are, would be audited instead.
    """
    for name, text in (("SUBJECT", subject), ("--revision", revision)):
        if text == "":
            raise UsageError(f"{name} is empty", remedy="Is a variable of the shell not set?")


def _say_cached(audited: Audited) -> None:
    """Which files were not read again is said here; the record has their number."""
    if audited.cached:
        print(  # noqa: T201
            f"Not read again, known from an earlier run: {len(audited.cached)} files. "
            f"Read: {audited.bytes_read} bytes. (--no-digest-cache reads all.)",
            file=sys.stderr,
        )
    if audited.cache_note:
        print(f"weighbridge: {audited.cache_note}", file=sys.stderr)  # noqa: T201


def _seal(
    audited: Audited, request: AuditRequest, out: str, url: str, sealing: SealOptions
) -> SealedPack:
    from weighbridge.seal.pack import seal_pack

    with seal_options.seal_signer(sealing) as signer:
        pack = seal_pack(
            audited.record,
            timestamp_url=url,
            offline=request.offline,
            signer=signer,
            raw=audited.raw,
            out=Path(out),
        )
    for note in pack.notes:
        print(f"weighbridge: {note}", file=sys.stderr)  # noqa: T201
    return pack


def _log(pack: SealedPack, ledger: str) -> None:
    from weighbridge.cli.ledger import append_pack
    from weighbridge.edge.text import visible

    done = append_pack(pack.folder, Path(ledger))
    print(f"Ledger: entry {done.index} of {visible(done.origin)}", file=sys.stderr)  # noqa: T201


def _render(format_: str, record: object, to_file: bool) -> bytes:
    from weighbridge.model.record import AuditRecord
    from weighbridge.report import console, json_v1, sarif
    from weighbridge.rules.registry import load_rules

    assert isinstance(record, AuditRecord)
    if format_ == "json":
        return json_v1.render(record)
    if format_ == "sarif":
        return sarif.render(record, tuple(rule.META for rule in load_rules()))
    color = not to_file and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() and not to_file else 80
    return console.render(record, color=color, width=max(40, min(width, 120)))


def _show(data: bytes, output: str) -> None:
    if output:
        from weighbridge.edge.files import write_atomic

        try:
            write_atomic(Path(output), data)
        except OSError as error:
            raise UsageError(
                f"{output} cannot be written: {error.strerror}",
                remedy="Name a file in a folder that exists and can be written to.",
            ) from error
        return
    sys.stdout.buffer.write(data if data.endswith(b"\n") else data + b"\n")
    sys.stdout.flush()
