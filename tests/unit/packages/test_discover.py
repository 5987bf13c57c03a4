"""Which files of a subject are read, what they include, and what is refused."""

from __future__ import annotations

import pytest

from weighbridge.model.artifact import Problem, ProblemKind
from weighbridge.model.errors import BoundExceeded
from weighbridge.packages.discover import find_sources


def names(found) -> dict[str, list[str]]:
    return {s.path: [p.name for p in s.packages] for s in found.sources}


def issues(found) -> list[tuple[str, str]]:
    return [(s.path, i.kind) for s in found.sources for i in s.issues]


def test_a_cycle_of_includes_ends_and_each_file_is_listed_once(make_snapshot) -> None:
    found = find_sources(
        make_snapshot(
            {
                "requirements.txt": "-r a.txt\ntorch==1\n",
                "a.txt": "-r b.txt\nnumpy==1\n",
                "b.txt": "-r requirements.txt\n-r a.txt\nscipy==1\n",
            }
        )
    )
    assert names(found) == {
        "a.txt": ["numpy"], "b.txt": ["scipy"], "requirements.txt": ["torch"],
    }  # fmt: skip


def test_a_long_chain_of_includes_stops_at_a_bound_and_says_so(make_snapshot) -> None:
    files = {f"deep{i}.txt": f"-r deep{i + 1}.txt\np{i}==1\n" for i in range(100)}
    found = find_sources(make_snapshot({"requirements.txt": "-r deep0.txt\n", **files}))
    assert ("deep19.txt", "include-depth") in issues(found)
    assert len(found.sources) == 21


def test_a_missing_include_is_told_as_incomplete(make_snapshot) -> None:
    found = find_sources(make_snapshot({"requirements.txt": "-r gone.txt\ntorch==1\n"}))
    assert issues(found) == [("requirements.txt", "include-missing")]
    assert found.sources[0].issues[0].incomplete


def test_an_include_out_of_the_subject_is_not_opened(make_snapshot) -> None:
    found = find_sources(make_snapshot({"requirements.txt": "-r ../../etc/passwd\n"}))
    assert issues(found) == [("requirements.txt", "include-outside")]


def test_constraints_pin_what_they_name_everywhere_they_apply(make_snapshot) -> None:
    found = find_sources(
        make_snapshot(
            {
                "requirements.txt": "-r sub/more.txt\n-c pins.txt\ntorch>=2\n",
                "sub/more.txt": "numpy\nscipy\nunclear\n",
                "pins.txt": "torch==2.1.0\nnumpy==1.26.4\nnever==1\nunclear==1\nunclear==2\n",
            }
        )
    )
    versions = {p.name: p.version for s in found.sources for p in s.packages}
    assert versions == {"torch": "2.1.0", "numpy": "1.26.4", "scipy": "", "unclear": ""}
    assert "pins.txt" not in names(found)


def test_unreadable_constraints_do_not_pass_unseen(make_snapshot) -> None:
    found = find_sources(
        make_snapshot({"requirements.txt": "-c pins.txt\ntorch\n", "pins.txt": b"\xff\xfe\x00"})
    )
    assert [n.path for n in found.not_read] == ["pins.txt"]


def test_files_are_found_by_name_down_to_three_folders(make_snapshot) -> None:
    found = find_sources(
        make_snapshot(
            {
                "requirements.txt": "a==1",
                "Requirements-GPU.TXT": "b==1",
                "a/b/c/dev-requirements.txt": "c==1",
                "requirements/base.txt": "d==1",
                "a/b/c/d/requirements.txt": "e==1",
                "notes.txt": "f==1",
                "constraints.txt": "g==1",
            }
        )
    )
    assert sorted(n for packages in names(found).values() for n in packages) == list("abcd")


def test_formats_that_are_not_read_are_named_and_not_run(make_snapshot) -> None:
    found = find_sources(
        make_snapshot(
            {"setup.py": "raise SystemExit", "pixi.lock": "version: 6", "x/conda-linux-64.lock": ""}
        )
    )
    assert [(n.path, n.supported) for n in found.not_read] == [
        ("pixi.lock", False), ("setup.py", False), ("x/conda-linux-64.lock", False),
    ]  # fmt: skip
    assert "run" in found.not_read[1].reason
    assert "internal" in found.not_read[0].reason


def test_pointers_problems_and_garbage_are_not_read(make_snapshot) -> None:
    problem = Problem("sub/requirements.txt", ProblemKind.SYMLINK_ESCAPE, "leads out")
    found = find_sources(
        make_snapshot(
            {"requirements.txt": b"\xff\xff", "uv.lock": "x", "pylock.toml": "= ="},
            problems=(problem, Problem("weights.bin", ProblemKind.UNREADABLE, "no")),
            pointers=("uv.lock",),
        )
    )
    assert found.sources == ()
    assert {n.path: n.supported for n in found.not_read} == {
        "requirements.txt": True, "uv.lock": True, "pylock.toml": True,
        "sub/requirements.txt": True,
    }  # fmt: skip


def test_a_project_file_is_read_only_where_no_lock_lies_beside_it(make_snapshot) -> None:
    project = '[project]\nname="x"\ndependencies=["torch>=2", "numpy==1.26.4"]\n'
    lock = 'version = 1\n[[package]]\nname = "torch"\nversion = "2.1.0"\n'
    found = find_sources(
        make_snapshot(
            {"pyproject.toml": project, "uv.lock": lock, "tool/pyproject.toml": project,
             "lint/pyproject.toml": "[tool.ruff]\n"}
        )
    )  # fmt: skip
    assert names(found) == {"uv.lock": ["torch"], "tool/pyproject.toml": ["torch", "numpy"]}


def test_every_kind_of_file_has_its_reader(make_snapshot) -> None:
    found = find_sources(
        make_snapshot(
            {
                "Pipfile": '[packages]\nasked = "*"\n',
                "Pipfile.lock": '{"_meta": {"pipfile-spec": 6}, "default": {"asked": {"version": '
                '"==1"}, "below": {"version": "==2"}}}',
                "pdm.lock": '[metadata]\nlock_version = "4.5.0"\n',
                "a/environment.yml": "dependencies:\n- pip:\n  - -r more.txt\n",
                "a/more.txt": "numpy==1\n",
                "b/gpu.conda-lock.yml": "version: 1\npackage: []\n",
                "c/conda-meta/x.json": '{"name": "x", "version": "1"}',
                "c/conda-meta/history": "",
                "d/run.py": "# /// script\n# dependencies = ['scripted']\n# ///\n",
                "d/plain.py": "import os\n",
                "d/locked.py": "# /// script\n# dependencies = ['scripted']\n# ///\n",
                "d/locked.py.lock": "version = 1\n",
                "e/n.ipynb": '{"nbformat": 4, "cells": [{"cell_type": "code", '
                '"source": "%pip install cell"}]}',
                "e/empty.ipynb": '{"nbformat": 4, "cells": []}',
                "f/poetry.lock": '[[package]]\nname = "p"\nversion = "1"\n'
                '[metadata]\nlock-version = "2.0"\n',
                "f/pyproject.toml": "[tool.poetry.dependencies]\np = '^1'\n",
                "env.yaml": "some: settings\n",
            }
        )
    )
    assert found.not_read == ()
    assert {s.path: s.format for s in found.sources} == {
        "Pipfile.lock": "pipfile.lock", "pdm.lock": "pdm.lock", "a/environment.yml": "conda.yml",
        "a/more.txt": "requirements", "b/gpu.conda-lock.yml": "conda-lock",
        "c/conda-meta": "conda", "d/run.py": "script", "d/locked.py.lock": "uv.lock",
        "e/n.ipynb": "notebook", "f/poetry.lock": "poetry.lock",
    }  # fmt: skip
    direct = {p.name: p.direct for s in found.sources for p in s.packages}
    assert (direct["asked"], direct["below"], direct["p"]) == (True, False, True)


def test_what_pip_put_into_a_conda_prefix_is_told(make_snapshot) -> None:
    owned = "lib/python3.11/site-packages/numpy-1.26.4.dist-info/METADATA"
    other = "lib/python3.11/site-packages/torch-2.1.0.dist-info/METADATA"
    record = f'{{"name": "numpy", "version": "1.26.4", "files": ["{owned}"]}}'
    found = find_sources(
        make_snapshot({"e/conda-meta/n.json": record, f"e/{owned}": "", f"e/{other}": ""})
    )
    (issue,) = found.sources[0].issues
    assert issue.incomplete
    assert other in issue.detail


def test_lock_files_of_later_versions_are_refused_whole(make_snapshot) -> None:
    found = find_sources(
        make_snapshot(
            {
                "Pipfile.lock": '{"_meta": {"pipfile-spec": 7}, "default": {"a": {}}}',
                "pdm.lock": '[metadata]\nlock_version = "5.0"\n',
                "poetry.lock": '[metadata]\nlock-version = "3.0"\n',
                "uv.lock": "version = 2\n",
                "pylock.toml": 'lock-version = "2.0"\n',
                "conda-lock.yml": "version: 2\n",
                "n.ipynb": '{"nbformat": 5, "cells": []}',
            }
        )
    )
    assert found.sources == ()
    assert len(found.not_read) == 7
    assert all(n.supported and "understood" in n.reason for n in found.not_read)


def test_too_many_scripts_are_a_gap_that_names_the_bound(make_snapshot, monkeypatch) -> None:
    monkeypatch.setattr("weighbridge.packages.discover.MAX_SCRIPTS", 2)
    found = find_sources(make_snapshot({f"{i}.py": "" for i in range(5)}))
    (gap,) = found.not_read
    assert gap.path == "2.py"
    assert "more than 2 scripts" in gap.reason


def test_the_hashes_of_a_constraint_are_demanded_too(make_snapshot) -> None:
    digest = "sha256:" + "ab" * 32
    found = find_sources(
        make_snapshot(
            {
                "requirements.txt": "-c pins.txt\ntorch\nnumpy==1\n",
                "pins.txt": f"torch==2 --hash={digest}\nnumpy==2 --hash={digest}\n",
            }
        )
    )
    by_name = {p.name: (p.version, p.hashes) for p in found.sources[0].packages}
    assert by_name == {"torch": ("2", (digest,)), "numpy": ("1", ())}


def test_bounds_on_files_and_on_all_packages(make_snapshot) -> None:
    with pytest.raises(BoundExceeded, match="500 files"):
        find_sources(make_snapshot({f"{i}-requirements.txt": "" for i in range(501)}))
    many = "\n".join(f"p{i}==1" for i in range(11_000))
    with pytest.raises(BoundExceeded, match="20000 packages"):
        find_sources(make_snapshot({"requirements.txt": many, "requirements2.txt": many}))
