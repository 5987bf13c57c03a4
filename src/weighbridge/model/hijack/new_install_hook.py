"""A release runs code when it is installed or when Python starts, and no earlier release did.

Seen in ua-parser-js (2021), Shai-Hulud (2025), litellm, axios, TanStack and Open-OSS/privacy-filter
(2026). A hook that earlier releases had is no sign, whatever is in it: what it does is looked at by
``suspicious-startup``.
"""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.facts.project import ReleaseFacts
from weighbridge.model.hijack.contents import each, listed, no_comparison, shown, unversioned
from weighbridge.model.hijack.view import Reading, SignalState, View

SIGNAL = "new-install-hook"


def read(view: View) -> Iterator[Reading]:
    """Each new release's hooks against those of all earlier releases that can be believed."""
    yield from each(
        SIGNAL,
        view,
        looked=lambda release: release["hooks"] is not None,
        judge=lambda release: _judge(view, release),
        what="what runs at its installation or when Python starts",
    )


def _judge(view: View, release: ReleaseFacts) -> Iterator[Reading]:
    version = release["version"]
    hooks = release["hooks"] or []
    if not hooks:
        said = f"runs nothing by itself in {shown(version)}"
        yield Reading(SIGNAL, SignalState.CLEAR, said, version)
        return
    earlier = view.earlier(release)
    known = [r for r in earlier if r["hooks"] is not None]
    if not known:
        what = f"runs code by itself ({listed(hooks)})"
        yield no_comparison(SIGNAL, release, len(earlier), what)
        return
    had = {unversioned(hook, r["version"]) for r in known for hook in r["hooks"] or ()}
    new = [hook for hook in dict.fromkeys(hooks) if unversioned(hook, version) not in had]
    if not new:
        said = f"runs in {shown(version)} what earlier releases ran too ({listed(hooks)})"
        yield Reading(SIGNAL, SignalState.CLEAR, said, version)
        return
    for hook in new:
        what = (
            f"runs {shown(hook)} by itself since {shown(version)}; none of the {len(known)} "
            "earlier releases that were looked into did"
        )
        yield Reading(SIGNAL, SignalState.FIRED, what, version, shown(hook))
