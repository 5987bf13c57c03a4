"""Parsers of signatures, tags and trailers, given anything at all."""

import base64

from hypothesis import given, settings
from hypothesis import strategies as st

from weighbridge.history.cms import verify_cms
from weighbridge.history.openpgp import issuer
from weighbridge.history.tag import parse_tag
from weighbridge.history.trailers import split_message, trailers_of
from weighbridge.model.errors import HostileInput
from weighbridge.snapshot.git_pack import GitObjectBroken

START = b"object " + b"a" * 40 + b"\ntype commit\ntag v1\n"


@given(st.binary(max_size=300))
@settings(max_examples=300)
def test_an_openpgp_signature_names_a_key_or_nothing(data: bytes) -> None:
    armor = b"-----BEGIN PGP SIGNATURE-----\n\n%s\n-----END PGP SIGNATURE-----\n"
    named = issuer(armor % base64.b64encode(data))
    assert named == "" or len(named) == 16


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_no_x509_signature_holds_by_chance(data: bytes) -> None:
    armor = b"-----BEGIN SIGNED MESSAGE-----\n%s\n-----END SIGNED MESSAGE-----\n"
    held = False
    try:
        verify_cms(armor % base64.b64encode(data), b"data")
        held = True
    except HostileInput as error:
        assert error.message
    assert not held


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_a_tag_is_read_or_refused(data: bytes) -> None:
    try:
        tag = parse_tag(START + data)
    except GitObjectBroken as error:
        assert error.message
        return
    assert tag.payload + tag.signature == START + data


@given(st.lists(st.sampled_from([b"T", b"\n", b":", b" ", b"\t", b"#", b"a", b"\xff", b"\0", b"\r",
                                 b"Signed-off-by: "]), max_size=40).map(b"".join))  # fmt: skip
@settings(max_examples=500)
def test_trailers_are_single_lines(message: bytes) -> None:
    for trailer in trailers_of(split_message(b"\n\n" + message)):
        assert trailer.key
        assert "\n" not in trailer.key + trailer.value
