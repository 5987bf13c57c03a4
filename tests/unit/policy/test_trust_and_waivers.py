"""Trusted signers and waivers as policy files give them."""

from __future__ import annotations

import datetime as dt
import hashlib
import textwrap

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from weighbridge.model.errors import ConfigurationError

RULES = "rules:\n  unsigned-weights: {}\n"
SUBJECT = "dirHash1:" + "ab" * 32


def pem(key) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def trusting(text: str, more: str = "") -> str:
    return (
        RULES + f"trust:\n  - name: Ann\n    public_key: |\n{textwrap.indent(text, '      ')}{more}"
    )


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_a_key_is_named_by_its_fingerprint(curve, write, load) -> None:
    key = ec.generate_private_key(curve)
    (signer,) = load(write(trusting(pem(key)))).trust
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert signer.fingerprint.value == hashlib.sha256(der).hexdigest()
    assert (signer.name, signer.paths) == ("Ann", ("**",))
    assert signer.public_key == pem(key)


def test_a_key_file_lies_beside_the_policy(write, load, tmp_path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/ann.pem").write_text(pem(key))
    body = RULES + "trust:\n  - {name: Ann, key_file: keys/ann.pem, paths: ['a/**', b]}\n"
    (signer,) = load(write(body)).trust
    assert signer.public_key == pem(key)
    assert signer.paths == ("a/**", "b")


def private(key) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello\n", "not a public key"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "not a public key"),
        (pem(rsa.generate_private_key(65537, 2048)), "not an EC key"),
        (pem(ed25519.Ed25519PrivateKey.generate()), "not an EC key"),
        (pem(ec.generate_private_key(ec.SECP256K1())), "not an EC key"),
        (pem(ec.generate_private_key(ec.SECP256R1())) * 2, "not one key"),
        (private(ec.generate_private_key(ec.SECP256R1())), "private key"),
    ],
)
def test_what_is_no_ec_public_key_is_refused(text: str, words: str, write, load) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        load(write(trusting(text)))
    assert caught.value.line == 9


@pytest.mark.parametrize(
    ("entry", "line", "words"),
    [
        ("{name: Ann}", 8, "either public_key, key_file or key_sha256"),
        ("{name: Ann, public_key: x, key_file: y}", 8, "either public_key, key_file or key_sha256"),
        ("{name: Ann, key_file: no.pem}", 8, "does not exist"),
        ("{name: Ann, key_file: ../out.pem}", 8, "leaves the policy's folder"),
        ("{name: Ann, key_file: /etc/hostname}", 8, "leaves the policy's folder"),
        ("{name: Ann, key_file: link.pem}", 8, "leaves the policy's folder"),
        ("{name: Ann, key_file: loop}", 8, "cannot be followed|does not exist"),
        ('{name: Ann, key_file: "a\\0b"}', 8, "cannot be followed|does not exist"),
        ("{name: Ann, key_file: .}", 0, "not a regular file|cannot be read"),
        ("{name: Ann, public_key: x, paths: []}", 8, "paths is empty"),
        ("{public_key: x}", 8, "'name' is missing"),
        ("Ann", 8, "must be a table"),
    ],
)
def test_hostile_signers(entry: str, line: int, words: str, write, load, tmp_path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "out.pem").write_text(pem(ec.generate_private_key(ec.SECP256R1())))
    (inner / "link.pem").symlink_to(tmp_path / "out.pem")
    (inner / "loop").symlink_to(inner / "loop")
    path = write(RULES + f"trust:\n  - {entry}\n", "inner/p.yaml")
    with pytest.raises(ConfigurationError, match=words) as caught:
        load(path)
    assert caught.value.line == line


def test_a_key_file_that_is_huge_is_not_read(write, load, tmp_path) -> None:
    (tmp_path / "k.pem").write_bytes(b"x" * (2**16 + 1))
    with pytest.raises(ConfigurationError, match="larger than"):
        load(write(RULES + "trust:\n  - {name: Ann, key_file: k.pem}\n"))


def test_the_same_key_twice_is_refused(write, load) -> None:
    text = pem(ec.generate_private_key(ec.SECP256R1()))
    again = trusting(text).removeprefix(RULES + "trust:\n").replace("Ann", "Bob")
    with pytest.raises(ConfigurationError, match="have the same key"):
        load(write(trusting(text, again)))


def waiver(**changes: object) -> str:
    fields = {
        "id": "W-1", "rule": "unsigned-weights", "subject": SUBJECT, "path": "'**'", "owner": "ann",
        "reason": "old file", "approver": "bob", "created": "2026-11-01", "expires": "2026-12-01",
    } | changes  # fmt: skip
    lines = [f"{key}: {value}" for key, value in fields.items() if value is not None]
    return "waivers:\n  - " + "\n    ".join(lines) + "\n"


def test_a_waiver_is_read_whole(write, load) -> None:
    (read,) = load(write(RULES + waiver())).waivers
    assert (read.id, str(read.subject), read.path) == ("W-1", SUBJECT, "**")
    assert (read.created, read.expires) == (dt.date(2026, 11, 1), dt.date(2026, 12, 1))


@pytest.mark.parametrize(
    ("changes", "line", "words"),
    [
        ({"rule": "unsigned-weight"}, 9, "unknown rule"),
        ({"subject": "abc"}, 10, "algorithm:hex"),
        ({"subject": "sha256:" + "ab" * 32}, 10, "names its subject by sha256"),
        ({"created": "2026-11-21"}, 15, "dated 2026-11-21, after"),
        ({"expires": "2026-11-19"}, 16, "expired on 2026-11-19"),
        ({"created": "2026-05-01"}, 16, "runs 214 days, longer than the 180"),
        ({"created": "'2026-11-01'"}, 15, "is not a date"),
        ({"created": "2026-11-01T10:00:00"}, 15, "is not a date"),
        ({"expires": "2026-02-30"}, 16, "day is out of range"),
        ({"expires": "never"}, 16, "is not a date"),
        ({"id": "a b"}, 8, "id"),
        ({"approver": "''"}, 14, "approver is empty"),
        *(({key: None}, 8, f"'{key}' is missing") for key in (
            "rule", "subject", "path", "owner", "reason", "approver", "created", "expires")),
    ],
)  # fmt: skip
def test_hostile_waivers(changes, line: int, words: str, write, load) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        load(write(RULES + waiver(**changes)))
    assert caught.value.line == line


def test_a_waiver_holds_on_its_last_day_and_not_after(write, load) -> None:
    path = write(RULES + waiver(expires="2026-11-20"))
    assert load(path, as_of=dt.date(2026, 11, 20)).waivers
    with pytest.raises(ConfigurationError, match="expired"):
        load(path, as_of=dt.date(2026, 11, 21))


def test_a_waiver_holds_from_its_first_day(write, load) -> None:
    path = write(RULES + waiver(created="2026-11-20"))
    assert load(path, as_of=dt.date(2026, 11, 20)).waivers


def test_the_policy_says_how_long_waivers_may_run(write, load) -> None:
    with pytest.raises(ConfigurationError, match="longer than the 29"):
        load(write(RULES + "waivers_max_days: 29\n" + waiver()))
    assert load(write(RULES + "waivers_max_days: 30\n" + waiver())).waivers


def test_waivers_of_a_file_are_added(write, load) -> None:
    write(waiver(id="W-2"), "w.yaml", head="schema: 1\n")
    policy = load(write(RULES + "waivers_file: w.yaml\n" + waiver()))
    assert [w.id for w in policy.waivers] == ["W-1", "W-2"]


def test_the_same_id_twice_is_refused(write, load) -> None:
    write(waiver(), "w.yaml", head="schema: 1\n")
    with pytest.raises(ConfigurationError, match="two waivers have the id 'W-1'") as caught:
        load(write(RULES + "waivers_file: w.yaml\n" + waiver()))
    assert caught.value.source.endswith("w.yaml")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("waivers: []\n", 1, "'schema' is missing"),
        ("schema: 1\nwaiver: []\n", 2, "Did you mean 'waivers'?"),
        ("schema: 1\nwaivers:\n  - {idd: x}\n", 3, "unknown key 'idd'"),
        ("- x\n", 1, "not a table"),
    ],
)
def test_hostile_waiver_files(text: str, line: int, words: str, write, load) -> None:
    other = write("", "w.yaml", head=text)
    with pytest.raises(ConfigurationError) as caught:
        load(write(RULES + "waivers_file: w.yaml\n"))
    assert words in caught.value.diagnostics()
    assert (caught.value.source, caught.value.line) == (str(other), line)


@pytest.mark.parametrize("name", ["../w.yaml", "/w.yaml", "no.yaml"])
def test_a_waivers_file_that_is_elsewhere_is_refused(name: str, write, load) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(write(RULES + f"waivers_file: {name}\n"))
    assert caught.value.line == 7
