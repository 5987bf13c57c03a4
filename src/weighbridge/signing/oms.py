"""OpenSSF Model Signing v1.0 in key mode: sign a snapshot, and verify a signature against one.

Verification states four facts and mixes none of them: whose key the signature is valid under,
whether the manifest agrees with itself, which files match it, and what differs. Only
:attr:`OmsVerification.holds` joins them.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec

from weighbridge.edge.text import visible
from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.digest import Digest
from weighbridge.model.errors import ConfigurationError, ExitCode, worst
from weighbridge.model.policy import TrustedSigner
from weighbridge.model.subject import SubjectKind
from weighbridge.signing import dsse, keys
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.compare import Cause, Comparison, compare, digest_of, why_ignored
from weighbridge.signing.errors import CannotSign, SignatureInvalid, UnusableKey
from weighbridge.signing.manifest import (
    GIT_PATHS,
    HASH_TYPES,
    Manifest,
    Resource,
    check_name,
    root_digest,
)
from weighbridge.snapshot.snapshot import Snapshot

DEFAULT_SIGNATURE = "model.sig"
_MODES = {
    "certificate": "certificate signatures are not supported yet",
    "sigstore": "Sigstore (keyless) signatures are not supported yet",
}


class SignatureState(enum.StrEnum):
    """What the cryptography says, apart from the files."""

    VALID = "valid"  # under a trusted key
    INVALID = "invalid"  # it names a trusted key and does not match under it
    NO_KNOWN_KEY = "no-known-key"  # it matches under no trusted key
    UNSUPPORTED = "unsupported"  # made in a mode that cannot be verified yet


@dataclass(frozen=True, slots=True)
class OmsVerification:
    """What is known of one signature and the files it speaks of.

    ``valid_for`` are the trusted signers under whose key it is valid. ``reason`` says in words why
    the state is not ``valid``.
    """

    bundle: Bundle
    manifest: Manifest
    state: SignatureState
    valid_for: tuple[TrustedSigner, ...]
    comparison: Comparison
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether a trusted key signed exactly the files that are there."""
        return self.exit_code is ExitCode.HOLDS

    @property
    def exit_code(self) -> ExitCode:
        """``INCONCLUSIVE`` only where nothing is wrong and something could not be checked."""
        codes = [ExitCode.HOLDS]
        if self.state is SignatureState.UNSUPPORTED:
            codes.append(ExitCode.INCONCLUSIVE)
        elif self.state is not SignatureState.VALID or not self.manifest.root_consistent:
            codes.append(ExitCode.VIOLATED)
        for difference in self.comparison.differences:
            unread = difference.cause is Cause.UNVERIFIABLE
            codes.append(ExitCode.INCONCLUSIVE if unread else ExitCode.VIOLATED)
        return worst(codes)


def verify_oms(
    bundle_bytes: bytes,
    snapshot: Snapshot,
    signers: Sequence[TrustedSigner],
    *,
    signature_paths: Collection[str] = (),
) -> OmsVerification:
    """Verify a signature against a snapshot.

    Args:
        bundle_bytes: the signature file.
        snapshot: the files; nothing is walked again.
        signers: whom to trust. All are tried; the bundle's hint only tells a signature that is
            wrong from one whose signer is unknown.
        signature_paths: the model's signature files, which no signature covers.

    Raises:
        MalformedBundle, MalformedManifest, HostileInput: the file breaks the format; nothing of it
            may be used.
        UnsupportedSignature: a kind that cannot be verified, with the reason.
        ConfigurationError: a signer's key cannot be used.
    """
    bundle = Bundle.from_bytes(bundle_bytes)
    manifest = Manifest.from_envelope(bundle.envelope)
    state, valid_for, reason = _check_signature(bundle, signers)
    comparison = compare(manifest, snapshot, signature_paths=signature_paths)
    return OmsVerification(bundle, manifest, state, valid_for, comparison, reason)


def sign_oms(
    snapshot: Snapshot,
    private_key: ec.EllipticCurvePrivateKey,
    *,
    name: str = "",
    hash_type: str = "sha256",
    signature_path: str = DEFAULT_SIGNATURE,
    ignore: Iterable[str] = (),
) -> bytes:
    """Sign a snapshot's files and return the bundle.

    Args:
        snapshot: the files, all of them read.
        private_key: an EC key.
        name: the model's name, which informs and binds nothing; the subject's by default.
        hash_type: ``sha256``, ``blake2b`` or ``blake3``.
        signature_path: where the signature will lie inside the model; empty where it lies outside.
        ignore: further paths to leave out, by the names they have in the model.

    Raises:
        CannotSign: a file is a link, a pointer, unreadable or unnameable, or there is none.
    """
    if hash_type not in HASH_TYPES:
        raise CannotSign(
            f"unknown hash type {hash_type!r}", remedy=f"Use one of {', '.join(HASH_TYPES)}."
        )
    left_out = {*GIT_PATHS, *(path.rstrip("/") for path in ignore)}
    if signature_path:
        left_out.add(signature_path)
    for path in sorted(left_out):
        if wrong := check_name(path):
            raise CannotSign(f"{visible(path, 200)!r} cannot be left out: {wrong}")
    empty = Manifest("", (), Digest("sha256", "0" * 64), ignore_paths=tuple(sorted(left_out)))
    _refuse_problems(snapshot, empty)
    artifacts = [a for a in snapshot.artifacts if not why_ignored(a.path, empty, ())]
    if not artifacts:
        raise CannotSign("there is no file to sign", remedy="Give the folder that holds the model.")
    resources = tuple(
        _resource(artifact, hash_type, snapshot)
        for artifact in sorted(artifacts, key=lambda artifact: artifact.path)
    )
    manifest = Manifest(
        model_name=_model_name(name or snapshot.subject.name),
        resources=resources,
        root=root_digest(resources),
        hash_type=hash_type,
        ignore_paths=empty.ignore_paths,
    )
    envelope = dsse.sign_envelope(private_key, dsse.IN_TOTO, manifest.to_envelope_payload())
    return Bundle(envelope, hint=keys.hint(private_key.public_key())).to_bytes()


def signed_names(bundle_bytes: bytes) -> tuple[str, ...]:
    """The paths that a signature lists, verified by nobody.

    Raises:
        HostileInput: as :func:`verify_oms`.
    """
    manifest = Manifest.from_envelope(Bundle.from_bytes(bundle_bytes).envelope)
    return tuple(resource.name for resource in manifest.resources)


def _check_signature(
    bundle: Bundle, signers: Sequence[TrustedSigner]
) -> tuple[SignatureState, tuple[TrustedSigner, ...], str]:
    if bundle.mode != "key":
        return SignatureState.UNSUPPORTED, (), _MODES[bundle.mode]
    valid: list[TrustedSigner] = []
    named: list[TrustedSigner] = []
    for signer, public in [(signer, _public_key(signer)) for signer in signers]:
        try:
            dsse.verify_envelope(public, bundle.envelope)
        except SignatureInvalid:
            if bundle.hint == keys.hint(public):
                named.append(signer)
        else:
            valid.append(signer)
    if valid:
        return SignatureState.VALID, tuple(valid), ""
    if named:
        who = ", ".join(repr(signer.name) for signer in named)
        reason = f"the signature names the key of {who} and does not match under it"
        return SignatureState.INVALID, (), reason
    if not signers:
        return SignatureState.NO_KNOWN_KEY, (), "no trusted key was given to verify it with"
    reason = f"the signature matches under no trusted key ({len(signers)} tried)"
    return SignatureState.NO_KNOWN_KEY, (), reason


def _public_key(signer: TrustedSigner) -> ec.EllipticCurvePublicKey:
    """A signer's key, which must be the one that its fingerprint names."""
    try:
        public = keys.load_public_key(signer.public_key.encode("utf-8", "replace"))
    except UnusableKey as error:
        raise ConfigurationError(
            f"the key of the trusted signer {signer.name!r} cannot be used: {error.message}",
            remedy=error.remedy,
        ) from error
    if keys.fingerprint(public) != signer.fingerprint:
        raise ConfigurationError(
            f"the key of the trusted signer {signer.name!r} has another fingerprint than stated",
            remedy="Correct the fingerprint or the key in the policy's trust section.",
        )
    return public


def _refuse_problems(snapshot: Snapshot, left_out: Manifest) -> None:
    problems = [p for p in snapshot.problems if not why_ignored(p.path, left_out, ())]
    if problems:
        shown = "; ".join(f"{visible(p.path, 200)}: {p.kind}" for p in problems[:5])
        more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise CannotSign(
            f"not every path of the model could be read: {shown}{more}",
            remedy="Remove or repair these paths; a signature must not speak of what was not read.",
        )


def _resource(artifact: Artifact, hash_type: str, snapshot: Snapshot) -> Resource:
    shown = visible(artifact.path, 200)
    if wrong := check_name(artifact.path):
        raise CannotSign(f"{shown!r} cannot be signed: {wrong}", remedy="Rename the file.")
    if artifact.link_target and snapshot.subject.kind is not SubjectKind.HUB_CACHE:
        raise CannotSign(
            f"{shown!r} is a symbolic link, which the format does not sign",
            remedy="Replace the link by the file, or leave it out with --ignore.",
        )
    if artifact.presence is not Presence.CONTENT:
        raise CannotSign(
            f"the content of {shown!r} is not here: it is a {artifact.presence}",
            remedy="Fetch it first, with 'git lfs pull' or 'dvc pull'.",
        )
    digest = digest_of(artifact, hash_type, snapshot)
    if digest is None:
        raise CannotSign(f"the content of {shown!r} could not be read again", remedy="Try again.")
    return Resource(artifact.path, digest)


def _model_name(name: str) -> str:
    """A name that every reader takes: one line of Unicode text."""
    return visible(name, 200) or "model"
