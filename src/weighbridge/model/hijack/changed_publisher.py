"""A release was published in another way than those before it.

A publisher is kind, repository, workflow and environment. Seen in ultralytics (December 2024, a
token in the place of the trusted publisher) and axios (2026). A project that goes over to trusted
publishing changes for the better; from a trusted publisher to a token whose release is attested by
the same repository (pnpm#10622) changes nothing that matters.
"""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.facts.project import PublisherFacts, ReleaseFacts
from weighbridge.model.hijack.habits import (
    BREAK,
    broken,
    line,
    nothing_to_judge,
    on_line,
    percent,
    untold,
)
from weighbridge.model.hijack.view import Reading, SignalState, View, with_unmatched

SIGNAL = "changed-publisher"
TOKEN = "token"


def read(view: View) -> Iterator[Reading]:
    """Each new release, and each with new files, against those of its line and of those below."""
    yield from with_unmatched(SIGNAL, view, _read(view))


def _read(view: View) -> Iterator[Reading]:
    if (nothing := nothing_to_judge(SIGNAL, view)) is not None:
        yield nothing
        return
    for release in view.fresh():
        yield _judge(view, release)


def _judge(view: View, release: ReleaseFacts) -> Reading:
    version, publisher = release["version"], release["publisher"]
    if publisher is None or not _told(publisher):
        return untold(SIGNAL, view, release, f"how {version} was published")
    trusted = on_line(view, release, _trusted)
    if trusted is None:
        return untold(SIGNAL, view, release, f"how releases before {version} were published")
    if not trusted:
        said = f"has no release that {version} could be compared with"
        return Reading(SIGNAL, SignalState.NOT_APPLICABLE, said, version)
    seen = _seen(view, release)
    if publisher["kind"] == TOKEN and _vouched(release, publisher, seen):
        said = f"published {version} with a token, attested by the repository that it had before"
        return Reading(SIGNAL, SignalState.CLEAR, said, version)
    if publisher["kind"] == TOKEN:
        habit, how = trusted, "with a token and not by its trusted publisher"
    elif _tuple(publisher) in {_tuple(one) for one in seen}:
        return Reading(SIGNAL, SignalState.CLEAR, f"published {version} as before", version)
    else:
        habit = _kept([one for one in seen if one["kind"] != TOKEN])
        how = f"by {_shown(publisher)}, which never published it before"
    chance = broken(habit)
    if chance <= BREAK and publisher["kind"] == TOKEN and _unvouched(release, publisher):
        return untold(SIGNAL, view, release, f"which repository {version} is attested by")
    if chance > BREAK:
        said = f"had no habit of publishing that {version} breaks"
        return Reading(SIGNAL, SignalState.CLEAR, said, version)
    last = next((one for one in reversed(seen) if one["kind"] != TOKEN), None)
    was = f"; before it was {_shown(last)}" if last is not None else ""
    what = (
        f"published {version} {how}{was}; after {len(habit)} releases on its line that happens "
        f"with a probability of {percent(chance)}"
    )
    return Reading(SIGNAL, SignalState.FIRED, what, version)


def _trusted(release: ReleaseFacts) -> bool | None:
    publisher = release["publisher"]
    if publisher is None or not _told(publisher):
        return None
    return publisher["kind"] != TOKEN


def _told(publisher: PublisherFacts) -> bool:
    """Whether it can be compared. No environment is one; no repository is none of a workflow."""
    if publisher["kind"] in ("GitHub", "GitLab"):
        return bool(publisher["repository"] and publisher["workflow"])
    return bool(publisher["kind"])


def _seen(view: View, release: ReleaseFacts) -> list[PublisherFacts]:
    """The publishers of the earlier releases on this line and below it, oldest line first."""
    mine = line(release["version"])
    before = [r for r in view.earlier(release) if line(r["version"]) <= mine]
    before.sort(key=lambda one: line(one["version"]))
    found = (one["publisher"] for one in before if one["version"] != release["version"])
    return [publisher for publisher in found if publisher is not None and _told(publisher)]


def _kept(seen: list[PublisherFacts]) -> list[bool]:
    """For each earlier release whether its publisher had published before; the first one had."""
    known: set[tuple[str, ...]] = set()
    kept = []
    for publisher in seen:
        this = _tuple(publisher)
        kept.append(not known or this in known)
        known.add(this)
    return kept


def _vouched(release: ReleaseFacts, publisher: PublisherFacts, seen: list[PublisherFacts]) -> bool:
    """Whether a release by a token is attested, and by no repository but one that was seen."""
    return release["attested"] is True and publisher["repository"].casefold() in {
        one["repository"].casefold() for one in seen if one["repository"]
    }


def _unvouched(release: ReleaseFacts, publisher: PublisherFacts) -> bool:
    """Whether nobody tells if a release by a token is attested, or by whom."""
    return release["attested"] is None or (release["attested"] and not publisher["repository"])


def _tuple(publisher: PublisherFacts) -> tuple[str, ...]:
    return (
        publisher["kind"].casefold(),
        publisher["repository"].casefold(),
        publisher["workflow"],
        publisher["environment"],
    )


def _shown(publisher: PublisherFacts) -> str:
    parts = [publisher["kind"], publisher["repository"], publisher["workflow"]]
    if publisher["environment"]:
        parts.append(f"environment {publisher['environment']}")
    return " ".join(filter(None, parts))
