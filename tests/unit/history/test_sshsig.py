"""SSH signatures and allowed signers: what must not verify."""

import base64
import hashlib
import struct

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

from weighbridge.history import sshsig
from weighbridge.history.signers import parse_allowed_signers, signer_from_pem
from weighbridge.model.errors import ConfigurationError

DATA = b"tree ...\n"
KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
EC_KEY = ec.derive_private_key(12345, ec.SECP256R1())


def strings(*parts: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


PUBLIC = strings(b"ssh-ed25519", KEY.public_key().public_bytes_raw())
EC_POINT = EC_KEY.public_key().public_bytes(
    serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
)
EC_PUBLIC = strings(b"ecdsa-sha2-nistp256", b"nistp256", EC_POINT)


def signed(namespace: bytes = b"git", hash_name: bytes = b"sha512", data: bytes = DATA) -> bytes:
    digest = hashlib.new(hash_name.decode(), data).digest()
    return b"SSHSIG" + strings(namespace, b"", hash_name, digest)


def armored(blob: bytes) -> bytes:
    text = base64.encodebytes(blob)
    return b"-----BEGIN SSH SIGNATURE-----\n" + text + b"-----END SSH SIGNATURE-----\n"


def make(
    key: bytes = PUBLIC, namespace: bytes = b"git", inner: bytes = b"", tail: bytes = b"",
    hash_name: bytes = b"sha512",
) -> bytes:  # fmt: skip
    inner = inner or strings(b"ssh-ed25519", KEY.sign(signed(namespace, hash_name)))
    parts = strings(key, namespace, b"", hash_name, inner)
    return armored(b"SSHSIG" + struct.pack(">I", 1) + parts + tail)


def mpint(value: int) -> bytes:
    raw = value.to_bytes((value.bit_length() + 8) // 8, "big")
    return strings(raw)


def ec_inner(data: bytes = DATA) -> bytes:
    signature = EC_KEY.sign(signed(data=data), ec.ECDSA(hashes.SHA256()))
    r, s = utils.decode_dss_signature(signature)
    return strings(b"ecdsa-sha2-nistp256", mpint(r) + mpint(s))


def check(signature: bytes, data: bytes = DATA, namespace: str = "git") -> None:
    sshsig.verify(sshsig.parse_signature(signature), data, namespace=namespace)


def test_good_signatures_verify() -> None:
    check(make())
    check(make(hash_name=b"sha256"))
    check(make(key=EC_PUBLIC, inner=ec_inner()))


@pytest.mark.parametrize(
    "signature",
    [
        make(inner=strings(b"ssh-ed25519", bytes(64))),
        make(inner=strings(b"ssh-ed25519", KEY.sign(DATA))),
        make(key=strings(b"ssh-ed25519", bytes(range(32)))),
        make(key=EC_PUBLIC, inner=ec_inner(b"other data")),
        make(namespace=b"file"),
    ],
    ids=["zeros", "over the data itself", "another key", "ecdsa over other data", "namespace"],
)
def test_wrong_signatures_do_not(signature: bytes) -> None:
    with pytest.raises((sshsig.WrongSignature, sshsig.MalformedSignature)):
        check(signature)


def test_other_data_and_another_namespace_do_not_verify() -> None:
    with pytest.raises(sshsig.WrongSignature):
        check(make(), b"other data")
    with pytest.raises(sshsig.WrongSignature, match="is for 'git'"):
        check(make(), namespace="file")


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        b"-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n",
        armored(b""),
        armored(b"SSHSIG" + struct.pack(">I", 2) + strings(PUBLIC)),
        armored(b"SSHSIG" + struct.pack(">I", 1) + b"\xff\xff\xff\xff"),
        make(tail=b"x"),
        make(hash_name=b"sha512")[:-40] + b"-----END SSH SIGNATURE-----\n",
        armored(b"SSHSIG" + struct.pack(">I", 1) + strings(PUBLIC, b"git", b"", b"sha1", b"x")),
        b"A" * 100_000,
    ],
)
def test_malformed_signatures_are_refused(signature: bytes) -> None:
    with pytest.raises(sshsig.MalformedSignature):
        check(signature)


@pytest.mark.parametrize(
    ("key", "inner"),
    [
        (strings(b"ssh-ed25519", bytes(31)), strings(b"ssh-ed25519", bytes(64))),
        (strings(b"ssh-ed25519", bytes(32), b"x"), strings(b"ssh-ed25519", bytes(64))),
        (PUBLIC, strings(b"ssh-ed25519", bytes(63))),
        (PUBLIC, strings(b"ssh-rsa", bytes(64))),
        (strings(b"ecdsa-sha2-nistp256", b"nistp256", b"\4" + bytes(64)), ec_inner()),
        (strings(b"ecdsa-sha2-nistp256", b"nistp384", EC_POINT), ec_inner()),
        (strings(b"ecdsa-sha2-nistp256", b"nistp256", EC_POINT[:9]), ec_inner()),
        (strings(b"ecdsa-sha2-brainpool", b"brainpool", EC_POINT), ec_inner()),
        (b"", strings(b"ssh-ed25519", bytes(64))),
    ],
    ids=[f"case{number}" for number in range(9)],  # keys are random: their bytes make no name
)
def test_keys_that_are_none_are_refused(key: bytes, inner: bytes) -> None:
    with pytest.raises(sshsig.MalformedSignature):
        check(make(key=key, inner=inner))


@pytest.mark.parametrize(
    ("key", "inner"),
    [
        (strings(b"sk-ssh-ed25519@openssh.com", bytes(32), b"ssh:"), strings(b"sk", bytes(64))),
        (strings(b"ssh-dss", b"p"), strings(b"ssh-dss", bytes(40))),
        (strings(b"ssh-rsa", b"\1\0\1", b"\x7f" * 256), strings(b"ssh-rsa", bytes(256))),
        (strings(b"ssh-rsa", b"\1\0\1", b"\x7f" * 64), strings(b"rsa-sha2-512", bytes(64))),
    ],
    ids=["security key", "dsa", "rsa with sha1", "short rsa"],
)
def test_what_is_not_verified_says_so(key: bytes, inner: bytes) -> None:
    with pytest.raises(sshsig.UnsupportedSignature):
        check(make(key=key, inner=inner))


def line(options: str = "", key: bytes = PUBLIC, kind: str = "ssh-ed25519") -> str:
    return f"alice@example.org {options} {kind} {base64.b64encode(key).decode()} a comment"


def test_allowed_signers_are_read_with_their_options() -> None:
    options = 'namespaces="git,file",valid-after="20260101Z",valid-before="20270101"'
    text = "# comment\n\n" + line(options)
    (signer,) = parse_allowed_signers(text, source="f")
    assert (signer.name, signer.key) == ("alice@example.org", PUBLIC)
    assert signer.allows("git")
    assert not signer.allows("other")
    assert not signer.valid_at(1_767_225_599)  # a second before 2026
    assert signer.valid_at(1_767_225_600)
    assert not signer.valid_at(1_798_761_600)  # 2027
    assert not signer.valid_at(None)
    (plain,) = parse_allowed_signers(line(), source="f")
    assert plain.valid_at(None)
    assert plain.allows("anything")


@pytest.mark.parametrize(
    "text",
    [
        "alice",
        "alice ssh-ed25519",
        "alice ssh-ed25519 !!!",
        line(kind="ssh-rsa"),
        line("cert-authority"),
        line('valid-after="soon"'),
        line('unknown="x"'),
        line("namespaces"),
        line('namespaces="git'),
    ],
)
def test_lines_that_are_not_understood_are_errors(text: str) -> None:
    with pytest.raises(ConfigurationError, match="f:2: "):
        parse_allowed_signers("# first line\n" + text, source="f")


def test_a_signer_from_pem() -> None:
    pem = EC_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert signer_from_pem("team", pem.decode()).key == EC_PUBLIC
    with pytest.raises(ConfigurationError):
        signer_from_pem("team", "rubbish")
