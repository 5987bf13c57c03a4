"""All signatures of a model on disk against its files, each read at most once a way of hashing.

Which files are read, and with which hash, is what the signatures ask for: the files are listed
first, the signatures taken apart, and only then the rest is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from weighbridge.edge.text import visible
from weighbridge.model.errors import (
    ExitCode,
    HostileInput,
    SubjectError,
    UsageError,
    WeighbridgeError,
    worst,
)
from weighbridge.model.glob import matches
from weighbridge.signing.discover import SUFFIXES, Discovered, SignatureFile, find_signatures
from weighbridge.signing.errors import UnrelatedSignature
from weighbridge.signing.ignored import why_ignored
from weighbridge.signing.manifest import Manifest
from weighbridge.signing.oms import (
    DEFAULT_SIGNATURE,
    OmsVerification,
    ReadSignature,
)
from weighbridge.signing.verdict import SignatureState
from weighbridge.snapshot.cache import DigestCache
from weighbridge.snapshot.hashing import Plan, Shards
from weighbridge.snapshot.listing import Listing
from weighbridge.snapshot.snapshot import Snapshot

# Verifies what was read of a signature: ``verify_oms`` with its trust filled in.
Verify = Callable[..., OmsVerification]


@dataclass(frozen=True, slots=True)
class SignatureOutcome:
    """One signature file and what came of it: a verification, or why there is none."""

    name: str
    verified: OmsVerification | None = None
    error: WeighbridgeError | None = None

    @property
    def exit_code(self) -> ExitCode:
        """What this signature alone would end with."""
        if self.verified is not None:
            return self.verified.exit_code
        assert self.error is not None
        return self.error.exit_code


@dataclass(frozen=True, slots=True)
class ModelVerification:
    """Every signature of a model, the decisive one first.

    ``files`` are those that lie there; ``read`` how many of them were hashed now and ``bytes_read``
    how many bytes that were; ``only`` the globs that the verification was narrowed to.
    ``signature_files`` are the files of the model that are its signatures, which need none.
    """

    outcomes: tuple[SignatureOutcome, ...]
    files: int
    read: int
    bytes_read: int
    only: tuple[str, ...] = ()
    signature_files: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """``HOLDS`` where one signature holds and none of the others is broken.

        A signature by an unknown signer, or of an earlier state, does not undo one that holds; one
        that is malformed or does not match under the key it names shows that somebody was at work.
        """
        codes = [outcome.exit_code for outcome in self.outcomes]
        if ExitCode.HOLDS not in codes:
            return worst(codes)
        return worst(
            outcome.exit_code
            for outcome in self.outcomes
            if outcome.exit_code is ExitCode.ERROR or _is_broken(outcome)
        )


def verify_model(
    listing: Listing,
    verify: Verify,
    *,
    given: tuple[str, bytes] | None = None,
    given_path: str = "",
    only: Sequence[str] = (),
    legacy: bool = False,
    cache: DigestCache | None = None,
) -> ModelVerification:
    """Verify the signatures of a model.

    Args:
        listing: the model's files.
        verify: :func:`weighbridge.signing.oms.verify_oms` with whom to trust.
        given: a signature's name and bytes, instead of those that lie in the model.
        given_path: where that signature lies in the model, empty where it lies elsewhere. A file
            of the model is not spared because a signature outside goes by the same name.
        only: globs; no other file is read or compared.
        legacy: take signatures of model_signing 0.2 too.
        cache: digests of earlier runs, for large files that have not changed since.

    Raises:
        SubjectError: the model has no signature, or no file.
        UsageError: a glob of ``only`` matches no signed file.
        HostileInput: there is one signature, and it cannot be used.
    """
    found = discover(listing)
    files = [SignatureFile(*given)] if given else _candidates(found)
    paths = {*found.paths, *([given_path] if given_path else [])}
    outcomes: list[SignatureOutcome] = []
    taken: dict[str, ReadSignature] = {}
    for file in files:
        try:
            taken[file.path] = file.taken_apart(legacy=legacy)
        except HostileInput as error:
            if len(files) == 1:
                raise
            if not isinstance(error, UnrelatedSignature):
                outcomes.append(SignatureOutcome(file.path, error=error))
    _check_globs(only, [signature.manifest for signature in taken.values()])
    chosen = _chooser(only)
    snapshots = _snapshots(listing, list(taken.values()), paths, chosen, cache)
    for name, signature in taken.items():
        snapshot = snapshots[signature.manifest.shards]
        verified = verify(signature, snapshot, signature_paths=paths, only=chosen)
        outcomes.append(SignatureOutcome(name, verified))
    if not outcomes:
        raise _unsigned()
    outcomes.sort(key=_decisive)
    cached = {path for s in snapshots.values() for path in s.origins}
    read = {a.path for s in snapshots.values() for a in s.artifacts} - cached
    return ModelVerification(
        tuple(outcomes),
        len(listing.walked.files),
        len(read),
        sum(snapshot.bytes_read for snapshot in snapshots.values()),
        tuple(only),
        tuple(sorted(paths)),
    )


def discover(listing: Listing) -> Discovered:
    """The signature files of a model whose other files have not been read."""
    return find_signatures(
        listing.read(
            Plan(classify=False),
            wanted=lambda path: "/" not in path and path.endswith(SUFFIXES),
            allow_none=True,
        )
    )


def _candidates(found: Discovered) -> list[SignatureFile]:
    if not found.signatures:
        raise _unsigned()
    return list(found.signatures)


def _unsigned() -> SubjectError:
    return SubjectError(
        "the model has no signature file at its top level",
        remedy="Name it with --signature, or sign the model with 'weighbridge sign'.",
    )


def _check_globs(only: Sequence[str], manifests: Sequence[Manifest]) -> None:
    """A subset that matches nothing would verify nothing and sound as if it had."""
    names = {file.path for manifest in manifests for file in manifest.files()} if only else set()
    for glob in only:
        if manifests and not any(matches(name, glob) for name in names):
            raise UsageError(
                f"--only {visible(glob, 200)!r} matches no signed file",
                remedy="Write it as the files are named in the model: '*' within a folder, '**/' "
                "for any folders.",
            )


def _chooser(only: Sequence[str]) -> Callable[[str], bool] | None:
    if not only:
        return None
    return lambda path: any(matches(path, glob) for glob in only)


def _snapshots(
    listing: Listing,
    signatures: Sequence[ReadSignature],
    paths: set[str],
    chosen: Callable[[str], bool] | None,
    cache: DigestCache | None,
) -> Mapping[Shards | None, Snapshot]:
    """The files as the signatures hash them: whole, and cut up in every way that one asks for."""
    groups: dict[Shards | None, list[Manifest]] = {}
    for signature in signatures:
        groups.setdefault(signature.manifest.shards, []).append(signature.manifest)
    result: dict[Shards | None, Snapshot] = {}
    for shards, manifests in groups.items():
        signed = {file.path for manifest in manifests for file in manifest.files()}

        def wanted(
            path: str, signed: set[str] = signed, manifests: list[Manifest] = manifests
        ) -> bool:
            if chosen is not None and not chosen(path):
                return False
            if path in signed:
                return True
            return any(not why_ignored(path, manifest, paths) for manifest in manifests)

        hashes = tuple(dict.fromkeys(manifest.hash_type for manifest in manifests))
        plan = Plan((), shards, classify=False) if shards else Plan(hashes, classify=False)
        result[shards] = listing.read(
            plan,
            wanted=wanted,
            known=cache,
            keep=cache.keep if cache else None,
            allow_none=True,
        )
    return result


def _is_broken(outcome: SignatureOutcome) -> bool:
    return outcome.verified is not None and outcome.verified.state is SignatureState.INVALID


def _decisive(outcome: SignatureOutcome) -> tuple[bool, bool, bool, str]:
    holds = outcome.exit_code is ExitCode.HOLDS
    return not holds, outcome.verified is None, outcome.name != DEFAULT_SIGNATURE, outcome.name
