"""The published file has code that the source at its tag does not have.

Seen in xz (2024, only in the tarball), aiocpa and ultralytics (2024) and lightning (2026). Builds
write files too: what earlier releases were found to have besides the tag, this one may have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from weighbridge.model.facts.project import ReleaseFacts
from weighbridge.model.hijack.contents import each, listed, shown, unversioned
from weighbridge.model.hijack.view import Reading, SignalState, View

SIGNAL = "artifact-differs"
# what setuptools-scm, hatch-vcs, versioneer and their like write during a build
_WRITTEN = re.compile(r"(?:.*/)?_?_?(?:version|version_info|build_info|_version)(?:__)?\.py\Z")


def read(view: View) -> Iterator[Reading]:
    """Each new release's differing files, less those that earlier releases differed in."""
    yield from each(
        SIGNAL,
        view,
        looked=lambda release: release["differs"] is not None,
        judge=lambda release: _judge(view, release),
        what="whether the published code is that of the tag",
    )


def _judge(view: View, release: ReleaseFacts) -> Iterator[Reading]:
    version = release["version"]
    known = [r for r in view.earlier(release) if r["differs"] is not None]
    had = {unversioned(path, r["version"]) for r in known for path in r["differs"] or ()}
    paths = dict.fromkeys(release["differs"] or ())
    new = [path for path in paths if unversioned(path, version) not in had]
    if not new:
        said = f"published in {shown(version)} the code of its tag"
        said += ", and files that earlier builds wrote too" if paths else ""
        yield Reading(SIGNAL, SignalState.CLEAR, said, version)
        return
    if not known and all(_WRITTEN.match(path) for path in new):
        said = (
            f"differs from its tag in {shown(version)} only in a file such as builds write "
            f"({listed(new)}), and no earlier release was compared"
        )
        yield Reading(SIGNAL, SignalState.UNAVAILABLE, said, version)
        return
    if not known and set(new) <= set(_accepted_since(view)):
        said = (
            f"differs from its tag in {shown(version)} as an accepted release does "
            f"({listed(new)}), which was not compared when it was accepted"
        )
        yield Reading(SIGNAL, SignalState.UNAVAILABLE, said, version)
        return
    what = f"published code in {shown(version)} that its tag does not have: {listed(new)}"
    yield Reading(SIGNAL, SignalState.FIRED, what, version)


def _accepted_since(view: View) -> Iterator[str]:
    """What accepted releases differ in that were compared only after they were accepted."""
    fresh = {id(release) for release in view.fresh()}
    for release in view.now["releases"] or ():
        if id(release) not in fresh and view.before is not None:
            yield from release["differs"] or ()
