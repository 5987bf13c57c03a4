"""Requirements files: what pip would make of them, and what hostile ones try."""

from __future__ import annotations

import codecs

import pytest

from weighbridge.model.errors import BoundExceeded
from weighbridge.packages.requirements import parse_requirements
from weighbridge.packages.source import MalformedSource, PackageSource

HASH = "sha256:" + "ab" * 32


def parse(text: str | bytes, path: str = "requirements.txt") -> PackageSource:
    return parse_requirements(path, text.encode() if isinstance(text, str) else text)


def kinds(source: PackageSource) -> list[str]:
    return [issue.kind for issue in source.issues]


@pytest.mark.parametrize(
    "line",
    ["-r ../../etc/passwd", "-r /etc/passwd", "-r ~/x.txt", "--requirement=../x", "-r../x.txt",
     "--requirem ../x.txt", "-c ../../constraints.txt", "-r a/../../x.txt", "-r ${HOME}/x.txt"],
)  # fmt: skip
def test_an_include_never_leads_out_of_the_subject(line: str) -> None:
    source = parse(line + "\n")
    assert kinds(source) == ["include-outside"]
    assert source.issues[0].incomplete
    assert source.includes == source.constraints == ()


def test_includes_are_resolved_against_the_file() -> None:
    source = parse("-r base.txt\n-c ../pins.txt\n-r https://example.invalid/x.txt\n", "a/reqs.txt")
    assert source.includes == ("a/base.txt",)
    assert source.constraints == ("pins.txt",)
    assert kinds(source) == ["include-remote"]


def test_a_file_that_includes_itself_is_told() -> None:
    assert kinds(parse("-r ./requirements.txt")) == ["include-cycle"]


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("torch==2.1.0", "2.1.0"),
        ("torch === 2.1.0", "2.1.0"),
        ("Torch_Vision==0.16.0+cu118", "0.16.0+cu118"),
        ("torch==2.1.0,>=2", "2.1.0"),
        ("torch==2.*", ""),
        ("torch>=2.1.0", ""),
        ("torch~=2.1.0", ""),
        ("torch", ""),
        ("torch==1.0,==2.0", ""),
        ("torch[extra]==2.1.0 ; python_version >= '3.8'", "2.1.0"),
        ("torch (==2.1.0)", "2.1.0"),
    ],
)
def test_only_one_exact_version_is_pinned(line: str, version: str) -> None:
    (package,) = parse(line).packages
    assert (package.version, package.pinned) == (version, bool(version))
    assert package.direct is True


def test_names_are_normalized_and_have_a_purl() -> None:
    (package,) = parse("Foo__Bar.baz==1.0+cu118").packages
    assert package.name == "foo-bar-baz"
    assert package.purl == "pkg:pypi/foo-bar-baz@1.0%2Bcu118"


def test_continuation_lines_hashes_and_comments() -> None:
    source = parse(
        "# a comment \\\n"
        "torch==2.1.0 \\\n"
        f"    --hash={HASH} \\\n"
        f"    --hash {HASH.replace('ab', 'cd')}  # via x\n"
        "numpy==1.26.4 # not#here\n"
        "a-name#egg==1\n"
    )
    torch, numpy = source.packages
    assert torch.line == 2
    assert torch.hashes == (HASH, HASH.replace("ab", "cd"))
    assert (numpy.version, numpy.line) == ("1.26.4", 5)
    assert kinds(source) == ["unparsed"]


def test_a_comment_ends_a_continuation() -> None:
    source = parse("torch==2.1.0 \\\n# comment \\\nnumpy==1.26.4\n")
    assert [p.name for p in source.packages] == ["torch", "numpy"]


@pytest.mark.parametrize("value", ["md5:" + "a" * 32, "sha256:short", "sha256", "nonsense:00"])
def test_weak_and_broken_hashes_do_not_count(value: str) -> None:
    source = parse(f"torch==2.1.0 --hash={value}")
    assert source.packages[0].hashes == ()
    assert kinds(source) == ["hash"]


def test_inactive_markers_are_counted_and_not_listed() -> None:
    source = parse('colorama==0.4 ; sys_platform == "win32"\nnumpy==1 ; python_version < "4"\n')
    assert [p.name for p in source.packages] == ["numpy"]
    assert source.inactive == 1
    assert source.environment["python_version"] == "3.11"
    assert source.environment["sys_platform"] == "linux"


def test_indexes_and_addresses_are_told_without_their_secrets() -> None:
    source = parse(
        "--extra-index-url https://user:hunter2@mirror.invalid/simple?token=hunter2\n"
        "-i https://mirror.invalid/simple\n"
        "--find-links ./wheels --trusted-host mirror.invalid\n"
        "pkg @ https://user:hunter2@host.invalid/pkg-1.0-py3-none-any.whl\n"
    )
    assert kinds(source) == ["extra-index", "index", "find-links", "trusted-host", "url"]
    everything = repr(source)
    assert "hunter2" not in everything
    assert "mirror.invalid/simple" in everything
    (package,) = source.packages
    assert (package.name, package.version, package.origin, package.pinned) == (
        "pkg", "1.0", "url", False,
    )  # fmt: skip


def test_a_commit_or_a_hash_pins_an_address() -> None:
    commit = "0123456789" * 4
    source = parse(
        f"a @ git+https://host.invalid/a@{commit}\n"
        "b @ git+https://host.invalid/b@main\n"
        f"git+https://host.invalid/c@{commit}#egg=c\n"
        f"d @ https://host.invalid/d.zip#{HASH.replace(':', '=')}\n"
        "git+https://host.invalid/nameless\n"
    )
    assert {p.name: p.pinned for p in source.packages} == {
        "a": True, "b": False, "c": True, "d": True,
    }  # fmt: skip
    assert "unparsed" in kinds(source)


@pytest.mark.parametrize("line", ["-e .", "./local", "../up", "file:///x", "pkg.tar.gz", "a/b"])
def test_paths_are_told_as_incomplete(line: str) -> None:
    source = parse(line)
    assert kinds(source) == ["path"]
    assert source.issues[0].incomplete
    assert source.packages == ()


@pytest.mark.parametrize(
    "line",
    ["==1.0", "torch=1.0", "a b c", "--evil option", "${PACKAGE}==1.0", "-r", "--hash=x",
     "torch==1 --hash='open", "torch " + "(" * 3000 + "==1", "x" * 300 + "==1",
     "x==1; " + "(" * 3000,
     "torch==2.1.0 --unknown=1", "--=x", "--requir x"],
)  # fmt: skip
def test_what_cannot_be_read_is_told_as_incomplete(line: str) -> None:
    source = parse(line)
    assert kinds(source) == ["unparsed"]
    assert source.issues[0].incomplete
    assert source.packages == ()


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + b"torch==2.1.0",
        codecs.BOM_UTF16_LE + "torch==2.1.0".encode("utf-16-le"),
        codecs.BOM_UTF32_BE + "torch==2.1.0".encode("utf-32-be"),
        b"# -*- coding: latin-1 -*-\n# caf\xe9\ntorch==2.1.0",
        b"torch==2.1.0\r\n",
        "torch==2.1.0 # caf\u00e9".encode(),
    ],
)
def test_encodings_that_pip_reads_too(data: bytes) -> None:
    assert [p.version for p in parse(data).packages] == ["2.1.0"]


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfet\x00\xd8\xd8",
        b"torch==2.1.0\xe9",
        b"# coding: utf-7\n#+AAo-evil==1.0\n",
        b"# coding: rot13\n",
        b"# coding: no-such-thing\n",
        b"torch==1\x00\n",
    ],
)
def test_other_encodings_are_not_guessed(data: bytes) -> None:
    with pytest.raises(MalformedSource):
        parse(data)


def test_a_line_separator_of_unicode_ends_a_line_as_it_does_for_pip() -> None:
    source = parse("# nothing here\u2028evil==1.0\n")
    assert [p.name for p in source.packages] == ["evil"]


def test_ten_thousand_packages_are_read_and_a_bound_stops_more() -> None:
    lines = [f"package-{i}==1.{i}" for i in range(20_001)]
    assert len(parse("\n".join(lines[:10_000])).packages) == 10_000
    with pytest.raises(BoundExceeded, match="20000 packages"):
        parse("\n".join(lines))
    with pytest.raises(BoundExceeded, match="lines"):
        parse(b"\n" * 600_000)


def test_long_runs_of_blanks_take_no_time() -> None:
    assert parse("torch==1" + " " * 2_000_000 + "x").packages == ()
