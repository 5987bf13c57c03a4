"""What signals of contents, names, repositories and identity are worth, and from what counts.

The incidents are the twenty of decision 22. Each count names its incidents; one of which nobody
recorded whether it showed the signal counts as not showing it.
"""

from __future__ import annotations

from weighbridge.model.hijack import (
    artifact_differs,
    changed_release_key,
    changed_repository,
    hostile_fork,
    new_binary,
    new_install_hook,
    quarantined_project,
    recreated_namespace,
    suspicious_startup,
)
from weighbridge.model.hijack.likelihood import ASSUMED, INCIDENTS, Group, Likelihood, Signal

_ASSUMED = "benign releases: nobody measured; one in a hundred is assumed (decision 22)"

CONTENTS: tuple[Signal, ...] = (
    Signal(
        new_install_hook.SIGNAL,
        new_install_hook.read,
        Group.CONTENT,
        Likelihood(
            6, INCIDENTS, *ASSUMED,
            "incidents: ua-parser-js, Shai-Hulud, litellm, axios, TanStack, "
            f"Open-OSS/privacy-filter; {_ASSUMED}",
        ),
    ),
    Signal(
        new_binary.SIGNAL,
        new_binary.read,
        Group.CONTENT,
        Likelihood(
            9, INCIDENTS, *ASSUMED,
            "incidents: ua-parser-js, torchtriton, xz, the Hub's pickles of 2024, chalk and debug, "
            f"Shai-Hulud, litellm, lightning, TanStack; {_ASSUMED}",
        ),
    ),
    Signal(
        recreated_namespace.SIGNAL,
        recreated_namespace.read,
        Group.IDENTITY,
        Likelihood(
            1, INCIDENTS, *ASSUMED,
            f"incidents: Namespace Reuse; {_ASSUMED}; a hard stop whatever its points",
        ),
    ),
    Signal(
        changed_repository.SIGNAL,
        changed_repository.read,
        Group.SOURCE,
        Likelihood(0, INCIDENTS, *ASSUMED, f"incidents: none is recorded to show it; {_ASSUMED}"),
    ),
    Signal(
        hostile_fork.SIGNAL,
        hostile_fork.read,
        Group.NAME,
        Likelihood(1, INCIDENTS, *ASSUMED, f"incidents: Open-OSS/privacy-filter; {_ASSUMED}"),
    ),
    Signal(
        changed_release_key.SIGNAL,
        changed_release_key.read,
        Group.SOURCE,
        Likelihood(1, INCIDENTS, *ASSUMED, f"incidents: xz; {_ASSUMED}"),
    ),
    Signal(
        artifact_differs.SIGNAL,
        artifact_differs.read,
        Group.CONTENT,
        Likelihood(
            4, INCIDENTS, *ASSUMED,
            f"incidents: xz, aiocpa, ultralytics, lightning; {_ASSUMED}",
        ),
    ),
    Signal(
        suspicious_startup.SIGNAL,
        suspicious_startup.read,
        Group.CONTENT,
        Likelihood(
            3, INCIDENTS, 0, 232,
            "incidents: ua-parser-js, litellm, lightning; benign releases: measured, none of 232 "
            "packages of one environment (2,471 files of start-up code)",
        ),
    ),
    Signal(
        quarantined_project.SIGNAL,
        quarantined_project.read,
        Group.IDENTITY,
        Likelihood(
            0, INCIDENTS, *ASSUMED,
            "incidents: not counted, since it comes after an incident was found; "
            f"{_ASSUMED}; a hard stop whatever its points",
        ),
    ),
)  # fmt: skip
