"""The one spelling of an ECDSA signature that a seal may have.

Of every signature (r, s) anybody can make (r, n - s), which is just as valid and needs no key (BIP
62 calls it malleability). Seals are written with the smaller of the two and read only so: a change
of any byte of them is then noticed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec


def low_s(public: ec.EllipticCurvePublicKey, signature: bytes) -> bytes:
    """The signature, in DER, with the smaller ``s``.

    Raises:
        ValueError: it is not the DER of two numbers.
    """
    from cryptography.hazmat.primitives.asymmetric.utils import (
        decode_dss_signature,
        encode_dss_signature,
    )

    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, min(s, public.curve.group_order - s))
