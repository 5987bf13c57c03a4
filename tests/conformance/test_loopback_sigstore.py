"""The real Sigstore clients sign and verify against the loopback services."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sigstore.dsse import StatementBuilder, Subject
from sigstore.errors import VerificationError
from sigstore.models import Bundle, ClientTrustConfig, InvalidBundle
from sigstore.oidc import IdentityToken
from sigstore.sign import SigningContext
from sigstore.verify import Verifier, policy

from weighbridge.testing.sigstore import LoopbackTrust
from weighbridge.testing.tsa import Mode

ALICE = "alice@example.com"
ARTIFACT = b"the weights"


@pytest.fixture
def trust() -> Iterator[LoopbackTrust]:
    with LoopbackTrust() as running:
        yield running


def client(trust: LoopbackTrust) -> ClientTrustConfig:
    return ClientTrustConfig.from_json(json.dumps(trust.trust_config()))


def statement() -> Any:
    subject = Subject(name="model", digest={"sha256": "ab" * 32})
    return (
        StatementBuilder()
        .subjects([subject])
        .predicate_type("https://example.com/predicate")
        .predicate({"ok": True})
        .build()
    )


def signed(trust: LoopbackTrust) -> tuple[Bundle, Bundle]:
    context = SigningContext.from_trust_config(client(trust))
    with context.signer(IdentityToken(trust.identity_token(ALICE))) as signer:
        return signer.sign_artifact(ARTIFACT), signer.sign_dsse(statement())


def test_artifact_and_envelope_verify_after_the_services_have_stopped(trust: LoopbackTrust) -> None:
    artifact, envelope = signed(trust)
    config = client(trust)
    trust.stop()

    verifier = Verifier(trusted_root=config.trusted_root)
    who = policy.Identity(identity=ALICE, issuer=f"{trust.url}/oauth2")
    verifier.verify_artifact(ARTIFACT, Bundle.from_json(artifact.to_json()), who)
    kind, payload = verifier.verify_dsse(Bundle.from_json(envelope.to_json()), who)
    assert kind == "application/vnd.in-toto+json"
    assert json.loads(payload)["predicate"] == {"ok": True}


def test_the_tree_grows_and_early_entries_stay_provable(trust: LoopbackTrust) -> None:
    verifier = Verifier(trusted_root=client(trust).trusted_root)
    who = policy.Identity(identity=ALICE)
    bundles = [bundle for _ in range(3) for bundle in signed(trust)]
    assert len(trust.log) == 6
    for artifact in bundles[::2]:
        verifier.verify_artifact(ARTIFACT, artifact, who)


def test_another_identity_artifact_or_service_is_rejected(trust: LoopbackTrust) -> None:
    artifact, _ = signed(trust)
    verifier = Verifier(trusted_root=client(trust).trusted_root)
    with pytest.raises(VerificationError):
        verifier.verify_artifact(ARTIFACT, artifact, policy.Identity(identity="eve@example.com"))
    with pytest.raises(VerificationError):
        verifier.verify_artifact(b"others", artifact, policy.Identity(identity=ALICE))
    with LoopbackTrust() as other, pytest.raises(VerificationError):
        Verifier(trusted_root=client(other).trusted_root).verify_artifact(
            ARTIFACT, artifact, policy.Identity(identity=ALICE)
        )


@pytest.mark.parametrize("mode", [Mode.SERVER_ERROR, Mode.HTML])
def test_without_a_timestamp_nothing_can_be_signed(trust: LoopbackTrust, mode: Mode) -> None:
    """Rekor v2 states no time, so sigstore-python finishes no bundle without a timestamp."""
    with trust.timestamp_mode(mode), pytest.raises(InvalidBundle, match="timestamp"):
        signed(trust)


def test_a_refused_timestamp_is_bundled_and_does_not_verify(trust: LoopbackTrust) -> None:
    with trust.timestamp_mode(Mode.REFUSE):
        artifact, _ = signed(trust)
    # the ValueError is rfc3161-client's, which sigstore-python 4.5.1 lets through
    with pytest.raises((VerificationError, ValueError)):
        Verifier(trusted_root=client(trust).trusted_root).verify_artifact(
            ARTIFACT, artifact, policy.Identity(identity=ALICE)
        )


@pytest.mark.slow
def test_model_signing_signs_and_verifies(trust: LoopbackTrust, tmp_path: Path) -> None:
    model, signature = tmp_path / "model", tmp_path / "model.sig"
    model.mkdir()
    (model / "weights.bin").write_bytes(ARTIFACT)
    config = tmp_path / "trust.json"
    config.write_text(json.dumps(trust.trust_config()))

    def run(verb: str, *options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "model_signing", verb, "sigstore", str(model)]
        common = ["--signature", str(signature), "--trust_config", str(config)]
        return subprocess.run(
            [*command, *common, *options], capture_output=True, text=True, check=False
        )

    who = ("--identity", ALICE, "--identity_provider", f"{trust.url}/oauth2")
    done = run("sign", "--identity_token", trust.identity_token(ALICE))
    assert done.returncode == 0, done.stderr
    assert run("verify", *who).returncode == 0
    (model / "weights.bin").write_bytes(b"changed")
    assert run("verify", *who).returncode == 1
