"""The commit that a release was built from, out of the certificate on its provenance."""

from __future__ import annotations

import re

# Fulcio's extension for the source repository's commit (sigstore/fulcio docs/oid-info.md)
_SOURCE_DIGEST = "1.3.6.1.4.1.57264.1.13"
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")


def commit_of(certificate: bytes) -> str:
    """The commit in a certificate of Fulcio's, DER; empty where there is none, or no certificate.

    The certificate is not verified: this is what the index hands out with the release.
    """
    from asn1crypto import core
    from cryptography import x509

    try:
        extensions = x509.load_der_x509_certificate(certificate).extensions
        for extension in extensions:
            if extension.oid.dotted_string == _SOURCE_DIGEST:
                value = core.UTF8String.load(extension.value.public_bytes(), strict=True).native
                return value if isinstance(value, str) and _COMMIT.match(value) else ""
    except (ValueError, TypeError, x509.DuplicateExtension):
        return ""
    return ""
