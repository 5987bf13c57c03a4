"""With what a command line signs: a key, a certificate, a token, Sigstore; and the timestamps."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.cli.paths import read_small
from weighbridge.model.errors import UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

    from weighbridge.signing.keyless_signer import SigstoreSigner
    from weighbridge.signing.signers import Signer

TOKEN_VARIABLE = "WEIGHBRIDGE_IDENTITY_TOKEN"
_ONE_WAY = "Give one of --key, --pkcs11 and --sigstore; --certificate goes with --key or --pkcs11."


@dataclass(frozen=True, slots=True)
class Options:
    """What was given, as it was given. ``password`` is asked only where one may be needed."""

    password: Callable[[], bytes | None]
    key: str = ""
    certificate: str = ""
    certificate_chain: tuple[str, ...] = ()
    pkcs11: str = ""
    sigstore: bool = False
    trust_config: str = ""
    identity_token: str = ""
    timestamp: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who signs, and how to say it. ``fingerprint`` is the key's; empty where it is a new one."""

    signer: Signer
    description: str
    fingerprint: str = ""


def chosen_signer(options: Options) -> Chosen:
    """Who signs, timestamps included.

    Raises:
        UsageError: nobody, two, or options that do not go together; a file cannot be read.
        ConfigurationError: the trust configuration cannot be used.
    """
    given = [way for way in (options.key, options.pkcs11, options.sigstore) if way]
    if len(given) != 1:
        what = "two ways to sign are given" if given else "--key is missing"
        raise UsageError(what, remedy=_ONE_WAY)
    if options.certificate_chain and not options.certificate:
        raise UsageError("--certificate-chain is given without --certificate", remedy=_ONE_WAY)
    if options.sigstore and options.certificate:
        raise UsageError("--sigstore makes its own certificate", remedy=_ONE_WAY)
    if not options.sigstore and (options.trust_config or options.identity_token):
        raise UsageError("--trust-config and --identity-token go with --sigstore")
    chosen = _sigstore(options) if options.sigstore else _with_key(options)
    if not options.timestamp:
        return chosen
    from weighbridge.signing.signers import StampedSigner
    from weighbridge.sources.http import HttpClient

    stamped = StampedSigner(chosen.signer, HttpClient(offline=False), options.timestamp)
    return Chosen(stamped, f"{chosen.description}, with a timestamp", chosen.fingerprint)


def _with_key(options: Options) -> Chosen:
    from weighbridge.signing import keys

    signer, public = _token(options) if options.pkcs11 else _key(options)
    fingerprint = str(keys.fingerprint(public))
    if not options.certificate:
        return Chosen(signer, f"with the key {fingerprint}", fingerprint)
    from weighbridge.signing.certificates import load_chain
    from weighbridge.signing.identity import identities
    from weighbridge.signing.signers import MAX_CHAIN_BYTES, certificate_signer

    pems = [
        read_small(Path(path), MAX_CHAIN_BYTES, "the certificate")
        for path in (options.certificate, *options.certificate_chain)
    ]
    certified = certificate_signer(signer, public, pems)
    names = ", ".join(identities(load_chain(certified.chain[:1])[0])) or "nobody that can be pinned"
    return Chosen(certified, f"with the certificate of {names}", fingerprint)


def _key(options: Options) -> tuple[Signer, ec.EllipticCurvePublicKey]:
    from weighbridge.signing import keys
    from weighbridge.signing.signers import KeySigner

    pem = read_small(Path(options.key), keys.MAX_PEM_BYTES, "the key")
    private = keys.load_private_key(pem, options.password())
    return KeySigner(private), private.public_key()


def _token(options: Options) -> tuple[Signer, ec.EllipticCurvePublicKey]:
    from weighbridge.signing.pkcs11 import open_token

    signer = open_token(options.pkcs11, options.password())
    return signer, signer.public


def _sigstore(options: Options) -> Chosen:
    signer = sigstore_by(options.trust_config, options.identity_token)
    return Chosen(signer, "with a Sigstore identity")


def sigstore_by(trust_config: str, identity_token: str) -> SigstoreSigner:
    """A signer by Sigstore, from the files that the options name.

    Raises:
        UsageError: a file cannot be read, or there is no token.
        ConfigurationError: the trust configuration cannot be used.
    """
    from weighbridge.signing.keyless_signer import (
        MAX_CONFIG_BYTES,
        MAX_TOKEN_BYTES,
        sigstore_signer,
    )

    config = None
    if trust_config:
        config = read_small(Path(trust_config), MAX_CONFIG_BYTES, "the trust configuration")
    token = os.environ.get(TOKEN_VARIABLE, "")
    if identity_token:
        data = read_small(Path(identity_token), MAX_TOKEN_BYTES, "the identity token")
        token = data.decode("ascii", "replace").strip()
    return sigstore_signer(config, token)
