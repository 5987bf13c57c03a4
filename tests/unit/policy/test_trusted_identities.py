"""Certified identities and what is demanded of signatures, as policy files give them."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from weighbridge.model.codec import from_json, to_json
from weighbridge.model.errors import ConfigurationError
from weighbridge.model.policy import Policy, SignatureDemands, SignerKind, identity_fingerprint
from weighbridge.testing.signing_authority import authority

RULES = "rules:\n  unsigned-weights: {}\n"
ROOT = authority()
TRUSTED = {
    "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "tlogs": [{"baseUrl": "https://log.example.com"}],
}
CONFIG = {
    "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
    "trustedRoot": TRUSTED,
}
SIGSTORE = "{name: Ann, identity: ann@example.com, issuer: 'https://id.example.com', trusted_root: root.json}"  # noqa: E501
CERTIFICATE = "{name: Bob, identity: '*@example.com', certificate_roots: [ca.pem]}"


@pytest.fixture(autouse=True)
def files(tmp_path) -> None:
    (tmp_path / "ca.pem").write_bytes(ROOT.pem)
    (tmp_path / "two.pem").write_bytes(ROOT.pem + authority("second").pem)
    (tmp_path / "root.json").write_text(json.dumps(TRUSTED, indent=2))
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    (tmp_path / "k.pem").write_bytes(
        key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )


def policy(trust: str = "", signatures: str = "") -> str:
    text = RULES
    if trust:
        text += f"trust:\n  - {trust}\n"
    return text + (f"signatures: {signatures}\n" if signatures else "")


def test_a_sigstore_identity_brings_its_root_along(write, load) -> None:
    (signer,) = load(write(policy(SIGSTORE))).trust
    assert signer.kind is SignerKind.SIGSTORE
    assert json.loads(signer.trusted_root) == TRUSTED
    assert (signer.identity, signer.issuer) == ("ann@example.com", "https://id.example.com")
    text = signer.trusted_root
    assert signer.fingerprint == identity_fingerprint(signer.identity, signer.issuer, (), text)
    # the same root, in a client trust configuration and in another layout
    (other,) = load(write(policy(SIGSTORE.replace("root.json", "config.json")))).trust
    assert other == signer


def test_a_certificate_identity(write, load) -> None:
    (signer,) = load(write(policy(CERTIFICATE))).trust
    assert signer.kind is SignerKind.CERTIFICATE
    assert signer.certificate_roots == (ROOT.pem.decode(),)
    (two,) = load(write(policy(CERTIFICATE.replace("[ca.pem]", "[ca.pem, two.pem]")))).trust
    assert len(two.certificate_roots) == 2


def test_the_policy_stands_in_the_record(write, load) -> None:
    demands = "{min_signers: 2, max_age_days: 90, timestamp_roots: [ca.pem]}"
    read = load(write(policy(f"{SIGSTORE}\n  - {CERTIFICATE}", demands)))
    assert from_json(Policy, json.loads(json.dumps(to_json(read)))) == read
    assert read.signatures == SignatureDemands(2, 90, timestamp_roots=(ROOT.pem.decode(),))


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("{name: A, identity: a@x.org}", "exactly one way"),
        ("{name: A, identity: a@x.org, trusted_root: root.json}", "has no issuer"),
        ("{name: A, issuer: x, trusted_root: root.json}", "has no identity"),
        ("{name: A, certificate_roots: [ca.pem]}", "has no identity"),
        ("{name: A, identity: '**', certificate_roots: [ca.pem]}", "takes anybody"),
        ("{name: A, identity: '*@*', certificate_roots: [ca.pem]}", "takes anybody"),
        ("{name: A, identity: a@x.org, issuer: '*', trusted_root: root.json}", "takes anybody"),
        ("{name: A, key_file: k.pem, identity: a@x.org}", "which has no identity"),
        ("{name: A, key_file: k.pem, certificate_roots: [ca.pem]}", "exactly one way"),
        ("{name: A, identity: a, trusted_root: root.json, certificate_roots: [ca.pem]}", "one way"),
        ("{name: A, identity: a@x.org, certificate_roots: []}", "certificate_roots is empty"),
        ("{name: A, identity: a@x.org, certificate_roots: [no.pem]}", "does not exist"),
        ("{name: A, identity: a@x.org, certificate_roots: [k.pem]}", "no certificate in PEM"),
        ("{name: A, identity: a@x.org, certificate_roots: [../ca.pem]}", "leaves the policy"),
        ("{name: A, identity: a, issuer: i, trusted_root: ca.pem}", "not valid JSON"),
        ("{name: A, identity: a, issuer: i, trusted_root: /etc/hostname}", "leaves the policy"),
        ("{name: A, identity: a, issuers: i, trusted_root: root.json}", "unknown key 'issuers'"),
        (f"{SIGSTORE}\n  - {SIGSTORE.replace('Ann', 'Eve')}", "have the same identity"),
        (f"{SIGSTORE}\n  - {CERTIFICATE.replace('Bob', 'Ann')}", "have the same name"),
    ],
)
def test_hostile_identities(entry: str, words: str, write, load) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        load(write(policy(entry)))
    assert caught.value.line >= 8


@pytest.mark.parametrize(
    ("trust", "demands", "words"),
    [
        (SIGSTORE, "{min_signers: 2}", "min_signers is 2, and the policy trusts 1"),
        (SIGSTORE, "{min_signers: 0}", "min_signers"),
        (SIGSTORE, "{min_signers: true}", "min_signers"),
        (SIGSTORE, "{max_age_days: -1}", "max_age_days"),
        (SIGSTORE, "{require_timestamp: 1}", "require_timestamp"),
        (SIGSTORE, "{timestamp_root: [ca.pem]}", "unknown key"),
        (SIGSTORE, "{timestamp_roots: [k.pem]}", "no certificate in PEM"),
        (CERTIFICATE, "{require_log: true}", "can be met by Sigstore identities alone"),
        (CERTIFICATE, "{require_timestamp: true}", "no timestamp authority is trusted"),
        (CERTIFICATE, "{max_age_days: 30}", "no timestamp authority is trusted"),
    ],
)
def test_demands_that_cannot_be(trust: str, demands: str, words: str, write, load) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        load(write(policy(trust, demands)))
    assert caught.value.line == 9


def test_a_sigstore_root_brings_its_own_timestamp_authority(write, load) -> None:
    demands = "{require_timestamp: true, require_log: true, max_age_days: 30}"
    assert load(write(policy(SIGSTORE, demands))).signatures.require_log


@pytest.mark.parametrize(
    ("beneath", "on_top", "words"),
    [
        ("{min_signers: 2}", "{min_signers: 1}", "lowers min_signers from 2 to 1"),
        ("{max_age_days: 30}", "{max_age_days: 60}", "raises max_age_days from 30 to 60"),
        ("{require_timestamp: true}", "{require_timestamp: false}", "require_timestamp from true"),
        ("{require_log: true}", "{require_log: false}", "require_log from true"),
    ],
)
def test_a_laxer_policy_must_say_why(beneath: str, on_top: str, words: str, write, load) -> None:
    two = f"{SIGSTORE}\n  - {SIGSTORE.replace('ann', 'eve').replace('Ann', 'Eve')}"
    write(policy(two, beneath), "beneath.yaml")
    extends = "extends: beneath.yaml\n"
    with pytest.raises(ConfigurationError, match=words) as caught:
        load(write(extends + f"signatures: {on_top}\n"))
    assert "because" in caught.value.remedy
    why = on_top.replace("}", ", because: a pilot}")
    assert load(write(extends + f"signatures: {why}\n")).signatures.because == "a pilot"
    # what is left out is inherited
    inherited = load(write(extends + "gate: {fail_on: low}\n"))
    assert inherited.signatures != SignatureDemands()
