"""The cases of the format's conformance suite and test vectors, made anew under their names.

The names are those of ``conformance/test/test-cases`` and ``test-vectors`` of the model-signing
specification's repository. Cases of Sigstore's mode are in ``test_sigstore_mode.py``; those that
need ``model-signing`` itself in ``test_model_signing.py``.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from weighbridge.model.errors import HostileInput
from weighbridge.model.policy import TrustedSigner, identity_fingerprint
from weighbridge.signing import dsse, keys
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.compare import Cause
from weighbridge.signing.discover import find_signatures
from weighbridge.signing.errors import CannotSign
from weighbridge.signing.oms import SignatureState, sign_oms, verify_oms
from weighbridge.signing.signers import KeySigner, certificate_signer
from weighbridge.snapshot.take import take_snapshot
from weighbridge.testing.signing_authority import SERVER_AUTH, YEAR, authority, signing_certificate
from weighbridge.testing.x509 import now

KEY = keys.generate_key()
PEM = keys.public_pem(KEY.public_key()).encode()
TRUST = [keys.trusted_signer("team", PEM)]
SIMPLE = {"signme-1": b"one", "signme-2": b"two", "ignore-me": b"ignored"}
Body = dict[str, Any]


def lay_out(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def simple(tmp_path: Path) -> Path:
    return lay_out(tmp_path / "simple", SIMPLE)


def sign(model: Path, signer: Any = KEY, ignore: tuple[str, ...] = ("ignore-me",)) -> Body:
    bundle = sign_oms(take_snapshot(model), signer, ignore=ignore)
    (model / "model.sig").write_bytes(bundle)
    body: Body = json.loads(bundle)
    return body


def verify(model: Path, body: object = None, trust=None, at=None):
    data = (model / "model.sig").read_bytes() if body is None else body
    if not isinstance(data, bytes):
        data = json.dumps(data).encode()
    snapshot = take_snapshot(model)
    paths = find_signatures(snapshot).paths
    return verify_oms(data, snapshot, trust or TRUST, signature_paths=paths, at=at or now())


def statement(body: Body) -> Body:
    read: Body = json.loads(base64.b64decode(body["dsseEnvelope"]["payload"]))
    return read


def signed_anew(change: Callable[[Body], object]) -> Callable[[Body], Body]:
    """A change within the statement, under a good signature: the harder case."""

    def changed(body: Body) -> Body:
        said = statement(body)
        change(said)
        envelope = dsse.sign_envelope(KEY, dsse.IN_TOTO, json.dumps(said).encode())
        return {**body, "dsseEnvelope": envelope.to_json()}

    return changed


def within(change: Callable[[Body], object]) -> Callable[[Body], Body]:
    def changed(body: Body) -> Body:
        body = copy.deepcopy(body)
        change(body)
        return body

    return changed


# -- policy-negative: bundles -------------------------------------------------------------------

MALFORMED: dict[str, Callable[[Body], object]] = {
    "key-simple-corrupted-bundle_fail": lambda _: b"not json {",
    "key-simple-truncated-bundle_fail": lambda b: json.dumps(b).encode()[:100],
    "malformed-empty-bundle_fail": lambda _: b"",
    "malformed-missing-envelope_fail": within(lambda b: b.pop("dsseEnvelope")),
    "missing-verification-material": within(lambda b: b.pop("verificationMaterial")),
    "malformed-wrong-predicate_fail": signed_anew(
        lambda s: s.update(predicateType="https://example.com/wrong-predicate/v1.0")
    ),
    "key-simple-empty-resources_fail": signed_anew(lambda s: s["predicate"].update(resources=[])),
    "key-simple-missing-serialization_fail": signed_anew(
        lambda s: s["predicate"].pop("serialization")
    ),
    "key-simple-no-signature_fail": within(lambda b: b["dsseEnvelope"].update(signatures=[])),
    "key-simple-wrong-mediatype_fail": within(lambda b: b.update(mediaType="application/json")),
    "key-simple-wrong-payload-type_fail": within(
        lambda b: b["dsseEnvelope"].update(payloadType="application/json")
    ),
    "key-simple-wrong-statement-type_fail": signed_anew(
        lambda s: s.update(_type="https://in-toto.io/Statement/v0.1")
    ),
    "shard_size with files (section 5.2.2)": signed_anew(
        lambda s: s["predicate"]["serialization"].update(shard_size=10)
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_bundle(case: str, simple: Path) -> None:
    body = MALFORMED[case](sign(simple))
    with pytest.raises(HostileInput):
        verify(simple, body)


@pytest.mark.parametrize(
    ("case", "change", "cause"),
    [
        ("key-simple-tampered-content_fail", {"signme-1": b"TAMPERED"}, Cause.CHANGED),
        ("key-simple-missing-file_fail", {"signme-2": None}, Cause.MISSING),
        ("key-simple-extra-file_fail", {"injected.bin": b"injected"}, Cause.ADDED),
    ],
)
def test_a_model_that_is_another(case: str, change: dict, cause: Cause, simple: Path) -> None:
    sign(simple)
    for name, content in change.items():
        if content is None:
            (simple / name).unlink()
        else:
            (simple / name).write_bytes(content)
    verified = verify(simple)
    assert [d.cause for d in verified.comparison.differences] == [cause], case
    assert not verified.holds


# -- policy-negative: signers -------------------------------------------------------------------


def identity(root, name: str = "alice@example.com") -> TrustedSigner:
    roots = (root.pem.decode(),)
    digest = identity_fingerprint(name, "", roots, "")
    return TrustedSigner("team", "", digest, identity=name, certificate_roots=roots)


def certified(model: Path, *, root=None, middle=None, **leaf) -> TrustedSigner:
    root = authority(**(root or {"begin": now() - 9 * YEAR, "validity": 20 * YEAR}))
    between = authority("middle", root, **(middle or {}))
    holder = signing_certificate(between, email="alice@example.com", **leaf)
    pems = [holder.pem, between.pem]
    sign(model, certificate_signer(KeySigner(holder.key), holder.key.public_key(), pems))
    return identity(root)


PAST = {"begin": now() - 3 * YEAR, "validity": YEAR}
FUTURE = {"begin": now() + YEAR, "validity": YEAR}
LONG = {"begin": now() - 4 * YEAR, "validity": 20 * YEAR}


def test_certificate_simple(simple: Path) -> None:
    assert verify(simple, trust=[certified(simple)]).holds


@pytest.mark.parametrize(
    ("case", "certificates"),
    [
        ("certificate-no-code-signing-eku_fail", {"usages": SERVER_AUTH}),
        ("certificate-expired_fail", PAST),
        ("certificate-not-yet-valid_fail", FUTURE),
        ("certificate-expired-intermediate_fail", {"middle": PAST, **LONG}),
        ("certificate-expired-root_fail", {"root": PAST, "middle": LONG, **LONG}),
        ("certificate-all-expired_fail", {"root": PAST, "middle": PAST, **PAST}),
        ("certificate-not-yet-valid-intermediate_fail", {"middle": FUTURE}),
        ("certificate-expired-intermediate-expired-leaf_fail", {"middle": PAST, **PAST}),
    ],
)
def test_a_certificate_that_may_not_sign(case: str, certificates: dict, simple: Path) -> None:
    verified = verify(simple, trust=[certified(simple, **certificates)])
    assert verified.state is SignatureState.UNTRUSTED, case
    assert not verified.holds


def test_material_of_another_method(simple: Path) -> None:
    """…-verify-as-…_fail, key-simple-wrong-key_fail and certificate-simple-wrong-ca_fail."""
    signer = certified(simple)
    assert not verify(simple).holds
    assert not verify(simple, trust=[identity(authority())]).holds
    sign(simple)
    assert not verify(simple, trust=[signer]).holds
    other = keys.public_pem(keys.generate_key().public_key()).encode()
    assert not verify(simple, trust=[keys.trusted_signer("wrong", other)]).holds


# -- historical: what older signers wrote -------------------------------------------------------


@pytest.mark.parametrize("keyid", [None, "", "absent"])
def test_key_identifiers_of_older_bundles(keyid: str | None, simple: Path) -> None:
    """historical-v1.0.0-elliptic-key: ``rawBytes`` and a null ``keyid`` (section 11.1)."""
    body = sign(simple)
    raw = base64.b64encode(PEM).decode()
    body["verificationMaterial"] = {
        "publicKey": {"rawBytes": raw, "keyDetails": "PKIX_ECDSA_P256_SHA_256"}
    }
    body["dsseEnvelope"]["signatures"][0]["keyid"] = keyid
    if keyid == "absent":
        del body["dsseEnvelope"]["signatures"][0]["keyid"]
    assert verify(simple, body).holds


def test_ignore_paths_and_any_name_of_the_model(simple: Path) -> None:
    """historical-v1.0.1: no ``ignore_paths``; the subject's name informs and binds nothing."""

    def older(said: Body) -> None:
        del said["predicate"]["serialization"]["ignore_paths"]
        said["subject"][0]["name"] = "model"

    verified = verify(simple, signed_anew(older)(sign(simple)))
    left = {(d.path, d.cause) for d in verified.comparison.differences}
    assert left == {("ignore-me", Cause.ADDED)}
    (simple / "ignore-me").unlink()
    assert verify(simple, signed_anew(older)(sign(simple))).holds


# -- roundtrip: what we write -------------------------------------------------------------------


def test_what_is_written(tmp_path: Path) -> None:
    """key-default-ignores, key-dotfile-included, key-files-in-hidden-dir,
    key-nested-git-not-excluded, key-unicode-filename, key-special-chars-path, key-empty-file,
    key-sig-inside-model, key-simple-deterministic."""
    signed = {
        ".env.example": b"env",
        ".cache/weights.bin": b"hidden",
        "subdir/.gitignore": b"nested",
        "\u6a21\u578b.bin": b"unicode",
        "a b+c (1)#%.bin": b"special",
        "empty": b"",
        "config.json": b"{}",
    }
    left_out = {
        ".gitignore": b"x",
        ".gitattributes": b"x",
        ".github/w.yml": b"x",
        ".git/HEAD": b"x",
    }
    model = lay_out(tmp_path / "my-model", {**signed, **left_out})
    body = sign(model, ignore=())
    said = statement(body)
    resources = said["predicate"]["resources"]
    assert [r["name"] for r in resources] == sorted(signed)
    assert {r["algorithm"] for r in resources} == {"sha256"}
    root = hashlib.sha256(b"".join(bytes.fromhex(r["digest"]) for r in resources)).hexdigest()
    assert said["subject"] == [{"name": "my-model", "digest": {"sha256": root}}]
    assert set(said["predicate"]) == {"resources", "serialization"}
    serialization = said["predicate"]["serialization"]
    assert set(serialization) == {"method", "hash_type", "allow_symlinks", "ignore_paths"}
    assert serialization["allow_symlinks"] is False
    assert body["verificationMaterial"]["publicKey"] == {"hint": hashlib.sha256(PEM).hexdigest()}
    assert set(body) == {"mediaType", "verificationMaterial", "dsseEnvelope"}
    assert Bundle.from_bytes(json.dumps(body).encode()).mode == "key"
    assert sign(model, ignore=()) == body
    assert verify(model).holds


def test_ignored_paths_are_exact(tmp_path: Path) -> None:
    """key-ignore-paths-exact-match: an entry is a path from the root, and no pattern or name."""
    files = {"ignore-me": b"1", "signme-1": b"2", "subdir/ignore-me": b"3", "ignore-me-not": b"4"}
    model = lay_out(tmp_path / "m", files)
    names = [r["name"] for r in statement(sign(model))["predicate"]["resources"]]
    assert names == ["ignore-me-not", "signme-1", "subdir/ignore-me"]


def test_models_that_are_not_signed(tmp_path: Path) -> None:
    """key-empty-model-rejected and the key-symlink-… cases."""
    only_git = lay_out(tmp_path / "e", {".git/HEAD": b"x"})
    with pytest.raises(CannotSign, match="no file to sign"):
        sign(only_git)
    for number, target in enumerate(("signme", "../outside", ".", "loop")):
        model = lay_out(tmp_path / str(number), {"signme": b"1"})
        (tmp_path / "outside").write_bytes(b"x")
        (model / "loop").symlink_to(target)
        with pytest.raises(CannotSign):
            sign(model)
