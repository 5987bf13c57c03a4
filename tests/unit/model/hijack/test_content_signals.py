"""Hooks, unreadable files, code beside the tag, and what start-up code does."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.model.hijack.projects import (
    CLEAR,
    FIRED,
    NOT_APPLICABLE,
    UNAVAILABLE,
    fired,
    history,
    project,
    release,
    states,
    view,
)

from weighbridge.model.facts.project import ReleaseFacts
from weighbridge.model.hijack import (
    artifact_differs,
    contents,
    new_binary,
    new_install_hook,
    suspicious_startup,
)
from weighbridge.model.hijack.view import Reading, View

MODULES = (new_install_hook, new_binary, artifact_differs, suspicious_startup)
FIELD = {
    new_install_hook: "hooks",
    new_binary: "binaries",
    artifact_differs: "differs",
    suspicious_startup: "patterns",
}
BAD: dict[Any, list[Any]] = {
    new_install_hook: ["evil.pth"],
    new_binary: [{"path": "pkg/run.js", "size": 11_400_000}],
    artifact_differs: ["pkg/utils/sync.py"],
    suspicious_startup: ["decodes-and-runs"],
}
each_module = pytest.mark.parametrize("module", MODULES, ids=lambda m: m.SIGNAL)


def accepted(*later: ReleaseFacts, before: list[ReleaseFacts] | None = None) -> View:
    """A project as accepted, and the same with more releases."""
    old = history() if before is None else before
    used = later[-1]["version"] if later else ""
    return view(project([*old, *later], release=used), project(old))


def read(module: Any, looked_at: View) -> list[Reading]:
    return list(module.read(looked_at))


@each_module
def test_what_nobody_looked_into_is_never_clear(module) -> None:
    unread = release("2.0.0", 900, **{FIELD[module]: None}, size=None)
    assert states(read(module, accepted(unread))) == {UNAVAILABLE}
    assert states(read(module, view(project(releases=[unread])))) == {UNAVAILABLE}
    nothing = view({**project(), "releases": None})
    assert states(read(module, nothing)) == {UNAVAILABLE}


@each_module
def test_one_unread_release_beside_a_clear_one_is_told(module) -> None:
    unread = release("2.0.0", 900, **{FIELD[module]: None}, size=None)
    found = read(module, accepted(unread, release("2.1.0", 901)))
    assert states(found) == {UNAVAILABLE, CLEAR}
    assert "2.0.0" in next(r.what for r in found if r.state is UNAVAILABLE)


@each_module
def test_a_hub_without_contents_is_not_asked(module) -> None:
    unread = release("a" * 40, 900, **{FIELD[module]: None}, size=None)
    there = project([unread], system="huggingface", name="org/model")
    assert states(read(module, view(there))) == {NOT_APPLICABLE}


@each_module
def test_a_project_without_releases_has_none_to_judge(module) -> None:
    assert states(read(module, view(project([])))) == {NOT_APPLICABLE}


@each_module
def test_it_fires_on_a_new_release_and_names_it(module) -> None:
    bad = release("2.0.0", 900, **{FIELD[module]: BAD[module]})
    found = fired(read(module, accepted(bad)))
    assert [reading.release for reading in found] == ["2.0.0"]
    assert "2.0.0" in found[0].what


@each_module
def test_it_stays_fired_whatever_is_uploaded_later(module) -> None:
    bad = release("2.0.0", 900, **{FIELD[module]: BAD[module]})
    again = [release(f"2.0.{n}", 900 + n, **{FIELD[module]: BAD[module]}) for n in range(1, 30)]
    clean = [release(f"2.1.{n}", 950 + n) for n in range(30)]
    found = fired(read(module, accepted(bad, *again, *clean)))
    assert {"2.0.0", *(r["version"] for r in again)} == {reading.release for reading in found}


@each_module
def test_a_fresh_release_never_excuses_the_next(module) -> None:
    bad = [release(f"2.0.{n}", 900 + n, **{FIELD[module]: BAD[module]}) for n in range(2)]
    assert len(fired(read(module, accepted(*bad)))) == 2


@each_module
def test_what_was_accepted_is_clear(module) -> None:
    old = [*history(), release("1.99.0", 800, **{FIELD[module]: BAD[module]})]
    new = release("2.0.0", 900, **{FIELD[module]: BAD[module]})
    assert states(read(module, accepted(new, before=old))) == {CLEAR}


@each_module
def test_nothing_new_is_clear(module) -> None:
    assert states(read(module, accepted())) == {CLEAR}
    assert states(read(module, accepted(release("2.0.0", 900)))) == {CLEAR}


@each_module
def test_files_added_to_an_accepted_release_are_judged(module) -> None:
    """An index takes another wheel for an old version: nobody accepted what is in it."""
    old = history()
    poisoned = {**old[-1], FIELD[module]: BAD[module], "sha256": [*old[-1]["sha256"], "f" * 64]}
    late = {**old[-1], "sha256": [*old[-1]["sha256"], "e" * 64]}
    found = fired(read(module, view(project([*old[:-1], poisoned]), project(old))))
    assert [reading.release for reading in found] == [old[-1]["version"]]
    assert states(read(module, view(project([*old[:-1], late]), project(old)))) == {CLEAR}


@each_module
def test_texts_that_turn_or_hide_what_follows_are_escaped(module) -> None:
    evil = "2.0\u202e\x1b[2J\u200b\n"
    file = {"path": "x\u202e\r\n.js", "size": 9}
    value: list[Any] = [f"a\u202eb\x1b{e}" if isinstance(e, str) else file for e in BAD[module]]
    bad = release(evil, 900, **{FIELD[module]: value})
    for reading in read(module, accepted(bad)):
        assert reading.what.isprintable(), reading.what
        assert reading.key.isprintable()


@each_module
def test_a_name_of_a_megabyte_is_cut(module) -> None:
    value: list[Any] = [
        entry + "x" * 2**20 if isinstance(entry, str) else {"path": "x" * 2**20, "size": 1}
        for entry in BAD[module]
    ]
    for reading in read(module, accepted(release("2", 900, **{FIELD[module]: value}))):
        assert len(reading.what) < 1_000


@each_module
def test_empty_texts_raise_nothing(module) -> None:
    value: list[Any] = ["" if isinstance(e, str) else {"path": "", "size": -1} for e in BAD[module]]
    bad = release("", 900, **{FIELD[module]: value})
    assert read(module, view(project([bad], release="")))


# ---- hooks


def test_a_first_hook_with_no_release_before_it_is_no_change() -> None:
    first = release("1.0.0", hooks=["setup.py"])
    assert states(read(new_install_hook, view(project([first])))) == {NOT_APPLICABLE}


def test_a_hook_is_open_where_nobody_looked_before() -> None:
    old = history(hooks=None)
    new = release("2.0.0", 900, hooks=["x.pth"])
    assert states(read(new_install_hook, accepted(new, before=old))) == {UNAVAILABLE}


def test_a_hook_named_after_the_version_is_the_old_one() -> None:
    old = [release("1.9.0", hooks=["demo-1.9.0-nspkg.pth"])]
    new = release("2.0.0", 900, hooks=["demo-2.0.0-nspkg.pth"])
    assert states(read(new_install_hook, accepted(new, before=old))) == {CLEAR}
    other = release("2.0.0", 900, hooks=["demo-2.0.0-init.pth"])
    assert states(read(new_install_hook, accepted(other, before=old))) == {FIRED}


def test_a_second_hook_beside_an_old_one_fires_alone() -> None:
    old = history(hooks=["setup.py"])
    new = release("2.0.0", 900, hooks=["setup.py", "litellm_init.pth"])
    found = fired(read(new_install_hook, accepted(new, before=old)))
    assert [reading.key for reading in found] == ["litellm_init.pth"]


# ---- unreadable files


def native(version: str, size: int = 10**6, **changes: Any) -> ReleaseFacts:
    files = [{"path": f"pkg/_core.cpython-{version[0]}11.so", "size": size}]
    return release(version, binaries=files, **changes)


def test_wheels_that_always_had_native_libraries_may_have_others() -> None:
    old = [native(f"1.{n}.0") for n in range(5)]
    new = release("2.0.0", 900, binaries=[{"path": "pkg/other.so.12", "size": 900 * 2**20}])
    assert states(read(new_binary, accepted(new, before=old))) == {CLEAR}


def test_a_native_library_is_new_where_one_release_had_none() -> None:
    new = native("2.0.0")
    assert states(read(new_binary, accepted(new))) == {FIRED}


def test_a_packed_script_in_a_project_of_native_libraries_fires() -> None:
    old = [native(f"1.{n}.0") for n in range(5)]
    files = [{"path": "pkg/_core.so", "size": 10**6}, {"path": "pkg/r.js", "size": 11_400_000}]
    found = fired(read(new_binary, accepted(release("2.6.2", 900, binaries=files), before=old)))
    assert [reading.key for reading in found] == ["packed script"]
    assert "11,400,000 bytes" in found[0].what


@pytest.mark.parametrize(
    ("size", "state"), [(300_000, CLEAR), (1_000_000, CLEAR), (2**20, FIRED), (11_000_000, FIRED)]
)
def test_growth_counts_where_it_is_much_and_large(size, state) -> None:
    old = history(binaries=[{"path": "pkg/a.js", "size": 100_000}])
    new = release("2.0.0", 900, binaries=[{"path": "pkg/b.js", "size": size}])
    assert states(read(new_binary, accepted(new, before=old))) == {state}


def test_an_untold_size_is_no_growth_and_hides_none_of_another_sort() -> None:
    old = history(binaries=[{"path": "pkg/a.js", "size": -1}])
    new = release("2.0.0", 900, binaries=[{"path": "b.js", "size": 10**9}])
    assert states(read(new_binary, accepted(new, before=old))) == {UNAVAILABLE}
    told = history(binaries=[{"path": "pkg/a.js", "size": 10}])
    unknown = release("2.0.0", 900, binaries=[{"path": "b.js", "size": -1}])
    assert states(read(new_binary, accepted(unknown, before=told))) == {UNAVAILABLE}
    other = release("2.0.0", 900, binaries=[{"path": "run", "size": -1}])
    assert "unknown size" in fired(read(new_binary, accepted(other, before=old)))[0].what


def test_the_largest_file_tells_where_nobody_looked_inside() -> None:
    old = history(binaries=None, size=2 * 2**20)
    grown = release("2.0.0", 900, binaries=None, size=20 * 2**20)
    assert states(read(new_binary, accepted(grown, before=old))) == {FIRED, }  # fmt: skip
    much = release("2.0.0", 900, binaries=None, size=5 * 2**20)
    assert states(read(new_binary, accepted(much, before=old))) == {UNAVAILABLE}
    weights = project([release("b" * 40, 900, binaries=None, size=10**10)], system="huggingface")
    assert states(read(new_binary, view(weights, project(old, system="huggingface")))) == {
        NOT_APPLICABLE
    }


@pytest.mark.parametrize(
    ("path", "sort"),
    [
        ("a/b.SO", "native library"), ("libcudart.so.12", "native library"),
        ("a/xmrig", "file of another sort"), ("jsextension.exe", "executable"),
        ("x.tar.gz", "archive"), ("m.pkl", "serialized object"), ("", "file of another sort"),
        ("so", "file of another sort"), ("bundle.min.mjs", "packed script"),
    ],
)  # fmt: skip
def test_sorts_go_by_suffix(path, sort) -> None:
    assert new_binary.sort_of(path) == sort


# ---- code beside the tag


def test_files_that_earlier_builds_wrote_are_let_pass() -> None:
    old = history(differs=["pkg/_version.py"])
    new = release("2.0.0", 900, differs=["pkg/_version.py"])
    assert states(read(artifact_differs, accepted(new, before=old))) == {CLEAR}
    more = release("2.0.0", 900, differs=["pkg/_version.py", "pkg/x.py"])
    found = fired(read(artifact_differs, accepted(more, before=old)))
    assert found[0].what.endswith("pkg/x.py")


def test_a_version_file_alone_is_open_until_a_release_was_compared() -> None:
    new = release("2.0.0", 900, differs=["pkg/_version.py"])
    assert states(read(artifact_differs, view(project([new])))) == {UNAVAILABLE}
    assert states(read(artifact_differs, accepted(new))) == {FIRED}


# ---- start-up code


def test_releases_that_nobody_accepted_excuse_no_pattern() -> None:
    bad = [release(f"1.{n}.0", n, patterns=["mines"]) for n in range(10)]
    assert states(read(suspicious_startup, view(project(bad)))) == {FIRED}


def test_a_pattern_that_nobody_knows_is_named() -> None:
    found = fired(read(suspicious_startup, accepted(release("2", 900, patterns=["new-\x07one"]))))
    assert "new-\\u0007one" in found[0].what


def test_shown_and_listed() -> None:
    assert contents.shown("a" * 200) == "a" * 120 + "…"
    assert contents.listed([str(n) for n in range(5)]) == "0, 1, 2 and 2 more"
    assert contents.unversioned("x-1.pth", "1") == "x-1.pth"
    assert contents.unversioned("x-1.2.pth", "1.2") == "x-*.pth"
