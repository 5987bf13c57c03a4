"""Start-up hooks: what they do is told from their text, and they never run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from weighbridge.packages.known_hooks import KNOWN, known_hook, masked
from weighbridge.packages.startup import Hook, find_hooks


def judged(folder: Path, name: str, data: str | bytes) -> Hook:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return next(hook for hook in find_hooks(folder, {name: "owner"}) if hook.path == name)


DANGEROUS = [
    "import os; os.system('echo')",
    "import os as o; f = o.popen; f('echo')",
    "import subprocess",
    "import base64; exec(base64.b64decode('cHJpbnQoMSk='))",
    "import sys; exec('1')",
    "import sys; eval('1')",
    "import sys; __import__('subprocess').run(['echo'])",
    "import importlib; importlib.import_module('sub' + 'process')",
    "import os; getattr(os, 'sys' + 'tem')('echo')",
    "import os; getattr(os, 'system')('echo')",
    "import socket",
    "import urllib.request",
    "import ctypes",
    "import sys; bytes.fromhex('00')",
    "import os; print(dict(os.environ))",
    "import os; [k for k in os.environ]",
    "import os; os.environ.copy()",
    "import builtins; builtins.exec('1')",
    "import sys; __builtins__['exec']('1')",
    "import sys; ().__class__.__base__.__subclasses__()",
    "import os; open(os.path.expanduser('~/.ssh/id_rsa'))",
    "import sys; x = '" + "QUJD" * 300 + "'",
    "import sys; exec 'python 2'",
    "import os; from os import execv",
]


@pytest.mark.parametrize("line", DANGEROUS)
def test_lines_that_do_what_thieves_do(tmp_path: Path, line: str) -> None:
    hook = judged(tmp_path, "x.pth", f"{line}\n")
    assert hook.verdict == "dangerous", hook
    assert hook.reasons
    assert hook.lines[0].startswith(line[:40])
    hook = judged(tmp_path, "sitecustomize.py", line.replace("; ", "\n"))
    assert hook.verdict == "dangerous", hook


@pytest.mark.parametrize(
    "line",
    ["import os; os.environ.get('X') and print()", "import sys; sys.path.append('x')",
     "import mymodule", "import\tmymodule", "import os; os.environ['X'] = '1'"],
)  # fmt: skip
def test_other_code_is_code(tmp_path: Path, line: str) -> None:
    hook = judged(tmp_path, "x.pth", line)
    assert (hook.verdict, hook.package, hook.kind) == ("code", "owner", "pth")


@pytest.mark.parametrize(
    "data",
    [b"", b"folder\n", b"# import os\n", b" import os\n", b"importx\n", b"import\n", b"Import os\n",
     b"from os import system\n", b"\n\n  \n"],
)  # fmt: skip
def test_lines_that_python_does_not_run(tmp_path: Path, data: bytes) -> None:
    assert judged(tmp_path, "x.pth", data).verdict == "path"


@pytest.mark.parametrize(
    "data",
    [b"\xef\xbb\xbfimport subprocess", b"a\x0cimport subprocess", b"a\rimport subprocess",
     "a\u2028import subprocess".encode(), b"\xff\nimport subprocess", b"a\x1cimport subprocess",
     b"#\x0bimport subprocess", b"a\xc2\x85import subprocess"],
)  # fmt: skip
def test_lines_that_only_some_pythons_run(tmp_path: Path, data: bytes) -> None:
    assert judged(tmp_path, "x.pth", data).verdict == "dangerous"


def test_what_this_python_runs_is_seen(tmp_path: Path) -> None:
    """Python itself as the judge: of every line that leaves a trace, the reader says it runs."""
    lines = ["import os; os.mkdir('0')", " import os; os.mkdir('1')", "import\tos; os.mkdir('2')",
             "#import os; os.mkdir('3')", "import\u00a0os; os.mkdir('4')"]  # fmt: skip
    site, ran = tmp_path / "site", tmp_path / "ran"
    site.mkdir()
    ran.mkdir()
    for number, line in enumerate(lines):
        (site / f"{number}.pth").write_text(line, encoding="utf-8")
    program = f"import site; site.addsitedir({str(site)!r})"
    subprocess.run([sys.executable, "-S", "-c", program], cwd=ran, check=True, capture_output=True)
    traced = {path.name for path in ran.iterdir()}
    seen = {hook.path.removesuffix(".pth") for hook in find_hooks(site, {}) if hook.lines}
    assert traced == seen == {"0", "2"}


def test_a_hidden_file_is_told(tmp_path: Path) -> None:
    hook = judged(tmp_path, ".x.pth", "import subprocess")
    assert hook.verdict == "dangerous"
    assert any("dot" in reason for reason in hook.reasons)


def test_folders_outside_are_counted_and_not_named(tmp_path: Path) -> None:
    hook = judged(tmp_path, "x.pth", "/opt/secret\nlocal\n../../away\n")
    assert hook.verdict == "path"
    assert hook.reasons == ("folders outside the environment that it adds: 2",)


def test_what_cannot_be_read_is_not_cleared(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.pth")
    (tmp_path / "folder.pth").mkdir()
    (tmp_path / "loop.pth").symlink_to("loop.pth")
    (tmp_path / "out.pth").symlink_to("/etc/hostname")
    (tmp_path / "huge.pth").write_bytes(b"#" * (2**20 + 1))
    hooks = find_hooks(tmp_path, {})
    assert len(hooks) == 5
    assert {hook.verdict for hook in hooks} == {"dangerous"}
    assert not any(hook.lines for hook in hooks)


@pytest.mark.parametrize(
    "name",
    ["sitecustomize.pyc", "usercustomize.cpython-312-x86_64-linux-gnu.so", "sitecustomize.pyd",
     "sitecustomize/__init__.pyc", "usercustomize/__init__.abi3.so"],
)  # fmt: skip
def test_compiled_modules_are_not_cleared(tmp_path: Path, name: str) -> None:
    hook = judged(tmp_path, name, b"\x00")
    assert (hook.verdict, "compiled" in hook.reasons[0]) == ("dangerous", True)


def test_modules_as_files_and_folders(tmp_path: Path) -> None:
    hook = judged(tmp_path, "sitecustomize/__init__.py", "import os\nprint(os.name)\n")
    assert (hook.verdict, hook.kind) == ("code", "sitecustomize")
    hook = judged(tmp_path, "usercustomize.py", "# nothing\n\n")
    assert (hook.verdict, hook.kind) == ("path", "usercustomize")
    text = "def f():\n    import subprocess\n"
    hook = judged(tmp_path, "sitecustomize.py", text)
    assert hook.reasons == ("line 2: it imports subprocess, which starts a process",)
    assert hook.lines == ("import subprocess",)
    assert judged(tmp_path, "sitecustomize.py", "# coding: utf-7\n").verdict == "path"
    assert judged(tmp_path, "sitecustomize.py", "# coding: utf-7\nx = 1").verdict == "dangerous"


def test_what_a_hook_imports_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / "quiet.py").write_text("import subprocess\ndef f():\n    subprocess.run([])\n")
    (tmp_path / "loud.py").write_text("import subprocess\nsubprocess.run(['echo'])\n")
    assert judged(tmp_path, "a.pth", "import quiet").verdict == "code"
    hook = judged(tmp_path, "b.pth", "import quiet; quiet.f()")
    assert hook.verdict == "dangerous"
    assert "quiet.py: line 3" in hook.reasons[0]
    hook = judged(tmp_path, "c.pth", "import loud")
    assert "loud.py: line 2: it calls subprocess.run" in hook.reasons[0]


def test_start_files(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").touch()
    (tmp_path / "pkg" / "mod.py").write_text(
        "import socket\ndef bad():\n    helper()\ndef helper():\n    socket.create_connection(())\n"
        "def good():\n    pass\n"
    )
    assert judged(tmp_path, "a.start", "# comment\n\n").verdict == "path"
    assert judged(tmp_path, "b.start", "no callable\n").verdict == "path"
    hook = judged(tmp_path, "c.start", "\ufeffpkg.mod:good\n")
    assert (hook.verdict, hook.lines) == ("code", ("pkg.mod:good",))
    assert judged(tmp_path, "d.start", "pkg.mod:bad\n").verdict == "dangerous"


NAMESPACE = (
    "import sys, types, os;has_mfs = sys.version_info > (3, 5);p = os.path.join("
    "sys._getframe(1).f_locals['sitedir'], *('google', 'x'));importlib = has_mfs and "
    "__import__('importlib.util');has_mfs and __import__('importlib.machinery');m = has_mfs and "
    "sys.modules.setdefault('google.x', importlib.util.module_from_spec(importlib.machinery."
    "PathFinder.find_spec('google.x', [os.path.dirname(p)])));m = m or sys.modules.setdefault("
    "'google.x', types.ModuleType('google.x'));mp = (m or []) and m.__dict__.setdefault("
    "'__path__',[]);(p not in mp) and mp.append(p);m and setattr(sys.modules['google'], 'x', m)"
)
DISTUTILS = (
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == "
    "'local'; enabled and __import__('_distutils_hack').add_shim(); "
)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("distutils-precedence.pth", DISTUTILS),
        ("_virtualenv.pth", "import _virtualenv"),
        ("__editable__.my_pkg-1.0.pth",
         "import __editable___my_pkg_1_0_finder; __editable___my_pkg_1_0_finder.install()"),
        ("google_x-1-py3.9-nspkg.pth", NAMESPACE),
        ("coverage.pth", "import coverage; coverage.process_startup()"),
    ],
)  # fmt: skip
def test_known_hooks_by_their_very_lines(tmp_path: Path, name: str, line: str) -> None:
    hook = judged(tmp_path, name, line + "\n")
    assert hook.verdict == "known", hook
    assert judged(tmp_path, "other.pth", line).verdict != "known"
    assert judged(tmp_path, name, f"{line};import os").verdict != "known"
    assert judged(tmp_path, name, f"{line}\nimport os\n").verdict != "known"


def test_a_known_hook_does_not_cover_for_what_it_imports(tmp_path: Path) -> None:
    (tmp_path / "_virtualenv.py").write_text("import os\nos.system('echo')\n")
    hook = judged(tmp_path, "_virtualenv.pth", "import _virtualenv")
    assert hook.verdict == "dangerous"
    assert "_virtualenv.py: line 2" in hook.reasons[0]


def test_known_hooks_name_their_source() -> None:
    assert all(hook.source and hook.what and (hook.line or hook.sha256) for hook in KNOWN)
    assert known_hook("distutils-precedence.pth", ()) is None
    assert "google" not in masked(NAMESPACE)


def test_the_worst_comes_first_and_nothing_runs(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    trace = f"open({str(marker)!r}, 'w').close()"
    site = tmp_path / "site"
    site.mkdir()
    (site / "a.pth").write_text("folder\n")
    (site / "b.pth").write_text(f"import os; {trace}\n")
    (site / "sitecustomize.py").write_text(f"import subprocess\n{trace}\n")
    (site / "c.start").write_text("sitecustomize:main\n")
    hooks = find_hooks(site, {})
    assert hooks[0].verdict == "dangerous"
    assert [h.path for h in hooks if h.verdict == "path"] == ["a.pth"]
    assert not marker.exists()
