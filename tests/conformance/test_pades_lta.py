"""pyHanko's strict AdES validation (ETSI EN 319 102-1, 5.6.3) of what the seal room signs."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator, Sequence

import pytest
from asn1crypto import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate, AdESPassed, AdESSubIndic
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from weighbridge.seal.authority import Authority
from weighbridge.seal.keys import local_key
from weighbridge.seal.pdf import sign_pdf
from weighbridge.seal.pdf_signature import quiet, read_signed_pdf
from weighbridge.seal.signer import SealSigner, from_key
from weighbridge.sources.http import HttpClient
from weighbridge.testing.revocation import RevocationAuthority
from weighbridge.testing.seal_samples import sample_pdf, sample_record
from weighbridge.testing.sigstore import LoopbackTrust


@pytest.fixture(scope="module")
def authority() -> Iterator[RevocationAuthority]:
    with RevocationAuthority() as running:
        yield running


@pytest.fixture(scope="module")
def trust(authority: RevocationAuthority) -> Iterator[LoopbackTrust]:
    """Its timestamp certificate names a list of revoked ones, as those of public authorities do."""
    with LoopbackTrust() as running:
        usages = (ExtendedKeyUsageOID.TIME_STAMPING,)
        running.timestamps.signer = authority.issue(
            "loopback timestamp authority", by_ocsp=False, usages=usages
        )
        yield running


def signed(signer: SealSigner, trust: LoopbackTrust, *, archives: int = 1) -> bytes:
    with HttpClient(offline=False) as http:
        asked = Authority(http, trust.timestamp_url)
        data = sign_pdf(sample_pdf(sample_record()), signer, reason="test", stamp=asked.stamp)
        for number in range(1, archives + 1):
            data, notes = asked.archive(data, signer.certificates, number=number)
            assert notes == ()
    return data


def strictly(data: bytes, roots: Sequence[bytes]) -> ades.AdESLTAValidationResult:
    """What ``ades_lta_validation`` says, without the network."""
    quiet()
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build([x509.Certificate.load(der) for der in roots]),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
    )
    gathering = RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY)
    spec = PdfSignatureValidationSpec(SignatureValidationSpec(policy, gathering))
    embedded = PdfFileReader(io.BytesIO(data)).embedded_regular_signatures[0]
    return asyncio.run(ades.ades_lta_validation(embedded, spec))


def test_a_certified_key_passes_strictly(
    authority: RevocationAuthority, trust: LoopbackTrust
) -> None:
    """With OCSP for the signer and a list for the authority, both embedded."""
    identity = authority.issue("a signer")
    signer = from_key(identity.key, [identity.pem, authority.root.pem])
    data = signed(signer, trust)
    asked = authority.asked
    result = strictly(data, [authority.root.der])
    assert result.ades_subindic == AdESPassed.OK
    assert authority.asked == asked
    read = read_signed_pdf(data)
    assert read.certificates == signer.certificates
    assert len(read.archives) == 1


def test_a_renewed_archive_passes_strictly(
    authority: RevocationAuthority, trust: LoopbackTrust
) -> None:
    identity = authority.issue("a signer", by_ocsp=False)
    signer = from_key(identity.key, [identity.pem, authority.root.pem])
    data = signed(signer, trust, archives=3)
    assert strictly(data, [authority.root.der]).ades_subindic == AdESPassed.OK
    assert len(read_signed_pdf(data).archives) == 3


def test_the_local_key_passes_as_its_own_root(
    authority: RevocationAuthority, trust: LoopbackTrust, tmp_path
) -> None:  # type: ignore[no-untyped-def]
    """Nobody can revoke it, so trusting it by itself is all there is."""
    key = local_key(tmp_path / "keys")
    data = signed(key, trust)
    assert strictly(data, [key.certificate, authority.root.der]).ades_subindic == AdESPassed.OK
    stranger = strictly(data, [authority.root.der])
    assert isinstance(stranger.ades_subindic, AdESIndeterminate)


def test_no_revocation_data_is_not_enough(
    authority: RevocationAuthority, trust: LoopbackTrust
) -> None:
    """An authority that does not answer while the report is sealed is noted; strictly it fails."""
    identity = authority.issue("a signer")
    signer = from_key(identity.key, [identity.pem, authority.root.pem])
    authority.answering = False
    try:
        with HttpClient(offline=False) as http:
            asked = Authority(http, trust.timestamp_url)
            data = sign_pdf(sample_pdf(sample_record()), signer, reason="x", stamp=asked.stamp)
            data, notes = asked.archive(data, signer.certificates)
    finally:
        authority.answering = True
    assert ["revoked" in note for note in notes] == [True, True]
    result = strictly(data, [authority.root.der])
    assert isinstance(result.ades_subindic, AdESSubIndic)
    assert result.ades_subindic != AdESPassed.OK
    assert read_signed_pdf(data).archives


def test_a_revoked_signer_fails_strictly(
    authority: RevocationAuthority, trust: LoopbackTrust
) -> None:
    identity = authority.issue("a signer")
    authority.revoked.add(identity.certificate.serial_number)
    signer = from_key(identity.key, [identity.pem, authority.root.pem])
    with HttpClient(offline=False) as http:
        asked = Authority(http, trust.timestamp_url)
        data = sign_pdf(sample_pdf(sample_record()), signer, reason="x", stamp=asked.stamp)
        data, notes = asked.archive(data, signer.certificates)
    assert notes == ("the certificate of CN=a signer is revoked",)
    assert strictly(data, [authority.root.der]).ades_subindic != AdESPassed.OK
