"""One change of anything, anywhere, and a signature must not hold; with the right cause."""

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weighbridge.model.errors import ExitCode, HostileInput
from weighbridge.signing import dsse, keys
from weighbridge.signing.bundle import Bundle, looks_like_bundle
from weighbridge.signing.compare import Cause
from weighbridge.signing.manifest import Manifest, check_name
from weighbridge.signing.oms import SignatureState, sign_oms, verify_oms
from weighbridge.testing.memory import snapshot_of

KEY = keys.generate_key()
TRUST = [keys.trusted_signer("team", keys.public_pem(KEY.public_key()).encode())]

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

segment = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="/\\\0"), min_size=1, max_size=8
).filter(lambda s: s not in (".", "..", ".git", ".github", ".gitignore", ".gitattributes"))
paths = st.lists(segment, min_size=1, max_size=3).map("/".join).filter(lambda p: p != "model.sig")


def _no_folder_is_a_file(files):
    return not any(a != b and b.startswith(a + "/") for a in files for b in files)


models = st.dictionaries(paths, st.binary(max_size=20), min_size=1, max_size=6).filter(
    _no_folder_is_a_file
)


def _verify(bundle, files):
    return verify_oms(bundle, snapshot_of(files), TRUST)


def _causes(verified):
    return {d.path: d.cause for d in verified.comparison.differences}


@quick
@given(models, st.sampled_from(["sha256", "blake2b", "blake3"]))
def test_what_was_signed_verifies(files, hash_type):
    bundle = sign_oms(snapshot_of(files), KEY, hash_type=hash_type)
    verified = _verify(bundle, files)
    assert verified.holds
    assert verified.comparison.covered == tuple(sorted(files))
    assert Bundle.from_bytes(bundle).to_bytes() == bundle


@quick
@given(models, st.data())
def test_a_changed_byte_of_a_file(files, data):
    bundle = sign_oms(snapshot_of(files), KEY)
    path = data.draw(st.sampled_from(sorted(files)))
    changed = data.draw(st.binary(max_size=20).filter(lambda b: b != files[path]))
    verified = _verify(bundle, {**files, path: changed})
    assert not verified.holds
    assert _causes(verified) == {path: Cause.CHANGED}


@quick
@given(models, paths, st.binary(max_size=20))
def test_an_added_file(files, path, content):
    if path in files or not _no_folder_is_a_file({**files, path: b""}):
        return
    verified = _verify(sign_oms(snapshot_of(files), KEY), {**files, path: content})
    assert not verified.holds
    assert _causes(verified) == {path: Cause.ADDED}


@quick
@given(models, st.data())
def test_a_removed_file(files, data):
    path = data.draw(st.sampled_from(sorted(files)))
    verified = _verify(
        sign_oms(snapshot_of(files), KEY), {k: v for k, v in files.items() if k != path}
    )
    assert not verified.holds
    assert _causes(verified) == {path: Cause.MISSING}


@quick
@given(models, paths, st.data())
def test_a_renamed_file(files, new, data):
    old = data.draw(st.sampled_from(sorted(files)))
    moved = {new if k == old else k: v for k, v in files.items()}
    if new in files or not _no_folder_is_a_file(moved):
        return
    verified = _verify(sign_oms(snapshot_of(files), KEY), moved)
    assert not verified.holds
    assert _causes(verified) == {old: Cause.RENAMED}
    assert verified.comparison.differences[0].other == new


@quick
@given(models, models)
def test_another_models_signature(files, others):
    verified = _verify(sign_oms(snapshot_of(others), KEY), files)
    assert verified.holds == (files == others)
    assert verified.state is SignatureState.VALID


FILES = {"config.json": b"{}", "w.safetensors": b"weights"}
SIGNED = sign_oms(snapshot_of(FILES), KEY)


def _rewrap(change):
    body = json.loads(SIGNED)
    change(body["dsseEnvelope"])
    return json.dumps(body).encode()


def _refused(bundle):
    """Not verified: refused with a typed error, or found wrong. Never held, never another error."""
    try:
        verified = _verify(bundle, FILES)
    except HostileInput:
        return True
    return not verified.holds and verified.exit_code is ExitCode.VIOLATED


@quick
@given(st.integers(0), st.integers(1, 255))
def test_a_changed_byte_of_the_payload(position, flip):
    def change(envelope):
        payload = bytearray(base64.b64decode(envelope["payload"]))
        payload[position % len(payload)] ^= flip
        envelope["payload"] = base64.b64encode(payload).decode()

    assert _refused(_rewrap(change))


@quick
@given(st.integers(0), st.integers(1, 255))
def test_a_changed_byte_of_the_signature(position, flip):
    def change(envelope):
        signature = bytearray(base64.b64decode(envelope["signatures"][0]["sig"]))
        signature[position % len(signature)] ^= flip
        envelope["signatures"][0]["sig"] = base64.b64encode(signature).decode()

    verified = _verify(_rewrap(change), FILES)
    assert verified.state is SignatureState.INVALID
    assert not verified.holds


@quick
@given(st.text(max_size=40).filter(lambda t: t != dsse.IN_TOTO))
def test_a_swapped_payload_type(payload_type):
    with pytest.raises(HostileInput):
        _verify(_rewrap(lambda envelope: envelope.update(payloadType=payload_type)), FILES)


@quick
@given(st.integers(0, len(SIGNED) - 3))
def test_a_truncated_bundle(length):
    with pytest.raises(HostileInput):
        _verify(SIGNED[:length], FILES)


@quick
@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_a_changed_byte_anywhere_never_gains(position, flip):
    """It may hold only where the change is to what nobody believes: the hint, or white space."""
    data = bytearray(SIGNED)
    data[position] ^= flip
    try:
        verified = _verify(bytes(data), FILES)
    except HostileInput:
        return
    if verified.holds:
        signed = Bundle.from_bytes(SIGNED).envelope
        assert verified.bundle.envelope.signed_bytes == signed.signed_bytes


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=10)
    | st.sampled_from(["../x", "/etc", "QQ==", "a" * 64, "sha256", "files", "\ud800"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=12,
)


def _places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value)
    if isinstance(value, dict | list):
        for key, item in items:
            yield from (
                _places(item, (*path, key)) if isinstance(item, dict | list) else [(*path, key)]
            )


def _replace(value, path, new):
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = _replace(value[path[0]], path[1:], new)
    return copy


BODY = json.loads(SIGNED)
STATEMENT = json.loads(Bundle.from_bytes(SIGNED).envelope.payload)


@settings(quick, max_examples=100)
@given(st.sampled_from(list(_places(BODY))), json_values)
def test_any_json_anywhere_in_a_bundle_ends_in_a_typed_error_or_a_verdict(place, value):
    data = json.dumps(_replace(BODY, place, value)).encode()
    try:
        verified = _verify(data, FILES)
    except HostileInput:
        return
    if verified.holds:  # the key id and the hint are believed for nothing
        signed = Bundle.from_bytes(SIGNED).envelope
        assert verified.bundle.envelope.signed_bytes == signed.signed_bytes


@settings(quick, max_examples=100)
@given(st.sampled_from(list(_places(STATEMENT))), json_values)
def test_any_json_anywhere_in_a_signed_statement(place, value):
    """Even under a trusted key: a statement holds only if it lists exactly the files there are."""
    payload = json.dumps(_replace(STATEMENT, place, value)).encode()
    bundle = Bundle(dsse.sign_envelope(KEY, dsse.IN_TOTO, payload)).to_bytes()
    try:
        verified = _verify(bundle, FILES)
    except HostileInput:
        return
    if verified.holds:
        assert {r.name for r in verified.manifest.resources} | {
            i.path for i in verified.comparison.ignored
        } == set(FILES)


@settings(quick, max_examples=150)
@given(st.binary(max_size=200))
def test_any_bytes(data):
    looks_like_bundle(data)
    with pytest.raises(HostileInput):
        Bundle.from_bytes(data)
    with pytest.raises(HostileInput):
        Manifest.from_envelope(dsse.Envelope(dsse.IN_TOTO, data, b"s"))


@given(st.text(max_size=12))
def test_a_name_that_is_taken_stays_inside(name):
    import posixpath

    if check_name(name) == "":
        joined = posixpath.normpath(posixpath.join("/model", name))
        assert joined == f"/model/{name}"
