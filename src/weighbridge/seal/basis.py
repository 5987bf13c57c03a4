"""On what a verified seal rests, in words: who signed, who says when, and until when that holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weighbridge.edge.text import visible

if TYPE_CHECKING:
    from weighbridge.seal.outcome import SealReport
    from weighbridge.seal.times import Stamped


def basis(report: SealReport) -> str:
    """Two sentences or more: the signer, then the time."""
    if report.signer is None:
        return "No signer could be read."
    return f"{_signer(report)} {_time(report)}"


def _signer(report: SealReport) -> str:
    from weighbridge.seal.outcome import SignerTrust

    if report.sigstore and report.trust is not SignerTrust.PINNED:
        return _identity(report)
    key = f"self-signed by the key {report.signer}"
    if report.issuer:
        key = (
            f"signed by {visible(report.holder, 200)} with the key {report.signer}, certified by "
            f"{visible(report.issuer, 200)}"
        )
    return {
        SignerTrust.PINNED: f"It is {key}, whose fingerprint you gave: as trustworthy as the "
        "way in which you got that fingerprint.",
        SignerTrust.CHAIN: f"It is {key}, which leads to a root certificate that you gave: as "
        "trustworthy as that authority.",
        SignerTrust.LOCAL: f"It is {key}, which is the sealing key of this user account.",
        SignerTrust.UNKNOWN: f"It is {key}, which is not known here: this proves nothing about "
        "who signed, only that nothing changed since. Compare the fingerprint with one you got "
        "another way, then pass it with --signer"
        + (", or the authority's root with --certificate-root." if report.issuer else "."),
        SignerTrust.OTHER: f"It is {key}, which is not the one you gave"
        + (" or leads to no root you gave." if report.issuer else "."),
        SignerTrust.NONE: "No signer could be read.",
    }[report.trust]


def _identity(report: SealReport) -> str:
    from weighbridge.seal.outcome import SignerTrust

    who = (
        f"the Sigstore identity {visible(report.holder, 200)}, for whom the provider "
        f"{visible(report.issuer, 200) or '(none is named)'} vouches"
    )
    if report.trust is SignerTrust.SIGSTORE:
        return (
            f"It is sealed by {who}. This was verified offline under the pinned trust root, with "
            "the transparency log's proof: as trustworthy as that provider and that Sigstore "
            "instance. The key was made for this seal alone."
        )
    if report.trust is SignerTrust.OTHER:
        return f"It claims {who}. That is untrusted: it is not whom you gave, or does not verify."
    return (
        f"It claims {who}. That was not verified and is untrusted until it is: pin both with "
        "--identity and --issuer, with --trusted-root for a private instance, on the whole pack."
    )


def _time(report: SealReport) -> str:
    if not report.timestamps:
        return "No timestamp says when: the signer could have chosen any date."
    last = max(report.timestamps, key=lambda stamped: stamped.timestamp.time)
    until = min(stamped.until for stamped in _last_of_each(report))
    if report.existed:
        return (
            f"It existed at {report.existed:%Y-%m-%d %H:%M:%S} UTC, says "
            f"{last.timestamp.authority}, which you trust; that can be shown until "
            f"{until:%Y-%m-%d}, and longer if it is renewed before ('weighbridge report renew')."
        )
    return (
        f"A timestamp of {last.timestamp.authority} states "
        f"{last.timestamp.time:%Y-%m-%d %H:%M:%S} UTC, and whether that is to be believed was not "
        f"established; its certificate ends on {until:%Y-%m-%d}."
    )


def _last_of_each(report: SealReport) -> list[Stamped]:
    return list({stamped.part: stamped for stamped in report.timestamps}.values())
