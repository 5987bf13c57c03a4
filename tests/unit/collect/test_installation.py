"""The collector over whole environments, and provenance verified against a loopback Sigstore."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from weighbridge.collect import installation
from weighbridge.collect.context import CollectContext
from weighbridge.collect.installation import collect
from weighbridge.collect.provenance import check_provenance, publisher_of
from weighbridge.edge.trusted_root import trusted_root_text
from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.policy import TrustedSigner
from weighbridge.packages.provenance import PUBLISH, Publisher
from weighbridge.snapshot.take import take_snapshot
from weighbridge.testing.sigstore import LoopbackTrust

SDIST = b"the sdist"
NAME = "pkg-1.0.tar.gz"
SHA256 = hashlib.sha256(SDIST).hexdigest()
ALICE = "alice@example.com"


def context(subject: Path, *environments: Path, root: str = "") -> CollectContext:
    trust = TrustedSigner("s", "", Digest("sha256", "0" * 64), identity="x", trusted_root=root)
    return CollectContext(
        take_snapshot(str(subject)),
        as_of=dt.date(2026, 11, 20),
        offline=True,
        trust=(trust,) if root else (),
        environments=environments,
    )


@pytest.fixture
def subject(tmp_path: Path) -> Path:
    folder = tmp_path / "subject"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Path:
    info = tmp_path / "env" / "pkg-1.0.dist-info"
    (info / "sboms").mkdir(parents=True)
    sbom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "zlib"}]}
    (info / "sboms" / "x.json").write_text(json.dumps(sbom))
    rows = ["pkg.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0",
            f"{info.name}/RECORD,,", f"{info.name}/sboms/x.json,,"]  # fmt: skip
    (info / "RECORD").write_text("\n".join(rows))
    (info.parent / "pkg.py").touch()
    return info.parent


def facts(evidence: Evidence) -> Any:
    assert evidence.state is EvidenceState.OBSERVED, evidence.reason
    return evidence.data


def test_no_environment_is_absent(subject: Path) -> None:
    (found,) = collect(context(subject))
    assert (found.state, found.about) == (EvidenceState.ABSENT, "")


def test_an_environment_that_cannot_be_read_is_unavailable(subject: Path, tmp_path: Path) -> None:
    (found,) = collect(context(subject, tmp_path / "none"))
    assert (found.state, found.about) == (EvidenceState.UNAVAILABLE, "environment:1")
    assert str(tmp_path) not in found.reason


def test_an_environment_whole(subject: Path, site: Path) -> None:
    (site / "evil.pth").write_text("import subprocess\n")
    (found,) = collect(context(subject, site))
    data = facts(found)
    (package,) = data["recorded"]
    assert (package["package"], package["state"], package["verified"]) == ("pkg", "verified", 1)
    assert data["unlisted"] == ("evil.pth",)
    assert [(h["path"], h["verdict"], h["package"]) for h in data["hooks"]] == [
        ("evil.pth", "dangerous", "")
    ]
    assert [c["name"] for c in data["components"]] == ["zlib"]
    assert data["component_count"] == data["sboms"][0]["components"] == 1
    assert str(site) not in json.dumps(found.digest.value) + repr(found)


def test_long_lists_are_cut_and_counted(
    subject: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "MAX_ENTRIES", 2)
    monkeypatch.setattr(installation, "MAX_DIFFERENCES", 1)
    for number in range(4):
        (site / f"{number}.txt").touch()
    with (site / "pkg-1.0.dist-info" / "RECORD").open("a") as record:
        record.write("\n" + "".join(f"gone{n},sha256={'A' * 43},0\n" for n in range(5)))
    data = facts(next(iter(collect(context(subject, site)))))
    assert (len(data["unlisted"]), data["unlisted_count"]) == (2, 4)
    (package,) = data["recorded"]
    assert (len(package["differences"]), package["difference_count"]) == (1, 5)


def test_nothing_planted_runs(tmp_path: Path, subject: Path, site: Path) -> None:
    marker = tmp_path / "ran"
    trace = f"open({str(marker)!r}, 'a').write('x')\n"
    (site / "evil.pth").write_text(f"import os; {trace}")
    (site / "evil.start").write_text("evil_module:run\n")
    for name in ("sitecustomize.py", "usercustomize.py", "evil_module.py"):
        (site / name).write_text(trace)
    command = [sys.executable, "-m", "weighbridge", "audit", str(subject), "--offline",
               "--environment", str(site), "--out", str(tmp_path / "pack")]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode in (1, 3), done.stderr
    assert "evil.pth" in (tmp_path / "pack" / "audit.json").read_text()
    assert not marker.exists()


@pytest.fixture(scope="module")
def signed() -> Iterator[tuple[dict[str, Any], str]]:
    """An attestation that the real Sigstore client made, and the trust root to verify it with."""
    from sigstore.dsse import StatementBuilder, Subject
    from sigstore.models import ClientTrustConfig
    from sigstore.oidc import IdentityToken
    from sigstore.sign import SigningContext

    with LoopbackTrust(rekor=1) as trust:
        config = json.dumps(trust.trust_config())
        statement = (
            StatementBuilder()
            .subjects([Subject(name=NAME, digest={"sha256": SHA256})])
            .predicate_type(PUBLISH)
            .build()
        )
        signing = SigningContext.from_trust_config(ClientTrustConfig.from_json(config))
        with signing.signer(IdentityToken(trust.identity_token(ALICE))) as signer:
            bundle = json.loads(signer.sign_dsse(statement).to_json())
        material, envelope = bundle["verificationMaterial"], bundle["dsseEnvelope"]
        stamps = material.get("timestampVerificationData", {}).get("rfc3161Timestamps", [])
        attestation = {
            "version": 1,
            "verification_material": {
                "certificate": material["certificate"]["rawBytes"],
                "transparency_entries": material["tlogEntries"],
                "timestamps": [stamp["signedTimestamp"] for stamp in stamps],
            },
            "envelope": {
                "statement": envelope["payload"],
                "signature": envelope["signatures"][0]["sig"],
            },
        }
        root = trusted_root_text(config.encode(), source="the loopback's root")
        yield attestation, root


def judge(body: Any, root: str, *, digest: str = SHA256, name: str = NAME) -> Any:
    data = json.dumps(body).encode()
    return check_provenance(f"{name}.publish.attestation", data, digest, [root] if root else [])


def test_an_attestation_that_holds(signed: tuple[dict[str, Any], str]) -> None:
    found = judge(*signed)
    assert (found["state"], found["reason"]) == ("verified", "")
    assert (found["package"], found["version"]) == ("pkg", "1.0")
    assert found["publisher"].startswith(f"identity {ALICE} by http://127.0.0.1")


@pytest.mark.parametrize("part", ["signature", "statement", "certificate", "entry", "promise"])
def test_a_changed_attestation_never_verifies(
    signed: tuple[dict[str, Any], str], part: str
) -> None:
    body = json.loads(json.dumps(signed[0]))
    material, envelope = body["verification_material"], body["envelope"]
    if part == "statement":
        text = base64.b64decode(envelope["statement"]).replace(
            b'"predicate":null', b'"predicate":{}'
        )
        envelope["statement"] = base64.b64encode(text).decode()
    elif part == "signature":
        raw = bytearray(base64.b64decode(envelope["signature"]))
        raw[-1] ^= 1
        envelope["signature"] = base64.b64encode(raw).decode()
    elif part == "certificate":
        raw = bytearray(base64.b64decode(material["certificate"]))
        raw[-1] ^= 1
        material["certificate"] = base64.b64encode(raw).decode()
    elif part == "entry":
        material["transparency_entries"][0]["inclusionProof"]["rootHash"] = "AA=="
    else:
        entry = material["transparency_entries"][0]
        entry["inclusionPromise"]["signedEntryTimestamp"] = envelope["signature"]
    found = judge(body, signed[1])
    assert (found["state"], found["publisher"]) == ("failed", "")
    assert found["reason"]


def test_what_it_attests_must_be_this_file(signed: tuple[dict[str, Any], str]) -> None:
    body, root = signed
    assert judge(body, root, digest="0" * 64)["state"] == "failed"
    assert judge(body, root, name="other-1.0.tar.gz")["state"] == "failed"
    assert "not beside it" in judge(body, root, digest="")["reason"]


def test_without_a_pinned_root_nothing_is_verified(signed: tuple[dict[str, Any], str]) -> None:
    found = judge(signed[0], "")
    assert (found["state"], "pins no" in found["reason"]) == ("unread", True)


def test_a_stated_publisher_must_be_the_certified_one(signed: tuple[dict[str, Any], str]) -> None:
    body, root = signed
    who = {"kind": "GitHub", "repository": "o/r", "workflow": "w.yml"}
    bundles = [{"publisher": who, "attestations": [body]}]
    found = judge({"version": 1, "attestation_bundles": bundles}, root)
    assert found["state"] == "failed"
    assert "states the publisher GitHub o/r w.yml" in found["reason"]


def test_provenance_beside_files_of_subject_and_environment(
    subject: Path, site: Path, signed: tuple[dict[str, Any], str]
) -> None:
    for folder in (subject, site):
        (folder / NAME).write_bytes(SDIST)
        (folder / f"{NAME}.publish.attestation").write_text(json.dumps(signed[0]))
        (folder / f"{NAME}.provenance").write_text("{")
    of_subject, of_site = collect(context(subject, site, root=signed[1]))
    assert (of_subject.about, of_site.about) == ("subject", "environment:1")
    for evidence in (of_subject, of_site):
        found = {p["file"]: p["state"] for p in facts(evidence)["provenance"]}
        assert found == {f"{NAME}.provenance": "unread", f"{NAME}.publish.attestation": "verified"}


def certificate(issuer: str, claims: dict[str, str]) -> x509.Certificate:
    """A certificate with Fulcio's extensions; nobody verifies it here."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([])
    day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, day, day + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.RFC822Name("a@b.example")]), critical=True)
    )  # fmt: skip
    for number, text in {"8": issuer, **claims}.items():
        raw = text.encode()
        der = (
            bytes([0x0C, len(raw)]) + raw
            if len(raw) < 128
            else b"\x0c\x81" + bytes([len(raw)]) + raw
        )
        oid = x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}")
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, der), critical=False)
    return builder.sign(key, hashes.SHA256())


GITHUB = "https://token.actions.githubusercontent.com"
WORKFLOW = "https://github.com/o/r/.github/workflows/w.yml"


@pytest.mark.parametrize(
    ("issuer", "claims", "expected"),
    [
        (GITHUB, {"12": "https://github.com/o/r", "14": "refs/tags/v1",
                  "18": f"{WORKFLOW}@refs/tags/v1"}, Publisher("GitHub", "o/r", "w.yml")),
        (GITHUB, {"12": "https://github.com/o/r", "13": "ab", "18": f"{WORKFLOW}@ab"},
         Publisher("GitHub", "o/r", "w.yml")),
        (GITHUB, {"12": "https://github.com/o/r", "13": "ab", "18": f"{WORKFLOW}@cd"}, None),
        (GITHUB, {"12": "https://github.com/o/other", "13": "ab", "18": f"{WORKFLOW}@ab"}, None),
        (GITHUB, {"18": f"{WORKFLOW}@"}, None),
        ("https://evil.example", {"12": "https://github.com/o/r", "13": "ab",
                                  "18": f"{WORKFLOW}@ab"}, None),
        ("https://gitlab.com", {"12": "https://gitlab.com/g/p", "13": "ab",
                                "18": "https://gitlab.com/g/p//.gitlab-ci.yml@ab"},
         Publisher("GitLab", "g/p", ".gitlab-ci.yml")),
        ("https://accounts.google.com", {}, Publisher("Google", account="a@b.example")),
    ],
)  # fmt: skip
def test_the_publisher_in_a_certificate(
    issuer: str, claims: dict[str, str], expected: Publisher | None
) -> None:
    other = Publisher("identity", account=f"a@b.example by {issuer}")
    assert publisher_of(certificate(issuer, claims)) == (expected or other)
