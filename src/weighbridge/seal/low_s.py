"""The one spelling of a signature that a seal may have.

Of every ECDSA signature (r, s) anybody can make (r, n - s), which is just as valid and needs no key
(BIP 62 calls it malleability). Seals are written with the smaller of the two and read only so: a
change of any byte of them is then noticed. RSASSA-PKCS1-v1_5 gives one signature for each message
(RFC 8017, 8.2), which has one spelling.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import rsa

if TYPE_CHECKING:
    from weighbridge.signing.document_keys import DocumentKey


def low_s(public: DocumentKey, signature: bytes) -> bytes:
    """An ECDSA signature, in DER, with the smaller ``s``; one by RSA as it is.

    Raises:
        ValueError: it is not the DER of two numbers.
    """
    from cryptography.hazmat.primitives.asymmetric.utils import (
        decode_dss_signature,
        encode_dss_signature,
    )

    if isinstance(public, rsa.RSAPublicKey):
        return signature
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, min(s, public.curve.group_order - s))
