"""``setup.cfg``: what is no such file first, then what setuptools reads in it."""

from __future__ import annotations

import pytest

from weighbridge.packages import setup_cfg
from weighbridge.packages.markers import environment_for
from weighbridge.packages.setup_cfg import parse_setup_cfg
from weighbridge.packages.source import MalformedSource, PackageSource


def parse(text: str) -> PackageSource:
    source = parse_setup_cfg("a/setup.cfg", text.encode())
    assert source is not None
    return source


@pytest.mark.parametrize(
    "data",
    [
        b"no section\n",
        b"[options]\n[options]\n",
        b"[options]\ninstall_requires = a\ninstall_requires = b\n",
        b"[options\ninstall_requires = a\n",
        b"\xff\xfe\x00",
        b"[options]\ninstall_requires = a\0b\n",
    ],
)
def test_what_is_malformed_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedSource):
        parse_setup_cfg("setup.cfg", data)


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_cfg, "MAX_PACKAGES", 2)
    with pytest.raises(MalformedSource, match="3 requirements"):
        parse("[options]\ninstall_requires = a; b; c\n")
    monkeypatch.setattr(setup_cfg, "MAX_BYTES", 10)
    with pytest.raises(MalformedSource, match="10 are read"):
        parse("[options]\ninstall_requires = a\n")


@pytest.mark.parametrize("text", ["", "[flake8]\nmax-line-length = 100\n", "[metadata]\nname = a\n",
                                  "[options.extras_require]\nx = y\n"])  # fmt: skip
def test_a_file_that_declares_nothing_is_no_source(text: str) -> None:
    assert parse_setup_cfg("setup.cfg", text.encode()) is None


def test_what_cannot_be_read_is_told() -> None:
    source = parse("[options]\ninstall_requires =\n    !!\n    %(x)s\n    six\n")
    assert [p.name for p in source.packages] == ["six"]
    assert [(i.kind, i.incomplete) for i in source.issues] == [("unparsed", True)] * 2
    (issue,) = parse("[options]\ninstall_requires = attr: pkg.NEEDS\n").issues
    assert issue.kind == "dynamic"


def test_lines_markers_and_pins() -> None:
    source = parse(
        "[options]\npython_requires = >=3.10\ninstall_requires =\n    requests>=2.31,<3\n"
        "    # a note\n    six==1.16.0\n    colorama; sys_platform == 'win32'\n"
        "    own @ https://u:hunter2@host.invalid/own.whl\n"
        "[options.extras_require]\ntest = pytest\n"
    )
    assert [(p.name, p.version, p.specifier, p.direct) for p in source.packages[:2]] == [
        ("requests", "", "<3,>=2.31", True), ("six", "1.16.0", "==1.16.0", True),
    ]  # fmt: skip
    assert source.packages[2].origin == "url"
    assert source.inactive == 1
    assert "hunter2" not in repr(source)


def test_one_line_is_split_at_semicolons() -> None:
    assert [p.name for p in parse("[options]\ninstall_requires = a; b\n").packages] == ["a", "b"]


def test_files_of_requirements_are_included() -> None:
    source = parse("[options]\ninstall_requires = file: needs.txt, b/c.txt, ../../up.txt, /etc/x\n")
    assert source.includes == ("a/needs.txt", "a/b/c.txt")
    assert [i.kind for i in source.issues] == ["include-outside", "include-outside"]


def test_a_password_in_a_python_requirement_is_not_shown() -> None:
    _, issues = environment_for("https://u:p4ssw0rd@h.invalid/x.whl", "setup.cfg")
    assert issues
    assert "p4ssw0rd" not in issues[0].detail
