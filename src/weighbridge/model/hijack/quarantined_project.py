"""The service has quarantined, disabled or deleted the project, or a record calls it malicious.

A hard stop, and late: it comes after somebody else has found out. The states are those of PEP 792
(``active``, ``archived``, ``quarantined``), of a Hub (``disabled``) and of a project that is gone.
"""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.hijack.contents import listed, shown
from weighbridge.model.hijack.view import Reading, SignalState, View

SIGNAL = "quarantined-project"
_STOPPED = {
    "quarantined": "was quarantined by its index",
    "disabled": "was disabled by its service",
    "deleted": "is not there any more",
}
_RUNNING = frozenset({"active", "archived", "deprecated"})


def read(view: View) -> Iterator[Reading]:
    """What the service says of the project, and what records say of the release in use."""
    now = view.now
    release = now["release"]
    if now["status"] in _STOPPED:
        because = f": {shown(now['status_reason'])}" if now["status_reason"] else ""
        what = f"{_STOPPED[now['status']]}{because}"
        yield Reading(SIGNAL, SignalState.FIRED, what, key="status")
    elif now["status"] in _RUNNING:
        yield Reading(SIGNAL, SignalState.CLEAR, f"is {now['status']}", key="status")
    else:
        said = "has a state that is not known" if now["status"] else "does not tell its state"
        said += f": {shown(now['status'])}" if now["status"] else ""
        yield Reading(SIGNAL, SignalState.UNAVAILABLE, said, key="status")
    if now["malicious"]:
        which = f" in {shown(release)}" if release else ""
        what = f"is recorded as malicious{which}: {listed(list(now['malicious']))}"
        yield Reading(SIGNAL, SignalState.FIRED, what, release, "malicious")
    elif now["malicious"] is None:
        said = "was not looked up among records of malicious packages"
        yield Reading(SIGNAL, SignalState.UNAVAILABLE, said, release, "malicious")
    else:
        said = "has no record that calls it malicious"
        yield Reading(SIGNAL, SignalState.CLEAR, said, release, "malicious")
