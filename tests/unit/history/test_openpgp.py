"""OpenPGP signatures by keys that were given: against gpg, and forgeries of what it makes."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weighbridge.history.check import SignatureCheck, check_signed
from weighbridge.history.openpgp import issuer, parse_signature
from weighbridge.history.openpgp_keys import read_signers, signers_from_openpgp
from weighbridge.history.openpgp_packets import dearmored, packets
from weighbridge.history.signers import AllowedSigner
from weighbridge.model.errors import ConfigurationError, HostileInput

PAYLOAD = b"tree 0\n\nWeights\n"
NOW = 1_800_000_000  # after the keys are made, before they expire
# what GnuPG calls them, and what SSH calls the same key
ALGORITHMS = {"ed25519": "ssh-ed25519", "rsa3072": "ssh-rsa", "nistp256": "ecdsa-sha2-nistp256",
              "nistp521": "ecdsa-sha2-nistp521"}  # fmt: skip


class Gpg:
    """A keyring of its own, with GnuPG's clock at a fixed time."""

    def __init__(self, home: Path) -> None:
        home.chmod(0o700)
        self.home = home

    def __call__(self, *arguments: str, data: bytes = b"", at: int = 1_790_000_000) -> bytes:
        done = subprocess.run(
            ["gpg", "--homedir", str(self.home), "--batch", "--pinentry-mode", "loopback",
             "--passphrase", "", f"--faked-system-time={at}!", *arguments],
            input=data, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def fingerprint(self, who: str) -> str:
        listed = self("--list-keys", "--with-colons", who).decode()
        return next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))

    def block(self, who: str) -> str:
        return self("--armor", "--export", who).decode()

    def sign(self, who: str, data: bytes = PAYLOAD, **more: int) -> bytes:
        return self("--local-user", who, "--armor", "--detach-sign", data=data, **more)


@pytest.fixture(scope="module")
def gpg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gpg]:
    found = Gpg(tmp_path_factory.mktemp("gpg"))
    for algorithm in ALGORITHMS:
        found("--quick-gen-key", f"{algorithm}@example.org", algorithm, "sign", "2y")
    # as people have it: a primary key that certifies alone, and a subkey that signs
    found("--quick-gen-key", "sub@example.org", "ed25519", "cert", "0")
    found("--quick-add-key", found.fingerprint("sub@example.org"), "ed25519", "sign", "1y")
    found("--quick-add-key", found.fingerprint("sub@example.org"), "cv25519", "encr", "1y")
    yield found
    subprocess.run(["gpgconf", "--homedir", str(found.home), "--kill", "all"], check=False)


def checked(
    armored: bytes, signers: tuple[AllowedSigner, ...], payload: bytes = PAYLOAD, time: int = NOW
) -> SignatureCheck:
    return check_signed("openpgp", armored, payload, time, signers)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_gpg_signs_is_verified_and_nothing_else(gpg: Gpg, algorithm: str) -> None:
    who = f"{algorithm}@example.org"
    (signer,) = signers_from_openpgp(gpg.block(who), source="a.asc")
    assert (signer.name, signer.openpgp) == (who, gpg.fingerprint(who))
    assert ALGORITHMS[algorithm].encode() in signer.key[:30]
    armored = gpg.sign(who)
    good = checked(armored, (signer,))
    assert (good.verified, good.signer, good.key) == (True, who, f"openpgp:{issuer(armored)}")
    forged = checked(armored, (signer,), PAYLOAD + b"x")
    assert (forged.verified, forged.untrusted) == (False, False)
    late = checked(armored, (signer,), time=NOW + 3 * 365 * 86_400)
    assert (late.verified, late.untrusted, late.outside) == (False, True, "after")


def test_a_subkey_signs_for_its_primary_key_and_an_encrypting_one_does_not(gpg: Gpg) -> None:
    signers = signers_from_openpgp(gpg.block("sub@example.org"), source="a.asc")
    assert [signer.name for signer in signers] == ["sub@example.org"]
    assert signers[0].openpgp != gpg.fingerprint("sub@example.org")
    assert checked(gpg.sign("sub@example.org"), signers).verified is True


def test_a_key_that_was_not_given_proves_nothing(gpg: Gpg) -> None:
    others = signers_from_openpgp(gpg.block("nistp256@example.org"), source="a.asc")
    armored = gpg.sign("ed25519@example.org")
    for signers in ((), others):
        check = checked(armored, signers)
        assert (check.verified, check.untrusted) == (None, False)
        assert "no OpenPGP key was given" in check.reason


def test_a_signature_that_names_anothers_key_is_wrong(gpg: Gpg) -> None:
    """The id of Alice's key in Mallory's signature: everyone can write it there."""
    alice = signers_from_openpgp(gpg.block("ed25519@example.org"), source="a.asc")
    mallory = gpg.sign("sub@example.org")
    signature = parse_signature(mallory)
    raw = dearmored(mallory, b"SIGNATURE")
    claimed = raw.replace(bytes.fromhex(signature.issuer), bytes.fromhex(alice[0].openpgp[-16:]))
    check = checked(armor(claimed), alice)
    assert (check.verified, check.key) == (False, f"openpgp:{alice[0].openpgp[-16:]}")


def test_a_subkey_that_the_primary_key_does_not_bind_is_none_of_its_keys(gpg: Gpg) -> None:
    """Mallory's subkey, with its binding, put behind Alice's primary key."""
    alice = list(packets(dearmored(gpg.block("ed25519@example.org").encode(), b"PUBLIC KEY BLOCK")))
    mallory = list(packets(dearmored(gpg.block("sub@example.org").encode(), b"PUBLIC KEY BLOCK")))
    at = next(n for n, (tag, _) in enumerate(mallory) if tag == 14)
    joined = b"".join(packet(*one) for one in (*alice, *mallory[at : at + 2]))
    signers = signers_from_openpgp(armor(joined, "PUBLIC KEY BLOCK").decode(), source="a.asc")
    assert [signer.openpgp for signer in signers] == [gpg.fingerprint("ed25519@example.org")]


def test_a_revoked_key_counts_for_what_was_signed_before(gpg: Gpg) -> None:
    gpg("--quick-gen-key", "gone@example.org", "ed25519", "sign", "0")
    armored = gpg.sign("gone@example.org")
    certificate = gpg.home / "openpgp-revocs.d" / f"{gpg.fingerprint('gone@example.org')}.rev"
    # GnuPG keeps it disarmed, by a colon before its first line
    revocation = certificate.read_text().split("\n:", 1)[1].encode()
    gpg("--import", data=revocation, at=1_795_000_000)
    (signer,) = signers_from_openpgp(gpg.block("gone@example.org"), source="a.asc")
    assert signer.valid_before == 1_790_000_000  # when the certificate was made, with the key
    assert checked(armored, (signer,), time=NOW).outside == "after"


def test_text_signatures_and_several_at_once_are_not_verified(gpg: Gpg) -> None:
    signers = signers_from_openpgp(gpg.block("ed25519@example.org"), source="a.asc")
    text = gpg("--local-user", "ed25519@example.org", "--textmode", "--armor", "--detach-sign",
               data=PAYLOAD)  # fmt: skip
    assert checked(text, signers).verified is None
    two = armor(2 * dearmored(gpg.sign("ed25519@example.org"), b"SIGNATURE"))
    assert checked(two, signers).verified is None


def test_sha1_is_not_accepted(gpg: Gpg) -> None:
    signers = signers_from_openpgp(gpg.block("rsa3072@example.org"), source="a.asc")
    raw = bytearray(dearmored(gpg.sign("rsa3072@example.org"), b"SIGNATURE"))
    raw[raw.index(bytes([4, 0, 1])) + 3] = 2
    check = checked(armor(bytes(raw)), signers)
    assert check.verified is None
    assert "hash number 2" in check.reason


@pytest.mark.parametrize(
    "text",
    ["", "nothing",
     "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----",
     "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQ==\n-----END PGP PRIVATE KEY BLOCK-----"],
)  # fmt: skip
def test_what_is_no_key_block_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        signers_from_openpgp(text, source="a.asc")


def test_a_file_of_signers_is_told_by_its_content(gpg: Gpg) -> None:
    block = gpg.block("ed25519@example.org")
    assert read_signers(block, source="a")[0].openpgp
    key = base64.b64encode(read_signers(block, source="a")[0].key).decode()
    (ssh,) = read_signers(f"ada@example.org ssh-ed25519 {key}\n", source="a")
    assert (ssh.openpgp, ssh.name) == ("", "ada@example.org")


@given(st.binary(max_size=300))
def test_no_bytes_are_taken_for_a_signature_or_a_key(data: bytes) -> None:
    signer = AllowedSigner("a", b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + b"1" * 32, openpgp="0" * 40)
    for body in (data, b"\xc2" + bytes([len(data) % 192]) + data):
        assert checked(armor(body), (signer,)).verified is not True
        with pytest.raises((ConfigurationError, HostileInput)):
            signers_from_openpgp(armor(body, "PUBLIC KEY BLOCK").decode(), source="a")


def armor(data: bytes, kind: str = "SIGNATURE") -> bytes:
    text = base64.encodebytes(data).decode()
    return f"-----BEGIN PGP {kind}-----\n\n{text}-----END PGP {kind}-----\n".encode()


def packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, 255]) + len(body).to_bytes(4, "big") + body
