"""Certificate mode: what may sign, at which time, and whom it must name."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib

import pytest
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from weighbridge.model.errors import ConfigurationError, ExitCode, HostileInput
from weighbridge.model.policy import TrustedSigner, identity_fingerprint
from weighbridge.signing import dsse
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.errors import UnusableKey
from weighbridge.signing.oms import sign_oms, verify_oms
from weighbridge.signing.signers import KeySigner, certificate_signer
from weighbridge.signing.verdict import SignatureState, TimeSource
from weighbridge.testing.memory import snapshot_of
from weighbridge.testing.signing_authority import (
    CODE_SIGNING,
    SERVER_AUTH,
    YEAR,
    _issue,
    authority,
    signing_certificate,
)
from weighbridge.testing.tsa import TimestampAuthority
from weighbridge.testing.x509 import Identity, key_usage, new_key, now

FILES = {"config.json": b"{}", "w.safetensors": b"weights"}
ROOT = authority()
ALICE = "alice@example.com"
NOW = now()


def sign(holder: Identity, *above: Identity, files=FILES) -> bytes:
    public = holder.key.public_key()
    pems = [holder.pem, *(one.pem for one in above)]
    return sign_oms(snapshot_of(files), certificate_signer(KeySigner(holder.key), public, pems))


def pinned(identity=ALICE, *, issuer="", roots=(ROOT,), name="team") -> TrustedSigner:
    pems = tuple(root.pem.decode() for root in roots)
    digest = identity_fingerprint(identity, issuer, pems, "")
    return TrustedSigner(name, "", digest, identity=identity, issuer=issuer, certificate_roots=pems)


def verify(bundle, signer=None, *, at=NOW, stamp_roots=(), files=FILES):
    signers = [signer or pinned()]
    return verify_oms(bundle, snapshot_of(files), signers, at=at, timestamp_roots=stamp_roots)


def stamped(bundle: bytes, tsa: TimestampAuthority, when: dt.datetime, over=None) -> bytes:
    parsed = Bundle.from_bytes(bundle)
    data = parsed.envelope.signature if over is None else over
    imprint = {
        "hash_algorithm": {"algorithm": "sha256"},
        "hashed_message": hashlib.sha256(data).digest(),
    }
    query = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "cert_req": True})
    token = tsa.stamp(query.dump(), when)
    return dataclasses.replace(parsed, timestamps=(token,)).to_bytes()


def refused(verified, *words: str) -> None:
    assert not verified.holds
    assert verified.exit_code is ExitCode.VIOLATED
    assert verified.state is SignatureState.UNTRUSTED
    for word in words:
        assert word in verified.reason, verified.reason


def test_a_certified_identity_under_a_given_root() -> None:
    middle = authority("middle", ROOT, path_length=0)
    holder = signing_certificate(middle, email=ALICE)
    verified = verify(sign(holder, middle))
    assert verified.holds, verified.reason
    assert verified.signature.identities == (ALICE,)
    assert verified.signature.issuer == "CN=middle"
    assert verified.signature.signed is None
    # with the root in the bundle too, as model-signing writes it
    assert verify(sign(holder, middle, ROOT)).holds


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_every_curve(curve) -> None:
    holder = signing_certificate(ROOT, email=ALICE, key=ec.generate_private_key(curve))
    assert verify(sign(holder)).holds


def test_nobody_pinned_is_refused_and_never_anybody() -> None:
    bundle = sign(signing_certificate(ROOT, email=ALICE))
    with pytest.raises(ConfigurationError, match="no identity pinned"):
        verify(bundle, pinned(""))
    empty = verify_oms(bundle, snapshot_of(FILES), [], at=NOW)
    refused(empty, "no trusted certificate identity was given")


# -- whose certificate ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pin", "holds"),
    [
        (ALICE, True),
        ("*@example.com", True),
        ("al*@example.*", True),
        ("Alice@example.com", False),
        ("bob@example.com", False),
        ("alice@example.co", False),
        ("*", False),  # a star stops at the @
        ("*.com", False),
        ("**", True),  # the loader refuses a pin that pins nobody
    ],
)
def test_pins(pin: str, holds: bool) -> None:
    bundle = sign(signing_certificate(ROOT, email=ALICE))
    assert verify(bundle, pinned(pin)).holds is holds


def test_uris_and_common_names() -> None:
    uri = "https://ci.example.com/models/release.yml?ref=main"
    by_uri = sign(signing_certificate(ROOT, uri=uri))
    assert verify(by_uri, pinned(uri)).holds
    assert verify(by_uri, pinned("https://ci.example.com/models/*?ref=main")).holds
    refused(verify(by_uri, pinned("https://ci.example.com/*")), "not 'https://ci.example.com/*'")
    assert verify(by_uri, pinned("https://ci.example.com/**")).holds
    nameless = sign(signing_certificate(ROOT, common_name="Release Team"))
    assert verify(nameless, pinned("Release Team")).holds


def test_the_common_name_counts_only_without_an_alternative_name() -> None:
    holder = signing_certificate(ROOT, email="eve@example.com", common_name=ALICE)
    refused(verify(sign(holder)), "names eve@example.com")


@pytest.mark.parametrize(
    "name",
    [
        "alice@example.com\0.evil.example",
        "alice@example.com\0",
        "alice@example.com\n",
        "*@example.com",
        "alice@*",
        " alice@example.com",
        "alice@example.com ",
    ],
)
def test_names_with_tricks_name_nobody(name: str) -> None:
    entry = x509.RFC822Name._init_without_validation(name)
    for holder in (
        signing_certificate(ROOT, names=[entry]),
        signing_certificate(ROOT, common_name=name),
    ):
        bundle = sign(holder)
        for pin in (ALICE, "*@example.com", "alice@**", "**a**"):
            verified = verify(bundle, pinned(pin))
            refused(verified)
            assert name not in verified.signature.identities


def test_a_good_name_beside_a_bad_one_counts() -> None:
    entry = x509.RFC822Name._init_without_validation("*@example.com")
    holder = signing_certificate(ROOT, names=[entry], email=ALICE)
    assert verify(sign(holder)).signature.identities == (ALICE,)


def test_a_quoted_local_part_is_not_of_the_domain() -> None:
    entry = x509.RFC822Name._init_without_validation('"a@evil.example"@example.com')
    refused(verify(sign(signing_certificate(ROOT, names=[entry])), pinned("*@example.com")))


def test_the_issuer_can_be_pinned() -> None:
    middle = authority("Models CA", ROOT)
    bundle = sign(signing_certificate(middle, email=ALICE), middle)
    for issuer in ("Models CA", "CN=Models CA", "Models *"):
        assert verify(bundle, pinned(issuer=issuer)).holds
    refused(verify(bundle, pinned(issuer="Other CA")), "was issued by Models CA")


# -- the path ---------------------------------------------------------------------------------


def test_another_root() -> None:
    other = authority("another root")
    refused(verify(sign(signing_certificate(other, email=ALICE), other)), "to a given root")
    # the same name, another key
    twin = authority()
    refused(verify(sign(signing_certificate(twin, email=ALICE), twin)))


def test_an_intermediate_that_is_no_authority() -> None:
    middle = authority("not a CA", ROOT, ca=False, usages=CODE_SIGNING)
    holder = signing_certificate(middle, email=ALICE)
    refused(verify(sign(holder, middle)), "is no authority")


def test_the_length_of_the_path() -> None:
    first = authority("first", ROOT, path_length=0)
    second = authority("second", first)
    refused(verify(sign(signing_certificate(second, email=ALICE), second, first)))


def test_a_missing_intermediate() -> None:
    middle = authority("middle", ROOT)
    refused(verify(sign(signing_certificate(middle, email=ALICE))), "to a given root")


@pytest.mark.parametrize(
    ("usages", "words"),
    [
        (SERVER_AUTH, "not one for code signing: it states serverAuth"),
        ((), "states no purpose"),
        ((ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,), "not one for code signing"),
    ],
)
def test_the_purpose(usages, words: str) -> None:
    """model-signing 1.1.1 takes a web server's certificate."""
    refused(verify(sign(signing_certificate(ROOT, email=ALICE, usages=usages))), words)


def test_an_authority_for_servers_only_cannot_vouch() -> None:
    middle = authority("web CA", ROOT, usages=SERVER_AUTH)
    refused(verify(sign(signing_certificate(middle, email=ALICE), middle)))


def test_a_key_that_may_not_sign_data() -> None:
    usage = key_usage(authority=True)
    refused(verify(sign(signing_certificate(ROOT, email=ALICE, usage=usage))), "key usage")


def test_the_signer_s_own_certificate_as_root_is_refused() -> None:
    holder = signing_certificate(ROOT, email=ALICE)
    with pytest.raises(ConfigurationError, match="is no authority's"):
        verify(sign(holder), pinned(roots=(holder,)))
    text = ("nonsense",)
    digest = identity_fingerprint(ALICE, "", text, "")
    broken = TrustedSigner("x", "", digest, identity=ALICE, certificate_roots=text)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        verify(sign(holder), broken)


def test_an_authority_signs_no_model() -> None:
    bundle = sign(authority("sub", ROOT, usages=CODE_SIGNING))
    refused(verify(bundle, pinned("sub")), "key usage")


def test_a_signer_that_claims_to_be_an_authority_and_cannot_issue() -> None:
    """The certificates of model-signing's own examples: CA:TRUE, and only data may be signed."""
    claims = x509.BasicConstraints(ca=True, path_length=None)
    names = [x509.RFC822Name(ALICE)]
    usage = key_usage(authority=False)
    holder = _issue("x", ROOT, names, claims, usage, CODE_SIGNING, None, YEAR, new_key())
    assert verify(sign(holder)).holds
    # one that it issues all the same leads nowhere
    below = signing_certificate(holder, email=ALICE)
    refused(verify(sign(below, holder)))
    both = x509.KeyUsage(**{**_FLAGS, "digital_signature": True, "key_cert_sign": True})
    issuer = _issue("x", ROOT, names, claims, both, CODE_SIGNING, None, YEAR, new_key())
    refused(verify(sign(issuer)), "is an authority's")


_FLAGS = dict.fromkeys(
    ("digital_signature", "key_cert_sign", "crl_sign", "content_commitment", "key_encipherment",
     "data_encipherment", "key_agreement", "encipher_only", "decipher_only"),
    False,
)  # fmt: skip


def test_reordered_and_foreign_certificates() -> None:
    middle = authority("middle", ROOT)
    holder = signing_certificate(middle, email=ALICE)
    parsed = Bundle.from_bytes(sign(holder, middle))
    turned = dataclasses.replace(parsed, certificates=parsed.certificates[::-1]).to_bytes()
    verified = verify(turned)
    assert verified.state is SignatureState.INVALID
    assert "does not match under the key of the certificate" in verified.reason
    swapped = signing_certificate(ROOT, email=ALICE)
    exchanged = dataclasses.replace(parsed, certificates=(swapped.der,)).to_bytes()
    assert verify(exchanged).state is SignatureState.INVALID


@pytest.mark.parametrize("der", [b"\x30\x00", b"x", ROOT.der[:-1], ROOT.der + b"\0"])
def test_a_certificate_that_cannot_be_read(der: bytes) -> None:
    parsed = Bundle.from_bytes(sign(signing_certificate(ROOT, email=ALICE)))
    for chain in ((der,), (parsed.certificates[0], der)):
        with pytest.raises(HostileInput, match="certificate"):
            verify(dataclasses.replace(parsed, certificates=chain).to_bytes())


def test_the_payload_type_and_the_payload_are_signed() -> None:
    parsed = Bundle.from_bytes(sign(signing_certificate(ROOT, email=ALICE)))
    other = dataclasses.replace(parsed.envelope, payload=parsed.envelope.payload + b" ")
    bent = dataclasses.replace(parsed, envelope=other).to_bytes()
    assert verify(bent).state is SignatureState.INVALID
    swapped = dataclasses.replace(parsed.envelope, payload_type="text/plain")
    with pytest.raises(HostileInput):
        verify(dataclasses.replace(parsed, envelope=swapped).to_bytes())


def test_a_bundle_for_another_model() -> None:
    bundle = sign(signing_certificate(ROOT, email=ALICE), files={"w.safetensors": b"other"})
    verified = verify(bundle)
    assert verified.state is SignatureState.VALID
    assert not verified.holds


# -- the time ---------------------------------------------------------------------------------

LONG_AGO = NOW - 2 * YEAR


@pytest.fixture(scope="module")
def tsa() -> TimestampAuthority:
    authority_ = TimestampAuthority()
    from weighbridge.testing import x509 as certificates

    authority_.root = certificates._issue(
        "old timestamp root", None, path_length=0, usages=(), valid_from=NOW - 5 * YEAR,
        validity=20 * YEAR,
    )  # fmt: skip
    authority_.signer = certificates.leaf(
        "old timestamp authority", authority_.root, (ExtendedKeyUsageOID.TIME_STAMPING,),
        valid_from=NOW - 4 * YEAR, validity=10 * YEAR,
    )  # fmt: skip
    return authority_


@pytest.fixture(scope="module")
def old() -> tuple[bytes, TrustedSigner]:
    """Signed with a certificate that expired a year ago, under a root that is still good."""
    root = authority("old root", begin=NOW - 5 * YEAR, validity=20 * YEAR)
    holder = signing_certificate(root, email=ALICE, begin=LONG_AGO - YEAR / 2, validity=YEAR)
    return sign(holder), pinned(roots=(root,))


def test_an_expired_certificate(old) -> None:
    bundle, signer = old
    refused(verify(bundle, signer), "expired on", "the signature has no timestamp")
    # what the caller says is now, is now
    assert verify(bundle, signer, at=LONG_AGO).holds
    refused(verify(bundle, signer, at=LONG_AGO - YEAR), "is valid only from")


def test_an_expired_certificate_with_a_timestamp_within_its_validity(old, tsa) -> None:
    bundle, signer = old
    good = stamped(bundle, tsa, LONG_AGO)
    roots = (tsa.root.pem.decode(),)
    verified = verify(good, signer, stamp_roots=roots)
    assert verified.holds, verified.reason
    assert verified.signature.signed.time == LONG_AGO
    assert verified.signature.signed.source is TimeSource.TIMESTAMP
    assert "old timestamp authority" in verified.signature.signed.authority


def test_timestamps_that_do_not_help(old, tsa) -> None:
    bundle, signer = old
    roots = (tsa.root.pem.decode(),)
    after = stamped(bundle, tsa, NOW - dt.timedelta(days=1))
    refused(verify(after, signer, stamp_roots=roots), "expired on")
    good = stamped(bundle, tsa, LONG_AGO)
    refused(verify(good, signer), "no root certificate of a timestamp authority was given")
    stranger = (TimestampAuthority().root.pem.decode(),)
    refused(verify(good, signer, stamp_roots=stranger), "does not chain to a given root")
    other = stamped(bundle, tsa, LONG_AGO, over=b"another signature")
    refused(verify(other, signer, stamp_roots=roots), "is over other data")


def test_a_timestamp_is_judged_and_not_now(tsa) -> None:
    """A certificate that is good now was not good when the timestamp was made."""
    holder = signing_certificate(ROOT, email=ALICE)
    early = stamped(sign(holder), tsa, NOW - YEAR)
    refused(verify(early, stamp_roots=(tsa.root.pem.decode(),)), "is valid only from")


def test_the_root_must_be_valid_too() -> None:
    root = authority("ended root", begin=NOW - 2 * YEAR, validity=YEAR)
    bundle = sign(signing_certificate(root, email=ALICE, begin=NOW - 2 * YEAR, validity=3 * YEAR))
    refused(verify(bundle, pinned(roots=(root,))), "the root cannot vouch", "expired")


# -- signing ----------------------------------------------------------------------------------


def test_a_certificate_for_another_key_signs_nothing() -> None:
    holder, other = (signing_certificate(ROOT, email=ALICE) for _ in range(2))
    with pytest.raises(UnusableKey, match="another key"):
        certificate_signer(KeySigner(holder.key), holder.key.public_key(), [other.pem])
    with pytest.raises(UnusableKey, match="cannot be read"):
        certificate_signer(KeySigner(holder.key), holder.key.public_key(), [b"nonsense"])


def test_the_bundle_is_of_the_format() -> None:
    middle = authority("middle", ROOT)
    holder = signing_certificate(middle, email=ALICE)
    parsed = Bundle.from_bytes(sign(holder, middle))
    assert parsed.mode == "certificate"
    assert parsed.certificates == (holder.der, middle.der)
    assert parsed.envelope.payload_type == dsse.IN_TOTO
