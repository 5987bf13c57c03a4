"""Whether a signer's certificate was revoked: before it signed, after it, or who knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.unit.seal.seal_checks import Seal, failed

from weighbridge.model.errors import ExitCode
from weighbridge.seal.keys import LocalKey
from weighbridge.seal.outcome import Check, CheckState, Findings, Reason, SealReport
from weighbridge.seal.pack import SealedPack
from weighbridge.seal.pdf_signature import read_signed_pdf
from weighbridge.seal.pdf_store import Store
from weighbridge.seal.revocation_answers import answers
from weighbridge.seal.revoked import Known, check_revocation
from weighbridge.seal.signer import from_key
from weighbridge.seal.verify import verify_pack
from weighbridge.signing.timestamp import load_roots
from weighbridge.testing.revocation import RevocationAuthority
from weighbridge.testing.sigstore import LoopbackTrust
from weighbridge.testing.x509 import Identity, leaf, now, root_authority

DAY = dt.timedelta(days=1)
NOW = now()
GOOD, GONE = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED


@pytest.fixture(scope="module")
def authority() -> Iterator[RevocationAuthority]:
    with RevocationAuthority() as running:
        yield running


@pytest.fixture(scope="module")
def ada(authority: RevocationAuthority) -> Identity:
    return authority.issue("Ada, auditor")


def responded(
    about: Identity,
    issuer: Identity,
    *,
    by: Identity | None = None,
    status: ocsp.OCSPCertStatus = GOOD,
    issued: dt.datetime = NOW,
    until: dt.datetime | None = None,
    revoked: dt.datetime | None = None,
    reason: x509.ReasonFlags | None = None,
) -> bytes:
    """An OCSP response about a certificate."""
    signer = by or issuer
    builder = ocsp.OCSPResponseBuilder().add_response(
        about.certificate, issuer.certificate, hashes.SHA1(), status, issued, until, revoked, reason
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
    if by is not None:
        builder = builder.certificates([by.certificate])
    return builder.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def listed(
    issuer: Identity,
    *entries: tuple[int, dt.datetime, x509.ReasonFlags | None],
    by: Identity | None = None,
    issued: dt.datetime = NOW,
    until: dt.datetime | None = None,
    extension: x509.ExtensionType | None = None,
    invalid: dt.datetime | None = None,
) -> bytes:
    """A list of revoked certificates."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(issued)
        .next_update(until or issued + DAY)
    )
    if extension is not None:
        builder = builder.add_extension(extension, critical=True)
    for serial, when, reason in entries:
        one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when)
        one = one.add_extension(x509.CRLReason(reason), critical=False) if reason else one
        if invalid:
            one = one.add_extension(x509.InvalidityDate(invalid), critical=False)
        builder = builder.add_revoked_certificate(one.build())
    return builder.sign((by or issuer).key, hashes.SHA256()).public_bytes(Encoding.DER)


def judged(
    about: Identity,
    root: Identity,
    *,
    ocsps: tuple[bytes, ...] = (),
    stored: tuple[bytes, ...] = (),
    given: tuple[bytes, ...] = (),
    existed: dt.datetime | None = NOW,
) -> Check:
    findings = Findings()
    known = Known(Store(ocsps=ocsps, crls=stored), given)
    check_revocation(findings, [about.der, root.der], known, existed, NOW + 2 * DAY)
    (check,) = findings.checks
    return check


# --- answers that do not count


def test_only_the_issuer_and_whom_it_delegates_answer(
    authority: RevocationAuthority, ada: Identity
) -> None:
    root, stranger = authority.root, root_authority("loopback document authority")
    responder = leaf("a responder", root, (ExtendedKeyUsageOID.OCSP_SIGNING,))
    other_purpose = leaf("no responder", root, (ExtendedKeyUsageOID.CODE_SIGNING,))
    foreign = leaf("foreign", stranger, (ExtendedKeyUsageOID.OCSP_SIGNING,))
    lapsed = leaf(
        "lapsed", root, (ExtendedKeyUsageOID.OCSP_SIGNING,), valid_from=NOW - 30 * DAY, validity=DAY
    )

    def count(*data: bytes) -> int:
        return len(answers(ada.certificate, root.certificate, data, (), NOW))

    assert count(responded(ada, root)) == 1
    assert count(responded(ada, root, by=responder)) == 1
    for wrong in (stranger, other_purpose, foreign, lapsed):
        assert count(responded(ada, root, by=wrong)) == 0
    another = authority.issue("another")
    assert count(responded(another, root)) == 0
    assert count(responded(ada, root, status=ocsp.OCSPCertStatus.UNKNOWN)) == 0
    assert count(responded(ada, root, issued=NOW + DAY)) == 0  # not said yet
    data = responded(ada, root)
    for broken in (
        b"",
        b"\x30",
        data[:-1],
        data[:-1] + bytes([data[-1] ^ 1]),
        b"\x30\x03\x0a\x01\x06",
    ):
        assert count(broken) == 0


def test_an_answer_about_the_same_number_of_another_issuer_does_not_count(
    authority: RevocationAuthority, ada: Identity
) -> None:
    """Serial numbers are an issuer's own; who signs for two names and keys says which it means."""
    root, namesake = authority.root, root_authority("loopback document authority")
    asked = ocsp.OCSPRequestBuilder().add_certificate(
        ada.certificate, root.certificate, hashes.SHA256()
    )
    right = asked.build()
    others = ocsp.OCSPRequestBuilder().add_certificate(
        ada.certificate, namesake.certificate, hashes.SHA256()
    )

    def count(name: bytes, key: bytes) -> int:
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            name, key, ada.certificate.serial_number, hashes.SHA256(), GOOD, NOW, None, None, None
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, root.certificate)
        data = builder.sign(root.key, hashes.SHA256()).public_bytes(Encoding.DER)
        return len(answers(ada.certificate, root.certificate, [data], (), NOW))

    assert count(right.issuer_name_hash, right.issuer_key_hash) == 1
    assert count(right.issuer_name_hash, others.build().issuer_key_hash) == 0
    assert count(bytes(32), right.issuer_key_hash) == 0


def test_only_whole_lists_of_the_issuer_count(
    authority: RevocationAuthority, ada: Identity
) -> None:
    root, stranger = authority.root, root_authority("loopback document authority")
    gone = (ada.certificate.serial_number, NOW, None)

    def found(data: bytes) -> list[bool]:
        return [
            a.revoked is not None
            for a in answers(ada.certificate, root.certificate, (), [data], NOW)
        ]

    assert found(listed(root)) == [False]
    assert found(listed(root, gone)) == [True]
    pem = x509.load_der_x509_crl(listed(root, gone)).public_bytes(Encoding.PEM)
    assert found(pem) == [True]
    assert found(listed(root, gone, by=stranger)) == []
    assert found(listed(stranger, gone)) == []
    points: list[tuple[dict[str, object], list[bool]]] = [
        ({"only_contains_ca_certs": True}, []),
        ({"only_contains_attribute_certs": True}, []),
        ({"indirect_crl": True}, []),
        ({"only_contains_user_certs": True}, [False]),
        ({"only_some_reasons": frozenset({x509.ReasonFlags.key_compromise})}, []),
        # a part of a divided list, which this certificate does not name
        ({"full_name": [x509.UniformResourceIdentifier("http://other.example/1.crl")]}, []),
    ]
    for given, expected in points:
        plain = {
            "full_name": None, "relative_name": None, "only_contains_user_certs": False,
            "only_contains_ca_certs": False, "only_some_reasons": None, "indirect_crl": False,
            "only_contains_attribute_certs": False,
        }  # fmt: skip
        extension = x509.IssuingDistributionPoint(**{**plain, **given})  # type: ignore[arg-type]
        assert found(listed(root, extension=extension)) == expected, given
    assert found(listed(root, gone, extension=x509.DeltaCRLIndicator(1))) == []
    for broken in (b"", b"\x30", b"-----BEGIN X509 CRL-----\nAA\n-----END X509 CRL-----\n"):
        assert found(broken) == []


# --- what they come to


def test_revoked_before_it_signed_is_untrusted(
    authority: RevocationAuthority, ada: Identity
) -> None:
    root, before = authority.root, NOW - DAY
    serial = ada.certificate.serial_number
    by_list = listed(root, (serial, before, x509.ReasonFlags.key_compromise))
    by_ocsp = responded(ada, root, status=GONE, revoked=before)
    for check in (
        judged(ada, root, ocsps=(by_ocsp,)),
        judged(ada, root, stored=(by_list,)),
        judged(ada, root, given=(by_list,)),
        # an older answer that it was good takes nothing back
        judged(ada, root, ocsps=(responded(ada, root, issued=NOW - 2 * DAY), by_ocsp)),
    ):
        assert (check.state, check.reason) == (CheckState.FAILED, Reason.UNTRUSTED)
        assert "revoked" in check.detail
        assert "before" in check.detail
    assert "(key compromise)" in judged(ada, root, given=(by_list,)).detail


def test_revoked_at_the_same_second_is_untrusted(
    authority: RevocationAuthority, ada: Identity
) -> None:
    check = judged(
        ada, authority.root, ocsps=(responded(ada, authority.root, status=GONE, revoked=NOW),)
    )
    assert check.state is CheckState.FAILED


def test_revoked_with_no_proven_time_is_untrusted(
    authority: RevocationAuthority, ada: Identity
) -> None:
    data = responded(ada, authority.root, status=GONE, revoked=NOW)
    check = judged(ada, authority.root, ocsps=(data,), existed=None)
    assert (check.state, check.reason) == (CheckState.FAILED, Reason.UNTRUSTED)
    assert "no time that you trust" in check.detail


def test_revoked_later_still_holds_and_is_said(
    authority: RevocationAuthority, ada: Identity
) -> None:
    serial = ada.certificate.serial_number
    data = listed(
        authority.root, (serial, NOW + DAY, x509.ReasonFlags.superseded), issued=NOW + DAY
    )
    check = judged(ada, authority.root, given=(data,))
    assert check.state is CheckState.OK
    assert "after it had signed" in check.detail
    assert "(superseded)" in check.detail


def test_a_time_of_compromise_counts_before_that_of_revocation(
    authority: RevocationAuthority, ada: Identity
) -> None:
    serial = ada.certificate.serial_number
    data = listed(authority.root, (serial, NOW + DAY, None), issued=NOW + DAY, invalid=NOW - DAY)
    assert judged(ada, authority.root, given=(data,)).state is CheckState.FAILED


def test_a_hold_that_was_lifted_is_none(authority: RevocationAuthority, ada: Identity) -> None:
    root = authority.root
    hold = responded(
        ada, root, status=GONE, revoked=NOW - DAY, reason=x509.ReasonFlags.certificate_hold,
        issued=NOW - DAY,
    )  # fmt: skip
    held = judged(ada, root, ocsps=(hold,))
    assert held.state is CheckState.FAILED
    assert "put on hold" in held.detail
    assert judged(ada, root, ocsps=(hold, responded(ada, root))).state is CheckState.OK


def test_silence_is_never_good(authority: RevocationAuthority, ada: Identity) -> None:
    root = authority.root
    nothing = judged(ada, root)
    assert nothing.state is CheckState.NOT_CHECKED
    assert "nothing is known" in nothing.detail
    unknown = responded(ada, root, status=ocsp.OCSPCertStatus.UNKNOWN)
    assert judged(ada, root, ocsps=(unknown,)).state is CheckState.NOT_CHECKED
    old = responded(ada, root, issued=NOW - 9 * DAY, until=NOW - 8 * DAY)
    check = judged(ada, root, ocsps=(old,))
    assert (check.state, "too old" in check.detail) == (CheckState.NOT_CHECKED, True)
    fresh = responded(ada, root, issued=NOW - DAY, until=NOW + DAY)
    assert judged(ada, root, ocsps=(fresh,)).state is CheckState.OK
    assert judged(ada, root, ocsps=(fresh,), existed=None).state is CheckState.NOT_CHECKED


def test_a_given_list_that_says_nothing_is_inconclusive(
    authority: RevocationAuthority, ada: Identity
) -> None:
    other = root_authority("another")
    for data in (listed(other), listed(authority.root, issued=NOW - 9 * DAY)):
        assert judged(ada, authority.root, given=(data,)).state is CheckState.INCONCLUSIVE


# --- in packs


def of(report: SealReport) -> Check:
    (check,) = [check for check in report.checks if check.name == "revocation"]
    return check


@pytest.mark.parametrize("by_ocsp", [True, False])
def test_the_answers_in_the_pdf_are_judged(
    seal: Seal, trust: LoopbackTrust, authority: RevocationAuthority, tmp_path: Path, by_ocsp: bool
) -> None:
    identity = authority.issue("a signer", by_ocsp=by_ocsp)
    signer = from_key(identity.key, [identity.pem, authority.root.pem])
    given = {
        "certificate_roots": [authority.root.der],
        "timestamp_roots": load_roots(trust.tsa_roots.encode(), source="x"),
    }
    before = seal(signer=signer, timestamp_url=trust.timestamp_url, out=tmp_path / "before")
    for path in (before.folder, before.folder / "report.pdf"):
        report = verify_pack(path, **given)  # type: ignore[arg-type]
        assert report.exit_code is ExitCode.HOLDS
        assert of(report).state is CheckState.OK
        assert "was not revoked" in of(report).detail
    store = read_signed_pdf((before.folder / "report.pdf").read_bytes()).store
    assert (bool(store.ocsps), bool(store.crls), store.unread) == (by_ocsp, not by_ocsp, 0)

    import time

    time.sleep(1.1)  # these times are whole seconds
    authority.revoked.add(identity.certificate.serial_number)
    crl = authority.crl()
    report = verify_pack(before.folder, crls=[crl], **given)  # type: ignore[arg-type]
    assert report.exit_code is ExitCode.HOLDS
    assert "after it had signed" in of(report).detail
    # without a trusted time it could have signed after it
    report = verify_pack(before.folder, crls=[crl], certificate_roots=[authority.root.der])
    assert (report.exit_code, report.reason) == (ExitCode.VIOLATED, Reason.UNTRUSTED)
    after = seal(signer=signer, timestamp_url=trust.timestamp_url, out=tmp_path / "after")
    assert "is revoked" in str(after.notes) or not by_ocsp
    report = verify_pack(after.folder, crls=[crl], **given)  # type: ignore[arg-type]
    assert (report.exit_code, report.reason) == (ExitCode.VIOLATED, Reason.UNTRUSTED)
    assert failed(report) == ["revocation"]


def test_no_answers_are_said_in_words(
    seal: Seal, trust: LoopbackTrust, authority: RevocationAuthority
) -> None:
    identity = authority.issue("a signer")
    signer = from_key(identity.key, [identity.pem, authority.root.pem])
    authority.answering = False
    try:
        pack = seal(signer=signer, timestamp_url=trust.timestamp_url)
    finally:
        authority.answering = True
    report = verify_pack(pack.folder, certificate_roots=[authority.root.der])
    assert report.exit_code is ExitCode.HOLDS
    assert of(report).state is CheckState.NOT_CHECKED
    assert "nothing is known of whether the signer's certificate was revoked" in of(report).detail
    # nor is its issuer at hand where the seal carries the signer's certificate alone
    alone = seal(signer=from_key(identity.key, [identity.pem]), out=pack.folder.parent / "alone")
    assert "not at hand" in of(verify_pack(alone.folder)).detail


def test_a_self_signed_key_has_nobody_who_revokes_it(
    pack: SealedPack, key: LocalKey, authority: RevocationAuthority
) -> None:
    report = verify_pack(pack.folder, signer=key.fingerprint)
    assert "revocation" not in [check.name for check in report.checks]
    report = verify_pack(pack.folder, signer=key.fingerprint, crls=[authority.crl()])
    assert (report.exit_code, of(report).state) == (ExitCode.INCONCLUSIVE, CheckState.INCONCLUSIVE)
