"""Signing a model on disk, and reading no more of it than has to be.

What stands in for reading a file, each only on request and each told apart in the result:

- ``cached``, with an earlier signature: that signature holds under a key that the caller names, it
  lists this path with a digest, and the digest cache of this user says that the file, unchanged by
  device, inode, size, mtime and ctime, had that very digest when it was last read here. Neither of
  the two is enough alone.
- ``declared``, by a Git LFS pointer, or by the name of a blob in the Hugging Face cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from weighbridge.model.digest import Digest
from weighbridge.model.policy import TrustedSigner
from weighbridge.model.subject import SubjectKind
from weighbridge.signing import dsse
from weighbridge.signing.build import build_manifest
from weighbridge.signing.errors import CannotSign
from weighbridge.signing.manifest import Manifest
from weighbridge.signing.oms import read_signature
from weighbridge.signing.resources import SignedFile
from weighbridge.signing.signers import Signer
from weighbridge.signing.trust import check_signature
from weighbridge.signing.verdict import SignatureState
from weighbridge.snapshot.cache import DigestCache
from weighbridge.snapshot.declared import blob_names
from weighbridge.snapshot.disk import DiskTree
from weighbridge.snapshot.hashing import Plan, Shards
from weighbridge.snapshot.listing import Listing
from weighbridge.snapshot.origin import Origin
from weighbridge.snapshot.read import Content
from weighbridge.snapshot.tree import Parts


@dataclass(frozen=True, slots=True)
class SignedModel:
    """A signature and how the digests in it were had.

    ``not_read`` names the files that were not read, with the origin of their digests. Sizes are in
    bytes; ``empty`` are files that a signature over shards does not cover.
    """

    bundle: bytes
    manifest: Manifest
    bytes_read: int
    bytes_not_read: int
    not_read: Mapping[str, Origin]
    empty: tuple[str, ...] = ()


def read_earlier(data: bytes, signer: TrustedSigner) -> Manifest:
    """The manifest of an earlier signature, which must hold under the signer's key.

    Raises:
        CannotSign: it does not.
        HostileInput: it is no signature of a model.
    """
    bundle, manifest = read_signature(data)
    verdict = check_signature(bundle, [signer])
    if verdict.state is not SignatureState.VALID or not manifest.root_consistent:
        raise CannotSign(
            f"the earlier signature does not hold: {verdict.reason or 'it contradicts itself'}",
            remedy="Name its signer's public key with --key-of-old, or sign without --since.",
        )
    return manifest


def sign_model(
    listing: Listing,
    signer: Signer,
    *,
    hash_type: str = "sha256",
    shard_size: int = 0,
    signature_path: str = "",
    ignore: Iterable[str] = (),
    allow_pointers: bool = False,
    trust_names: bool = False,
    since: Manifest | None = None,
    cache: DigestCache | None = None,
) -> SignedModel:
    """Sign the files of a model.

    Args:
        listing: the files.
        signer: who signs.
        hash_type: see :func:`build_manifest`, as all up to ``allow_pointers``.
        shard_size: in bytes, 0 for whole files.
        signature_path: where the signature will lie.
        ignore: paths to leave out.
        allow_pointers: sign what a pointer declares.
        trust_names: sign what a name in the Hugging Face cache declares.
        since: an earlier signature's manifest, verified; see :func:`read_earlier`.
        cache: asked only together with ``since``; told what was read in any case.

    Raises:
        CannotSign: see :func:`build_manifest`.
    """
    shards = Shards(hash_type, shard_size) if shard_size else None
    plan = Plan((), shards, classify=False) if shards else Plan((hash_type,), classify=False)
    known = _Known(listing, since, cache, trust_names=trust_names)
    snapshot = listing.read(plan, known=known, keep=cache.keep if cache else None)
    manifest = build_manifest(
        snapshot,
        hash_type=hash_type,
        shard_size=shard_size,
        signature_path=signature_path,
        ignore=ignore,
        allow_pointers=allow_pointers,
    )
    bundle = signer.sign(dsse.IN_TOTO, manifest.to_envelope_payload()).to_bytes()
    signed = {file.path for file in manifest.files()}
    not_read = {path: how for path, how in snapshot.origins.items() if path in signed}
    return SignedModel(
        bundle,
        manifest,
        snapshot.bytes_read,
        sum(a.size for a in snapshot.artifacts if a.path in not_read),
        not_read,
        tuple(a.path for a in snapshot.artifacts if shards and not a.size),
    )


class _Known:
    """Which of the large files need not be read."""

    def __init__(
        self,
        listing: Listing,
        since: Manifest | None,
        cache: DigestCache | None,
        *,
        trust_names: bool,
    ) -> None:
        self.cache = cache if since is not None else None
        self.trust_names = trust_names and listing.place.kind is SubjectKind.HUB_CACHE
        self.signed: dict[tuple[Parts, Digest], SignedFile] = {}
        if since is not None:
            table = {file.path: file for file in since.files()}
            for found in listing.walked.files:
                if (file := table.get(found.path)) is not None:
                    self.signed[found.real, file.digest] = file

    def __call__(self, tree: DiskTree, files: list[Parts], plan: Plan) -> Mapping[Parts, Content]:
        known: dict[Parts, Content] = {}
        if self.trust_names:
            known |= blob_names(tree, files, plan)
        if self.cache is not None:
            left = [real for real in files if real not in known]
            for real, content in self.cache(tree, left, plan).items():
                file = self.signed.get((real, content.digests[0]))
                if file is not None:
                    known[real] = content._replace(shards=file.shards)
        return known
