"""Whether a Sigstore identity sealed: under a pinned trust root, and the identity that is pinned.

Certificates of such an instance are given to everybody: one that leads to its root says nothing
until the identity in it is compared, and the log's entry checked. A PDF alone has no entry.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from weighbridge.edge.text import visible
from weighbridge.model.errors import ConfigurationError, HostileInput
from weighbridge.seal.certificate import load
from weighbridge.seal.outcome import Findings, Reason, SignerTrust

if TYPE_CHECKING:
    from weighbridge.model.policy import TrustedSigner
    from weighbridge.signing.bundle import Bundle

NAME = "sigstore identity"
_FULCIO = "1.3.6.1.4.1.57264.1."  # the arc of Fulcio's extensions


def is_sigstore(certificate: bytes) -> bool:
    """Whether a certificate says that it is of a Sigstore instance."""
    return any(
        extension.oid.dotted_string.startswith(_FULCIO)
        for extension in load(certificate).extensions
    )


def provider(certificate: bytes) -> str:
    """The OpenID provider that a certificate names, safe to show; empty where it names none."""
    from weighbridge.signing.identity import oidc_issuer

    try:
        return visible(oidc_issuer(load(certificate)), 200)
    except (ValueError, TypeError):
        return ""


def sigstore_trust(
    findings: Findings,
    pinned: TrustedSigner | None,
    bundle: Bundle | None,
    *,
    by_root: bool,
) -> SignerTrust:
    """Hold a seal by a Sigstore certificate against what is pinned, and note what came of it.

    Args:
        pinned: the identity, its issuer and the trust root; None where none is pinned.
        bundle: the seal; None where only the PDF is there.
        by_root: the caller gave roots instead, one of which the certificate may well lead to.
    """
    if pinned is None and by_root:
        findings.add(
            NAME,
            "a Sigstore instance certifies everybody, so that no --certificate-root says who "
            "sealed: give --identity and --issuer",
            "",
            reason=Reason.UNTRUSTED,
        )
        return SignerTrust.OTHER
    if pinned is None:
        findings.skip(NAME, "nobody was named by --identity and --issuer, so it was not verified")
        return SignerTrust.UNKNOWN
    if bundle is None or not bundle.keyless:
        findings.unsure(
            NAME,
            "the PDF's own signature is in no transparency log, so that it does not establish the "
            "identity: verify the pack, whose seal does",
        )
        return SignerTrust.UNKNOWN
    problem = _problem(pinned, bundle)
    findings.add(
        NAME,
        problem,
        "the certificate, the log's proof and the timestamp hold under the trust root, and the "
        "certificate names whom you gave",
        reason=Reason.UNTRUSTED,
    )
    return SignerTrust.OTHER if problem else SignerTrust.SIGSTORE


def no_sigstore(findings: Findings) -> SignerTrust:
    """Note that an identity is pinned, and the seal is under a key or another certificate."""
    findings.add(NAME, "it is not sealed with a Sigstore identity, and you named one", "",
                 reason=Reason.UNTRUSTED)  # fmt: skip
    return SignerTrust.OTHER


def timestamp_roots(pinned: TrustedSigner) -> tuple[bytes, ...]:
    """The topmost certificate, in DER, of each timestamp authority of the pinned trust root.

    Raises:
        ConfigurationError: the trust root cannot be used.
    """
    from weighbridge.signing.dsse import decode_base64
    from weighbridge.signing.keyless import load_trusted_root

    load_trusted_root(pinned.trusted_root)
    found = []
    for authority in json.loads(pinned.trusted_root).get("timestampAuthorities") or []:
        chain = (authority.get("certChain") or {}).get("certificates") or []
        try:
            found += [decode_base64(one["rawBytes"], "a timestamp authority") for one in chain[-1:]]
            load(found[-1])
        except (HostileInput, KeyError, IndexError) as error:
            raise ConfigurationError(
                "a timestamp authority of the Sigstore trust root has no certificate that can be "
                "read",
                remedy="Fetch the instance's trusted_root.json again.",
            ) from error
    return tuple(found)


def _problem(pinned: TrustedSigner, bundle: Bundle) -> str:
    from weighbridge.signing.keyless import check_keyless
    from weighbridge.signing.verdict import SignatureState

    try:
        verdict = check_keyless(bundle, [pinned], other=0)
    except HostileInput as error:
        return error.message
    # sigstore-python finds the log's key by four bytes of this name
    logs = json.loads(pinned.trusted_root).get("tlogs") or []
    if bundle.log_entries[0]["logId"]["keyId"] not in [log["logId"]["keyId"] for log in logs]:
        return "its log entry is of a log that the trust root does not name"
    return "" if verdict.state is SignatureState.VALID else visible(verdict.reason, 400)
