"""Projects before anybody is asked, and what answers become: untold is never none."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from weighbridge.collect import projects
from weighbridge.collect.context import CollectContext, Services
from weighbridge.collect.project_facts import closely, oldest_first, order_of, release
from weighbridge.collect.project_installed import differing, installed
from weighbridge.collect.project_known import Known, resembled
from weighbridge.collect.project_provenance import commit_of
from weighbridge.collect.project_source import repository_of
from weighbridge.collect.project_tags import TagsByVersion
from weighbridge.collect.project_wanted import wanted
from weighbridge.model.digest import sha256
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.project import ReleaseFacts
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.sources.forge_types import Tag, Tree, TreeEntry


def packages(
    *rows: Mapping[str, Any], form: str = "requirements", about: str = "r.txt"
) -> Evidence:
    plain = {"name": "demo", "version": "", "origin": "index", "purl": "", "url": ""}
    data = {"format": form, "packages": [{**plain, **row} for row in rows], "issues": []}
    return Evidence(
        EvidenceKind.PACKAGES,
        about,
        EvidenceState.OBSERVED,
        f"file:{about}",
        "packages@1",
        "",
        data,
    )


def context(*earlier: Evidence, folders: tuple[Path, ...] = (), **more: Any) -> CollectContext:
    subject = Subject(SubjectKind.DIRECTORY, "m", sha256(b""))
    by_kind: dict[EvidenceKind, tuple[Evidence, ...]] = {}
    for one in earlier:
        by_kind[one.kind] = (*by_kind.get(one.kind, ()), one)
    return CollectContext(
        Snapshot(subject, (), (), lambda _: io.BytesIO()), dt.date(2026, 11, 20),
        more.pop("offline", False), services=Services(timeout_seconds=2.0, **more),
        environments=folders, earlier=by_kind,
    )  # fmt: skip


def node(kind: str, name: str, revision: str = "") -> dict[str, Any]:
    return {
        "key": f"{kind}:{name}",
        "kind": kind,
        "id": name,
        "revision": revision,
        "state": "named",
    }


def lineage(*nodes: Mapping[str, Any]) -> Evidence:
    data = {
        "nodes": [{"key": "subject", "kind": "model", "id": "", "revision": ""}, *nodes],
        "edges": [],
    }
    return Evidence(
        EvidenceKind.LINEAGE, "", EvidenceState.OBSERVED, "s", "lineage@1", "", data
    )  # fmt: skip


def site(
    folder: Path, files: Mapping[str, bytes], name: str = "demo", version: str = "1.0"
) -> Path:
    """An environment with one package of these files."""
    top = folder / "lib" / "python3.12" / "site-packages"
    info = top / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    for path, data in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes(data)
    (info / "RECORD").write_text("".join(f"{path},,\n" for path in files))
    return top


COMMIT = "a" * 40


def test_which_projects_there_are() -> None:
    rows = (
        {"name": "demo", "version": "1.0"}, {"name": "here", "origin": "path"},
        {"name": "conda", "purl": "pkg:conda/conda@1"}, {"name": "loose", "version": ""},
    )  # fmt: skip
    ctx = context(
        packages(*rows), packages({"name": "demo", "version": "1.2"}, about="b.txt"),
        packages({"name": "demo", "version": "0.9", "url": "https://github.com/c/d"},
                 form="environment", about="environment:1"),
        lineage(node("model", "org/base", COMMIT), node("dataset", "org/data"),
                node("dataset", "squad"), node("code", "x/y"), node("model", "../etc")),
    )  # fmt: skip
    found = {one.about: one for one in wanted(ctx)}
    assert list(found) == [
        "pkg:huggingface/datasets/org/data", "pkg:huggingface/org/base",
        "pkg:pypi/demo", "pkg:pypi/loose",
    ]  # fmt: skip
    assert found["pkg:pypi/demo"].release == "0.9", "what is installed is what is in use"
    assert found["pkg:pypi/demo"].home == "https://github.com/c/d"
    assert found["pkg:huggingface/org/base"].release == COMMIT
    assert found["pkg:huggingface/datasets/org/data"].kind == "datasets"


def test_nothing_configured_or_offline_is_unavailable_for_each() -> None:
    earlier = (packages({"version": "1.0"}), lineage(node("model", "org/base")))
    for more, words in (({}, "is configured"), ({"offline": True}, "offline")):
        found = list(projects.collect(context(*earlier, **more)))
        assert [one.about for one in found] in (
            ["pkg:pypi/demo", "pkg:huggingface/org/base"],
            ["pkg:huggingface/org/base", "pkg:pypi/demo"],
        )
        assert {one.state for one in found} == {EvidenceState.UNAVAILABLE}
        assert all(words in one.reason for one in found)


def test_a_source_that_was_not_read_and_a_subject_without_projects() -> None:
    broken = Evidence(
        EvidenceKind.PACKAGES, "uv.lock", EvidenceState.UNAVAILABLE, "file:uv.lock", "p", "no TOML"
    )
    (found,) = projects.collect(context(broken))
    assert (found.about, found.state) == ("uv.lock", EvidenceState.UNAVAILABLE)
    assert "no TOML" in found.reason
    (nothing,) = projects.collect(context())
    assert nothing.state is EvidenceState.ABSENT


def dated(*pairs: tuple[str, str]) -> list[ReleaseFacts]:
    return [{**release(version), "uploaded": day} for version, day in pairs]


def test_times_that_a_mirror_made_are_not_believed() -> None:
    days = ["09", "02", "07", "01", "08", "03", "06"]
    mirrored = dated(*((f"1.{n}", f"2026-01-{day}") for n, day in enumerate(days)))
    assert order_of(mirrored, owners_told=False) == "mirror"
    assert [r["version"] for r in oldest_first(mirrored, "mirror")] == [f"1.{n}" for n in range(7)]
    # a line that is still kept beside the next one is out of order once
    kept = dated(*((f"1.{n}", f"2026-0{n + 1}-01") for n in range(6)), ("2.0", "2026-02-15"),
                 *((f"2.{n}", f"2026-0{n + 2}-20") for n in range(1, 6)))  # fmt: skip
    assert order_of(kept, owners_told=False) == "upload"
    few = dated(("1.0", "2026-01-01"), ("1.1", "2026-02-01"))
    assert order_of(few, owners_told=False) == "unknown"
    assert order_of(few, owners_told=True) == "upload"
    assert order_of([release("1.0")], owners_told=True) == "unknown"


def test_the_releases_to_ask_closely_about() -> None:
    releases = dated(*((f"1.{n}", f"2026-01-{n + 1:02}") for n in range(20)))
    assert closely(releases, "1.5", None) == ("1.5", "1.19", "1.4")
    assert closely(releases, "", None) == ("1.19", "1.18")
    assert closely(releases, "1.5", frozenset(f"1.{n}" for n in range(18))) == (
        "1.5", "1.19", "1.18",
    )  # fmt: skip
    assert len(closely(releases, "", frozenset())) == 8, "bounded"
    assert closely([], "1.0", None) == ()


TAGS = ("v1.2.3", "1.2.4", "release-1.2.5", "REL_1_2_6", "demo-1.2.7", "demo/v1.2.8", "demo==1.2.9",
        "packages/demo/v1.3.2", "v2.0rc1", "release/2.1", "other-1.3.0", "other/v1.3.1",
        "my-demo@3.0", "other/release-4.0", "nightly-20240101", "x" * 999 + "-5.0")  # fmt: skip


@pytest.mark.parametrize(
    ("version", "tag"),
    [
        ("1.2.3", "v1.2.3"), ("1.2.3.0", "v1.2.3"), ("1.2.4", "1.2.4"), ("1.2.5", "release-1.2.5"),
        ("1.2.6", "REL_1_2_6"), ("1.2.7", "demo-1.2.7"), ("1.2.8", "demo/v1.2.8"),
        ("1.2.9", "demo==1.2.9"), ("1.3.2", "packages/demo/v1.3.2"), ("2.0.0rc1", "v2.0rc1"),
        ("2.1", "release/2.1"), ("1.3.0", None), ("1.3.1", None), ("3.0", None), ("4.0", None),
        ("20240101", None), ("5.0", None), ("not a version", None),
    ],
)  # fmt: skip
def test_the_tag_of_a_release(version: str, tag: str | None) -> None:
    found = TagsByVersion([Tag(name, "c") for name in TAGS], "demo", complete=True).of(version)
    assert (found.name if found else None) == tag


def test_a_tag_with_the_packages_own_name_goes_first() -> None:
    tags = [Tag("v1.0", "of the workspace"), Tag("demo-1.0", "its own")]
    for order in (tags, tags[::-1]):
        found = TagsByVersion(order, "demo", complete=True).of("1.0")
        assert found is not None
        assert found.commit == "its own"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/corp/demo", "corp/demo"),
        ("git+https://www.github.com/corp/demo.git", "corp/demo"),
        ("https://github.com/corp/demo/tree/main/src#readme", "corp/demo"),
        ("https://github.com.evil.example/corp/demo", ""), ("https://github.com/corp", ""),
        ("https://github.com/sponsors/ann", ""), ("https://gitlab.com/corp/demo", ""),
        ("javascript://github.com/a/b", ""), ("https://github.com/../demo", ""),
        ("https://user@github.com/corp/demo", "corp/demo"), ("http://[::1", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_repository_in_an_address(url: str, name: str) -> None:
    assert repository_of(url) == name


@pytest.mark.parametrize("certificate", [b"", b"x", b"\x30\x80", os.urandom(200)])
def test_what_is_no_certificate_names_no_commit(certificate: bytes) -> None:
    assert commit_of(certificate) == ""


ELF = b"\x7fELF\x02\x01\x01" + bytes(57)
MINIFIED = b"var a=" + b"1+" * 600_000 + b"1"


def local(top: Path, hooks: list[dict[str, Any]] | None = None) -> ReleaseFacts:
    """The facts of the installed release, of a run that asks nobody."""
    earlier = [packages({"version": "1.0"}, form="environment")]
    if hooks is not None:
        earlier.append(
            Evidence(
                EvidenceKind.INSTALLATION,
                "environment:1",
                EvidenceState.OBSERVED,
                "e",
                "i@1",
                "",
                {"hooks": hooks},
            )
        )
    (found,) = projects.collect(context(*earlier, folders=(top,), offline=True))
    assert found.state is EvidenceState.OBSERVED
    assert {one["state"] for one in found.data["asked"]} == {"unavailable", "observed"}
    return found.data["releases"][0]  # type: ignore[no-any-return]


def test_installed_files_tell_something_without_anybody_being_asked(tmp_path: Path) -> None:
    files = {
        "demo/__init__.py": b"import os\n", "demo/native.txt": ELF, "demo/app.js": MINIFIED,
        "demo/long.js": b"// written by hand\n" * 70_000, "demo/old.pyc": b"\0",
        "x.pth": b"import x", "demo/__pycache__/a.pyc": b"\0",
    }  # fmt: skip
    hook = {"path": "x.pth", "package": "demo", "verdict": "code"}
    others = [{"path": "y.pth", "package": "other", "verdict": "code"},
              {"path": "z.pth", "package": "demo", "verdict": "path"}]  # fmt: skip
    found = local(site(tmp_path, files), [hook, *others])
    assert [one["path"] for one in found["binaries"] or ()] == [
        "demo/app.js", "demo/native.txt", "demo/old.pyc",
    ]  # fmt: skip
    assert list(found["hooks"] or ()) == ["x.pth"]
    assert found["patterns"] is not None
    assert list(found["patterns"]) == []
    assert found["attested"] is None
    assert found["tag"] is None


def test_hooks_that_nobody_looked_for_are_untold(tmp_path: Path) -> None:
    found = local(site(tmp_path, {"demo/__init__.py": b""}))
    assert found["hooks"] is None
    assert found["patterns"] is None
    assert list(found["binaries"] or ()) == []


def test_start_up_code_that_decodes_and_runs_is_named(tmp_path: Path) -> None:
    code = b"import base64\nexec(base64.b64decode('cHJpbnQoMSk='))\n"
    found = local(site(tmp_path, {"demo/__init__.py": code}), [])
    assert "decodes-and-runs" in (found["patterns"] or ())


def test_start_up_code_that_is_too_large_is_not_judged(tmp_path: Path) -> None:
    found = local(site(tmp_path, {"demo/__init__.py": b"#" * (2**20 + 1)}), [])
    assert found["patterns"] is None


def test_files_outside_the_environment_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(ELF)
    top = site(tmp_path / "env", {"demo/__init__.py": b""})
    (top / "demo" / "link").symlink_to(tmp_path / "secret")
    (top / "out").symlink_to(tmp_path)
    os.mkfifo(top / "demo" / "pipe")
    record = "demo/link,,\nout/secret,,\n../../../../secret,,\n/etc/hostname,,\ndemo/pipe,,\n"
    (top / "demo-1.0.dist-info" / "RECORD").write_text(record)
    found = local(top, [])
    assert list(found["binaries"] or ()) == []


def blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def tree(files: Mapping[str, bytes], *, complete: bool = True, mode: str = "100644") -> Tree:
    entries = tuple(TreeEntry(path, mode, blob(data), len(data)) for path, data in files.items())
    return Tree(COMMIT, entries, complete)


SOURCE = {"demo/__init__.py": b"a = 1\n", "demo/b.py": b"b = 2\n", "demo/c.py": b"c = 3\r\n"}


def compared(tmp_path: Path, files: Mapping[str, bytes], source: Tree) -> list[str] | None:
    return differing(installed((site(tmp_path, files),))["demo"], source)


def test_code_that_the_tags_tree_does_not_have(tmp_path: Path) -> None:
    stored = {f"src/{path}": data for path, data in SOURCE.items()}
    files = {
        **SOURCE, "demo/b.py": b"b = 2; evil()\n", "demo/c.py": b"c = 3\r\n",
        "demo_init.pth": b"import demo", "demo/_version.py": b"made at build time",
        "demo/made_pb2.py": b"made by a build",
    }  # fmt: skip
    assert compared(tmp_path, files, tree(stored)) == ["demo/b.py", "demo_init.pth"]


def test_line_ends_alone_make_no_difference(tmp_path: Path) -> None:
    stored = {path: data.replace(b"\r\n", b"\n") for path, data in SOURCE.items()}
    assert compared(tmp_path, SOURCE, tree(stored)) == []


def test_a_tree_that_is_not_the_packages_tells_nothing(tmp_path: Path) -> None:
    assert compared(tmp_path / "a", SOURCE, tree({"README.md": b""})) is None
    assert compared(tmp_path / "b", SOURCE, tree(SOURCE, mode="120000")) is None


def test_of_a_tree_that_was_cut_nothing_is_missing(tmp_path: Path) -> None:
    files = {**SOURCE, "demo_init.pth": b"import demo"}
    assert compared(tmp_path, files, tree(SOURCE, complete=False)) == []


def test_a_malicious_record_is_kept_with_the_release_in_use() -> None:
    advisory = {"id": "MAL-2026-1", "malicious": True}
    harmless = {"id": "PYSEC-1", "malicious": False}
    data = {"kind": "package", "package": "demo", "version": "1.0", "asked_version": "1.0",
            "advisories": [advisory, harmless]}  # fmt: skip
    record = Evidence(
        EvidenceKind.VULNERABILITY, "demo==1.0", EvidenceState.OBSERVED, "osv", "v@2", "", data
    )
    (found,) = projects.collect(context(packages({"version": "1.0"}), record))
    assert found.state is EvidenceState.OBSERVED, "a hard stop needs no service"
    assert list(found.data["malicious"]) == ["MAL-2026-1"]
    known = Known.of(context(record))
    assert known.malicious[("demo", "1.0")] == ["MAL-2026-1"]
    assert ("demo", "2.0") not in known.malicious


@pytest.mark.parametrize(
    ("name", "like"), [("transfomers", ["transformers"]), ("transformers", []), ("cattrs", [])]
)
def test_what_a_name_is_like(name: str, like: list[str]) -> None:
    assert resembled(name) == like
