"""Indexes that a source names: more than one lets a stranger's package take a name's place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from weighbridge.edge.text import visible
from weighbridge.packages.addresses import is_address, without_secrets
from weighbridge.packages.source import Issue

MAX_INDEXES = 50


def index_issues(addresses: Iterable[str], *, always: bool = False) -> list[Issue]:
    """One issue an index beside the usual one, and one a folder of archives.

    Args:
        addresses: the index of each package; empty ones do not count. The usual one is that of
            most packages.
        always: tell every index: where naming one means another than the usual one.
    """
    counted = Counter(address for address in addresses if address)
    remote = sorted((a for a in counted if is_address(a)), key=lambda a: (-counted[a], a))
    issues = [Issue("find-links", 0, visible(a, 200)) for a in sorted(counted) if not is_address(a)]
    issues += [
        Issue("index", 0, visible(without_secrets(address), 200))
        for address in sorted(remote if always else remote[1:])
    ]
    cut = len(issues) - MAX_INDEXES
    if cut > 0:
        issues = [*issues[:MAX_INDEXES], Issue("index", 0, f"and {cut} more")]
    return issues
