"""``sign`` and ``verify`` with certificates, timestamps, Sigstore and policies, from outside."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from weighbridge.testing.signing_authority import YEAR, authority, signing_certificate
from weighbridge.testing.sigstore import LoopbackTrust
from weighbridge.testing.tsa import Mode
from weighbridge.testing.x509 import now

ALICE = "alice@example.com"


@pytest.fixture
def trust() -> Iterator[LoopbackTrust]:
    with LoopbackTrust() as running:
        yield running


@pytest.fixture
def model(tmp_path, trust):
    """A model ``m``, keys ``a.pem`` and ``b.pem``, Alice's certificate, and the roots."""
    from weighbridge.signing import keys

    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "config.json").write_bytes(b"{}")
    (folder / "w.safetensors").write_bytes(b"weights")
    root = authority()
    middle = authority("middle", root)
    holder = signing_certificate(middle, email=ALICE)
    (tmp_path / "root.pem").write_bytes(root.pem)
    (tmp_path / "middle.pem").write_bytes(middle.pem)
    (tmp_path / "alice.pem").write_bytes(holder.pem)
    (tmp_path / "a.pem").write_bytes(keys.private_pem(holder.key))
    for name, private in (("a", holder.key), ("b", keys.generate_key())):
        (tmp_path / f"{name}.pem").write_bytes(keys.private_pem(private))
        (tmp_path / f"{name}.pub").write_text(keys.public_pem(private.public_key()))
    (tmp_path / "tsa.pem").write_text(trust.tsa_roots)
    (tmp_path / "trust.json").write_text(json.dumps(trust.trust_config()))
    (tmp_path / "token").write_text(trust.identity_token(ALICE))
    return folder


CERTIFICATE = ("--certificate", "alice.pem", "--certificate-chain", "middle.pem")
BY_ROOT = ("--certificate-root", "root.pem", "--identity", ALICE)


def test_certificate_mode(call, model) -> None:
    code, out, err = call("sign", "m", "--key", "a.pem", *CERTIFICATE)
    assert code == 0, err
    assert f"with the certificate of {ALICE}" in out
    code, out, err = call("verify", "m", *BY_ROOT)
    assert code == 0, err
    assert f"valid, signed by {ALICE}, for whom CN=middle vouches" in out
    assert "time        no trusted one: the certificate was judged as of now" in out
    code, out, _ = call("verify", "m", "--certificate-root", "root.pem", "--identity", "bob")
    assert code == 1
    assert "names alice@example.com, not 'bob'" in out
    assert call("verify", "m", *BY_ROOT, "--issuer", "middle")[0] == 0
    assert call("verify", "m", *BY_ROOT, "--issuer", "other")[0] == 1
    code, out, _ = call("verify", "m", "--key", "a.pub")
    assert code == 1
    assert "no trusted certificate identity was given" in out


def test_nothing_is_verified_without_a_pin(call, model) -> None:
    assert call("sign", "m", "--key", "a.pem", *CERTIFICATE)[0] == 0
    for arguments in (
        (),
        ("--certificate-root", "root.pem"),
        ("--certificate-root", "root.pem", "--identity", "*"),
        ("--certificate-root", "root.pem", "--issuer", "middle"),
        ("--trusted-root", "trust.json"),
        ("--trusted-root", "trust.json", "--identity", ALICE),
        ("--identity", ALICE),
        ("--identity", ALICE, "--issuer", "**"),
        ("--timestamp-root", "tsa.pem"),
        (*BY_ROOT, "--timestamp-root", "token"),
        ("--certificate-root", "token", "--identity", ALICE),
        ("--trusted-root", "token", "--identity", ALICE, "--issuer", "x"),
    ):
        code, out, err = call("verify", "m", *arguments)
        assert code == 2, arguments
        assert out == ""
        assert err


def test_signing_options_that_do_not_go_together(call, model) -> None:
    for arguments in (
        ("--key", "a.pem", "--sigstore"),
        ("--sigstore", "--certificate", "alice.pem"),
        ("--key", "a.pem", "--certificate-chain", "middle.pem"),
        ("--key", "b.pem", *CERTIFICATE),
        ("--key", "a.pem", "--trust-config", "trust.json"),
        ("--key", "a.pem", "--certificate", "token"),
        ("--sigstore", "--trust-config", "token", "--identity-token", "token"),
        ("--pkcs11", "nonsense"),
    ):
        code, out, err = call("sign", "m", *arguments)
        assert code == 2, arguments
        assert (out, (model / "model.sig").exists()) == ("", False)
        assert err


def test_a_timestamp_in_key_and_certificate_mode(call, model, trust) -> None:
    stamp = ("--timestamp", trust.timestamp_url)
    for arguments, verified_by in (
        (("--key", "a.pem"), ("--key", "a.pub")),
        (("--key", "a.pem", *CERTIFICATE), BY_ROOT),
    ):
        code, out, err = call("sign", "m", *arguments, *stamp, "--force")
        assert code == 0, err
        assert "with a timestamp" in out
        code, out, _ = call("verify", "m", *verified_by, "--timestamp-root", "tsa.pem")
        assert code == 0
        assert "by a timestamp of O=" in out or "by a timestamp of CN=" in out
        code, out, _ = call("verify", "m", *verified_by)
        assert code == 0
        assert "timestamp   does not count: no root certificate" in out


def test_an_authority_that_fails_is_followed_by_the_next(call, model, trust) -> None:
    with LoopbackTrust() as second:
        stamp = ("--timestamp", trust.timestamp_url, "--timestamp", second.timestamp_url)
        wrong = (Mode.WRONG_IMPRINT, Mode.WRONG_NONCE, Mode.WRONG_SIGNATURE)
        for mode in (Mode.SERVER_ERROR, Mode.REFUSE, Mode.HTML, Mode.GARBAGE, *wrong):
            before = second.timestamps.requests
            with trust.timestamp_mode(mode):
                code, _, err = call("sign", "m", "--key", "a.pem", *stamp, "--force")
            assert code == 0, err
            assert second.timestamps.requests == before + 1
        (model / "model.sig").unlink()
        with trust.timestamp_mode(Mode.REFUSE), second.timestamp_mode(Mode.SERVER_ERROR):
            code, out, err = call("sign", "m", "--key", "a.pem", *stamp)
    assert code == 2
    assert out == ""
    assert err.count("127.0.0.1") >= 2  # the reason of each
    assert not (model / "model.sig").exists()  # a missing stamp is an error where it is asked for


def test_sigstore_offline_after_the_services_stopped(call, model, trust) -> None:
    code, out, err = call(
        "sign", "m", "--sigstore", "--trust-config", "trust.json", "--identity-token", "token"
    )
    assert code == 0, err
    assert "with a Sigstore identity" in out
    trust.stop()
    who = ("--identity", ALICE, "--issuer", f"{trust.url}/oauth2")
    code, out, err = call("verify", "m", *who, "--trusted-root", "trust.json")
    assert code == 0, err
    assert f"signed by {ALICE}, for whom {trust.url}/oauth2 vouches" in out
    assert "by a timestamp of a timestamp authority of the trust root" in out
    assert "log         the transparency log includes the signature" in out
    assert "its newest key is from" in out
    # under the public instance's root, which comes with sigstore-python, this is nobody
    assert call("verify", "m", *who)[0] == 1
    code, out, _ = call("verify", "m", *who, "--trusted-root", "trust.json", "-f", "json")
    body = json.loads(out)
    assert body["signers"][0]["kind"] == "sigstore"
    assert body["signing"]["identities"] == [ALICE]
    assert body["signing"]["logged"] is True
    assert body["signing"]["time_source"] == "timestamp"
    assert len(body["signing"]["trust_roots"]) == 1


def policy(tmp_path, trust: str, signatures: str = "{}") -> str:
    (tmp_path / "p.yaml").write_text(
        "schema: 1\nid: p\nversion: '1'\nowner: o\nrules: {untrusted-signer: {}}\n"
        f"trust:\n{trust}\nsignatures: {signatures}\n"
    )
    return "./p.yaml"


KEYS = "  - {name: a, key_file: a.pub}\n  - {name: b, key_file: b.pub}"


def test_a_policy_says_whom_to_trust_and_what_to_demand(call, model, tmp_path, trust) -> None:
    stamp = ("--timestamp", trust.timestamp_url)
    assert call("sign", "m", "--key", "a.pem")[0] == 0
    assert call("verify", "m", "--trust", policy(tmp_path, KEYS))[0] == 0
    two = policy(tmp_path, KEYS, "{min_signers: 2}")
    code, out, _ = call("verify", "m", "--trust", two)
    assert code == 1
    assert "policy      w.safetensors: 1 of 2 signers: signed by a" in out
    assert call("sign", "m", "--key", "b.pem", "--signature", "m/b.sig")[0] == 0
    code, out, err = call("verify", "m", "--trust", two)
    assert code == 0, out + err
    demands = "{require_timestamp: true, timestamp_roots: [tsa.pem]}"
    stamped = policy(tmp_path, KEYS, demands)
    code, out, _ = call("verify", "m", "--trust", stamped, "-f", "json")
    assert code == 1
    assert "has no trusted timestamp" in json.loads(out)["unmet"][0]["reason"]
    assert call("sign", "m", "--key", "a.pem", "--force", *stamp)[0] == 0
    assert call("verify", "m", "--trust", stamped)[0] == 0


def test_a_policy_with_identities(call, model, tmp_path, trust) -> None:
    identities = (
        f"  - {{name: alice, identity: {ALICE}, certificate_roots: [root.pem]}}\n"
        f"  - {{name: ci, identity: '*@example.com', issuer: '{trust.url}/oauth2',"
        " trusted_root: trust.json}"
    )
    demands = "{min_signers: 2}"
    chosen = policy(tmp_path, identities, demands)
    assert call("sign", "m", "--key", "a.pem", *CERTIFICATE)[0] == 0
    assert call("verify", "m", "--trust", chosen)[0] == 1
    sigstore = ("--sigstore", "--trust-config", "trust.json", "--identity-token", "token")
    assert call("sign", "m", *sigstore, "--signature", "m/ci.sig")[0] == 0
    trust.stop()
    # alice signed twice, in two ways: that is one person
    code, out, _ = call("verify", "m", "--trust", chosen)
    assert code == 1
    assert "1 of 2 signers" in out


def test_trust_stands_alone(call, model, tmp_path) -> None:
    assert call("sign", "m", "--key", "a.pem")[0] == 0
    assert call("verify", "m", "--trust", policy(tmp_path, KEYS), "--key", "a.pub")[0] == 2
    assert call("verify", "m", "--trust", "baseline")[0] == 2  # trusts nobody
    assert call("verify", "m", "--trust", "./absent.yaml")[0] == 2


def test_an_expired_certificate_in_words(call, tmp_path, trust) -> None:
    from weighbridge.signing import keys

    model = tmp_path / "m"
    model.mkdir()
    (model / "w.bin").write_bytes(b"w")
    root = authority(begin=now() - 5 * YEAR, validity=20 * YEAR)
    holder = signing_certificate(root, email=ALICE, begin=now() - 2 * YEAR, validity=YEAR)
    (tmp_path / "root.pem").write_bytes(root.pem)
    (tmp_path / "alice.pem").write_bytes(holder.pem)
    (tmp_path / "a.pem").write_bytes(keys.private_pem(holder.key))
    assert call("sign", "m", "--key", "a.pem", "--certificate", "alice.pem")[0] == 0
    code, out, _ = call("verify", "m", *BY_ROOT)
    assert code == 1
    assert "expired on" in out
    assert "judged as of now: the signature has no timestamp" in out


# -- keys by their fingerprints ----------------------------------------------------------------


@pytest.fixture
def by_digest(model, tmp_path) -> str:
    """A policy that trusts the keys ``a`` and ``b`` by their fingerprints."""
    from weighbridge.signing import keys

    digests = [
        keys.fingerprint(keys.load_public_key((tmp_path / f"{name}.pub").read_bytes())).value
        for name in ("a", "b")
    ]
    entries = (f"  - {{name: {n}, key_sha256: {d}}}" for n, d in zip("ab", digests, strict=True))
    return policy(tmp_path, "\n".join(entries))


def test_a_fingerprint_needs_its_key(call, model, by_digest, tmp_path) -> None:
    assert call("sign", "m", "--key", "a.pem")[0] == 0
    code, out, _ = call("verify", "m", "--trust", by_digest)
    assert code == 1
    assert "no key is at hand that has the fingerprint of 'a'" in out
    code, out, _ = call("verify", "m", "--trust", by_digest, "--key", "a.pub")
    assert code == 0, out
    assert "valid, signed with a (sha256:" in out
    code, out, _ = call("verify", "m", "--trust", by_digest, "--key", "b.pub")
    assert code == 1  # a trusted key, and not the one that signed
    # the publisher ships the key beside the weights; whoever swaps it gains nothing
    (model / "release.pub").write_bytes((tmp_path / "a.pub").read_bytes())
    assert call("sign", "m", "--key", "a.pem", "--force")[0] == 0
    assert call("verify", "m", "--trust", by_digest)[0] == 0
    assert call("verify", "m", "--trust", by_digest, "--only", "w.*")[0] == 0
    assert call("sign", "--generate-key", "mallory.pem")[0] == 0
    (model / "release.pub").write_bytes((tmp_path / "mallory.pem.pub").read_bytes())
    assert call("sign", "m", "--key", "mallory.pem", "--force")[0] == 0
    assert call("verify", "m", "--trust", by_digest)[0] == 1


def test_a_key_beside_a_policy_must_be_one_it_names(call, model, by_digest) -> None:
    assert call("sign", "m", "--key", "a.pem")[0] == 0
    assert call("sign", "--generate-key", "mallory.pem")[0] == 0
    code, out, err = call("verify", "m", "--trust", by_digest, "--key", "mallory.pem.pub")
    assert (code, out) == (2, "")
    assert "trusts no key by the fingerprint sha256:" in err
    for others in (("--timestamp-root", "tsa.pem"), ("--identity", "x"), BY_ROOT):
        assert call("verify", "m", "--trust", by_digest, *others)[0] == 2


def test_the_fingerprint_of_a_certificate_s_key(call, model, by_digest) -> None:
    assert call("sign", "m", "--key", "a.pem", *CERTIFICATE)[0] == 0
    code, out, _ = call("verify", "m", "--trust", by_digest, "-f", "json")
    body = json.loads(out)
    assert (code, body["signers"][0]["kind"]) == (0, "fingerprint")
    assert body["signing"]["key"] == body["signers"][0]["fingerprint"]


def test_demands_on_some_files(call, model, tmp_path) -> None:
    more = "{by_path: [{paths: ['*.safetensors'], min_signers: 2}]}"
    chosen = policy(tmp_path, KEYS, more)
    assert call("sign", "m", "--key", "a.pem")[0] == 0
    code, out, _ = call("verify", "m", "--trust", chosen, "-f", "json")
    assert code == 1
    assert [one["path"] for one in json.loads(out)["unmet"]] == ["w.safetensors"]
    assert call("sign", "m", "--key", "b.pem", "--signature", "m/b.sig")[0] == 0
    assert call("verify", "m", "--trust", chosen)[0] == 0
    code, out, _ = call("policy", "show", chosen)
    assert "More for *.safetensors: 2 signers." in out


def test_timestamps_of_one_authority_for_some_files(call, model, tmp_path, trust) -> None:
    with LoopbackTrust() as second:
        (tmp_path / "own.pem").write_text(second.tsa_roots)
        chosen = policy(
            tmp_path,
            KEYS,
            "{timestamp_roots: [tsa.pem, own.pem], require_timestamp: true,"
            " by_path: [{paths: ['*.safetensors'], timestamp_roots: [own.pem]}]}",
        )
        sign = ("sign", "m", "--key", "a.pem", "--force", "--timestamp")
        assert call(*sign, trust.timestamp_url)[0] == 0
        code, out, _ = call("verify", "m", "--trust", chosen, "-f", "json")
        (unmet,) = json.loads(out)["unmet"]
        assert (code, unmet["path"]) == (1, "w.safetensors")
        assert "no authority states it that the policy believes for this path" in unmet["reason"]
        assert call(*sign, second.timestamp_url)[0] == 0
        code, out, _ = call("verify", "m", "--trust", chosen)
        assert code == 0, out
