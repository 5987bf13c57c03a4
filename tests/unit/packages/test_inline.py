"""Metadata in scripts and notebooks: what is declared, what is computed, what is never run."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import pytest

from weighbridge.model.errors import HostileInput
from weighbridge.packages.inline import parse_script
from weighbridge.packages.notebook import parse_notebook
from weighbridge.packages.source import MalformedSource, PackageSource

BLOCK = """# /// script
# requires-python = ">=3.12"
# dependencies = [
#   "torch==2.1.0",
#   "Foo.Bar_baz>=1",
#   "win; sys_platform == 'win32'",
# ]
# ///
"""


def notebook(*cells: str | list[str], **more: Any) -> PackageSource | None:
    body = {
        "nbformat": 4,
        "metadata": {},
        "cells": [{"cell_type": "code", "source": cell} for cell in cells],
        **more,
    }
    return parse_notebook("a/n.ipynb", json.dumps(body).encode())


def read(*cells: str) -> PackageSource:
    source = notebook(*cells)
    assert source is not None
    return source


def names(source: PackageSource) -> dict[str, str]:
    return {package.name: package.specifier for package in source.packages}


@pytest.mark.parametrize(
    "script",
    [
        BLOCK + BLOCK,
        BLOCK + "\nprint()\n" + BLOCK,
        "# /// script\n# = =\n# ///\n",
        "# /// script\n# dependencies = 1\n# ///\n",
        "# /// script\n# dependencies = [1]\n# ///\n",
        "# /// script\n# requires-python = 3\n# ///\n",
        "# /// script\n# tool = 1\n# ///\n",
        "# /// script\n# dependencies = []\n# dependencies = []\n# ///\n",
    ],
)
def test_a_broken_block_is_refused(script: str) -> None:
    with pytest.raises(MalformedSource):
        parse_script("run.py", script.encode())


def test_a_block_without_an_end_is_told() -> None:
    source = parse_script("run.py", b"import os\n# /// script\n# dependencies = ['x']\nprint()\n")
    assert source is not None
    assert source.packages == ()
    assert [(i.kind, i.line, i.incomplete) for i in source.issues] == [("unparsed", 2, True)]


@pytest.mark.parametrize("script", ["", "print()", "#/// script\n# ///\n", "x = '# /// script'\n"])
def test_a_script_without_a_block_declares_nothing(script: str) -> None:
    assert parse_script("run.py", script.encode()) is None


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_block_is_read_with_its_lines_and_python(newline: str, mark: bytes) -> None:
    text = "'''doc'''\n" + BLOCK + "raise SystemExit('never run')\n"
    source = parse_script("run.py", mark + text.replace("\n", newline).encode())
    assert source is not None
    assert [(p.name, p.version, p.line) for p in source.packages] == [
        ("torch", "2.1.0", 5), ("foo-bar-baz", "", 6),
    ]  # fmt: skip
    assert (source.format, source.inactive) == ("script", 1)
    assert source.environment["python_version"] == "3.12"


def test_what_uv_adds_to_a_block_is_told() -> None:
    source = parse_script(
        "run.py",
        b"# /// script\n# dependencies = ['a', 'b', 'c']\n# [tool.uv]\n"
        b"# extra-index-url = ['https://u:hunter2@other.invalid/simple']\n# [tool.uv.sources]\n"
        b"# a = { git = 'https://host.invalid/a', rev = 'main' }\n# b = { path = '../b' }\n# ///\n",
    )
    assert source is not None
    assert {p.name: p.origin for p in source.packages} == {"a": "vcs", "b": "path", "c": "index"}
    assert [i.kind for i in source.issues] == ["index", "unread"]
    assert "hunter2" not in repr(source)


@pytest.mark.parametrize(
    "body",
    [
        1, [], {}, {"nbformat": 5, "cells": []}, {"nbformat": True, "cells": []},
        {"nbformat": 4, "cells": {}}, {"nbformat": 4, "cells": [1]},
        {"nbformat": 4, "cells": [{"cell_type": "code", "source": 1}]},
        {"nbformat": 4, "cells": [{"cell_type": "code", "source": [1]}]},
        {"nbformat": 3, "worksheets": [1]}, {"nbformat": 10**400},
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_refused(body: Any) -> None:
    with pytest.raises(HostileInput):
        parse_notebook("n.ipynb", json.dumps(body).encode())


@pytest.mark.parametrize("data", [b"", b"\xff\xfe{\x00}", b"[" * 200_000, b"{'a': 1}"])
def test_bytes_that_are_no_notebook_are_refused(data: bytes) -> None:
    with pytest.raises(HostileInput):
        parse_notebook("n.ipynb", data)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%pip install torch==2.1.0", {"torch": "==2.1.0"}),
        ("!pip install -q -U 'numpy>=1.2' \"scipy<2\"", {"numpy": ">=1.2", "scipy": "<2"}),
        ("!pip3 install a b  # don't", {"a": "", "b": ""}),
        ("!python -m pip install a", {"a": ""}),
        ("!{sys.executable} -m pip install a[x]==1", {"a": "==1"}),
        ("  !pip install a && pip install b; pip install c", {"a": "", "b": "", "c": ""}),
        ("out = !pip install a > log.txt 2>&1", {"a": ""}),
        ("!pip install a>=1.0", {"a": ""}),  # the shell takes it for a redirection
        ("!uv pip install --system a==1", {"a": "==1"}),
        ("!pip install \\\n  a \\\n  b", {"a": "", "b": ""}),
        ("%pip install --target out a --progress-bar off", {"a": ""}),
        ("%%bash\nset -e\npip install a\n", {"a": ""}),
        ("%conda install -y -c conda-forge a=1 b==2", {"a": "=1", "b": "==2"}),
    ],
)
def test_what_a_cell_installs(line: str, expected: dict[str, str]) -> None:
    source = read(line)
    assert names(source) == expected
    assert source.issues == ()
    assert all(package.direct and package.line == 0 for package in source.packages)


@pytest.mark.parametrize(
    "cell",
    [
        "!pip install $PACKAGE", "!pip install {package}", "!pip install `cat list`",
        "!pip install -r $FILE", "!pip install $(cat list)", "%pip install *.whl",
        "import os\nos.system('pip install a')", "get_ipython().system(f'pip install a')",
        "subprocess.check_call([\n  sys.executable,\n  '-m', 'pip', 'install', 'a'])",
        "pip.main(['install', 'a'])", "!uv add a", "!conda env update -f x.yml", "!poetry install",
        "%%bash\nfor p in a b; do pip install $p; done",
    ],
)  # fmt: skip
def test_what_is_computed_is_told_with_its_cell(cell: str) -> None:
    source = read("x = 1", cell)
    assert source.packages == ()
    assert {i.kind for i in source.issues} == {"dynamic"}
    assert all(i.incomplete and i.detail.startswith("cell 2") for i in source.issues)


@pytest.mark.parametrize(
    "cell",
    ["print('please pip install torch')", "# !pip install a", "!pip list", "!pip freeze", "%cd x",
     "raise ImportError('pip install a')", "!ls", "x = a % pip", "!pip uninstall -y a", ""],
)  # fmt: skip
def test_what_installs_nothing_is_silent(cell: str) -> None:
    assert notebook(cell) is None


def test_a_line_that_cannot_be_split_is_told() -> None:
    (issue,) = read("!pip install 'open").issues
    assert (issue.kind, issue.incomplete) == ("unparsed", True)
    assert "cell 1, line 1" in issue.detail


def test_indexes_includes_and_addresses_in_cells() -> None:
    source = read(
        "%pip install -r reqs.txt --extra-index-url https://u:hunter2@other.invalid/simple a",
        f"!pip install 'b @ git+https://host.invalid/b@{'0' * 40}' ./local ../up.whl",
        "!conda install -c https://u:hunter2@c.invalid/own x --file list.txt",
    )
    assert source.includes == ("a/reqs.txt",)
    assert {p.name: (p.origin, p.pinned) for p in source.packages} == {
        "a": ("index", False), "b": ("vcs", True), "x": ("index", False),
    }  # fmt: skip
    assert [i.kind for i in source.issues] == [
        "extra-index", "path", "path", "index", "include-missing",
    ]  # fmt: skip
    assert "hunter2" not in repr(source)


def test_blocks_and_cells_of_both_formats() -> None:
    source = read(BLOCK, "%pip install other")
    assert list(names(source)) == ["torch", "foo-bar-baz", "other"]
    assert source.environment["python_version"] == "3.12"
    with pytest.raises(MalformedSource, match="2 script blocks"):
        notebook(BLOCK, BLOCK)
    old = {"nbformat": 3, "worksheets": [{"cells": [
        {"cell_type": "markdown", "source": "!pip install no"},
        {"cell_type": "code", "input": ["!pip install ", "yes\n"]}]}]}  # fmt: skip
    found = parse_notebook("n.ipynb", json.dumps(old).encode())
    assert found is not None
    assert list(names(found)) == ["yes"]


@pytest.mark.parametrize(
    "cell",
    ["run(" * 500_000, "run(pip " * 300_000, "!" * 500_000, " " * 2_000_000, "a" * 2_000_000,
     "!pip install " + "a " * 30_000, "# /// script\n" * 50_000, "!pip install '" + "x" * 70_000],
)  # fmt: skip
def test_cells_made_to_take_forever_do_not(cell: str) -> None:
    started = time.process_time()
    with contextlib.suppress(HostileInput):
        notebook(cell)
    assert time.process_time() - started < 10
