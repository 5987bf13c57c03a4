"""Which key an armored signature names, whatever holds the signature. Read, never verified."""

from __future__ import annotations

from weighbridge.history.openpgp import issuer
from weighbridge.history.sshsig import parse_signature
from weighbridge.model.errors import HostileInput


def armored_key(signature: bytes) -> str:
    """``SHA256:…`` for SSH, ``openpgp:`` and a key id for OpenPGP, empty for all else.

    The names are those of :func:`weighbridge.history.key_use.signing_key`.
    """
    if b"-----BEGIN SSH SIGNATURE-----" in signature[:200]:
        try:
            return parse_signature(signature).fingerprint
        except HostileInput:
            return ""
    named = issuer(signature)
    return f"openpgp:{named}" if named else ""
