"""Signals of contents and identity: never an error, never clear without a look, never unsaid."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.model.hijack.projects import AS_OF, project, release

from weighbridge.model.errors import HostileInput
from weighbridge.model.hijack.patterns import PATTERNS
from weighbridge.model.hijack.signals_contents import CONTENTS
from weighbridge.model.hijack.view import Reading, SignalState, View
from weighbridge.packages.startup_patterns import KINDS, startup_patterns

TEXT = st.text(max_size=12) | st.sampled_from(
    ["", "1.0", "2.0", "alice", "x.pth", "a.so", "638f7ae36c25af4071044105", "\u202e\x1b", "author"]
)
TIME = TEXT | st.sampled_from(["2019-01-01T00:00:00Z", "2026-11-10T00:00:00Z", "9999-12-31"])
FLAG = st.none() | st.booleans()


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.lists(values, max_size=3)


RELEASE = st.builds(
    release,
    version=TEXT,
    signed_by=st.sampled_from([None, "author", "web-flow", "bot", "none"]),
    signing_key=TEXT,
    hooks=maybe(TEXT),
    size=st.none() | st.integers(-1, 2**40),
    binaries=maybe(st.fixed_dictionaries({"path": TEXT, "size": st.integers(-1, 2**40)})),
    differs=maybe(TEXT),
    patterns=maybe(TEXT | st.sampled_from(sorted(PATTERNS))),
    sha256=st.lists(TEXT, max_size=2),
)
REPOSITORY = st.fixed_dictionaries(
    {
        **dict.fromkeys(("host", "name", "id", "owner", "owner_id"), TEXT),
        **dict.fromkeys(("created", "pushed"), TIME),
        **dict.fromkeys(("archived", "disabled"), FLAG),
        "fork_of": st.none() | TEXT,
    }
)
PROJECT = st.builds(
    project,
    releases=st.lists(RELEASE, max_size=4),
    system=st.sampled_from(["pypi", "npm", "huggingface", "github"]),
    name=TEXT,
    release=TEXT,
    identity=TEXT,
    created=TIME,
    status=TEXT | st.sampled_from(["active", "quarantined", "deleted"]),
    status_reason=TEXT,
    owner=TEXT,
    owner_id=TEXT,
    owner_created=TIME,
    repository=st.none() | REPOSITORY,
    malicious=maybe(TEXT),
    resembles=maybe(TEXT),
)


def readings(signal: Any, view: View) -> tuple[Reading, ...]:
    return tuple(signal.read(view))


@pytest.mark.parametrize("signal", CONTENTS, ids=lambda signal: signal.id)
@settings(max_examples=30, deadline=None)
@given(now=PROJECT, before=st.none() | PROJECT)
def test_every_project_gets_a_reading_that_can_be_shown(signal, now, before) -> None:
    view = View(now, before, AS_OF)
    found = readings(signal, view)
    assert found
    assert found == readings(signal, view)
    for reading in found:
        assert reading.signal == signal.id
        assert reading.what
        assert reading.what.isprintable()
        assert reading.key.isprintable()
        assert len(reading.what) < 2_000


@pytest.mark.parametrize("signal", CONTENTS, ids=lambda signal: signal.id)
@settings(max_examples=25, deadline=None)
@given(before=PROJECT, now=PROJECT, later=st.lists(RELEASE, max_size=3))
def test_later_releases_take_back_nothing_against_a_baseline(signal, before, now, later) -> None:
    used = {r["version"] for r in now["releases"] or ()}
    more = {**now, "releases": [*now["releases"], *(r for r in later if r["version"] not in used)]}
    first = readings(signal, View(now, before, AS_OF))
    then = readings(signal, View(more, before, AS_OF))
    fired = {r for r in first if r.state is SignalState.FIRED}
    assert fired <= set(then)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30, deadline=None)
@given(
    text=st.lists(
        st.text(max_size=20)
        | st.sampled_from(
            ["exec(", "b64decode(", "import os\n", "(", ")", "'", "~/.ssh/id_rsa", "requests.post(",
             "curl | sh", "\n", "os.environ", "open(", "stratum+tcp://", "x = ", "\ud800"]
        ),
        max_size=30,
    ).map("".join)
)  # fmt: skip
def test_any_text_is_judged_or_refused(kind, text) -> None:
    try:
        found = startup_patterns(text, kind=kind)
    except HostileInput:
        return
    assert found == tuple(sorted(found))
    assert set(found) <= PATTERNS.keys()
    assert startup_patterns(text, kind=kind) == found
