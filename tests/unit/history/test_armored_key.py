"""Which key a signature names, read from whatever a forge hands over."""

from __future__ import annotations

import base64
import struct

import pytest

from weighbridge.history.armored_key import armored_key
from weighbridge.history.sshsig import fingerprint


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


@pytest.mark.parametrize(
    "signature",
    [b"", b"x", b"-----BEGIN SSH SIGNATURE-----", b"\x00" * 200,
     b"-----BEGIN SIGNED MESSAGE-----\nAA==\n",
     b"-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n",
     b"-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n"],
)  # fmt: skip
def test_what_names_no_key_names_none(signature: bytes) -> None:
    assert armored_key(signature) == ""


def test_an_ssh_signature_names_its_key() -> None:
    key = _string(b"ssh-ed25519") + _string(b"k" * 32)
    inner = _string(b"ssh-ed25519") + _string(b"s" * 64)
    blob = b"SSHSIG\0\0\0\1" + b"".join(map(_string, (key, b"git", b"", b"sha512", inner)))
    armored = (
        b"-----BEGIN SSH SIGNATURE-----\n"
        + base64.encodebytes(blob)
        + b"-----END SSH SIGNATURE-----\n"
    )
    assert armored_key(armored) == fingerprint(key)


def test_an_openpgp_signature_names_its_key() -> None:
    # RFC 9580, section 5.2.3: version 4, no hashed subpackets, the issuer (16) among the others
    body = (
        bytes([4, 0, 22, 8])
        + b"\0\0"
        + b"\0\x0a"
        + bytes([9, 16])
        + bytes.fromhex("4AEE18F83AFDEB23")
    )
    packet = bytes([0xC2, len(body)]) + body
    armored = (
        b"-----BEGIN PGP SIGNATURE-----\n\n"
        + base64.encodebytes(packet)
        + b"-----END PGP SIGNATURE-----\n"
    )
    assert armored_key(armored) == "openpgp:4AEE18F83AFDEB23"
