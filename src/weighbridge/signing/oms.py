"""OpenSSF Model Signing v1.0 in key mode: sign a snapshot, and verify a signature against one.

Verification states four facts and mixes none of them: whose key the signature is valid under,
whether the manifest agrees with itself, which files match it, and what differs. Only
:attr:`OmsVerification.holds` joins them.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from weighbridge.model.digest import Digest
from weighbridge.model.errors import ExitCode, worst
from weighbridge.model.policy import TrustedSigner
from weighbridge.signing import dsse
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.compare import Cause, Comparison, compare
from weighbridge.signing.manifest import Manifest
from weighbridge.signing.signers import KeySigner, Signer
from weighbridge.signing.trust import check_signature
from weighbridge.signing.verdict import SignatureState, SignatureVerdict
from weighbridge.snapshot.snapshot import Snapshot

DEFAULT_SIGNATURE = "model.sig"


@dataclass(frozen=True, slots=True)
class OmsVerification:
    """What is known of one signature and the files it speaks of.

    ``signature`` is what the cryptography says, ``comparison`` what the files say.
    """

    bundle: Bundle
    manifest: Manifest
    signature: SignatureVerdict
    comparison: Comparison

    @property
    def tree_digest(self) -> Digest:
        """A digest of the signed files that binds their names; the root digest does not."""
        return self.manifest.tree_digest

    @property
    def state(self) -> SignatureState:
        """Whether the signature is a trusted signer's."""
        return self.signature.state

    @property
    def valid_for(self) -> tuple[TrustedSigner, ...]:
        """The trusted signers whose signature it is."""
        return self.signature.valid_for

    @property
    def reason(self) -> str:
        """Why the state is not ``valid``, in words."""
        return self.signature.reason

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


class ReadSignature(NamedTuple):
    """A signature file taken apart; nothing of it is verified."""

    bundle: Bundle
    manifest: Manifest


def read_signature(data: bytes, *, legacy: bool = False) -> ReadSignature:
    """Take a signature file apart. ``legacy`` takes those of model_signing 0.2 too.

    Raises:
        HostileInput: as :func:`verify_oms`.
    """
    bundle = Bundle.from_bytes(data)
    manifest = Manifest.from_envelope(bundle.envelope, legacy=legacy)
    if manifest.legacy:
        bundle = dataclasses.replace(
            bundle, envelope=dataclasses.replace(bundle.envelope, legacy=True)
        )
    return ReadSignature(bundle, manifest)


def verify_oms(
    signature: bytes | ReadSignature,
    snapshot: Snapshot,
    signers: Sequence[TrustedSigner],
    *,
    signature_paths: Collection[str] = (),
    only: Callable[[str], bool] | None = None,
    at: dt.datetime | None = None,
    timestamp_roots: Sequence[str] = (),
    at_hand: Sequence[bytes] = (),
) -> OmsVerification:
    """Verify a signature against a snapshot.

    Args:
        signature: the signature file, read already or not.
        snapshot: the files; nothing is walked again.
        signers: whom to trust. All are tried; the bundle's hint only tells a signature that is
            wrong from one whose signer is unknown.
        signature_paths: the model's signature files, which no signature covers.
        only: which files to compare; of the others it is said that nobody looked at them.
        at: what counts as now, for certificates on a signature without a trusted timestamp.
        timestamp_roots: whose RFC 3161 time counts: each text is one set of roots, in PEM.
        at_hand: files that may be keys whose fingerprints are trusted.

    Raises:
        MalformedBundle, MalformedManifest, HostileInput: the file breaks the format; nothing of it
            may be used.
        UnsupportedSignature: a kind that cannot be verified, with the reason.
        ConfigurationError: a signer's key cannot be used.
    """
    read = signature if isinstance(signature, ReadSignature) else read_signature(signature)
    bundle, manifest = read
    verdict = check_signature(
        bundle, signers, at=at, timestamp_roots=timestamp_roots, at_hand=at_hand
    )
    comparison = compare(manifest, snapshot, signature_paths=signature_paths, only=only)
    return OmsVerification(bundle, manifest, verdict, comparison)


def sign_oms(
    snapshot: Snapshot,
    private_key: ec.EllipticCurvePrivateKey | Signer,
    *,
    name: str = "",
    hash_type: str = "sha256",
    shard_size: int = 0,
    signature_path: str = DEFAULT_SIGNATURE,
    ignore: Iterable[str] = (),
    allow_pointers: bool = False,
) -> bytes:
    """Sign a snapshot's files and return the bundle.

    Args:
        snapshot: the files, all of them read.
        private_key: an EC key, or whoever else signs.
        name: the model's name, which informs and binds nothing; the subject's by default.
        hash_type: ``sha256``, ``blake2b`` or ``blake3``.
        shard_size: sign pieces of so many bytes; 0 for whole files.
        signature_path: where the signature will lie inside the model; empty where it lies outside.
        ignore: further paths to leave out, by the names they have in the model.
        allow_pointers: sign the digest that a pointer declares for a file that is not here.

    Raises:
        CannotSign: a file is a link, a pointer, unreadable or unnameable, or there is none.
    """
    from weighbridge.signing.build import build_manifest

    manifest = build_manifest(
        snapshot,
        name=name,
        hash_type=hash_type,
        shard_size=shard_size,
        signature_path=signature_path,
        ignore=ignore,
        allow_pointers=allow_pointers,
    )
    signer: Signer
    if isinstance(private_key, ec.EllipticCurvePrivateKey):
        signer = KeySigner(private_key)
    else:
        signer = private_key
    return signer.sign(dsse.IN_TOTO, manifest.to_envelope_payload()).to_bytes()


def signed_names(bundle_bytes: bytes) -> tuple[str, ...]:
    """The paths that a signature lists, verified by nobody.

    Raises:
        HostileInput: as :func:`verify_oms`.
    """
    manifest = read_signature(bundle_bytes, legacy=True).manifest
    return tuple(file.path for file in manifest.files())
