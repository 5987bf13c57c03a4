"""What a policy demands of signatures: read from a file, and whether it can be met at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from weighbridge.model.policy import SignatureDemands, SignerKind, TrustedSigner
from weighbridge.policy.document import Document
from weighbridge.policy.roots import read_certificates
from weighbridge.policy.shape import SignaturesEntry

_AT = "signatures"


def read_demands(
    document: Document, entry: SignaturesEntry, before: SignatureDemands
) -> SignatureDemands:
    """The demands of one policy file on top of those beneath. What is left out is inherited.

    Raises:
        ConfigurationError: a root cannot be read, or a demand is loosened without a reason.
    """
    roots = before.timestamp_roots
    if entry.said("timestamp_roots"):
        at = (_AT, "timestamp_roots")
        roots = read_certificates(document, entry.timestamp_roots, at)

    def given(name: str) -> object:
        return getattr(entry, name) if entry.said(name) else getattr(before, name)

    because = entry.because if entry.said("because") else ""
    after = SignatureDemands(
        min_signers=int(str(given("min_signers"))),
        max_age_days=int(str(given("max_age_days"))),
        require_timestamp=given("require_timestamp") is True,
        require_log=given("require_log") is True,
        timestamp_roots=roots,
        because="; ".join(dict.fromkeys(text for text in (before.because, because) if text)),
    )
    for key, what in _loosened(before, after):
        if not because:
            raise document.error(
                f"this {what}",
                (_AT, key),
                "Say why in 'because:' under 'signatures:'; the report prints it.",
            )
    return after


def check_demands(
    document: Document, demands: SignatureDemands, trust: Sequence[TrustedSigner]
) -> None:
    """Whether the trusted signers can meet the demands.

    Raises:
        ConfigurationError: more signers are demanded than there are, a log of those who have none,
            or a time that nobody is trusted to state.
    """
    if trust and demands.min_signers > len(trust):
        raise document.error(
            f"min_signers is {demands.min_signers}, and the policy trusts {len(trust)}",
            (_AT, "min_signers"),
            "Trust more signers, or demand fewer.",
        )
    kinds = {signer.kind for signer in trust}
    logged = [signer for signer in trust if signer.kind is SignerKind.SIGSTORE]
    if trust and demands.require_log and len(logged) < demands.min_signers:
        raise document.error(
            "require_log can be met by Sigstore identities alone, and the policy trusts "
            f"{len(logged)} of them",
            (_AT, "require_log"),
            "Trust identities with a trusted_root, or leave require_log away.",
        )
    if demands.timestamp_roots or not kinds - {SignerKind.SIGSTORE}:
        return
    for key in ("require_timestamp", "max_age_days"):
        if getattr(demands, key):
            raise document.error(
                f"{key} needs somebody to state a time, and no timestamp authority is trusted",
                (_AT, key),
                "Give its root certificate in 'timestamp_roots:' under 'signatures:'.",
            )


def _loosened(before: SignatureDemands, after: SignatureDemands) -> Iterator[tuple[str, str]]:
    if after.min_signers < before.min_signers:
        what = f"lowers min_signers from {before.min_signers} to {after.min_signers}"
        yield "min_signers", what
    if before.max_age_days and after.max_age_days > before.max_age_days:
        what = f"raises max_age_days from {before.max_age_days} to {after.max_age_days}"
        yield "max_age_days", what
    for key in ("require_timestamp", "require_log"):
        if getattr(before, key) and not getattr(after, key):
            yield key, f"takes {key} from true to false"
