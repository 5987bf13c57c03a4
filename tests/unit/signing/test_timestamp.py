"""Timestamps from a loopback authority that answers in every wrong way too."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Iterator

import pytest
from asn1crypto import cms, tsp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weighbridge.model.errors import ConfigurationError, NetworkForbidden
from weighbridge.signing.timestamp import (
    TimestampInvalid,
    TimestampUnavailable,
    load_roots,
    request_timestamp,
    request_token,
    verify_timestamp,
)
from weighbridge.signing.timestamp_token import MAX_TOKEN_BYTES, read_token
from weighbridge.sources.http import HttpClient
from weighbridge.testing.sigstore import LoopbackTrust
from weighbridge.testing.tsa import Mode

DATA = b"a signature"


@pytest.fixture(scope="module")
def trust() -> Iterator[LoopbackTrust]:
    with LoopbackTrust() as running:
        yield running


@pytest.fixture(scope="module")
def roots(trust: LoopbackTrust) -> tuple[bytes, ...]:
    return load_roots(trust.tsa_roots.encode(), source="root.pem")


@pytest.fixture(scope="module")
def token(trust: LoopbackTrust) -> bytes:
    return request_timestamp(HttpClient(offline=False), trust.timestamp_url, DATA)


def asked(trust: LoopbackTrust, mode: Mode, **options: float) -> bytes:
    with trust.timestamp_mode(mode):
        return request_timestamp(HttpClient(offline=False, **options), trust.timestamp_url, DATA)


def query(data: bytes = DATA) -> bytes:
    imprint = {"hash_algorithm": {"algorithm": "sha256"},
               "hashed_message": hashlib.sha256(data).digest()}  # fmt: skip
    request = {"version": "v1", "message_imprint": imprint, "nonce": 1, "cert_req": True}
    return tsp.TimeStampReq(request).dump()


def signed_data(token: bytes) -> tuple[tsp.TimeStampResp, cms.SignedData]:
    response = tsp.TimeStampResp.load(token)
    return response, response["time_stamp_token"]["content"]


# --- what a client must survive


@pytest.mark.parametrize("mode", [Mode.REFUSE, Mode.SERVER_ERROR, Mode.HTML])
def test_no_timestamp_is_unavailable(trust: LoopbackTrust, mode: Mode) -> None:
    with pytest.raises(TimestampUnavailable) as caught:
        asked(trust, mode)
    assert caught.value.remedy


def test_a_refusal_gives_the_authoritys_reason(trust: LoopbackTrust) -> None:
    with pytest.raises(TimestampUnavailable, match="told to refuse"):
        asked(trust, Mode.REFUSE)


@pytest.mark.parametrize(
    "mode",
    [
        Mode.GARBAGE,
        Mode.WRONG_IMPRINT,
        Mode.WRONG_NONCE,
        Mode.WRONG_SIGNATURE,
        Mode.EXPIRED,
        Mode.NO_CERTIFICATE,
    ],
)
def test_a_wrong_timestamp_is_invalid(trust: LoopbackTrust, mode: Mode) -> None:
    with pytest.raises(TimestampInvalid):
        asked(trust, mode)


def test_a_stalled_authority_ends_at_the_timeout(trust: LoopbackTrust) -> None:
    begin = time.monotonic()
    with pytest.raises(TimestampUnavailable, match="in time"):
        asked(trust, Mode.STALL, timeout_seconds=0.2)
    assert time.monotonic() - begin < 5


def test_a_closed_port_is_unavailable() -> None:
    with LoopbackTrust() as gone:
        url = gone.timestamp_url
    with pytest.raises(TimestampUnavailable, match="refused"):
        request_timestamp(HttpClient(offline=False), url, DATA)


def test_offline_asks_nobody(trust: LoopbackTrust) -> None:
    before = trust.timestamps.requests
    with pytest.raises(NetworkForbidden):
        request_timestamp(HttpClient(offline=True), trust.timestamp_url, DATA)
    assert trust.timestamps.requests == before


# --- what a good one says


def test_a_timestamp_is_trusted_under_its_root_and_only_there(
    token: bytes, roots: tuple[bytes, ...]
) -> None:
    stamp = verify_timestamp(token, DATA, roots)
    assert stamp.trusted
    assert stamp.reason == ""
    assert "loopback timestamp authority" in stamp.authority
    assert abs(stamp.time - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)

    assert not verify_timestamp(token, DATA, ()).trusted
    with LoopbackTrust() as other:
        strangers = load_roots(other.tsa_roots.encode(), source="x")
    stamp = verify_timestamp(token, DATA, strangers)
    assert not stamp.trusted
    assert "chain" in stamp.reason
    assert verify_timestamp(token, DATA, strangers + roots).trusted


def test_other_data_is_not_covered(token: bytes, roots: tuple[bytes, ...]) -> None:
    with pytest.raises(TimestampInvalid, match="other data"):
        verify_timestamp(token, DATA + b"!", roots)


def test_a_bare_token_verifies_as_well(token: bytes, roots: tuple[bytes, ...]) -> None:
    assert verify_timestamp(read_token(token).content_info, DATA, roots).trusted


def test_granted_with_modifications_is_a_grant(
    trust: LoopbackTrust, roots: tuple[bytes, ...]
) -> None:
    assert verify_timestamp(asked(trust, Mode.GRANT_WITH_MODS), DATA, roots).trusted


def test_certificates_out_of_order_are_read_and_stored_in_order(
    trust: LoopbackTrust, roots: tuple[bytes, ...]
) -> None:
    from rfc3161_client import decode_timestamp_response

    with trust.timestamp_mode(Mode.UNSORTED):
        raw = trust.timestamps.stamp(query())
    with pytest.raises(ValueError, match="InvalidSetOrdering"):  # why the normal form is needed
        _ = decode_timestamp_response(raw).signed_data.certificates
    assert verify_timestamp(raw, DATA, roots).trusted
    normal = asked(trust, Mode.UNSORTED)
    assert len(decode_timestamp_response(normal).signed_data.certificates) == 2


def test_the_certificate_need_only_be_valid_at_the_stated_time(
    trust: LoopbackTrust, roots: tuple[bytes, ...]
) -> None:
    """Long validity: a token outlives its certificate. Its root must reach back as far."""
    with trust.timestamp_mode(Mode.EXPIRED):
        then = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=890)
        old = trust.timestamps.stamp(query(), when=then)
    assert verify_timestamp(old, DATA, ()).time == then
    assert not verify_timestamp(old, DATA, roots).trusted  # this root is younger than the stamp


# --- hostile tokens


def test_the_normal_form_is_a_fixed_point(token: bytes) -> None:
    assert read_token(token).normal_form == token


def test_what_no_signature_covers_leaves_the_normal_form(
    trust: LoopbackTrust, token: bytes
) -> None:
    from asn1crypto.x509 import Certificate

    response, signed = signed_data(token)
    signed["certificates"] = [
        Certificate.load(trust.timestamps.signer.der),
        Certificate.load(trust.authority.root.der),  # signed nothing here
    ]
    response["status"]["status_string"] = ["hello"]
    changed = response.dump(force=True)
    assert changed != token
    assert read_token(changed).normal_form == token


def test_two_signatures_are_refused(token: bytes) -> None:
    response, signed = signed_data(token)
    signed["signer_infos"] = [signed["signer_infos"][0], signed["signer_infos"][0]]
    with pytest.raises(TimestampInvalid, match="exactly one signature"):
        read_token(response.dump(force=True))


def test_another_authoritys_certificate_in_the_signers_place_is_refused(token: bytes) -> None:
    from asn1crypto.x509 import Certificate

    with LoopbackTrust() as other:
        stranger = Certificate.load(other.timestamps.signer.der)
    response, signed = signed_data(token)
    signed["certificates"] = [stranger]
    with pytest.raises(TimestampInvalid):
        read_token(response.dump(force=True))


@pytest.mark.parametrize("data", [b"", b"0", b"0\x80", b"0\x84\xff\xff\xff\xff", b"\0" * 100])
def test_scraps_are_invalid(data: bytes) -> None:
    with pytest.raises(TimestampInvalid):
        read_token(data)


def test_too_large_is_refused_unread() -> None:
    with pytest.raises(TimestampInvalid, match="larger"):
        read_token(b"0" * (MAX_TOKEN_BYTES + 1))


def test_deep_nesting_is_refused() -> None:
    nested = b""
    for _ in range(3000):
        length = len(nested)
        size = b"\x83" + length.to_bytes(3, "big")
        nested = b"0" + size + nested
    with pytest.raises(TimestampInvalid):
        read_token(nested)


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_in_one_way(data: bytes) -> None:
    with pytest.raises(TimestampInvalid):
        read_token(data)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_flipped_bit_is_invalid_or_leaves_the_normal_form(
    token: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(token) - 1))
    changed = bytearray(token)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        stamp = read_token(bytes(changed))
        stamp.check_covers(DATA)
    except TimestampInvalid:
        return
    assert stamp.normal_form != bytes(changed)


# --- roots


def test_roots_are_read_from_pem_and_der(trust: LoopbackTrust) -> None:
    root = trust.timestamps.root
    assert load_roots(root.pem + root.pem, source="x") == (root.der, root.der)
    assert load_roots(root.der, source="x") == (root.der,)


@pytest.mark.parametrize("data", [b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_root_file_without_certificate_is_a_configuration_error(data: bytes) -> None:
    with pytest.raises(ConfigurationError, match=r"root\.pem"):
        load_roots(data, source="root.pem")


def test_the_pdf_way_in_gives_the_same_token(trust: LoopbackTrust) -> None:
    digest = hashlib.sha256(DATA).digest()
    token = request_token(HttpClient(offline=False), trust.timestamp_url, digest)
    assert verify_timestamp(token.content_info, DATA, ()).authority
