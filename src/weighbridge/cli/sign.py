"""``weighbridge sign MODEL``: sign a model's files, or make a key to sign with."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from weighbridge.cli import signer_flags
from weighbridge.cli.layout import check_format, format_option
from weighbridge.cli.plain import PlainCommand
from weighbridge.cli.sign_files import What
from weighbridge.cli.signer_options import Options
from weighbridge.model.errors import ExitCode, UsageError

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command(cls=PlainCommand)
def sign(
    model: Annotated[
        str, typer.Argument(help="The model's folder, or its one file.", show_default=False)
    ] = "",
    key: signer_flags.Key = "",
    password_file: signer_flags.PasswordFile = "",
    signature: Annotated[
        str, typer.Option(help="Where to write it. Default: model.sig in the folder, or FILE.sig.")
    ] = "",
    hash_type: Annotated[str, typer.Option("--hash", help="sha256, blake2b or blake3.")] = "sha256",
    ignore: Annotated[
        list[str] | None,
        typer.Option(help="A file or folder of the model to leave out; repeat for more."),
    ] = None,
    shard_size: Annotated[
        str, typer.Option(help="Sign pieces of so many bytes instead of whole files.")
    ] = "",
    since: Annotated[
        str,
        typer.Option(help="An earlier signature: read only what has changed since, see the docs."),
    ] = "",
    key_of_old: Annotated[
        str, typer.Option(help="The public key that --since must hold under. Default: --key's.")
    ] = "",
    allow_pointers: Annotated[
        bool,
        typer.Option("--allow-pointers", help="Sign the digest a Git LFS pointer declares."),
    ] = False,
    trust_cache_names: Annotated[
        bool,
        typer.Option(
            "--trust-cache-names", help="Take the SHA-256 that names a Hugging Face cache blob."
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite a signature that is there.")
    ] = False,
    generate_key: Annotated[
        str,
        typer.Option(help="Make a new P-256 key at this path, its public half at PATH.pub."),
    ] = "",
    certificate: signer_flags.Certificate = "",
    certificate_chain: signer_flags.CertificateChain = None,
    pkcs11: signer_flags.Pkcs11 = "",
    sigstore: signer_flags.Sigstore = False,
    trust_config: signer_flags.TrustConfig = "",
    identity_token: signer_flags.IdentityToken = "",
    timestamp: signer_flags.Timestamp = None,
    format_: Annotated[str, format_option("WEIGHBRIDGE_SIGN_FORMAT")] = "text",
) -> None:
    """Sign a model's files (OpenSSF Model Signing v1.0).

    The signature can be verified with 'weighbridge verify' and with 'model_signing verify'.
    """
    check_format(format_)
    if generate_key:
        if model or key:
            raise UsageError(
                "--generate-key makes a key and signs nothing", remedy="Run the two one by one."
            )
        _generate(Path(generate_key), signer_flags.password(password_file), format_)
        raise typer.Exit(int(ExitCode.HOLDS))
    if not model:
        raise UsageError(
            "MODEL is missing",
            remedy="Call 'weighbridge sign MODEL --key KEY'; --generate-key PATH makes a key.",
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
    what = What(
        hash_type,
        shard_size,
        tuple(ignore or ()),
        since,
        key_of_old or key,
        allow_pointers,
        trust_cache_names,
    )
    _sign(Path(model), who, what, signature, force, format_)
    raise typer.Exit(int(ExitCode.HOLDS))


def _sign(model: Path, who: Options, what: What, signature: str, force: bool, format_: str) -> None:
    from weighbridge.cli import sign_show
    from weighbridge.cli.paths import check_model, relative_to_model, write_result
    from weighbridge.cli.sign_files import signed
    from weighbridge.cli.signer_options import chosen_signer
    from weighbridge.signing.oms import DEFAULT_SIGNATURE

    check_model(model)
    beside = model.with_name(f"{model.name}.sig")  # of a model that is one file
    target = model / DEFAULT_SIGNATURE if model.is_dir() else beside
    target = Path(signature) if signature else target
    if os.path.lexists(target) and model.resolve() == target.resolve():
        raise UsageError("--signature is the model itself", remedy="Choose another name.")
    if os.path.lexists(target) and not force:
        raise UsageError(
            f"{str(target)!r} is already there", remedy="Choose another --signature, or --force."
        )
    earlier = what.earlier(who.password)
    chosen = chosen_signer(who)
    result = signed(model, chosen.signer, what, relative_to_model(target, model), earlier)
    write_result(target, result.bundle)
    show = sign_show.as_json if format_ == "json" else sign_show.as_text
    print(show(str(target), chosen, result))  # noqa: T201


def _generate(path: Path, password: bytes | None, format_: str) -> None:
    from weighbridge.cli import sign_show
    from weighbridge.cli.paths import write_result
    from weighbridge.signing import keys

    public = path.with_name(f"{path.name}.pub")
    for there in (path, public):
        if os.path.lexists(there):
            raise UsageError(
                f"{str(there)!r} is already there", remedy="A key is never overwritten."
            )
    private = keys.generate_key()
    write_result(path, keys.private_pem(private, password), mode=0o600)
    write_result(public, keys.public_pem(private.public_key()).encode("ascii"))
    show = sign_show.key_as_json if format_ == "json" else sign_show.key_as_text
    fingerprint = str(keys.fingerprint(private.public_key()))
    print(show(str(path), str(public), fingerprint, password is not None))  # noqa: T201
    if password is None:
        print(  # noqa: T201
            "weighbridge: the private key is not encrypted; give a password with --password-file "
            f"or {signer_flags.PASSWORD_VARIABLE} to encrypt it.",
            file=sys.stderr,
        )
