"""Start-up hooks that known tools write, recognized by the very lines that run.

A hook counts as known when its file has the name and every line that runs is one of these: by its
SHA-256 where it is long, by a pattern where it holds a project's name. The lines of setuptools for
namespace packages hold that package's name; :func:`masked` puts words in its place first.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownHook:
    """``files`` and ``line`` are patterns over the whole text; ``source`` says who writes it."""

    what: str
    source: str
    files: str
    line: str = ""
    sha256: tuple[str, ...] = ()


KNOWN: tuple[KnownHook, ...] = (
    KnownHook(
        "setuptools' replacement of distutils",
        "pypa/setuptools setup.py (since 60.0 'local', 49.1 to 59 'stdlib' is the default)",
        r"distutils-precedence\.pth",
        sha256=(
            "2f70c2fa9227e9db9348215d9c7b246d2786aac7516f86d71a5952c7c225aa16",
            "792f1e64bdbc639bc9e69672208025d82d37f615b5a6bbff981b444ec1f214a5",
        ),
    ),
    KnownHook(
        "virtualenv's patch of distutils",
        "pypa/virtualenv create/via_global_ref/api.py; uv writes the same",
        r"_virtualenv\.pth",
        line=r"import _virtualenv",
    ),
    KnownHook(
        "an editable installation by setuptools",
        "pypa/setuptools command/editable_wheel.py (_TopLevelFinder)",
        r"__editable__\.[A-Za-z0-9._+!-]+\.pth",
        line=r"import (__editable___[A-Za-z0-9_]+_finder); ?\1\.install\(\)",
    ),
    KnownHook(
        "an editable installation by editables (hatchling, pdm)",
        "pfmoore/editables (EditableProject.pth_file)",
        r"_?_?editable_impl_[A-Za-z0-9_]+\.pth|_[A-Za-z0-9_]+\.pth",
        line=r"import _editable_impl_[a-z0-9_]+",
    ),
    KnownHook(
        "coverage's measuring of subprocesses",
        "coveragepy documentation, 'Measuring subprocesses'; since 7.10 coverage writes the file",
        r"[A-Za-z0-9_.-]*cov[A-Za-z0-9_.-]*\.pth",
        line=r"import coverage; ?coverage\.process_startup\(\)",
    ),
    KnownHook(
        "coverage's measuring of subprocesses",
        "coveragepy 7.13, a1_coverage.pth",
        r"a1_coverage\.pth",
        sha256=("2cbb286eeaf39b2cd7d68cb09c1bc3cfb0cc8d27da949004d0c22698f127f270",),
    ),
    KnownHook(
        "pytest-cov's measuring of subprocesses",
        "pytest-dev/pytest-cov 4.0 to 6.x, pytest-cov.pth",
        r"pytest-cov\.pth",
        sha256=("b8e1b828090bfec4b25656d04cd0948d3e70221ea8281ac0e12569eef48ae2a6",),
    ),
    KnownHook(
        "pywin32's search for its libraries",
        "mhammond/pywin32 pywin32.pth",
        r"pywin32\.pth",
        line=r"import pywin32_bootstrap",
    ),
    KnownHook(
        "setuptools' namespace packages (protobuf, matplotlib, sphinxcontrib)",
        "pypa/setuptools namespaces.py (Installer._nspkg_tmpl), three versions of it",
        r"[A-Za-z0-9._+!-]+-nspkg\.pth",
        sha256=(
            "6b7def98fcb6c2cca8e34c563bb10e599df0891c54c21920c2b26f719c0bc537",
            "0568d49301ea0704fdda0864f51ae12576643682f291bd1e9bbf568b90b0039b",
            "90079c5f08ab820c0f61add5f194b2748d609d2b137053d87e97cc72853d0750",
            "59f7b0da8d5211cbdcf0715a747c1a7a351789fdd3338c42fe9e44b2657d249d",
            "7b6d813410ad544cc42dfef62010227c4c140da1b8fa5ca058078c94f6c7e8bf",
            "8c5efc8a3bf3ca7e160f75144657b466c5c8521b4b0e7e67f6ccf076c2f3d63d",
        ),
    ),
)  # fmt: skip

_PARTS = re.compile(r"\*\(((?:'[A-Za-z_][A-Za-z0-9_]*'(?:, )?)+),?\)")
_NAME = re.compile(r"'([A-Za-z0-9_]+)'")


def known_hook(name: str, lines: tuple[str, ...]) -> KnownHook | None:
    """The hook that a file of this name with these running lines is, if it is a known one."""
    for hook in KNOWN:
        if lines and re.fullmatch(hook.files, name) and all(_is(hook, line) for line in lines):
            return hook
    return None


def masked(line: str) -> str:
    """A line of setuptools' for a namespace package, without that package's name."""
    found = _PARTS.search(line)
    if found is None:
        return line
    parts = _NAME.findall(found.group(1))
    line = line.replace(found.group(0), "*PARTS").replace(f"'{'.'.join(parts)}'", "PACKAGE")
    parent = f"sys.modules['{'.'.join(parts[:-1])}'], '{parts[-1]}', m"
    return line.replace(parent, "PARENT_AND_CHILD") if len(parts) > 1 else line


def _is(hook: KnownHook, line: str) -> bool:
    line = line.rstrip()
    if hook.line:
        return re.fullmatch(hook.line, line) is not None
    return hashlib.sha256(masked(line).encode("utf-8", "surrogatepass")).hexdigest() in hook.sha256
