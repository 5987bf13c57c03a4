"""``weighbridge sign MODEL``: sign a model's files, or make a key to sign with."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from weighbridge.model.errors import ExitCode, UsageError

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

PASSWORD_VARIABLE = "WEIGHBRIDGE_KEY_PASSWORD"
_MAX_PASSWORD = 4096


@app.command()
def sign(
    model: Annotated[str, typer.Argument(help="The model's folder.", show_default=False)] = "",
    key: Annotated[
        str, typer.Option(help="The private key: EC on P-256, P-384 or P-521, in PEM.")
    ] = "",
    password_file: Annotated[
        str,
        typer.Option(help=f"A file with the key's password. Else {PASSWORD_VARIABLE} is read."),
    ] = "",
    signature: Annotated[
        str, typer.Option(help="Where to write the signature. Default: model.sig in the folder.")
    ] = "",
    hash_type: Annotated[str, typer.Option("--hash", help="sha256, blake2b or blake3.")] = "sha256",
    ignore: Annotated[
        list[str] | None,
        typer.Option(help="A file or folder of the model to leave out; repeat for more."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite a signature that is there.")
    ] = False,
    generate_key: Annotated[
        str,
        typer.Option(help="Make a new P-256 key at this path, its public half at PATH.pub."),
    ] = "",
) -> None:
    """Sign a model's files (OpenSSF Model Signing v1.0, key mode).

    The signature can be verified with 'weighbridge verify' and with 'model_signing verify key'.
    """
    if generate_key:
        if model or key:
            raise UsageError(
                "--generate-key makes a key and signs nothing", remedy="Run the two one by one."
            )
        _generate(Path(generate_key), _password(password_file))
        raise typer.Exit(int(ExitCode.HOLDS))
    if not model or not key:
        raise UsageError(
            f"{'MODEL' if not model else '--key'} is missing",
            remedy="Call 'weighbridge sign MODEL --key KEY'; --generate-key PATH makes a key.",
        )
    _sign(Path(model), Path(key), password_file, signature, hash_type, ignore or [], force)
    raise typer.Exit(int(ExitCode.HOLDS))


def _sign(
    model: Path,
    key: Path,
    password_file: str,
    signature: str,
    hash_type: str,
    ignore: list[str],
    force: bool,
) -> None:
    from weighbridge.cli.paths import read_small, relative_to_model, write_result
    from weighbridge.edge.text import visible
    from weighbridge.signing import keys
    from weighbridge.signing.oms import DEFAULT_SIGNATURE, sign_oms, signed_names
    from weighbridge.snapshot.take import take_snapshot

    if not model.is_dir():
        raise UsageError(f"{str(model)!r} is not a folder", remedy="Give the model's folder.")
    target = Path(signature) if signature else model / DEFAULT_SIGNATURE
    if os.path.lexists(target) and not force:
        raise UsageError(
            f"{str(target)!r} is already there", remedy="Choose another --signature, or --force."
        )
    private = keys.load_private_key(
        read_small(key, keys.MAX_PEM_BYTES, "the key"), _password(password_file)
    )
    bundle = sign_oms(
        take_snapshot(model, algorithms=(hash_type,)),
        private,
        hash_type=hash_type,
        signature_path=relative_to_model(target, model),
        ignore=ignore,
    )
    write_result(target, bundle)
    print(  # noqa: T201
        f"Signed {len(signed_names(bundle))} files in {visible(str(target))} "
        f"with the key {keys.fingerprint(private.public_key())}."
    )


def _generate(path: Path, password: bytes | None) -> None:
    from weighbridge.cli.paths import write_result
    from weighbridge.edge.text import visible
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
    print(  # noqa: T201
        f"Wrote {visible(str(path))} and {visible(str(public))}, "
        f"fingerprint {keys.fingerprint(private.public_key())}."
    )
    if password is None:
        print(  # noqa: T201
            "weighbridge: the private key is not encrypted; give a password with --password-file "
            f"or {PASSWORD_VARIABLE} to encrypt it.",
            file=sys.stderr,
        )


def _password(file: str) -> bytes | None:
    """From the file, else from the environment; one line break at a file's end does not count."""
    if not file:
        value = os.environ.get(PASSWORD_VARIABLE, "")
        return os.fsencode(value) if value else None
    from weighbridge.cli.paths import read_small

    data = read_small(Path(file), _MAX_PASSWORD, "the password file")
    password = data.removesuffix(b"\n").removesuffix(b"\r")
    if not password:
        raise UsageError(f"the password file {file!r} is empty")
    return password
