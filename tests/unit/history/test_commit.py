"""Commit objects, as git writes them and as an attacker does."""

import pytest

from weighbridge.history.commit import iso, parse_commit
from weighbridge.snapshot.git_pack import GitObjectBroken

ID, TREE, PARENT = "c" * 40, "a" * 40, "b" * 40
HEAD = (
    f"tree {TREE}\nparent {PARENT}\n"
    "author Ada Lovelace <Ada@Example.org> 1780000000 +0200\n"
    "committer GitHub <noreply@github.com> 1780000100 +0000\n"
)
SIGNATURE = (
    "gpgsig -----BEGIN SSH SIGNATURE-----\n U1NIU0lH\n \n abc\n -----END SSH SIGNATURE-----\n"
)


def test_a_plain_commit() -> None:
    data = (HEAD + "\nFirst\n\nauthor Eve <eve@example.org> 1 +0000\n").encode()
    commit = parse_commit(ID, data)
    assert (commit.tree, commit.parents) == (TREE, (PARENT,))
    assert (commit.author.name, commit.author.email) == ("Ada Lovelace", "Ada@Example.org")
    assert commit.author.key == "ada@example.org"
    assert commit.author.date == "2026-05-28T20:26:40Z"
    assert commit.is_web_flow
    assert commit.signature_kind == "none"
    assert commit.payload == data


def test_what_is_signed_is_the_commit_without_its_signatures() -> None:
    data = HEAD + SIGNATURE + "gpgsig-sha256 other\n more\nencoding UTF-8\n\nbody\n gpgsig x\n"
    commit = parse_commit(ID, data.encode())
    assert commit.payload.decode() == HEAD + "encoding UTF-8\n\nbody\n gpgsig x\n"
    assert commit.signature.startswith(b"-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n\nabc\n")
    assert commit.signature_kind == "ssh"


def test_a_repository_with_sha256_ids_has_its_own_header() -> None:
    tree = "d" * 64
    data = HEAD.replace(TREE, tree).replace(f"parent {PARENT}\n", "") + SIGNATURE + "\nx\n"
    assert parse_commit("e" * 64, data.encode()).signature_kind == "none"
    renamed = data.replace("gpgsig ", "gpgsig-sha256 ")
    assert parse_commit("e" * 64, renamed.encode()).signature_kind == "ssh"


@pytest.mark.parametrize(
    ("armor", "kind"),
    [
        ("-----BEGIN PGP SIGNATURE-----", "openpgp"),
        ("-----BEGIN SIGNED MESSAGE-----", "x509"),
        ("-----BEGIN SSH SIGNATURE-----", "ssh"),
        ("-----BEGIN NONSENSE-----", "unrecognized"),
        ("", "none"),
    ],
)
def test_kinds_of_signatures(armor: str, kind: str) -> None:
    assert parse_commit(ID, f"{HEAD}gpgsig {armor}\n\nx\n".encode()).signature_kind == kind


def test_a_second_author_or_signature_does_not_replace_the_first() -> None:
    second = "author Eve <eve@example.org> 1 +0000\ngpgsig -----BEGIN SSH SIGNATURE-----\n x\n"
    commit = parse_commit(ID, (HEAD + "gpgsig rubbish\n" + second + "\nx\n").encode())
    assert commit.author.email == "Ada@Example.org"
    assert commit.signature == b"rubbish"


@pytest.mark.parametrize(
    ("line", "name", "date"),
    [
        ("Ada", "Ada", ""),
        ("Ada <ada@example.org>", "Ada <ada@example.org>", ""),
        ("Ada <ada@example.org> 99999999999999999999 +0000", "Ada <ada@example.org> 9999", ""),
        ("Ada <ada@example.org> 999999999999999 +0000", "Ada", ""),
        ("Ada <ada@example.org> -5 +0000", "Ada", ""),
        ("<ada@example.org> 0 +0000", "", "1970-01-01T00:00:00Z"),
        ("", "", ""),
    ],
)
def test_people_that_cannot_be_read_are_no_error(line: str, name: str, date: str) -> None:
    person = parse_commit(ID, f"tree {TREE}\nauthor {line}\n\nx\n".encode()).author
    assert person.name.startswith(name)
    assert person.date == date


def test_bytes_that_are_not_utf8_are_shown_as_escapes() -> None:
    data = f"tree {TREE}\nauthor \xff <a@b> 0 +0000\n\nx\n".encode("latin-1")
    assert parse_commit(ID, data).author.name == r"\xff"


@pytest.mark.parametrize(
    "data",
    [b"", b"rubbish", b"tree x\n\n", f"tree {TREE}\nparent zz\n\n".encode(),
     f"parent {PARENT}\ntree {TREE}\n\n".encode(), f"tree {TREE}\nauthor \0\n\n".encode()],
)  # fmt: skip
def test_what_is_no_commit_is_refused(data: bytes) -> None:
    with pytest.raises(GitObjectBroken):
        parse_commit(ID, data)


def test_times_out_of_range_are_empty() -> None:
    assert iso(None) == iso(10**15) == iso(-1) == ""
    assert iso(0) == "1970-01-01T00:00:00Z"
