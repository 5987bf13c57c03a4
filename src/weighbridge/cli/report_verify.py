"""``weighbridge report verify``: whether a pack or a PDF is what was sealed, and by whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weighbridge.cli.report_verify_show import as_json, as_text
from weighbridge.model.errors import HostileInput, SealError, UsageError

if TYPE_CHECKING:
    from weighbridge.model.digest import Digest
    from weighbridge.model.policy import TrustedSigner
    from weighbridge.model.record import AuditRecord

FORMATS = ("text", "json")


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
    crl: Annotated[
        list[str] | None,
        typer.Option(help="A list of revoked certificates, beside what the PDF carries; repeat."),
    ] = None,
    identity: Annotated[
        str, typer.Option(help="The Sigstore identity that must have sealed, or a glob.")
    ] = "",
    issuer: Annotated[
        str, typer.Option(help="The OpenID provider that must vouch for --identity.")
    ] = "",
    trusted_root: Annotated[
        str,
        typer.Option(
            help="A private Sigstore instance's trusted_root.json, or its client trust "
            "configuration. Default: the public instance's."
        ),
    ] = "",
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
    from weighbridge.seal.again import Again

    if format_ not in FORMATS:
        raise UsageError(f"unknown format {format_!r}", remedy=f"One of {', '.join(FORMATS)}.")
    place = Path(path)
    with Again() if no_replay else Again(_drawn, _replayed) as again:
        again.begin_folder(place)  # what takes longest comes first, also before the imports below
        from weighbridge.seal.verify import verify_pack

        result = verify_pack(
            place,
            signer=_fingerprint(signer),
            timestamp_roots=_roots(timestamp_root or []),
            certificate_roots=_roots(certificate_root or []),
            known=None if signer or identity else _own_fingerprint(),
            crls=_lists(crl or []),
            sigstore=_identity(identity, issuer, trusted_root, signer),
            again=again,
            proof=_proof,
        )
    if export:
        _export(place, Path(export))
    typer.echo(as_json(result) if format_ == "json" else as_text(result))
    raise typer.Exit(int(result.exit_code))


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


def _identity(identity: str, issuer: str, trusted_root: str, signer: str) -> TrustedSigner | None:
    from weighbridge.cli.trust_options import Options, trusted

    if not (identity or issuer or trusted_root):
        return None
    if signer:
        raise UsageError(
            "--signer and --identity are given",
            remedy="Pin a key by its fingerprint, or a Sigstore identity with its issuer.",
        )
    options = Options(identity=identity, issuer=issuer, trusted_root=trusted_root)
    return trusted(options).signers[0]


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


def _lists(files: list[str]) -> list[bytes]:
    from cryptography import x509

    from weighbridge.cli.paths import read_small
    from weighbridge.seal.revoked import MAX_CRL_BYTES

    found = []
    for file in files:
        data = read_small(Path(file), MAX_CRL_BYTES, "the list of revoked certificates")
        pem = data.lstrip().startswith(b"-----BEGIN")
        try:
            (x509.load_pem_x509_crl if pem else x509.load_der_x509_crl)(data)
        except ValueError as error:
            raise UsageError(
                f"{file} is no list of revoked certificates",
                remedy="Give a CRL of the signer's authority, in PEM or DER.",
            ) from error
        found.append(data)
    return found


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
