"""Provenance of the package index (PEP 740), verified offline under the policy's trust roots.

Verified means: the statement's signature matches the certificate, the certificate is Sigstore's
under a pinned root, the log holds it, the statement names this file with its very SHA-256, and the
publisher that the file states is the one in the certificate. Whether that publisher is the right
one is for the reader: an attacker's own project has provenance too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from weighbridge.edge.text import visible
from weighbridge.model.digest import sha256
from weighbridge.model.errors import HostileInput
from weighbridge.model.facts.installation import ProvenanceFacts
from weighbridge.model.policy import TrustedSigner, identity_fingerprint
from weighbridge.packages.provenance import (
    Attestation,
    Publisher,
    attested_name,
    distribution_of,
    parse_provenance,
)

if TYPE_CHECKING:
    from cryptography import x509

_ANYBODY = "**"
# Fulcio's certificate extensions (sigstore/fulcio docs/oid-info.md), each a DER UTF8String
_FULCIO = "1.3.6.1.4.1.57264.1."
_DIGEST, _REF, _REPOSITORY, _BUILD = "13", "14", "12", "18"
# kind: issuer, address of a repository, from there to the workflow
_FORGES = (
    ("GitHub", "https://token.actions.githubusercontent.com", "https://github.com/",
     "/.github/workflows/"),
    ("GitLab", "https://gitlab.com", "https://gitlab.com/", "//"),
)  # fmt: skip
_GOOGLE = "https://accounts.google.com"

State = Literal["verified", "failed", "unread"]


class _Judged(NamedTuple):
    state: State
    publisher: str = ""
    reason: str = ""


def roots_of(trust: Sequence[TrustedSigner]) -> tuple[str, ...]:
    """The Sigstore trust roots that a policy pins, each once."""
    return tuple(dict.fromkeys(s.trusted_root for s in trust if s.trusted_root))


def check_provenance(
    path: str, data: bytes, file_sha256: str, roots: Sequence[str]
) -> ProvenanceFacts:
    """Judge one provenance file.

    Args:
        path: its own path, as it is to be shown.
        data: its bytes.
        file_sha256: of the distribution beside it, hex; empty where there is none.
        roots: Sigstore trust roots in JSON; any of them counts.

    Raises:
        ConfigurationError: a trust root cannot be used.
    """
    name = attested_name(path)
    package = version = ""
    try:
        package, version = distribution_of(name)
        judged = _all_of(parse_provenance(data), name, file_sha256, roots)
    except HostileInput as error:
        judged = _Judged("unread", reason=error.message)
    return {
        "package": package,
        "version": version,
        "file": visible(path),
        "sha256": sha256(data).value,
        "state": judged.state,
        "publisher": judged.publisher,
        "reason": visible(judged.reason),
    }


def _all_of(
    attestations: Sequence[Attestation], name: str, file_sha256: str, roots: Sequence[str]
) -> _Judged:
    """The worst of all: one attestation that does not hold makes the file a false one."""
    found = [_one(attestation, name, file_sha256, roots) for attestation in attestations]
    for state in ("failed", "unread"):
        for judged in found:
            if judged.state == state:
                return judged
    return _Judged("verified", "; ".join(dict.fromkeys(judged.publisher for judged in found)))


def _one(attestation: Attestation, name: str, file_sha256: str, roots: Sequence[str]) -> _Judged:
    if distribution_of(attestation.subject) != distribution_of(name):
        words = visible(attestation.subject, 200)
        return _Judged("failed", reason=f"it attests {words}, which is another distribution")
    if not file_sha256:
        return _Judged("unread", reason="the distribution that it attests is not beside it")
    if attestation.sha256 != file_sha256:
        reason = f"it attests sha256:{visible(attestation.sha256, 64)}, and the file beside it is"
        return _Judged("failed", reason=f"{reason} sha256:{file_sha256}")
    if not roots:
        return _Judged("unread", reason="the policy pins no Sigstore trust root to verify it with")
    return _signature(attestation, roots)


def _signature(attestation: Attestation, roots: Sequence[str]) -> _Judged:
    from weighbridge.signing.bundle import Bundle
    from weighbridge.signing.certificates import load_chain, malformed_certificates
    from weighbridge.signing.keyless import check_keyless
    from weighbridge.signing.verdict import SignatureState

    bundle = Bundle.from_bytes(attestation.bundle)
    anybody = [
        TrustedSigner(
            "a trust root of the policy",
            "",
            identity_fingerprint(_ANYBODY, _ANYBODY, (), root),
            identity=_ANYBODY,
            issuer=_ANYBODY,
            trusted_root=root,
        )
        for root in roots
    ]
    verdict = check_keyless(bundle, anybody, other=0)
    if verdict.state is SignatureState.UNSUPPORTED:
        return _Judged("unread", reason=verdict.reason)
    if verdict.state is not SignatureState.VALID:
        return _Judged("failed", reason=verdict.reason)
    (leaf,) = load_chain(bundle.certificates)
    with malformed_certificates():
        certified = publisher_of(leaf)
    stated = attestation.publisher
    if stated is not None and stated != certified:
        reason = f"it states the publisher {stated}, and its certificate is of {certified}"
        return _Judged("failed", reason=reason)
    return _Judged("verified", str(certified))


def publisher_of(certificate: x509.Certificate) -> Publisher:
    """Whom a certificate of Fulcio's names as the publisher.

    A forge's workflow stands in the build configuration's address, with a reference or commit after
    it that the certificate names too; without them it is some other identity.

    Raises:
        ValueError: an extension cannot be read.
    """
    from weighbridge.signing.identity import identities, oidc_issuer

    issuer, names = oidc_issuer(certificate), identities(certificate)
    for kind, forge, address, between in _FORGES:
        if issuer != forge:
            continue
        repository = _claim(certificate, _REPOSITORY).removeprefix(address)
        build = _claim(certificate, _BUILD)
        start = f"{address}{repository}{between}"
        for suffix in (_claim(certificate, _DIGEST), _claim(certificate, _REF)):
            if suffix and build.startswith(start) and build.endswith(f"@{suffix}"):
                workflow = build[len(start) : -len(suffix) - 1]
                return Publisher(kind, repository, workflow)
    if issuer == _GOOGLE and len(names) == 1:
        return Publisher("Google", account=names[0])
    return Publisher("identity", account=f"{', '.join(names) or 'nobody'} by {issuer or 'nobody'}")


def _claim(certificate: x509.Certificate, number: str) -> str:
    from asn1crypto import core

    for extension in certificate.extensions:
        if extension.oid.dotted_string == _FULCIO + number:
            value = core.UTF8String.load(extension.value.public_bytes(), strict=True).native
            return value if isinstance(value, str) and value.isprintable() else ""
    return ""
