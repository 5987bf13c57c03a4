"""What a policy demands of signatures: read from a file, and whether it can be met at all.

What is demanded of some files (``by_path``) comes on top of what is demanded of all, and a policy
on top adds to it. So whichever globs overlap, no file is ever asked for less than either says.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TypeVar

from weighbridge.edge.yaml import KeyPath
from weighbridge.model.policy import PathDemands, SignatureDemands, SignerKind, TrustedSigner
from weighbridge.policy.document import Document
from weighbridge.policy.roots import read_certificates
from weighbridge.policy.shape import PathDemandsEntry, SignaturesEntry

_AT: KeyPath = ("signatures",)
_KEYS = ("min_signers", "max_age_days", "require_timestamp", "require_log", "timestamp_roots")
_WHY = "Say why in 'because:' beside it; the report prints it."

D = TypeVar("D", SignatureDemands, PathDemands)


def read_demands(
    document: Document, entry: SignaturesEntry, before: SignatureDemands
) -> SignatureDemands:
    """The demands of one policy file on top of those beneath. What is left out is inherited.

    Raises:
        ConfigurationError: a root cannot be read, or a demand is loosened without a reason.
    """
    after = _put(document, entry, before, _AT)
    reasons = [before.because, entry.because if entry.said("because") else ""]
    by_path = {_name(demands): demands for demands in before.by_path}
    seen: set[frozenset[str]] = set()
    for index, given in enumerate(entry.by_path if entry.said("by_path") else ()):
        here = (*_AT, "by_path", index)
        demands = _of_paths(document, given, by_path, after, here)
        if _name(demands) in seen:
            raise document.error(
                "two entries of by_path have the same paths", here, "Join them to one."
            )
        seen.add(_name(demands))
        by_path[_name(demands)] = demands
        if given.said("because"):
            reasons.append(f"for {', '.join(demands.paths)}: {given.because}")
    return dataclasses.replace(
        after,
        because="; ".join(dict.fromkeys(reason for reason in reasons if reason)),
        by_path=tuple(by_path.values()),
    )


def check_demands(
    document: Document, demands: SignatureDemands, trust: Sequence[TrustedSigner]
) -> None:
    """Whether the trusted signers can meet the demands.

    Raises:
        ConfigurationError: more signers are demanded than there are, a log of those who have none,
            a time that nobody is trusted to state, or by other roots than all files need.
    """
    _check(document, demands, trust, _AT)
    here = (*_AT, "by_path")  # in which of the files an entry stands is not known any more
    for more in demands.by_path:
        if demands.timestamp_roots and not set(more.timestamp_roots) <= {*demands.timestamp_roots}:
            raise document.error(
                f"the timestamp roots for {', '.join(more.paths)} are not among those for all "
                "files, whose timestamps count there too",
                here,
                "Name them under 'signatures:' as well; here, leave out those that must not do.",
            )
        strictest = dataclasses.replace(
            demands,
            min_signers=max(demands.min_signers, more.min_signers),
            max_age_days=more.max_age_days or demands.max_age_days,
            require_timestamp=demands.require_timestamp or more.require_timestamp,
            require_log=demands.require_log or more.require_log,
            timestamp_roots=more.timestamp_roots or demands.timestamp_roots,
        )
        _check(document, strictest, trust, here)


def _of_paths(
    document: Document,
    entry: PathDemandsEntry,
    beneath: dict[frozenset[str], PathDemands],
    everywhere: SignatureDemands,
    here: KeyPath,
) -> PathDemands:
    """One entry of ``by_path``, on top of the one beneath that has the same paths.

    Raises:
        ConfigurationError: it demands nothing, or less than is demanded of every file.
    """
    if not any(entry.said(key) for key in _KEYS):
        raise document.error(
            "this demands nothing", here, f"Say at least one of {', '.join(_KEYS)}."
        )
    before = beneath.get(frozenset(entry.paths)) or PathDemands(tuple(entry.paths))
    after = _put(document, entry, before, here)
    for key, what in _loosened(everywhere, after):
        if entry.said(key) and key != "timestamp_roots":
            raise document.error(
                f"by_path demands more of some files and never less: this {what}",
                (*here, key),
                "Demand less under 'signatures:', and more of the other files under 'by_path:'.",
            )
    return after


def _put(
    document: Document, entry: SignaturesEntry | PathDemandsEntry, before: D, here: KeyPath
) -> D:
    """What a file says, on top of what is beneath.

    Raises:
        ConfigurationError: a root cannot be read, or a demand is loosened without a reason.
    """
    roots = before.timestamp_roots
    if entry.said("timestamp_roots"):
        at = (*here, "timestamp_roots")
        roots = read_certificates(document, entry.timestamp_roots, at)
    said = {key: getattr(entry, key) for key in _KEYS[:-1] if entry.said(key)}
    after = dataclasses.replace(before, **said, timestamp_roots=roots)
    for key, what in _loosened(before, after):
        if not entry.said("because"):
            raise document.error(f"this {what}", (*here, key), _WHY)
    return after


def _name(demands: PathDemands) -> frozenset[str]:
    return frozenset(demands.paths)


def _check(
    document: Document, demands: SignatureDemands, trust: Sequence[TrustedSigner], here: KeyPath
) -> None:
    if trust and demands.min_signers > len(trust):
        raise document.error(
            f"min_signers is {demands.min_signers}, and the policy trusts {len(trust)}",
            (*here, "min_signers"),
            "Trust more signers, or demand fewer.",
        )
    kinds = {signer.kind for signer in trust}
    logged = [signer for signer in trust if signer.kind is SignerKind.SIGSTORE]
    if trust and demands.require_log and len(logged) < demands.min_signers:
        raise document.error(
            "require_log can be met by Sigstore identities alone, and the policy trusts "
            f"{len(logged)} of them",
            (*here, "require_log"),
            "Trust identities with a trusted_root, or leave require_log away.",
        )
    if demands.timestamp_roots or not kinds - {SignerKind.SIGSTORE}:
        return
    for key in ("require_timestamp", "max_age_days"):
        if getattr(demands, key):
            raise document.error(
                f"{key} needs somebody to state a time, and no timestamp authority is trusted",
                (*here, key),
                "Give its root certificate in 'timestamp_roots:' under 'signatures:'.",
            )


def _loosened(
    before: SignatureDemands | PathDemands, after: SignatureDemands | PathDemands
) -> Iterator[tuple[str, str]]:
    if after.min_signers < before.min_signers:
        what = f"lowers min_signers from {before.min_signers} to {after.min_signers}"
        yield "min_signers", what
    if before.max_age_days and not 0 < after.max_age_days <= before.max_age_days:
        what = f"raises max_age_days from {before.max_age_days} to {after.max_age_days or 'any'}"
        yield "max_age_days", what
    for key in ("require_timestamp", "require_log"):
        if getattr(before, key) and not getattr(after, key):
            yield key, f"takes {key} from true to false"
    if before.timestamp_roots and not {*after.timestamp_roots} <= {*before.timestamp_roots}:
        yield "timestamp_roots", "believes timestamp authorities that the one beneath does not"
