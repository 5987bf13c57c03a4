"""What signals of owners, publishing and times are worth, and from what counts.

The incidents are the twenty of decision 22. Each count names its incidents; one of which nobody
recorded whether it showed the signal counts as not showing it.
"""

from __future__ import annotations

from weighbridge.model.hijack import (
    account_domain,
    changed_owner,
    changed_publisher,
    dormant_release,
    dropped_attestations,
    release_burst,
    untagged_release,
    young_dependency,
)
from weighbridge.model.hijack.likelihood import ASSUMED, INCIDENTS, Group, Likelihood, Signal

_ASSUMED = "benign releases: nobody measured; one in a hundred is assumed (decision 22)"

RELEASES: tuple[Signal, ...] = (
    Signal(
        changed_owner.SIGNAL,
        changed_owner.read,
        Group.OWNERSHIP,
        Likelihood(
            4, INCIDENTS, *ASSUMED,
            f"incidents: event-stream, arrapi, xz, axios; {_ASSUMED}",
        ),
    ),
    Signal(
        changed_publisher.SIGNAL,
        changed_publisher.read,
        Group.PUBLISHING,
        Likelihood(2, INCIDENTS, *ASSUMED, f"incidents: ultralytics, axios; {_ASSUMED}"),
    ),
    Signal(
        dropped_attestations.SIGNAL,
        dropped_attestations.read,
        Group.PUBLISHING,
        Likelihood(2, INCIDENTS, *ASSUMED, f"incidents: ultralytics, axios; {_ASSUMED}"),
    ),
    Signal(
        untagged_release.SIGNAL,
        untagged_release.read,
        Group.SOURCE,
        Likelihood(
            6, INCIDENTS, 11, 631,
            "incidents: ua-parser-js, ultralytics, num2words, litellm, axios, lightning; benign "
            "releases: measured, 11 of 631 finals of nine packages had no tag, whatever their "
            "habit was (7 of them from before there was one)",
        ),
    ),
    Signal(
        dormant_release.SIGNAL,
        dormant_release.read,
        Group.TIMING,
        Likelihood(
            1, INCIDENTS, 21, 820,
            "incidents: ctx; benign releases: measured, 2.6 % of 820 of twelve repositories",
        ),
    ),
    Signal(
        release_burst.SIGNAL,
        release_burst.read,
        Group.TIMING,
        Likelihood(
            3, INCIDENTS, 16, 820,
            "incidents: ua-parser-js, ctx, lottie-player (three or more of one project within a "
            "day; seven more published several projects or two releases at once); benign "
            "releases: measured, 2.0 % of 820 of twelve repositories",
        ),
    ),
    Signal(
        young_dependency.SIGNAL,
        young_dependency.read,
        Group.DEPENDENCIES,
        Likelihood(2, INCIDENTS, *ASSUMED, f"incidents: event-stream, axios; {_ASSUMED}"),
    ),
    Signal(
        account_domain.SIGNAL,
        account_domain.read,
        Group.ACCOUNT,
        Likelihood(
            1, INCIDENTS, 8_494, 1_630_000,
            "incidents: ctx; benign projects: arXiv 2112.10165 found mail domains that had run "
            "out for 8,494 of 1.63 million packages",
        ),
    ),
)  # fmt: skip
