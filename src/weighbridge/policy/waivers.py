"""Waivers: accepted findings, each with an owner, a reason, an approver and an end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from weighbridge.model.digest import Digest
from weighbridge.model.errors import ConfigurationError, MalformedDigest
from weighbridge.model.finding import Finding, Outcome
from weighbridge.model.glob import matches
from weighbridge.model.policy import Waiver
from weighbridge.policy.document import Document, dotted
from weighbridge.policy.suggest import did_you_mean

if TYPE_CHECKING:
    from weighbridge.policy.shape import WaiverEntry

EVERYWHERE = "**"
_SUBJECT = "Copy the subject's digest, dirHash1:…, from the audit's report."


def read_waivers(
    document: Document,
    entries: Sequence[WaiverEntry],
    *,
    rules: Collection[str],
    as_of: dt.date,
    max_days: int,
) -> tuple[Waiver, ...]:
    """The waivers of one file.

    Raises:
        ConfigurationError: an unknown rule, a subject that is no dirHash1, a waiver of the future,
            one that has expired, or one that runs longer than ``max_days``.
    """
    return tuple(
        _waiver(document, entry, index, rules, as_of, max_days)
        for index, entry in enumerate(entries)
    )


def _waiver(
    document: Document,
    entry: WaiverEntry,
    index: int,
    rules: Collection[str],
    as_of: dt.date,
    max_days: int,
) -> Waiver:
    here = ("waivers", index)
    name = f"the waiver {entry.id!r}"
    if entry.rule not in rules:
        raise document.error(
            f"unknown rule {entry.rule!r} in {dotted(here)}",
            (*here, "rule"),
            did_you_mean(entry.rule, rules),
        )
    try:
        subject = Digest.parse(entry.subject)
    except MalformedDigest as error:
        raise document.error(error.message, (*here, "subject"), _SUBJECT) from error
    if subject.algorithm != "dirHash1":
        raise document.error(
            f"{name} names its subject by {subject.algorithm}, which no subject has",
            (*here, "subject"),
            _SUBJECT,
        )
    if entry.created > as_of:
        raise document.error(f"{name} is dated {entry.created}, after {as_of}", (*here, "created"))
    if entry.expires < as_of:
        raise document.error(
            f"{name} expired on {entry.expires}, and it is {as_of}",
            (*here, "expires"),
            "Fix what it covers and remove it, or have it approved anew.",
        )
    days = (entry.expires - entry.created).days
    if days > max_days:
        raise document.error(
            f"{name} runs {days} days, longer than the {max_days} that the policy allows",
            (*here, "expires"),
            "Shorten it, and have it approved anew when it ends.",
        )
    return Waiver(
        entry.id, entry.rule, subject, entry.path, entry.owner, entry.reason, entry.approver,
        entry.created, entry.expires,
    )  # fmt: skip


def refuse_dates(waivers: Sequence[Waiver], as_of: dt.date) -> None:
    """Refuse waivers that do not hold on a day: a policy may be evaluated on another than it was
    loaded for.

    Raises:
        ConfigurationError: one is not valid yet, or no longer.
    """
    for waiver in waivers:
        if not waiver.created <= as_of <= waiver.expires:
            raise ConfigurationError(
                f"the waiver {waiver.id!r} holds from {waiver.created} to {waiver.expires}, "
                f"and it is {as_of}",
                remedy="Remove it, or have it approved anew.",
            )


def accepts(waiver: Waiver, finding: Finding) -> bool:
    """Whether a waiver accepts a failing finding of its rule. Its path is a glob, or the very path.

    A finding without a place is accepted by ``**`` alone.
    """
    if finding.outcome is not Outcome.FAIL:
        return False
    if waiver.path == EVERYWHERE:
        return True
    path = finding.location.path if finding.location else ""
    return bool(path) and (waiver.path == path or matches(path, waiver.path))
