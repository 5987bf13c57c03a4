"""Whose key sealed: held against what the caller gave, at the time that is proven."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weighbridge.model.digest import Digest
from weighbridge.model.errors import HostileInput
from weighbridge.seal.certificate import is_self_signed, load, public_key
from weighbridge.seal.outcome import Findings, Reason, SignerTrust

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.x509.verification import ExtensionPolicy, Policy

    from weighbridge.model.policy import TrustedSigner
    from weighbridge.signing.bundle import Bundle

# What a certificate may be for, where it says so: documents, code, mail, or anything. RFC 9336,
# Adobe's and Microsoft's own for documents, and the usual ones of RFC 5280.
_PURPOSES = frozenset(
    {
        "1.3.6.1.5.5.7.3.36",
        "1.2.840.113583.1.1.5",
        "1.3.6.1.4.1.311.10.3.12",
        "1.3.6.1.5.5.7.3.3",
        "1.3.6.1.5.5.7.3.4",
        "2.5.29.37.0",
    }
)
_MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Who:
    """What the caller knows: a fingerprint, roots of signers in DER, the own key's fingerprint.

    ``sigstore`` is an identity with its issuer and the trust root of a Sigstore instance.
    """

    pinned: Digest | None = None
    roots: tuple[bytes, ...] = ()
    known: Digest | None = None
    sigstore: TrustedSigner | None = None

    def trust(
        self,
        findings: Findings,
        key: Digest | None,
        certificates: Sequence[bytes],
        at: dt.datetime,
        bundle: Bundle | None = None,
    ) -> SignerTrust:
        """Whether the key is whom the caller means. A chain that leads nowhere is noted.

        Args:
            at: a time at which the signature existed, else now.
            bundle: the seal; None where only a PDF is there.
        """
        from weighbridge.seal.sigstore_who import is_sigstore, no_sigstore, sigstore_trust

        if key is None:
            return SignerTrust.NONE
        if self.pinned is not None:
            return SignerTrust.PINNED if key == self.pinned else SignerTrust.OTHER
        if (bundle is not None and bundle.keyless) or is_sigstore(certificates[0]):
            return sigstore_trust(findings, self.sigstore, bundle, by_root=bool(self.roots))
        if self.sigstore is not None:
            return no_sigstore(findings)
        if self.roots and not is_self_signed(certificates[0]):
            problem = path_problem(certificates, self.roots, at)
            findings.add(
                "certificate chain",
                problem,
                "the signer's certificate leads to a root that you gave",
                reason=Reason.UNTRUSTED,
            )
            return SignerTrust.OTHER if problem else SignerTrust.CHAIN
        return SignerTrust.LOCAL if key == self.known else SignerTrust.UNKNOWN


def check_validity(
    findings: Findings,
    certificate: bytes,
    existed: dt.datetime | None,
    now: dt.datetime,
    *,
    minutes: bool = False,
) -> None:
    """Note whether the signer's certificate was valid when it signed.

    Args:
        existed: a proven time by which the signature existed; None where none is proven, and then
            the certificate must be valid now.
        minutes: it is one of those that last for minutes by design: that it ended says nothing, and
            without a proven time nothing is established.
    """
    loaded = load(certificate)
    at = existed or now
    begin, end = loaded.not_valid_before_utc, loaded.not_valid_after_utc
    if begin <= at <= end:
        since = f"expired on {end:%Y-%m-%d}, after it had signed" if end < now else ""
        valid = f"is valid until {end:%Y-%m-%d}"
        findings.add("signer certificate", "", f"the signer's certificate {since or valid}")
        return
    if minutes and not existed:
        findings.unsure(
            "signer certificate",
            f"the signer's certificate was valid until {end:%Y-%m-%d %H:%M:%S} UTC, for minutes; "
            "no time that you trust shows that it signed then (--identity with --issuer, or "
            "--timestamp-root)",
        )
        return
    if at < begin:
        problem = f"the signer's certificate is valid only from {begin:%Y-%m-%d}"
    elif existed:
        problem = f"the signer's certificate expired on {end:%Y-%m-%d}, before it signed"
    else:
        problem = (
            f"the signer's certificate expired on {end:%Y-%m-%d}, and no timestamp that still "
            "holds and that you trust (--timestamp-root) shows that it signed before"
        )
    findings.add("signer certificate", problem, "", reason=Reason.EXPIRED)


def path_problem(certificates: Sequence[bytes], roots: Sequence[bytes], at: dt.datetime) -> str:
    """Why the first certificate does not lead to a root at a time; empty where it does.

    The path is that of RFC 5280 by ``cryptography``'s verifier, and the purpose one for documents.
    Whether a certificate was revoked is not looked at.
    """
    from cryptography.x509 import UnsupportedGeneralNameType
    from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

    from weighbridge.edge.text import visible

    try:
        own, *above = [load(der) for der in certificates]
        public_key(certificates[0])
        store = Store([load(der) for der in dict.fromkeys(roots)])
        verifier = (
            PolicyBuilder()
            .store(store)
            .time(at)
            .max_chain_depth(_MAX_DEPTH)
            .extension_policies(ca_policy=_authority_policy(), ee_policy=_signer_policy())
            .build_client_verifier()
        )
        verifier.verify(own, above)
    except HostileInput as error:
        return error.message
    except (VerificationError, UnsupportedGeneralNameType, ValueError) as error:
        words = str(error).removeprefix("validation failed: ").split(" (enc")[0]
        return f"the signer's certificate does not lead to a given root: {visible(words, 200)}"
    return ""


def _signer_policy() -> ExtensionPolicy:
    from cryptography import x509
    from cryptography.x509.verification import Criticality, ExtensionPolicy

    def purpose(
        _policy: Policy, _leaf: x509.Certificate, usage: x509.ExtendedKeyUsage | None
    ) -> None:
        if usage is not None and _PURPOSES.isdisjoint(oid.dotted_string for oid in usage):
            raise ValueError("its extended key usage is not one for signing documents")

    def signs(_policy: Policy, _leaf: x509.Certificate, usage: x509.KeyUsage | None) -> None:
        if usage is not None and not (usage.digital_signature or usage.content_commitment):
            raise ValueError("its key usage is not one for signing")

    return (
        ExtensionPolicy.webpki_defaults_ee()
        .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, purpose)
        .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, signs)
        .may_be_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)
        .may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
        .may_be_present(x509.AuthorityKeyIdentifier, Criticality.NON_CRITICAL, None)
    )


def _authority_policy() -> ExtensionPolicy:
    from cryptography import x509
    from cryptography.x509.verification import Criticality, ExtensionPolicy

    return (
        ExtensionPolicy.webpki_defaults_ca()
        .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, None)
        .may_be_present(x509.AuthorityKeyIdentifier, Criticality.NON_CRITICAL, None)
        .may_be_present(x509.SubjectKeyIdentifier, Criticality.NON_CRITICAL, None)
    )
