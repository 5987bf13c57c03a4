"""Checking one commit's signature, as far as that is possible without starting a program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from weighbridge.history.commit import Commit
from weighbridge.history.signers import AllowedSigner
from weighbridge.history.sshsig import (
    MalformedSignature,
    UnsupportedSignature,
    WrongSignature,
    parse_signature,
    verify,
)

NAMESPACE = "git"  # what git passes to ssh-keygen -Y


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """``verified``: True when an allowed signer's key made it; False when it is wrong or the key
    is none of the allowed ones; None when nobody could say. ``untrusted`` marks the second kind of
    False: the signature itself holds. ``key`` is a fingerprint, ``signer`` who it belongs to.
    """

    verified: bool | None
    reason: str
    untrusted: bool = False
    key: str = ""
    signer: str = ""


def check_signature(commit: Commit, allowed: Sequence[AllowedSigner]) -> SignatureCheck:
    """What can be said of a commit's signature. Dates are the committer's own claim."""
    kind = commit.signature_kind
    if kind == "none":
        return SignatureCheck(None, "the commit carries no signature")
    if kind == "unrecognized":
        return SignatureCheck(verified=False, reason="the signature is of no known kind")
    if kind != "ssh":
        return SignatureCheck(None, f"{kind} signatures are seen, not verified")
    try:
        signature = parse_signature(commit.signature)
        verify(signature, commit.payload, namespace=NAMESPACE)
    except (MalformedSignature, WrongSignature) as error:
        return SignatureCheck(verified=False, reason=error.message)
    except UnsupportedSignature as error:
        return SignatureCheck(None, error.message, key=signature.fingerprint)
    return _trust(signature.key, signature.fingerprint, commit.committer.time, allowed)


def _trust(
    key: bytes, shown: str, time: int | None, allowed: Sequence[AllowedSigner]
) -> SignatureCheck:
    if not allowed:
        return SignatureCheck(None, "no allowed signers were given to compare with", key=shown)
    mine = [signer for signer in allowed if signer.key == key and signer.allows(NAMESPACE)]
    if not mine:
        reason = "the key is none of the allowed signers'"
        return SignatureCheck(verified=False, reason=reason, untrusted=True, key=shown)
    valid = [signer for signer in mine if signer.valid_at(time)]
    if not valid:
        reason = "the commit's date lies outside the time for which the key is allowed"
        return SignatureCheck(
            verified=False, reason=reason, untrusted=True, key=shown, signer=mine[0].name
        )
    return SignatureCheck(
        verified=True, reason="signed by an allowed key", key=shown, signer=valid[0].name
    )
