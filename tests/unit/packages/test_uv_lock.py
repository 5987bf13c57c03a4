"""uv.lock: only the edges that hold, groups labeled, and graphs made to hang."""

from __future__ import annotations

import time

import pytest

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.packages.source import MalformedSource, Package, PackageSource
from weighbridge.packages.uv_lock import parse_uv_lock

A = "a" * 64
HEAD = 'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n'


def entry(name: str, *wanted: str, version: str = "1.0", source: str = "", more: str = "") -> str:
    source = source or '{ registry = "https://mirror.invalid/simple" }'
    return (
        f'[[package]]\nname = "{name}"\nversion = "{version}"\nsource = {source}\n'
        f"dependencies = [{', '.join(wanted)}]\n{more}"
    )


def on(name: str, more: str = "") -> str:
    return f'{{ name = "{name}"{", " + more if more else ""} }}'


def project(*wanted: str, more: str = "") -> str:
    return entry("project", *wanted, source='{ editable = "." }', more=more)


def read(*parts: str, head: str = HEAD) -> PackageSource:
    return parse_uv_lock("uv.lock", "".join((head, *parts)).encode())


def by_name(source: PackageSource) -> dict[str, Package]:
    return {package.name: package for package in source.packages}


def test_an_extra_adds_its_edges_only_where_an_active_edge_asks_for_it() -> None:
    optional = f"[package.optional-dependencies]\nx = [{on('added')}]\ny = [{on('unasked')}]\n"
    rest = entry("added") + entry("unasked")
    asked = read(project(on("a", 'extra = ["x"]')), entry("a", more=optional), rest)
    assert by_name(asked)["a"].requires == ("added",)
    assert sorted(by_name(asked)) == ["a", "added"]
    assert asked.inactive == 1
    inactive = 'extra = ["x"], marker = "sys_platform == \'win32\'"'
    unasked = read(project(on("a"), on("a", inactive)), entry("a", more=optional), rest)
    assert by_name(unasked)["a"].requires == ()
    assert list(by_name(unasked)) == ["a"]


def test_the_extras_of_the_project_are_not_asked_for_and_its_groups_are_labeled() -> None:
    more = (
        f"[package.optional-dependencies]\nx = [{on('optional')}]\n"
        f"[package.dev-dependencies]\ndev = [{on('pytest')}, {on('a')}]\ndocs = [{on('pytest')}]\n"
    )
    source = read(
        project(on("a"), more=more), entry("a"), entry("optional"), entry("pytest", on("below")),
        entry("below"),
    )  # fmt: skip
    packages = by_name(source)
    assert {name: p.groups for name, p in packages.items()} == {
        "a": (), "pytest": ("dev", "docs"), "below": ("dev", "docs"),
    }  # fmt: skip
    assert {name for name, p in packages.items() if p.direct} == {"a", "pytest"}
    assert source.inactive == 1


def test_conflicting_extras_and_groups_do_not_hold_by_default() -> None:
    head = HEAD + 'conflicts = [[{ package = "project", extra = "cu" }]]\n'
    second = on("torch", 'version = "2.0"')
    more = f"[package.dev-dependencies]\ngpu = [{second}]\n"
    cpu = 'version = "1.0", marker = "extra != \'extra-7-project-cu\'"'
    cu = 'version = "2.0", marker = "extra == \'extra-7-project-cu\'"'
    below = "marker = \"extra == 'group-7-project-gpu'\""
    source = read(
        project(on("torch", cpu), on("torch", cu), more=more),
        entry("torch", version="1.0"), entry("torch", on("cuda", below), version="2.0"),
        entry("cuda"), head=head,
    )  # fmt: skip
    assert [(p.name, p.version, p.groups) for p in source.packages] == [
        ("torch", "1.0", ()), ("torch", "2.0", ("gpu",)), ("cuda", "1.0", ("gpu",)),
    ]  # fmt: skip


def test_of_several_entries_the_fork_that_holds_is_taken() -> None:
    source = read(
        project(on("a")),
        entry("a", version="1", more="resolution-markers = [\"sys_platform == 'win32'\"]\n"),
        entry("a", version="2", more="resolution-markers = [\"sys_platform != 'win32'\"]\n"),
    )
    assert [(p.name, p.version) for p in source.packages] == [("a", "2")]


def test_markers_are_read_for_a_version_of_python_that_the_lock_allows() -> None:
    marker = "marker = \"python_full_version >= '3.13'\""
    source = read(
        project(on("a", marker)), entry("a"), head='version = 1\nrequires-python = ">=3.13"\n'
    )
    assert list(by_name(source)) == ["a"]
    assert source.environment["python_full_version"] == "3.13.0"


def test_a_workspace_lists_what_its_members_need() -> None:
    head = HEAD + '[manifest]\nmembers = ["one", "project"]\n'
    source = read(
        project(on("one")),
        entry("one", on("other"), source='{ editable = "one" }'),
        entry("other", on("a"), source='{ editable = "../other" }'),
        entry("a"),
        head=head,
    )
    assert {n: (p.origin, p.direct) for n, p in by_name(source).items()} == {
        "other": ("editable", True), "a": ("index", False),
    }  # fmt: skip


def test_the_lock_of_a_script_names_what_it_asks_for_in_the_manifest() -> None:
    head = HEAD + '[manifest]\nrequirements = [{ name = "a", specifier = ">=1" }]\n'
    source = read(entry("a", on("b")), entry("b"), entry("unreached"), head=head)
    assert {n: p.direct for n, p in by_name(source).items()} == {"a": True, "b": False}
    assert source.inactive == 1


def test_upload_times_are_days_of_utc_and_the_last_file_counts() -> None:
    files = (
        f'sdist = {{ url = "s", hash = "sha256:{A}", upload-time = "2025-01-02T23:59:59.5Z" }}\n'
        f'wheels = [{{ url = "w", hash = "sha256:{A}",'
        ' upload-time = "2025-01-02T23:30:00-05:00" }, { url = "v" }]\n'
    )
    assert by_name(read(project(on("a")), entry("a", more=files)))["a"].uploaded == "2025-01-03"
    for time_ in ('"soon"', "5", '"9999-12-31T23:59:59-23:00"', "true"):
        bad = f'sdist = {{ url = "s", upload-time = {time_} }}\n'
        with pytest.raises(MalformedSource, match="no time"):
            read(project(on("a")), entry("a", more=bad))


def test_a_second_registry_is_told_without_its_secret() -> None:
    other = '{ registry = "https://u:hunter2@other.invalid/simple" }'
    folder = '{ registry = "../wheels" }'
    source = read(
        project(on("a"), on("b"), on("c"), on("d")),
        entry("a"), entry("b"), entry("c", source=other), entry("d", source=folder),
    )  # fmt: skip
    assert [(i.kind, i.detail) for i in source.issues] == [
        ("find-links", "../wheels"), ("index", "https://other.invalid/simple"),
    ]  # fmt: skip


def test_a_lock_for_other_platforms_only_is_told() -> None:
    head = HEAD + "supported-markers = [\"sys_platform == 'darwin'\"]\n"
    assert [i.incomplete for i in read(project(), head=head).issues] == [True]


def test_ten_thousand_packages_in_a_cycle_take_seconds() -> None:
    count = 10_000
    entries = "".join(
        entry(
            f"p{i}",
            *(on(f"p{(i * 7 + k) % count}", "marker = \"python_version >= '3.11'\"")
              for k in range(3)),
            more=f'wheels = [{{ url = "https://mirror.invalid/p{i}.whl", hash = "sha256:{A}" }}]\n',
        )
        for i in range(count)
    )  # fmt: skip
    started = time.process_time()
    source = read(project(on("p0"), on("p1")), entries)
    assert time.process_time() - started < 15
    assert len(source.packages) + source.inactive == count
    assert by_name(source)["p0"].requires == ("p0", "p1", "p2")


@pytest.mark.parametrize(
    ("parts", "bound"),
    [
        # every name has all entries as candidates
        (["".join(entry("a", on("a"), on("a"), version=str(i)) for i in range(3_000))], "steps"),
        # thousands of groups
        ([project(more="[package.dev-dependencies]\n"
                  + "".join(f"g{i} = [{on('a')}]\n" for i in range(2_000))), entry("a")], "groups"),
        # one edge with very many extras to very many entries
        ([project(on("a", f"extra = [{', '.join([chr(34) + 'x' + chr(34)] * 20_000)}]")),
          "".join(entry("a", version=str(i)) for i in range(1_000))], "steps"),
    ],
)  # fmt: skip
def test_graphs_made_to_explode_stop_at_a_bound(parts: list[str], bound: str) -> None:
    started = time.process_time()
    with pytest.raises(BoundExceeded, match=bound):
        read(*parts)
    assert time.process_time() - started < 20


@pytest.mark.parametrize("revision", ["-1", "9" * 4_000, "1.5", '"x"', "true"])
def test_an_odd_revision_changes_nothing(revision: str) -> None:
    try:
        source = read(project(), head=f"version = 1\nrevision = {revision}\n")
    except HostileInput:
        return
    assert source.format_version in ("1", "1.1", "1.True")
