"""Sealing with a Sigstore identity: whom it convinces, and what is noticed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.seal.seal_checks import failed, rewrite_seal

from weighbridge.cli.seal_options import SealOptions, seal_signer
from weighbridge.cli.trust_options import Options, trusted
from weighbridge.model.errors import ExitCode, HostileInput, UsageError
from weighbridge.model.policy import TrustedSigner
from weighbridge.seal.keys import LocalKey
from weighbridge.seal.log_entry import plain_bundle
from weighbridge.seal.outcome import CheckState, Reason, SealReport, SignerTrust
from weighbridge.seal.pack import SealedPack, seal_pack
from weighbridge.seal.seal_file import read_seal, seal_bytes
from weighbridge.seal.verify import verify_pack
from weighbridge.signing.errors import CannotSign
from weighbridge.signing.timestamp import TimestampUnavailable
from weighbridge.testing.seal_samples import SampleView, sample_pdf, sample_raw, sample_record
from weighbridge.testing.sigstore import LoopbackTrust
from weighbridge.testing.tsa import Mode

ALICE = "alice@example.com"


@pytest.fixture(scope="module", params=[1, 2], ids=["rekor1", "rekor2"])
def instance(request: pytest.FixtureRequest) -> Iterator[LoopbackTrust]:
    with LoopbackTrust(rekor=request.param) as running:
        yield running


@pytest.fixture(scope="module")
def sealed(instance: LoopbackTrust, tmp_path_factory: pytest.TempPathFactory) -> SealedPack:
    return seal(instance, tmp_path_factory.mktemp("sealed"))


@pytest.fixture
def pack(sealed: SealedPack, tmp_path: Path) -> SealedPack:
    folder = tmp_path / "a-pack"
    shutil.copytree(sealed.folder, folder)
    return dataclasses.replace(sealed, folder=folder)


def options(instance: LoopbackTrust, folder: Path, identity: str = ALICE) -> SealOptions:
    (folder / "trust.json").write_text(json.dumps(instance.trust_config()))
    (folder / "token").write_text(instance.identity_token(identity))
    return SealOptions(
        sigstore=True,
        trust_config=str(folder / "trust.json"),
        identity_token=str(folder / "token"),
    )


def seal(instance: LoopbackTrust, folder: Path, **more: Any) -> SealedPack:
    with seal_signer(options(instance, folder)) as signer:
        return seal_pack(
            sample_record(),
            **{"timestamp_url": "", "offline": False, **more},
            signer=signer, raw=sample_raw(), out=folder / "pack", views=(SampleView(),),
            pdf=sample_pdf,
        )  # fmt: skip


def pin(
    instance: LoopbackTrust, folder: Path, identity: str = ALICE, issuer: str = ""
) -> TrustedSigner:
    root = folder / "root.json"
    root.write_text(json.dumps(instance.trust_config()))
    issuer = issuer or f"{instance.url}/oauth2"
    (signer,) = trusted(Options(identity=identity, issuer=issuer, trusted_root=str(root))).signers
    return signer


def state(report: SealReport, name: str) -> CheckState:
    (check,) = [check for check in report.checks if check.name == name]
    return check.state


# --- what holds


def test_a_pinned_identity_holds_offline_and_is_named(
    pack: SealedPack, instance: LoopbackTrust, tmp_path: Path
) -> None:
    mine = pin(instance, tmp_path)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=30)
    for now in (None, later):  # the certificate has long ended; the timestamp shows when it held
        report = verify_pack(pack.folder, sigstore=mine, now=now)
        assert failed(report) == []
        assert (report.exit_code, report.trust) == (ExitCode.HOLDS, SignerTrust.SIGSTORE)
        assert report.existed is not None
    assert f"the Sigstore identity {ALICE}" in report.basis
    assert f"{instance.url}/oauth2" in report.basis
    assert (report.holder, report.issuer) == (ALICE, f"{instance.url}/oauth2")
    assert state(report, "sigstore identity") is CheckState.OK


def test_no_network_is_needed(
    pack: SealedPack, instance: LoopbackTrust, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    mine = pin(instance, tmp_path)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", never)
    assert verify_pack(pack.folder, sigstore=mine).exit_code is ExitCode.HOLDS


def test_the_seal_alone_is_logged_once(instance: LoopbackTrust, tmp_path: Path) -> None:
    """The PDF and the statements are covered by it; a log is public, and gets no more."""
    indexes = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (entry,) = seal(instance, tmp_path / name).seal.log_entries
        indexes.append(int(entry["logIndex"]))
    assert indexes[1] == indexes[0] + 1


def test_sigstore_s_own_client_verifies_the_seal(pack: SealedPack, instance: LoopbackTrust) -> None:
    from sigstore.models import Bundle, ClientTrustConfig
    from sigstore.verify import Verifier
    from sigstore.verify.policy import Identity

    config = ClientTrustConfig.from_json(json.dumps(instance.trust_config()))
    bundle = Bundle.from_json((pack.folder / "audit.sigstore.json").read_bytes())
    policy = Identity(identity=ALICE, issuer=f"{instance.url}/oauth2")
    kind, payload = Verifier(trusted_root=config.trusted_root).verify_dsse(bundle, policy)
    assert kind == "application/vnd.in-toto+json"
    assert (
        payload == read_seal((pack.folder / "audit.sigstore.json").read_bytes())[0].envelope.payload
    )


# --- whom it does not convince


def test_nobody_pinned_is_incomplete_and_said_to_be_untrusted(pack: SealedPack) -> None:
    report = verify_pack(pack.folder)
    assert (report.exit_code, report.reason) == (ExitCode.INCONCLUSIVE, Reason.INCOMPLETE)
    assert "untrusted until" in report.basis
    assert ALICE in report.basis
    assert state(report, "sigstore identity") is CheckState.NOT_CHECKED


@pytest.mark.parametrize(
    ("identity", "issuer"),
    [("mallory@example.com", ""), (ALICE, "https://accounts.example.com"), ("*@example.org", "")],
)
def test_another_identity_is_untrusted(
    pack: SealedPack, instance: LoopbackTrust, tmp_path: Path, identity: str, issuer: str
) -> None:
    report = verify_pack(pack.folder, sigstore=pin(instance, tmp_path, identity, issuer))
    assert (report.exit_code, report.reason) == (ExitCode.VIOLATED, Reason.UNTRUSTED)
    assert failed(report) == ["sigstore identity"]
    assert "untrusted" in report.basis


def test_another_instance_s_root_is_untrusted(
    pack: SealedPack, instance: LoopbackTrust, tmp_path: Path
) -> None:
    with LoopbackTrust(rekor=instance.rekor) as stranger:
        other = pin(stranger, tmp_path, issuer=f"{instance.url}/oauth2")
    report = verify_pack(pack.folder, sigstore=other)
    assert report.reason is Reason.UNTRUSTED
    assert "sigstore identity" in failed(report)


def test_the_instance_s_root_certificate_says_nothing_of_who(
    pack: SealedPack, instance: LoopbackTrust
) -> None:
    """Everybody gets a certificate that leads to it."""
    for path in (pack.folder, pack.folder / "report.pdf"):
        report = verify_pack(path, certificate_roots=[instance.authority.root.der])
        assert report.reason is Reason.UNTRUSTED
        assert failed(report) == ["sigstore identity"]


def test_the_pdf_alone_establishes_no_identity(
    pack: SealedPack, instance: LoopbackTrust, tmp_path: Path
) -> None:
    report = verify_pack(pack.folder / "report.pdf", sigstore=pin(instance, tmp_path))
    assert (report.exit_code, report.reason) == (ExitCode.INCONCLUSIVE, Reason.INCOMPLETE)
    assert report.trust is SignerTrust.UNKNOWN
    assert "in no transparency log" in str(report.checks)


def test_a_seal_by_a_key_is_not_the_identity_that_is_pinned(
    instance: LoopbackTrust, key: LocalKey, tmp_path: Path
) -> None:
    pack = seal_pack(
        sample_record(), timestamp_url="", offline=True, signer=key, raw=sample_raw(),
        out=tmp_path / "pack", views=(SampleView(),), pdf=sample_pdf,
    )  # fmt: skip
    report = verify_pack(pack.folder, sigstore=pin(instance, tmp_path), known=key.fingerprint)
    assert (report.reason, failed(report)) == (Reason.UNTRUSTED, ["sigstore identity"])


def test_the_log_s_proof_cannot_be_left_out(
    pack: SealedPack, instance: LoopbackTrust, tmp_path: Path
) -> None:
    """A certificate of the instance in a seal as a key of one's own would make it."""

    def as_a_chain(body: dict[str, Any]) -> None:
        material = body["verificationMaterial"]
        material["x509CertificateChain"] = {"certificates": [material.pop("certificate")]}
        material["tlogEntries"] = []

    rewrite_seal(pack, as_a_chain)
    report = verify_pack(pack.folder, sigstore=pin(instance, tmp_path))
    assert report.trust is not SignerTrust.SIGSTORE
    assert report.exit_code is not ExitCode.HOLDS


# --- tampering


@pytest.mark.parametrize("apart", [521, pytest.param(101, marks=pytest.mark.slow)])
def test_every_byte_of_the_seal_counts(
    pack: SealedPack, instance: LoopbackTrust, tmp_path: Path, apart: int
) -> None:
    """Sampled: the log's entry, the promise, the checkpoint and the timestamp lie in it."""
    mine = pin(instance, tmp_path)
    path = pack.folder / "audit.sigstore.json"
    data = path.read_bytes()
    begin = data.index(b'"verificationMaterial"')
    for place in [*range(0, begin, 4 * apart), *range(begin, len(data), apart)]:
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        report = verify_pack(pack.folder, sigstore=mine)
        assert report.exit_code is ExitCode.VIOLATED, data[place - 40 : place + 10]


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another index": lambda entry: entry.update(logIndex="7"),
    "another time": lambda entry: entry.update(integratedTime="7"),
    "a field more": lambda entry: entry.update(more="x"),
    "another tree": lambda entry: entry["inclusionProof"].update(treeSize="7"),
    "a hash more": lambda entry: entry["inclusionProof"]["hashes"].append("AA" * 21 + "A="),
    "another kind": lambda entry: entry["kindVersion"].update(version="0.0.3"),
    "another log": lambda entry: entry["logId"].update(keyId=entry["logId"]["keyId"][::-1]),
    "a loose number": lambda entry: entry.update(logIndex="0" + entry["logIndex"]),
    "no proof": lambda entry: entry.pop("inclusionProof"),
    "a list": lambda entry: entry.update(logId=[]),
    "a witness": lambda entry: entry["inclusionProof"]["checkpoint"].update(
        envelope=entry["inclusionProof"]["checkpoint"]["envelope"] + "\u2014 witness AAAA\n"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_another_log_entry_is_noticed(
    pack: SealedPack,
    instance: LoopbackTrust,
    tmp_path: Path,
    change: Callable[[dict[str, Any]], Any],
) -> None:
    def changed(body: dict[str, Any]) -> None:
        change(body["verificationMaterial"]["tlogEntries"][0])

    rewrite_seal(pack, changed)
    report = verify_pack(pack.folder, sigstore=pin(instance, tmp_path))
    assert report.exit_code is ExitCode.VIOLATED
    assert failed(report)


def test_witnesses_are_left_out_of_what_is_written(pack: SealedPack) -> None:
    bundle, _ = read_seal((pack.folder / "audit.sigstore.json").read_bytes())
    assert plain_bundle(bundle) == bundle
    body = json.loads(seal_bytes(bundle))
    (entry,) = body["verificationMaterial"]["tlogEntries"]
    entry["inclusionProof"]["checkpoint"]["envelope"] += "\u2014 a-witness AAAA\n"
    witnessed = dataclasses.replace(bundle, log_entries=(entry,))
    assert seal_bytes(plain_bundle(witnessed)) == seal_bytes(bundle)
    for entries in ((), (entry, entry)):
        with pytest.raises(HostileInput):
            plain_bundle(dataclasses.replace(bundle, log_entries=entries))


def test_a_tree_s_number_behind_the_log_s_name_is_read(pack: SealedPack) -> None:
    """The public Rekor v1 writes "rekor.sigstore.dev - 1193050959916656506", its key not."""
    bundle, _ = read_seal((pack.folder / "audit.sigstore.json").read_bytes())
    (entry,) = json.loads(seal_bytes(bundle))["verificationMaterial"]["tlogEntries"]
    checkpoint = entry["inclusionProof"]["checkpoint"]
    origin, _, rest = checkpoint["envelope"].partition("\n")
    checkpoint["envelope"] = f"{origin} - 1193050959916656506\n{rest}"
    numbered = dataclasses.replace(bundle, log_entries=(entry,))
    assert seal_bytes(plain_bundle(numbered)) == seal_bytes(numbered)
    checkpoint["envelope"] = f"{origin}-more\n{rest}"
    with pytest.raises(HostileInput):
        plain_bundle(dataclasses.replace(bundle, log_entries=(entry,)))


# --- what fails while sealing


def test_services_that_fail_leave_nothing(instance: LoopbackTrust, tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    with instance.timestamp_mode(Mode.REFUSE), pytest.raises((CannotSign, TimestampUnavailable)):
        seal(instance, tmp_path)
    assert not folder.exists()
    with pytest.raises(UsageError):
        seal(instance, tmp_path, offline=True)
    assert not folder.exists()
    expired = options(instance, tmp_path)
    Path(expired.identity_token).write_text("no.token.here")
    with pytest.raises(CannotSign), seal_signer(expired):
        raise AssertionError("it was signed")


@pytest.mark.parametrize(
    "given",
    [
        SealOptions(sigstore=True, key="a"),
        SealOptions(sigstore=True, certificate=("a",)),
        SealOptions(trust_config="a"),
        SealOptions(identity_token="a"),
    ],
)
def test_options_that_do_not_go_together_are_refused(given: SealOptions) -> None:
    with pytest.raises(UsageError):
        given.check()
    with pytest.raises(UsageError, match="offline"):
        SealOptions(sigstore=True).check_network(offline=True)


def test_it_can_be_renewed(pack: SealedPack, instance: LoopbackTrust, tmp_path: Path) -> None:
    from weighbridge.seal.renew import renew
    from weighbridge.sources.http import HttpClient

    with HttpClient(offline=False) as http:
        renew(pack.folder, http, instance.timestamp_url)
    report = verify_pack(pack.folder, sigstore=pin(instance, tmp_path))
    assert (report.exit_code, report.trust) == (ExitCode.HOLDS, SignerTrust.SIGSTORE)
    assert "renews it 1x" in str(report.checks)
