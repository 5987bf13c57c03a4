"""The flags that say with what to sign: the same ones for every verb that signs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from weighbridge.model.errors import UsageError

PASSWORD_VARIABLE = "WEIGHBRIDGE_KEY_PASSWORD"
_MAX_PASSWORD = 4096

Key = Annotated[str, typer.Option(help="The private key: EC on P-256, P-384 or P-521, in PEM.")]
PasswordFile = Annotated[
    str,
    typer.Option(help=f"A file with the key's password. Else {PASSWORD_VARIABLE} is read."),
]
Certificate = Annotated[
    str,
    typer.Option(help="The key's certificate, in PEM: the signature then names its holder."),
]
CertificateChain = Annotated[
    list[str] | None,
    typer.Option(help="The authorities between it and the root, in PEM; repeat for more."),
]
Pkcs11 = Annotated[
    str, typer.Option(help="Sign with a token's key, by its PKCS#11 URI, instead of --key.")
]
Sigstore = Annotated[
    bool, typer.Option("--sigstore", help="Sign with an identity, by Sigstore, and no key.")
]
TrustConfig = Annotated[
    str, typer.Option(help="A private Sigstore instance's client trust configuration.")
]
IdentityToken = Annotated[
    str, typer.Option(help="A file with the identity token. Else WEIGHBRIDGE_IDENTITY_TOKEN.")
]
Timestamp = Annotated[
    list[str] | None,
    typer.Option(help="An RFC 3161 authority to stamp the signature; repeat for fallbacks."),
]


def password(file: str) -> bytes | None:
    """From the file, else from the environment; one line break at a file's end does not count.

    Raises:
        UsageError: the file cannot be read, or is empty.
    """
    if not file:
        value = os.environ.get(PASSWORD_VARIABLE, "")
        return os.fsencode(value) if value else None
    from weighbridge.cli.paths import read_small

    data = read_small(Path(file), _MAX_PASSWORD, "the password file")
    found = data.removesuffix(b"\n").removesuffix(b"\r")
    if not found:
        raise UsageError(f"the password file {file!r} is empty")
    return found
