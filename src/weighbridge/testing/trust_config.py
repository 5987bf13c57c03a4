"""The files by which a Sigstore client is told whom to trust: here, the loopback services.

Shapes: ``TrustedRoot`` v0.1 and ``SigningConfig`` v0.2 of sigstore/protobuf-specs, joined in a
``ClientTrustConfig`` v0.1.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from typing import Any

from weighbridge.testing import x509 as certificates
from weighbridge.testing.certificate_authority import CertificateAuthority
from weighbridge.testing.transparency import TransparencyLog
from weighbridge.testing.tsa import TimestampAuthority


def client_trust_config(
    url: str,
    authority: CertificateAuthority,
    log: TransparencyLog,
    timestamps: TimestampAuthority,
    *,
    rekor: int = 2,
) -> dict[str, Any]:
    """The ``ClientTrustConfig`` for services that all live under ``url``."""
    start = (certificates.now() - dt.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    valid = {"start": start}
    ct_key = certificates.public_der(authority.ct_key)
    trusted_root = {
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "tlogs": [_log(url, certificates.public_der(log.key), "PKIX_ED25519", log.log_id, valid)],
        "certificateAuthorities": [_authority(url, [authority.root.der], valid)],
        "ctlogs": [
            _log(url, ct_key, "PKIX_ECDSA_P256_SHA_256", hashlib.sha256(ct_key).digest(), valid)
        ],
        # sigstore-python wants the leaf first and a chain of at least two
        "timestampAuthorities": [
            _authority(url, [timestamps.signer.der, timestamps.root.der], valid)
        ],
    }
    signing_config = {
        "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
        "caUrls": [_service(url, 1, valid)],
        "oidcUrls": [_service(f"{url}/oauth2", 1, valid)],
        "rekorTlogUrls": [_service(url, rekor, valid)],
        "rekorTlogConfig": {"selector": "ANY"},
        "tsaUrls": [_service(f"{url}/api/v1/timestamp", 1, valid)],
        "tsaConfig": {"selector": "ANY"},
    }
    return {
        "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
        "trustedRoot": trusted_root,
        "signingConfig": signing_config,
    }


def _service(url: str, version: int, valid: dict[str, str]) -> dict[str, Any]:
    return {"url": url, "majorApiVersion": version, "validFor": valid, "operator": "loopback"}


def _authority(url: str, chain: list[bytes], valid: dict[str, str]) -> dict[str, Any]:
    return {
        "subject": {"organization": "loopback", "commonName": "loopback"},
        "uri": url,
        "certChain": {"certificates": [{"rawBytes": _base64(der)} for der in chain]},
        "validFor": valid,
    }


def _log(
    url: str, key: bytes, details: str, log_id: bytes, valid: dict[str, str]
) -> dict[str, Any]:
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {"rawBytes": _base64(key), "keyDetails": details, "validFor": valid},
        "logId": {"keyId": _base64(log_id)},
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
