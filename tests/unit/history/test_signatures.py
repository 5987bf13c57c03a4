"""OpenPGP signatures are read, X.509 ones verified: against gpg, openssl and forgeries."""

import datetime as dt
import subprocess
from pathlib import Path

import pytest

from weighbridge.history.check import check_signature, made_by
from weighbridge.history.cms import verify_cms
from weighbridge.history.commit import Commit, parse_commit
from weighbridge.history.openpgp import issuer
from weighbridge.history.signers import signer_from_pem
from weighbridge.history.sshsig import MalformedSignature, WrongSignature

HEAD = (
    f"tree {'a' * 40}\nauthor Ada <ada@example.org> %d +0000\n"
    "committer Ada <ada@example.org> %d +0000\n"
)
NOW = int(dt.datetime.now(dt.UTC).timestamp()) + 3600  # after the certificate was made


def commit(signature: bytes, time: int = NOW, committer: str = "") -> Commit:
    ada = "committer Ada <ada@example.org>"
    head = (HEAD % (time, time)).replace(ada, committer or ada)
    block = b"gpgsig " + signature.strip().replace(b"\n", b"\n ") + b"\n" if signature else b""
    return parse_commit("c" * 40, head.encode() + block + b"\nx\n")


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, bytes]:
    """A folder with a certificate and its key, the commit's payload, and openssl's CMS over it."""
    folder = tmp_path_factory.mktemp("x509")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=Ada",
         "-addext", "subjectAltName=email:ada@example.org"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    payload = commit(b"").payload
    (folder / "payload").write_bytes(payload)
    subprocess.run(
        ["openssl", "cms", "-sign", "-binary", "-in", "payload", "-signer", "cert.pem",
         "-inkey", "key.pem", "-outform", "PEM", "-out", "sig.pem", "-md", "sha256"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    pem = (folder / "sig.pem").read_bytes()
    return (
        folder,
        payload,
        pem.replace(b"-BEGIN CMS-", b"-BEGIN SIGNED MESSAGE-").replace(
            b"-END CMS-", b"-END SIGNED MESSAGE-"
        ),
    )


def test_an_x509_signature_that_openssl_made(certified: tuple[Path, bytes, bytes]) -> None:
    folder, payload, armored = certified
    found = verify_cms(armored, payload)
    assert found.names == ("ada@example.org", "Ada")
    signed = commit(armored)
    untraced = check_signature(signed, ())
    assert (signed.signature_kind, untraced.verified) == ("x509", None)
    assert "not traced to a root" in untraced.reason
    pem = subprocess.run(["openssl", "x509", "-in", "cert.pem", "-pubkey", "-noout"], cwd=folder,
                         check=True, capture_output=True, text=True).stdout  # fmt: skip
    trusted = check_signature(signed, [signer_from_pem("ada", pem)])
    assert (trusted.verified, trusted.signer) == (True, "ada")


def test_an_x509_signature_over_something_else_is_wrong(
    certified: tuple[Path, bytes, bytes],
) -> None:
    _, payload, armored = certified
    with pytest.raises(WrongSignature, match="not over this commit"):
        verify_cms(armored, payload + b" ")
    check = check_signature(commit(armored, NOW - 1), ())
    assert (check.verified, check.untrusted) == (False, False)


@pytest.mark.parametrize("at", [70, 90, 120, 180, 240])  # in what is signed, from the end
def test_a_damaged_x509_signature_never_holds(
    certified: tuple[Path, bytes, bytes], at: int
) -> None:
    _, payload, armored = certified
    lines = bytearray(armored)
    if lines[-at] == ord("\n"):
        at += 1
    lines[-at] = ord("A") if lines[-at] != ord("A") else ord("B")
    with pytest.raises((MalformedSignature, WrongSignature)):
        verify_cms(bytes(lines), payload)


def test_a_commit_outside_the_certificate_s_validity_is_not_trusted(
    certified: tuple[Path, bytes, bytes],
) -> None:
    folder, _, _ = certified
    old = NOW - 400 * 86_400
    (folder / "old").write_bytes(commit(b"", old).payload)
    subprocess.run(
        ["openssl", "cms", "-sign", "-binary", "-in", "old", "-signer", "cert.pem", "-inkey",
         "key.pem", "-outform", "PEM", "-out", "old.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    armored = (folder / "old.pem").read_bytes().replace(b"CMS-", b"SIGNED MESSAGE-")
    check = check_signature(commit(armored, old), ())
    assert (check.verified, check.untrusted, check.outside) == (False, True, "before")


def test_an_openpgp_signature_names_the_key_that_gpg_made_it_with(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    base = ["gpg", "--homedir", str(tmp_path), "--batch", "--pinentry-mode", "loopback"]
    subprocess.run([*base, "--passphrase", "", "--quick-gen-key", "ada@example.org", "ed25519"],
                   check=True, capture_output=True)  # fmt: skip
    listed = subprocess.run([*base, "--list-keys", "--with-colons"], check=True,
                            capture_output=True, text=True).stdout  # fmt: skip
    key_id = next(line.split(":")[4] for line in listed.splitlines() if line.startswith("pub"))
    made = subprocess.run([*base, "--passphrase", "", "--armor", "--detach-sign"], input=b"x",
                          check=True, capture_output=True).stdout  # fmt: skip
    subprocess.run(["gpgconf", "--homedir", str(tmp_path), "--kill", "all"], check=False)
    assert issuer(made) == key_id
    signed = commit(made)
    check = check_signature(signed, ())
    assert (check.verified, check.key) == (None, f"openpgp:{key_id}")
    assert made_by(signed, check) == "committer"
    pretended = commit(made, committer="committer GitHub <noreply@github.com>")
    assert made_by(pretended, check_signature(pretended, ())) == "not-web-flow"


def web_flow(key_id: str) -> bytes:
    """A signature packet of version 4 (RFC 9580, 5.2.3) with an issuer and nothing true in it."""
    import base64

    area = bytes([9, 16]) + bytes.fromhex(key_id)
    body = bytes([4, 0, 1, 8, 0, 0]) + len(area).to_bytes(2, "big") + area + b"\0\0\0\0"
    packet = bytes([0xC2, len(body)]) + body
    return (b"-----BEGIN PGP SIGNATURE-----\n\n" + base64.b64encode(packet)
            + b"\n=AAAA\n-----END PGP SIGNATURE-----\n")  # fmt: skip


def test_web_flow_is_told_apart() -> None:
    signed = commit(web_flow("B5690EEEBB952194"), committer="committer GitHub <noreply@github.com>")
    check = check_signature(signed, ())
    assert (check.verified, made_by(signed, check)) == (None, "web-flow")


@pytest.mark.parametrize("body", ["", "AAAA", "wgA=", "wv8=", "iA==", "wgQEAAAA", "wgUEAAD/"])
def test_rubbish_names_no_key(body: str) -> None:
    armor = f"-----BEGIN PGP SIGNATURE-----\n\n{body}\n-----END PGP SIGNATURE-----\n"
    assert issuer(armor.encode()) == ""
