"""Checking one commit's signature, as far as that is possible without starting a program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from weighbridge.history import openpgp
from weighbridge.history.cms import verify_cms
from weighbridge.history.commit import Commit, SignatureKind
from weighbridge.history.key_use import is_web_flow_key
from weighbridge.history.signers import AllowedSigner
from weighbridge.history.sshsig import (
    MalformedSignature,
    UnsupportedSignature,
    WrongSignature,
    parse_signature,
    verify,
)

NAMESPACE = "git"  # what git passes to ssh-keygen -Y
Outside = Literal["", "before", "after"]
MadeBy = Literal["nobody", "committer", "web-flow", "not-web-flow"]


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """``verified``: True when an allowed signer's key made it; False when it is wrong or the key
    is none of the allowed ones; None when nobody could say. ``untrusted`` marks the second kind of
    False: the signature itself holds. ``key`` is a fingerprint (``SHA256:…`` of an SSH key,
    ``x509:`` and the SHA-256 of a public key, ``openpgp:`` and the key id that the signature itself
    names, which is proved only where ``verified`` is not None), ``signer`` who it belongs to.
    ``outside`` says that the commit's own date lies before or after the time for which the key is
    allowed.
    """

    verified: bool | None
    reason: str
    untrusted: bool = False
    key: str = ""
    signer: str = ""
    outside: Outside = ""


def made_by(commit: Commit, check: SignatureCheck) -> MadeBy:
    """Whose signature it is by its own word: nobody's, GitHub's web interface's, the committer's.

    ``not-web-flow``: it says that GitHub's web interface committed it, and names another key than
    GitHub's. An OpenPGP signature whose key nobody gave is not verified, so this tells habits apart
    and proves nothing.
    """
    if commit.signature_kind == "none":
        return "nobody"
    if is_web_flow_key(check.key):
        return "web-flow"
    return "not-web-flow" if commit.is_web_flow else "committer"


def check_signature(commit: Commit, allowed: Sequence[AllowedSigner]) -> SignatureCheck:
    """What can be said of a commit's signature. Dates are the committer's own claim."""
    return check_signed(
        commit.signature_kind, commit.signature, commit.payload, commit.committer.time, allowed
    )


def check_signed(
    kind: SignatureKind,
    armored: bytes,
    payload: bytes,
    time: int | None,
    allowed: Sequence[AllowedSigner],
) -> SignatureCheck:
    """The same of any object: a commit or a tag, what is signed, and when it says it was made."""
    if kind == "none":
        return SignatureCheck(None, "the commit carries no signature")
    if kind == "unrecognized":
        return SignatureCheck(verified=False, reason="the signature is of no known kind")
    if kind == "openpgp":
        return _openpgp(armored, payload, time, allowed)
    if kind == "x509":
        return _x509(armored, payload, time, allowed)
    try:
        signature = parse_signature(armored)
        verify(signature, payload, namespace=NAMESPACE)
    except (MalformedSignature, WrongSignature) as error:
        return SignatureCheck(verified=False, reason=error.message)
    except UnsupportedSignature as error:
        return SignatureCheck(None, error.message, key=signature.fingerprint)
    return _trust(signature.key, signature.fingerprint, time, allowed)


def _openpgp(
    armored: bytes, payload: bytes, time: int | None, allowed: Sequence[AllowedSigner]
) -> SignatureCheck:
    """The signature has no key in it: only one that was given beforehand can be asked."""
    named = openpgp.issuer(armored)
    shown = f"openpgp:{named}" if named else ""
    mine = [s for s in allowed if named and s.openpgp.endswith(named) and s.allows(NAMESPACE)]
    if not mine:
        reason = "no OpenPGP key was given that the signature names, so it was not verified"
        return SignatureCheck(None, reason, key=shown)
    try:
        signature = openpgp.parse_signature(armored)
        if signature.kind != openpgp.BINARY:
            raise UnsupportedSignature(f"it is an OpenPGP signature of type {signature.kind:#04x}")
        if signature.seconds(openpgp.CREATED) is None:
            raise MalformedSignature("the OpenPGP signature does not say when it was made")
        openpgp.verify(signature, payload, mine[0].key)
    except (MalformedSignature, WrongSignature) as error:
        return SignatureCheck(verified=False, reason=error.message, key=shown)
    except UnsupportedSignature as error:
        return SignatureCheck(None, error.message, key=shown)
    return _trust(mine[0].key, shown, time, mine)


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
        early = time is not None and all(
            s.valid_after is not None and time < s.valid_after for s in mine
        )
        return SignatureCheck(
            verified=False,
            reason=reason,
            untrusted=True,
            key=shown,
            signer=mine[0].name,
            outside="before" if early else "after",
        )
    return SignatureCheck(
        verified=True, reason="signed by an allowed key", key=shown, signer=valid[0].name
    )


def _x509(
    armored: bytes, payload: bytes, time: int | None, allowed: Sequence[AllowedSigner]
) -> SignatureCheck:
    """The certificate's authority is not followed: an allowed signer must have its very key."""
    try:
        found = verify_cms(armored, payload)
    except (MalformedSignature, WrongSignature) as error:
        return SignatureCheck(verified=False, reason=error.message)
    except UnsupportedSignature as error:
        return SignatureCheck(None, error.message)
    key = f"x509:{found.key}"
    if time is None or not found.not_before <= time <= found.not_after:
        reason = "the commit's date lies outside the validity of the certificate that signed it"
        early = time is not None and time < found.not_before
        return SignatureCheck(
            verified=False,
            reason=reason,
            untrusted=True,
            key=key,
            outside="before" if early else "after",
        )
    mine = [s for s in allowed if s.public_sha256 == found.key and s.allows(NAMESPACE)]
    valid = [signer for signer in mine if signer.valid_at(time)]
    if valid:
        return SignatureCheck(
            verified=True, reason="signed by an allowed key", key=key, signer=valid[0].name
        )
    said = ", ".join(found.names) or "nobody"
    reason = f"the signature holds; its certificate, which names {said}, was not traced to a root"
    return SignatureCheck(None, reason, key=key)
