"""Whom a command line trusts: keys, certified identities, or what a policy says."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from weighbridge.cli.paths import read_small
from weighbridge.model.errors import UsageError
from weighbridge.model.policy import (
    SignatureDemands,
    SignerKind,
    TrustedSigner,
    identity_fingerprint,
)

_MAX_ROOT_BYTES = 2**20
_PIN = "Give --identity, and for Sigstore --issuer: whom the certificate must name."


@dataclass(frozen=True, slots=True)
class Options:
    """What was given, as it was given."""

    key: tuple[str, ...] = ()
    certificate_root: tuple[str, ...] = ()
    identity: str = ""
    issuer: str = ""
    trusted_root: str = ""
    timestamp_root: tuple[str, ...] = ()
    trust: str = ""


@dataclass(frozen=True, slots=True)
class Trusted:
    """Whom to trust, and at which time. ``by_policy``: the demands are a policy's, to be met.

    ``timestamp_roots`` are sets of roots, each one text. ``keys`` are public keys that were given
    for fingerprints in the policy; nobody trusts them for themselves.
    """

    signers: tuple[TrustedSigner, ...]
    at: dt.datetime
    timestamp_roots: tuple[str, ...] = ()
    demands: SignatureDemands = field(default_factory=SignatureDemands)
    by_policy: bool = False
    keys: tuple[bytes, ...] = ()


def trusted(options: Options) -> Trusted:
    """Whom the options name.

    Raises:
        UsageError: nobody, an identity without roots, roots without an identity, or two ways of
            saying it that do not go together.
        ConfigurationError: a root or the policy cannot be used.
    """
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    if options.trust:
        return _by_policy(options, now)
    signers = [*_keys(options), *_identities(options)]
    if not signers:
        raise UsageError(
            "nobody is named to verify with",
            remedy="Give the signer's public key with --key, --identity with --certificate-root or "
            "--issuer, or a policy with --trust.",
        )
    return Trusted(tuple(signers), now, _timestamp_roots(options.timestamp_root))


def _by_policy(options: Options, now: dt.datetime) -> Trusted:
    from weighbridge.policy.load import load_policy
    from weighbridge.rules.registry import load_rules

    if options != Options(trust=options.trust, key=options.key):
        raise UsageError(
            "--trust says whom to trust, and so do the other options",
            remedy="Give --trust alone, or with keys whose fingerprints the policy trusts.",
        )
    metas = tuple(rule.META for rule in load_rules())
    policy = load_policy(options.trust, rules=metas, as_of=now.date())
    if not policy.trust:
        raise UsageError(
            f"the policy {options.trust!r} trusts no signer",
            remedy="List who may sign under 'trust:' in the policy.",
        )
    demands = policy.signatures
    found = _for_fingerprints(options, policy.trust)
    return Trusted(policy.trust, now, demands.root_texts, demands, by_policy=True, keys=found)


def _for_fingerprints(options: Options, trust: tuple[TrustedSigner, ...]) -> tuple[bytes, ...]:
    """The keys given beside a policy, each of which must have a fingerprint that it trusts."""
    from weighbridge.signing import keys

    wanted = {s.fingerprint for s in trust if s.kind is SignerKind.FINGERPRINT}
    found = []
    for path in options.key:
        pem = read_small(Path(path), keys.MAX_PEM_BYTES, "the key")
        fingerprint = keys.fingerprint(keys.load_public_key(pem))
        if fingerprint not in wanted:
            raise UsageError(
                f"the policy trusts no key by the fingerprint {fingerprint}, which {path!r} has",
                remedy="With --trust the policy says whom to trust. Give keys only for its "
                "key_sha256.",
            )
        found.append(pem)
    return tuple(found)


def _keys(options: Options) -> list[TrustedSigner]:
    from weighbridge.signing import keys

    return [
        keys.trusted_signer(path, read_small(Path(path), keys.MAX_PEM_BYTES, "the key"))
        for path in options.key
    ]


def _identities(options: Options) -> list[TrustedSigner]:
    if not (options.identity or options.issuer):
        if options.certificate_root or options.trusted_root:
            raise UsageError("roots are given, and nobody whom they must certify", remedy=_PIN)
        return []
    from weighbridge.signing.identity import pins_nothing

    for name, pin in (("--identity", options.identity), ("--issuer", options.issuer)):
        if pin and pins_nothing(pin):
            raise UsageError(f"{name} {pin!r} takes anybody", remedy=_PIN)
    if not options.identity:
        raise UsageError("--issuer is given without --identity", remedy=_PIN)
    signers = []
    if options.certificate_root:
        signers.append(_certified(options))
    if options.trusted_root or not options.certificate_root:
        signers.append(_keyless(options))
    return signers


def _certified(options: Options) -> TrustedSigner:
    roots = tuple(
        read_small(Path(path), _MAX_ROOT_BYTES, "the certificate root").decode("utf-8", "replace")
        for path in options.certificate_root
    )
    digest = identity_fingerprint(options.identity, options.issuer, roots, "")
    return TrustedSigner(
        options.identity,
        "",
        digest,
        identity=options.identity,
        issuer=options.issuer,
        certificate_roots=roots,
    )


def _keyless(options: Options) -> TrustedSigner:
    from weighbridge.signing.trust_root import normalized_root, public_root

    if not options.issuer:
        raise UsageError(
            "--identity needs the --issuer who vouches for it, or a --certificate-root",
            remedy=_PIN,
        )
    if options.trusted_root:
        data = read_small(Path(options.trusted_root), _MAX_ROOT_BYTES, "the trust root")
        root = normalized_root(data, options.trusted_root)
    else:
        root = public_root()
    return TrustedSigner(
        options.identity,
        "",
        identity_fingerprint(options.identity, options.issuer, (), root),
        identity=options.identity,
        issuer=options.issuer,
        trusted_root=root,
    )


def _timestamp_roots(paths: tuple[str, ...]) -> tuple[str, ...]:
    if not paths:
        return ()
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    from weighbridge.signing.timestamp import load_roots

    found = [
        der
        for path in paths
        for der in load_roots(
            read_small(Path(path), _MAX_ROOT_BYTES, "the timestamp root"), source=path
        )
    ]
    pems = [x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in found]
    return ("".join(dict.fromkeys(pem.decode("ascii") for pem in pems)),)
