"""Parsers of the history room, given anything at all."""

import base64

from hypothesis import given, settings
from hypothesis import strategies as st

from weighbridge.history.commit import parse_commit
from weighbridge.history.signers import parse_allowed_signers
from weighbridge.history.sshsig import parse_signature, verify
from weighbridge.model.errors import ConfigurationError, HostileInput
from weighbridge.snapshot.git_pack import GitObjectBroken

LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [b"parent " + b"b" * 40, b"author A <a@b> 1 +0000", b"committer C <c@d> 2 -0100",
             b"gpgsig -----BEGIN SSH SIGNATURE-----", b" continued", b"gpgsig-sha256 x", b"",
             b"author \xff\xfe <> 99999999999999999999 +1", b"\r", b"mergetag object x"]
        ),
        st.binary(max_size=30),
    ),
    max_size=10,
).map(b"\n".join)  # fmt: skip


@given(LINES)
@settings(max_examples=300)
def test_a_commit_is_read_or_refused(lines: bytes) -> None:
    try:
        commit = parse_commit("c" * 40, b"tree " + b"a" * 40 + b"\n" + lines)
    except GitObjectBroken:
        return
    head = commit.payload.split(b"\n\n")[0]
    assert not [line for line in head.split(b"\n") if line.startswith(b"gpgsig")]
    assert commit.author.date == "" or len(commit.author.date) == 20
    assert all(len(p) == 40 for p in commit.parents)


@given(st.one_of(st.binary(max_size=200), st.just(b"").map(lambda _: b"SSHSIG\0\0\0\1")),
       st.binary(max_size=200))  # fmt: skip
@settings(max_examples=300)
def test_a_signature_never_verifies_by_chance(start: bytes, rest: bytes) -> None:
    body = base64.encodebytes(start + rest)
    armored = b"-----BEGIN SSH SIGNATURE-----\n" + body + b"-----END SSH SIGNATURE-----\n"
    verified = False
    try:
        verify(parse_signature(armored), b"data", namespace="git")
        verified = True
    except HostileInput as error:
        assert error.message
    assert not verified


@given(st.text(max_size=200))
@settings(max_examples=300)
def test_allowed_signers_are_read_or_refused(text: str) -> None:
    try:
        signers = parse_allowed_signers(text, source="file")
    except ConfigurationError as error:
        assert "file:" in error.message
        return
    assert all(signer.key for signer in signers)
