"""Sigstore mode: signed through the real client, verified offline under a pinned trust root."""

from __future__ import annotations

import base64
import copy
import dataclasses
import datetime as dt
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from weighbridge.model.errors import ConfigurationError, ExitCode, HostileInput, UsageError
from weighbridge.model.policy import TrustedSigner, identity_fingerprint
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.errors import CannotSign
from weighbridge.signing.keyless_signer import sigstore_signer
from weighbridge.signing.oms import OmsVerification, sign_oms, verify_oms
from weighbridge.signing.trust_root import normalized_root, root_note
from weighbridge.signing.verdict import SignatureState, TimeSource
from weighbridge.testing.memory import snapshot_of
from weighbridge.testing.sigstore import LoopbackTrust
from weighbridge.testing.tsa import Mode

ALICE = "alice@example.com"
FILES = {"config.json": b"{}", "w.safetensors": b"weights"}


class Signed:
    """A model signed by Alice with services that are stopped by now, and three log entries."""

    def __init__(self, rekor: int) -> None:
        with LoopbackTrust(rekor=rekor) as trust:
            self.url = trust.url
            self.config = trust.trust_config()
            self.bundle = sign(trust)
            self.later = sign(trust)
            self.of_another_model = sign(trust, {"w.safetensors": b"other"})
        with LoopbackTrust(rekor=rekor) as other:
            self.other_root = other.trust_config()["trustedRoot"]
        self.issuer = f"{self.url}/oauth2"
        self.body = json.loads(self.bundle)

    @property
    def root(self) -> dict[str, Any]:
        root: dict[str, Any] = copy.deepcopy(self.config["trustedRoot"])
        return root

    def pin(self, identity=ALICE, issuer=None, root=None, name="team") -> TrustedSigner:
        text = normalized_root(json.dumps(root or self.config).encode(), "trust.json")
        issuer = self.issuer if issuer is None else issuer
        digest = identity_fingerprint(identity, issuer, (), text)
        return TrustedSigner(name, "", digest, identity=identity, issuer=issuer, trusted_root=text)


def sign(trust: LoopbackTrust, files=FILES) -> bytes:
    config = json.dumps(trust.trust_config()).encode()
    signer = sigstore_signer(config, trust.identity_token(ALICE))
    return sign_oms(snapshot_of(files), signer)


@pytest.fixture(scope="module", params=[2, 1], ids=["rekor-v2", "rekor-v1"])
def signed(request) -> Signed:
    return Signed(request.param)


@pytest.fixture(autouse=True)
def no_socket(request, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verification opens none, not even on the loopback."""
    if "signed" in request.fixturenames:
        request.getfixturevalue("signed")

        def refuse(*_args: object, **_kwargs: object) -> None:
            pytest.fail("a socket was opened while verifying")

        monkeypatch.setattr(socket, "socket", refuse)
        monkeypatch.setattr(socket, "create_connection", refuse)


def verify(bundle, *signers: TrustedSigner, files=FILES) -> OmsVerification:
    data = bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode()
    return verify_oms(data, snapshot_of(files), signers)


def refused(verified: OmsVerification, *words: str) -> None:
    assert not verified.holds
    assert verified.exit_code is ExitCode.VIOLATED
    assert verified.state is SignatureState.UNTRUSTED, verified.state
    for word in words:
        assert word in verified.reason, verified.reason


def test_offline_with_the_services_gone(signed: Signed) -> None:
    verified = verify(signed.bundle, signed.pin())
    assert verified.holds, verified.reason
    verdict = verified.signature
    assert verdict.identities == (ALICE,)
    assert verdict.issuer == signed.issuer
    assert verdict.logged
    assert verdict.signed is not None
    assert abs(verdict.signed.time - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)
    (root,) = verdict.roots
    assert root == root_note(signed.pin().trusted_root)
    assert root.newest <= dt.datetime.now(dt.UTC).date()


def test_who_says_when(signed: Signed) -> None:
    times = verify(signed.bundle, signed.pin()).signature
    assert times.signed is not None
    v1 = "inclusionPromise" in signed.body["verificationMaterial"]["tlogEntries"][0]
    assert (times.signed.source is TimeSource.LOG) == v1 or times.stamps


@pytest.mark.parametrize(
    ("identity", "issuer", "words"),
    [
        ("eve@example.com", None, "names alice@example.com, not 'eve@example.com'"),
        ("*@evil.example", None, "not '*@evil.example'"),
        (ALICE, "https://accounts.example.com", "is vouched for by"),
        (ALICE, "https://*", "is vouched for by"),
    ],
)
def test_another_identity_or_issuer(signed: Signed, identity, issuer, words) -> None:
    refused(verify(signed.bundle, signed.pin(identity, issuer)), words)


def test_globs(signed: Signed) -> None:
    assert verify(signed.bundle, signed.pin("*@example.com", "http://127.0.0.1:*/oauth2")).holds
    # one of several pins is enough, and the result says which
    eve = signed.pin("eve@example.com", name="eve")
    verified = verify(signed.bundle, eve, signed.pin())
    assert [signer.name for signer in verified.valid_for] == ["team"]


def test_a_pin_is_mandatory(signed: Signed) -> None:
    for pin in (signed.pin(""), signed.pin(issuer="")):
        with pytest.raises(ConfigurationError, match="no identity pinned"):
            verify(signed.bundle, pin)
    refused(verify(signed.bundle), "no trusted Sigstore identity was given")


def test_another_instance_is_not_trusted(signed: Signed) -> None:
    refused(verify(signed.bundle, signed.pin(root=signed.other_root)))


# -- the trust root ---------------------------------------------------------------------------


def ended(root: dict[str, Any], key: str) -> dict[str, Any]:
    for item in root[key]:
        holder = item if "validFor" in item else item["publicKey"]
        start = "2020-01-01T00:00:00Z"
        holder["validFor"] = {"start": start, "end": "2021-01-01T00:00:00Z"}
    return root


@pytest.mark.parametrize("key", ["certificateAuthorities", "tlogs", "ctlogs"])
def test_a_withdrawn_key_of_the_trust_root(signed: Signed, key: str) -> None:
    """sigstore-python 4.5.1 does not heed the end of these."""
    from sigstore.models import Bundle as Theirs
    from sigstore.models import TrustedRoot
    from sigstore.verify import Verifier, policy
    from sigstore_models.trustroot import v1

    root = ended(signed.root, key)
    refused(verify(signed.bundle, signed.pin(root=root)), "the trust root did not trust", key)
    theirs = TrustedRoot(v1.TrustedRoot.from_json(json.dumps(root)))
    Verifier(trusted_root=theirs).verify_dsse(Theirs.from_json(signed.bundle), policy.UnsafeNoOp())


def test_a_withdrawn_timestamp_authority(signed: Signed) -> None:
    root = ended(signed.root, "timestampAuthorities")
    verified = verify(signed.bundle, signed.pin(root=root))
    if "inclusionPromise" in signed.body["verificationMaterial"]["tlogEntries"][0]:
        assert verified.signature.signed.source is TimeSource.LOG
    else:
        refused(verified)


@pytest.mark.parametrize("key", ["certificateAuthorities", "tlogs", "ctlogs"])
def test_a_trust_root_without_a_service(signed: Signed, key: str) -> None:
    root = signed.root
    root[key] = []
    refused(verify(signed.bundle, signed.pin(root=root)), "Sigstore verification failed")


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b'{"mediaType": "x"}', b"\xff", b'{"a": 1, "a": 2}'],
)
def test_what_is_no_trust_root(data: bytes) -> None:
    with pytest.raises(ConfigurationError) as caught:
        normalized_root(data, "root.json")
    assert str(caught.value).startswith("root.json: ")


def test_hostile_trust_roots(signed: Signed) -> None:
    for change in (
        {"tlogs": "x"},
        {"tlogs": [1]},
        {"certificateAuthorities": [{"validFor": 3}]},
        {"certificateAuthorities": [{"validFor": {"start": "yesterday"}}]},
        {"certificateAuthorities": [{"certChain": {"certificates": [{"rawBytes": "AAAA"}]}}]},
        {"tlogs": [{"publicKey": {"rawBytes": "AAAA"}}]},
    ):
        try:
            verified = verify(signed.bundle, signed.pin(root={**signed.root, **change}))
        except ConfigurationError:
            continue
        refused(verified)


# -- the bundle -------------------------------------------------------------------------------


def entry(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = body["verificationMaterial"]["tlogEntries"][0]
    return found


def changed(signed: Signed, change) -> dict[str, Any]:
    body = copy.deepcopy(signed.body)
    change(body)
    return body


def flipped(text: str) -> str:
    data = bytearray(base64.b64decode(text))
    data[len(data) // 2] ^= 1
    return base64.b64encode(data).decode()


def bend(*path: str):
    def change(body: dict[str, Any]) -> None:
        at = entry(body)
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = flipped(at[path[-1]])

    return change


def bend_checkpoint(old: str, new: str):
    def change(body: dict[str, Any]) -> None:
        checkpoint = entry(body)["inclusionProof"]["checkpoint"]
        lines = checkpoint["envelope"].split("\n")
        index = {"origin": 0, "size": 1, "root": 2, "signature": 4}[old]
        lines[index] = new or flipped_signature(lines[index])
        checkpoint["envelope"] = "\n".join(lines)

    return change


def flipped_signature(line: str) -> str:
    head, _, signature = line.rpartition(" ")
    return f"{head} {flipped(signature)}"


@pytest.mark.parametrize(
    "change",
    [
        bend("inclusionProof", "rootHash"),
        bend("canonicalizedBody"),
        lambda b: entry(b)["logId"].update(keyId=base64.b64encode(bytes(32)).decode()),
        bend_checkpoint("origin", "evil.example"),
        bend_checkpoint("size", "99"),
        bend_checkpoint("root", base64.b64encode(bytes(32)).decode()),
        bend_checkpoint("signature", ""),
        lambda b: entry(b)["inclusionProof"].update(checkpoint={"envelope": "x"}),
        lambda b: entry(b)["inclusionProof"].pop("checkpoint"),
        lambda b: entry(b).pop("inclusionProof"),
        lambda b: entry(b)["inclusionProof"].update(logIndex="99"),
        lambda b: entry(b)["inclusionProof"].update(treeSize="99"),
        lambda b: entry(b)["inclusionProof"].update(treeSize="-1"),
        lambda b: entry(b)["inclusionProof"].update(hashes=["AAAA"]),
        lambda b: entry(b)["kindVersion"].update(kind="intoto"),
        lambda b: entry(b)["kindVersion"].update(version="9"),
        lambda b: b["verificationMaterial"].update(tlogEntries=[]),
        lambda b: b["verificationMaterial"]["tlogEntries"].append(entry(b)),
        lambda b: b["verificationMaterial"].update(tlogEntries=[{"x": 1}]),
    ],
)
def test_a_tampered_log_entry(signed: Signed, change) -> None:
    refused(verify(changed(signed, change), signed.pin()), "Sigstore verification failed")


def test_the_proof_of_another_leaf(signed: Signed) -> None:
    """The entry of the other signature, itself flawless, does not speak of this one."""
    other = entry(json.loads(signed.of_another_model))
    body = changed(signed, lambda b: b["verificationMaterial"].update(tlogEntries=[other]))
    refused(verify(body, signed.pin()), "Sigstore verification failed")
    proof = entry(json.loads(signed.later))["inclusionProof"]
    body = changed(signed, lambda b: entry(b).update(inclusionProof=proof))
    refused(verify(body, signed.pin()), "Sigstore verification failed")


def test_a_rolled_back_log(signed: Signed) -> None:
    """The checkpoint of an earlier tree, with the proof of a leaf that was added after it."""
    earlier = entry(signed.body)["inclusionProof"]["checkpoint"]
    body = json.loads(signed.later)
    entry(body)["inclusionProof"]["checkpoint"] = earlier
    refused(verify(body, signed.pin()), "Sigstore verification failed")


def test_a_checkpoint_of_another_size_with_the_same_root(signed: Signed) -> None:
    """Signed by the log itself: sizes must agree, which sigstore-python does not compare."""
    from weighbridge.signing.keyless import _tree_problem

    assert _tree_problem(Bundle.from_bytes(signed.bundle)) == ""
    bent = changed(signed, bend_checkpoint("size", "7"))
    assert "a tree of 7" in _tree_problem(Bundle.from_bytes(json.dumps(bent).encode()))


def test_without_a_timestamp_rekor_v2_says_no_time(signed: Signed) -> None:
    body = changed(
        signed, lambda b: b["verificationMaterial"].update(timestampVerificationData=None)
    )
    if "inclusionPromise" in entry(body):
        assert verify(body, signed.pin()).signature.signed.source is TimeSource.LOG
    else:
        refused(verify(body, signed.pin()))
    # an integrated time that nothing promises is nobody's word
    entry(body)["integratedTime"] = "1700000000"
    entry(body).pop("inclusionPromise", None)
    refused(verify(body, signed.pin()))


def test_the_timestamp_of_another_signature(signed: Signed) -> None:
    other = json.loads(signed.later)["verificationMaterial"]["timestampVerificationData"]
    body = changed(
        signed, lambda b: b["verificationMaterial"].update(timestampVerificationData=other)
    )
    entry(body).pop("inclusionPromise", None)
    refused(verify(body, signed.pin()))


def test_the_certificate_of_another_signing(signed: Signed) -> None:
    other = json.loads(signed.later)["verificationMaterial"]["certificate"]
    body = changed(signed, lambda b: b["verificationMaterial"].update(certificate=other))
    assert verify(body, signed.pin()).state is SignatureState.INVALID


def test_the_chain_form_does_not_dodge_the_log(signed: Signed) -> None:
    """The same certificate given as a chain is certificate mode, where Fulcio's word is nothing."""

    def change(body: dict[str, Any]) -> None:
        material = body["verificationMaterial"]
        material["x509CertificateChain"] = {"certificates": [material.pop("certificate")]}

    refused(verify(changed(signed, change), signed.pin()), "no trusted certificate identity")


def test_payload_and_type(signed: Signed) -> None:
    parsed = Bundle.from_bytes(signed.bundle)
    other = dataclasses.replace(parsed.envelope, payload=parsed.envelope.payload + b"\n")
    bent = dataclasses.replace(parsed, envelope=other).to_bytes()
    assert verify(bent, signed.pin()).state is SignatureState.INVALID
    swapped = dataclasses.replace(parsed.envelope, payload_type="application/json")
    with pytest.raises(HostileInput):
        verify(dataclasses.replace(parsed, envelope=swapped).to_bytes(), signed.pin())


def test_a_bundle_of_another_model_is_valid_and_does_not_hold(signed: Signed) -> None:
    verified = verify(signed.of_another_model, signed.pin())
    assert verified.state is SignatureState.VALID
    assert verified.exit_code is ExitCode.VIOLATED


# -- signing ----------------------------------------------------------------------------------


@pytest.fixture
def trust() -> Iterator[LoopbackTrust]:
    with LoopbackTrust() as running:
        yield running


def test_what_does_not_verify_is_not_handed_over(trust: LoopbackTrust) -> None:
    with trust.timestamp_mode(Mode.REFUSE), pytest.raises(CannotSign, match="does not verify"):
        sign(trust)
    with trust.timestamp_mode(Mode.SERVER_ERROR), pytest.raises(CannotSign, match="did not sign"):
        sign(trust)


def test_services_that_are_gone(trust: LoopbackTrust) -> None:
    config, token = json.dumps(trust.trust_config()).encode(), trust.identity_token()
    trust.stop()
    with pytest.raises(CannotSign, match="did not sign"):
        sign_oms(snapshot_of(FILES), sigstore_signer(config, token))


@pytest.mark.parametrize("config", [b"", b"{}", b"[]", b"\xff", b'{"mediaType": "x"}'])
def test_a_trust_configuration_that_is_none(config: bytes) -> None:
    with pytest.raises(ConfigurationError, match="trust configuration"):
        sigstore_signer(config, "token")


def test_tokens(trust: LoopbackTrust, monkeypatch: pytest.MonkeyPatch) -> None:
    config = json.dumps(trust.trust_config()).encode()
    with pytest.raises(CannotSign, match="did not sign"):
        sign_oms(snapshot_of(FILES), sigstore_signer(config, "not a token"))
    for name in ("GITHUB_ACTIONS", "CIRCLECI", "BUILDKITE", "GITLAB_CI", "SIGSTORE_ID_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="token"):
        sigstore_signer(config, "")


# -- with model-signing -----------------------------------------------------------------------


@pytest.mark.slow
def test_both_ways_with_model_signing(trust: LoopbackTrust, tmp_path: Path) -> None:
    model, config = tmp_path / "model", tmp_path / "trust.json"
    model.mkdir()
    for name, content in FILES.items():
        (model / name).write_bytes(content)
    config.write_text(json.dumps(trust.trust_config()))
    signature = tmp_path / "model.sig"

    def they(verb: str, *options: str) -> int:
        command = [sys.executable, "-m", "model_signing", verb, "sigstore", str(model)]
        common = ["--signature", str(signature), "--trust_config", str(config)]
        done = subprocess.run([*command, *common, *options], capture_output=True, check=False)
        return done.returncode

    who = ("--identity", ALICE, "--identity_provider", f"{trust.url}/oauth2")
    signature.write_bytes(sign(trust))
    assert they("verify", *who) == 0
    assert they("sign", "--identity_token", trust.identity_token(ALICE)) == 0
    text = normalized_root(config.read_bytes(), "trust.json")
    issuer = f"{trust.url}/oauth2"
    pin = TrustedSigner(
        "peer", "", identity_fingerprint(ALICE, issuer, (), text),
        identity=ALICE, issuer=issuer, trusted_root=text,
    )  # fmt: skip
    verified = verify(signature.read_bytes(), pin)
    assert verified.holds, verified.reason
