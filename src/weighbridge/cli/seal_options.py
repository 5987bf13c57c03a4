"""With whose key an audit pack is sealed: the local one unless one of the user's is named."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weighbridge.model.errors import UsageError

if TYPE_CHECKING:
    from weighbridge.seal.signer import CertifiedKey, SealSigner

Key = Annotated[
    str, typer.Option(help="Seal with this key, EC or RSA, in PEM, instead of the local one.")
]
Certificate = Annotated[
    list[str] | None,
    typer.Option(help="The sealing key's certificate, in PEM; repeat for those above it."),
]
Pkcs12 = Annotated[
    str, typer.Option(help="Seal with the key and certificates of this PKCS#12 file.")
]
Pkcs11 = Annotated[
    str, typer.Option(help="Seal with a token's key, by its PKCS#11 URI; with --seal-certificate.")
]
PasswordFile = Annotated[
    str,
    typer.Option(help="A file with the sealing key's password or PIN. Else "
                 "WEIGHBRIDGE_KEY_PASSWORD is read."),
]  # fmt: skip


Sigstore = Annotated[
    bool, typer.Option("--seal-sigstore", help="Seal with an identity, by Sigstore, and no key.")
]
TrustConfig = Annotated[
    str, typer.Option(help="A private Sigstore instance's client trust configuration.")
]
IdentityToken = Annotated[
    str, typer.Option(help="A file with the identity token. Else WEIGHBRIDGE_IDENTITY_TOKEN.")
]


@dataclass(frozen=True, slots=True)
class SealOptions:
    """What was given, as it was given."""

    key: str = ""
    certificate: tuple[str, ...] = ()
    pkcs12: str = ""
    pkcs11: str = ""
    password_file: str = ""
    sigstore: bool = False
    trust_config: str = ""
    identity_token: str = ""

    def check(self) -> None:
        """Refuse what does not go together, before the audit is run.

        Raises:
            UsageError: two ways to sign, or a certificate without a key.
        """
        if sum(map(bool, (self.key, self.pkcs12, self.pkcs11, self.sigstore))) > 1:
            raise UsageError(
                "two ways to seal are given",
                remedy="Give one of --seal-key, --seal-pkcs12, --seal-pkcs11 and --seal-sigstore.",
            )
        if (self.trust_config or self.identity_token) and not self.sigstore:
            raise UsageError(
                "--seal-trust-config and --seal-identity-token go with --seal-sigstore"
            )
        if self.certificate and not (self.key or self.pkcs11):
            raise UsageError(
                "--seal-certificate is given without --seal-key or --seal-pkcs11",
                remedy="A PKCS#12 file brings its own certificates.",
            )
        if self.pkcs11 and not self.certificate:
            raise UsageError(
                "--seal-pkcs11 is given without --seal-certificate",
                remedy="Give the certificate of the token's key, in PEM.",
            )

    def check_network(self, *, offline: bool) -> None:
        """Refuse Sigstore where nobody may be asked, before a certificate is asked for.

        Raises:
            UsageError: the audit is offline.
        """
        if self.sigstore and offline:
            raise UsageError(
                "--seal-sigstore asks services, and the audit is offline",
                remedy="Leave --offline away, or seal with a key of your own.",
            )


@contextmanager
def seal_signer(options: SealOptions) -> Iterator[SealSigner]:
    """The signer, for as long as the block lasts.

    Raises:
        UsageError: a file cannot be read, a password is wrong, or a token cannot be opened.
        SealError: the local key cannot be used.
        CannotSign: a Sigstore service refused, or cannot be reached.
    """
    from weighbridge.seal.keys import local_key
    from weighbridge.seal.signer import lacks_non_repudiation

    if options.sigstore:
        with _sigstore(options) as sealing:
            yield sealing
        return
    if not (options.key or options.pkcs12 or options.pkcs11):
        yield local_key()
        return
    signer = _signer(options)
    try:
        if lacks_non_repudiation(signer.certificates[0]):
            print(  # noqa: T201
                "weighbridge: the sealing certificate's key usage leaves out nonRepudiation; "
                "some PDF readers call signatures under it invalid.",
                file=sys.stderr,
            )
        yield signer
    finally:
        signer.close()


@contextmanager
def _sigstore(options: SealOptions) -> Iterator[SealSigner]:
    from weighbridge.cli.signer_options import sigstore_by
    from weighbridge.seal.sigstore_seal import SigstoreSeal
    from weighbridge.signing.keyless_session import sigstore_session

    signer = sigstore_by(options.trust_config, options.identity_token)
    with sigstore_session(signer) as session:
        yield SigstoreSeal(session)


def _signer(options: SealOptions) -> CertifiedKey:
    from weighbridge.cli.paths import read_small
    from weighbridge.cli.signer_flags import password
    from weighbridge.seal.signer import MAX_PKCS12_BYTES, from_key, from_pkcs12, from_token
    from weighbridge.signing import document_keys, keys
    from weighbridge.signing.signers import MAX_CHAIN_BYTES

    secret = password(options.password_file)
    if options.pkcs12:
        data = read_small(Path(options.pkcs12), MAX_PKCS12_BYTES, "the PKCS#12 file")
        return from_pkcs12(data, secret)
    pems = [
        read_small(Path(path), MAX_CHAIN_BYTES, "the sealing certificate")
        for path in options.certificate
    ]
    if options.pkcs11:
        return from_token(options.pkcs11, secret, pems)
    pem = read_small(Path(options.key), keys.MAX_PEM_BYTES, "the sealing key")
    return from_key(document_keys.load_private_key(pem, secret), pems)
