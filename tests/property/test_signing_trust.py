"""One change of anything in a certified or logged signature, and it must not gain by it."""

from __future__ import annotations

import base64
import copy
import dataclasses
import hashlib
import json
from typing import Any

import pytest
from asn1crypto import tsp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weighbridge.edge.trusted_root import trusted_root_text
from weighbridge.model.errors import ConfigurationError, ExitCode, HostileInput
from weighbridge.model.policy import (
    PathDemands,
    SignatureDemands,
    TrustedSigner,
    identity_fingerprint,
)
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.identity import pin_matches, pins_nothing
from weighbridge.signing.keyless_signer import sigstore_signer
from weighbridge.signing.oms import sign_oms, verify_oms
from weighbridge.signing.signers import KeySigner, certificate_signer
from weighbridge.signing.verdict import SignatureState
from weighbridge.testing.memory import snapshot_of
from weighbridge.testing.signing_authority import authority, signing_certificate
from weighbridge.testing.sigstore import LoopbackTrust
from weighbridge.testing.tsa import TimestampAuthority
from weighbridge.testing.x509 import now

FILES = {"config.json": b"{}", "w.safetensors": b"weights"}
SNAPSHOT = snapshot_of(FILES)
ALICE = "alice@example.com"
NOW = now()

quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _stamped(bundle: Bundle, tsa: TimestampAuthority) -> Bundle:
    imprint = {
        "hash_algorithm": {"algorithm": "sha256"},
        "hashed_message": hashlib.sha256(bundle.envelope.signature).digest(),
    }
    query = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "cert_req": True})
    return dataclasses.replace(bundle, timestamps=(tsa.stamp(query.dump()),))


ROOT, TSA = authority(), TimestampAuthority()
MIDDLE = authority("middle", ROOT)
HOLDER = signing_certificate(MIDDLE, email=ALICE)
_SIGNER = certificate_signer(
    KeySigner(HOLDER.key), HOLDER.key.public_key(), [HOLDER.pem, MIDDLE.pem]
)
CERTIFIED = _stamped(Bundle.from_bytes(sign_oms(SNAPSHOT, _SIGNER)), TSA)
ROOTS = (ROOT.pem.decode(),)
BY_ROOT = TrustedSigner(
    "team", "", identity_fingerprint(ALICE, "", ROOTS, ""), identity=ALICE, certificate_roots=ROOTS
)
STAMP_ROOTS = (TSA.root.pem.decode(),)

with LoopbackTrust() as _trust:
    _config = json.dumps(_trust.trust_config()).encode()
    LOGGED = Bundle.from_bytes(
        sign_oms(SNAPSHOT, sigstore_signer(_config, _trust.identity_token(ALICE)))
    )
    ISSUER = f"{_trust.url}/oauth2"
PINNED = trusted_root_text(_config, source="the trust root")
BY_LOG = TrustedSigner(
    "ci", "", identity_fingerprint(ALICE, ISSUER, (), PINNED),
    identity=ALICE, issuer=ISSUER, trusted_root=PINNED,
)  # fmt: skip
BUNDLES = {"certificate": CERTIFIED, "sigstore": LOGGED}


def _verify(data: bytes, at=NOW):
    return verify_oms(data, SNAPSHOT, [BY_ROOT, BY_LOG], at=at, timestamp_roots=STAMP_ROOTS)


def test_the_bundles_hold_as_they_are() -> None:
    for name, bundle in BUNDLES.items():
        verified = _verify(bundle.to_bytes())
        assert verified.holds, (name, verified.reason)
        assert verified.signature.signed is not None


def _never_gains(data: bytes, of: Bundle) -> None:
    """It may hold only where what is signed, and who signed it, is what it was."""
    try:
        verified = _verify(data)
    except HostileInput:
        return
    if verified.holds:
        assert verified.bundle.envelope.signed_bytes == of.envelope.signed_bytes
        assert verified.bundle.certificates[0] == of.certificates[0]
        assert verified.bundle.keyless == of.keyless
        assert verified.signature.logged == of.keyless
    else:
        assert verified.exit_code is ExitCode.VIOLATED
        assert verified.reason


def _flip(data: bytes, position: int, flip: int) -> bytes:
    changed = bytearray(data)
    changed[position % len(data)] ^= flip
    return bytes(changed)


@quick
@given(st.sampled_from(sorted(BUNDLES)), st.integers(0), st.integers(1, 255))
def test_a_changed_byte_of_the_signer_s_certificate(name, position, flip) -> None:
    bundle = BUNDLES[name]
    bent = _flip(bundle.certificates[0], position, flip)
    changed = dataclasses.replace(bundle, certificates=(bent, *bundle.certificates[1:]))
    try:
        verified = _verify(changed.to_bytes())
    except HostileInput:
        return
    assert not verified.holds
    assert verified.state in (
        SignatureState.INVALID, SignatureState.UNTRUSTED, SignatureState.UNSUPPORTED,
    )  # fmt: skip


@quick
@given(st.integers(0), st.integers(1, 255))
def test_a_changed_byte_of_an_intermediate(position, flip) -> None:
    bent = _flip(MIDDLE.der, position, flip)
    changed = dataclasses.replace(CERTIFIED, certificates=(HOLDER.der, bent))
    try:
        verified = _verify(changed.to_bytes())
    except HostileInput:
        return
    assert verified.state is SignatureState.UNTRUSTED


@quick
@given(st.sampled_from(sorted(BUNDLES)), st.integers(0), st.integers(1, 255))
def test_a_changed_byte_of_the_timestamp_is_no_other_time(name, position, flip) -> None:
    bundle = BUNDLES[name]
    before = _verify(bundle.to_bytes()).signature.signed
    changed = dataclasses.replace(bundle, timestamps=(_flip(bundle.timestamps[0], position, flip),))
    try:
        signed = _verify(changed.to_bytes()).signature.signed
    except HostileInput:
        return
    assert signed is None or (before is not None and signed.time == before.time)


@quick
@given(st.sampled_from(sorted(BUNDLES)), st.integers(0), st.integers(1, 255), st.booleans())
def test_a_changed_byte_of_signature_or_payload(name, position, flip, signature) -> None:
    bundle = BUNDLES[name]
    envelope = bundle.envelope
    if signature:
        bent = dataclasses.replace(envelope, signature=_flip(envelope.signature, position, flip))
    else:
        bent = dataclasses.replace(envelope, payload=_flip(envelope.payload, position, flip))
    try:
        verified = _verify(dataclasses.replace(bundle, envelope=bent).to_bytes())
    except HostileInput:
        return
    assert verified.state is SignatureState.INVALID


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8)
    | st.sampled_from(["QQ==", "0", "-1", "99", "0.0.1", "dsse", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)  # fmt: skip


def _places(value: Any, path=()):
    yield path
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from _places(item, (*path, key))


def _replaced(value: Any, path, new) -> Any:
    body = copy.deepcopy(value)
    if not path:
        return new
    at = body
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = new
    return body


@settings(quick, max_examples=100)
@given(st.data())
def test_any_json_anywhere_in_a_bundle(data) -> None:
    bundle = BUNDLES[data.draw(st.sampled_from(sorted(BUNDLES)))]
    body = json.loads(bundle.to_bytes())
    place = data.draw(st.sampled_from(list(_places(body["verificationMaterial"]))))
    changed = _replaced(body, ("verificationMaterial", *place), data.draw(json_values))
    _never_gains(json.dumps(changed).encode(), bundle)


@settings(quick, max_examples=120)
@given(st.data())
def test_a_changed_byte_of_any_text_in_the_log_entry(data) -> None:
    body = json.loads(LOGGED.to_bytes())
    entry = body["verificationMaterial"]["tlogEntries"][0]
    texts = [path for path in _places(entry) if isinstance(_at(entry, path), str)]
    place = data.draw(st.sampled_from(texts))
    text = _at(entry, place)
    position = data.draw(st.integers(0, max(0, len(text) - 1)))
    other = data.draw(st.characters(codec="ascii", exclude_categories=("Cc",)))
    changed = _replaced(entry, place, text[:position] + other + text[position + 1 :])
    body["verificationMaterial"]["tlogEntries"] = [changed]
    _never_gains(json.dumps(body).encode(), LOGGED)


def _at(value: Any, path) -> Any:
    for key in path:
        value = value[key]
    return value


ROOT_BODY = json.loads(PINNED)


@settings(quick, max_examples=120)
@given(st.sampled_from(list(_places(ROOT_BODY))), json_values)
def test_any_json_anywhere_in_a_trust_root(place, value) -> None:
    """A broken root is refused or trusts less; it never ends in another error."""
    data = json.dumps(_replaced(ROOT_BODY, place, value)).encode()
    try:
        text = trusted_root_text(data, source="the trust root")
    except HostileInput:
        return
    digest = identity_fingerprint(ALICE, ISSUER, (), text)
    signer = dataclasses.replace(BY_LOG, trusted_root=text, fingerprint=digest)
    try:
        verified = verify_oms(LOGGED.to_bytes(), SNAPSHOT, [signer])
    except ConfigurationError:
        return
    assert verified.holds or verified.state is SignatureState.UNTRUSTED


@given(st.text(max_size=12), st.text("ab*@/.", max_size=8))
def test_pins(value: str, pin: str) -> None:
    if "*" not in pin:
        assert pin_matches(value, pin) == (bool(pin) and value == pin)
    if pin_matches(value, pin) and "**" not in pin:
        assert value.count("@") == pin.count("@")
        assert value.count("/") == pin.count("/")
    if pin and not pins_nothing(pin):
        assert not pin_matches("", pin)


@pytest.mark.parametrize("value", ["a" * 1000 + "b"])
def test_a_glob_costs_little(value: str) -> None:
    assert not pin_matches(value, "*a" * 10 + "c")


def test_base64_of_the_certificate_has_one_spelling() -> None:
    body = json.loads(CERTIFIED.to_bytes())
    chain = body["verificationMaterial"]["x509CertificateChain"]["certificates"]
    raw = base64.b64decode(chain[0]["rawBytes"])
    assert raw == CERTIFIED.certificates[0]


def _by_regex(value: str, pin: str) -> bool:
    import re

    parts = re.split(r"(\*{2,}|\*)", pin)
    text = "".join(
        "[^/@]*" if p == "*" else ".*" if p.startswith("**") else re.escape(p) for p in parts
    )
    return re.fullmatch(text, value, re.DOTALL) is not None


@settings(quick, max_examples=150)
@given(st.text("ab@/*", min_size=1, max_size=8), st.text("ab*@/", min_size=1, max_size=6))
def test_globs_mean_what_they_say(value: str, pin: str) -> None:
    if "*" in pin:
        assert pin_matches(value, pin) == _by_regex(value, pin)


ENTRIES = st.builds(
    PathDemands,
    st.lists(
        st.sampled_from(["**", "*", "a/*", "**/*.x", "a/**", "b.x"]), min_size=1, max_size=2
    ).map(tuple),
    st.integers(0, 3),
    st.integers(0, 3),
    st.booleans(),
    st.booleans(),
    st.sampled_from([(), ("r",), ("s",)]),
)
ALL = st.builds(
    SignatureDemands, st.integers(1, 3), st.integers(0, 3), st.booleans(), st.booleans()
)


@given(ALL, st.lists(ENTRIES, max_size=4), ENTRIES, st.sampled_from(["b.x", "a/b.x", "c", "a/c"]))
def test_an_entry_more_never_demands_less(
    base: SignatureDemands, entries: list[PathDemands], one: PathDemands, path: str
) -> None:
    before = dataclasses.replace(base, by_path=tuple(entries)).of(path)
    after = dataclasses.replace(base, by_path=(*entries, one)).of(path)
    assert after.min_signers >= before.min_signers >= base.min_signers
    assert not before.max_age_days or 0 < after.max_age_days <= before.max_age_days
    assert after.require_timestamp >= before.require_timestamp >= base.require_timestamp
    assert after.require_log >= before.require_log >= base.require_log
    assert set(after.root_groups) >= set(before.root_groups)
    # in whatever order a policy and those on top of it list them
    mixed = dataclasses.replace(base, by_path=(one, *reversed(entries))).of(path)
    order = dataclasses.replace(mixed, root_groups=tuple(sorted(mixed.root_groups)))
    assert order == dataclasses.replace(after, root_groups=tuple(sorted(after.root_groups)))
