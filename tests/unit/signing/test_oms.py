"""Signing snapshots and verifying them: every cause by name."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from weighbridge.model.artifact import Problem, ProblemKind
from weighbridge.model.digest import Digest, sha256
from weighbridge.model.errors import ConfigurationError, ExitCode, HostileInput
from weighbridge.model.policy import TrustedSigner
from weighbridge.model.subject import SubjectKind
from weighbridge.signing import dsse, keys
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.compare import Cause
from weighbridge.signing.discover import find_signatures
from weighbridge.signing.errors import CannotSign
from weighbridge.signing.manifest import Manifest
from weighbridge.signing.oms import SignatureState, sign_oms, signed_names, verify_oms
from weighbridge.testing.memory import snapshot_of
from weighbridge.testing.signing_authority import authority, signing_certificate

KEY = keys.generate_key()
CERTIFIED = signing_certificate(authority(), email="alice@example.com")
OTHER = ec.generate_private_key(ec.SECP521R1())
FILES = {
    "config.json": b"{}",
    "onnx/y": b"y",
    "onnx-int8/x": b"x",
    "w.safetensors": b"weights",
    "empty": b"",
}


def _signer(private, name="team"):
    return keys.trusted_signer(name, keys.public_pem(private.public_key()).encode())


def _verify(files, *, signers=None, bundle=None, **snapshot):
    bundle = sign_oms(snapshot_of(FILES), KEY) if bundle is None else bundle
    signers = [_signer(KEY)] if signers is None else signers
    return verify_oms(bundle, snapshot_of(files, **snapshot), signers)


def _differences(verified):
    return {(d.path, d.cause) for d in verified.comparison.differences}


def test_what_was_signed_verifies():
    verified = _verify(FILES)
    assert verified.holds
    assert verified.state is SignatureState.VALID
    assert [signer.name for signer in verified.valid_for] == ["team"]
    assert verified.comparison.covered == tuple(sorted(FILES))
    assert verified.exit_code is ExitCode.HOLDS


def test_names_are_sorted_by_code_points():
    names = signed_names(sign_oms(snapshot_of(FILES), KEY))
    assert names == ("config.json", "empty", "onnx-int8/x", "onnx/y", "w.safetensors")


def test_signing_twice_gives_the_same_bytes():
    assert sign_oms(snapshot_of(FILES), KEY) == sign_oms(snapshot_of(FILES), KEY)


@pytest.mark.parametrize("hash_type", ["sha256", "blake2b", "blake3"])
def test_every_hash_of_the_registry(hash_type):
    bundle = sign_oms(snapshot_of(FILES), KEY, hash_type=hash_type)
    assert _verify(FILES, bundle=bundle).holds
    verified = _verify({**FILES, "w.safetensors": b"Weights"}, bundle=bundle)
    difference = verified.comparison.differences[0]
    assert difference.cause is Cause.CHANGED
    assert difference.actual.algorithm == hash_type


def test_a_changed_file_is_named_with_both_digests():
    verified = _verify({**FILES, "w.safetensors": b"weightz"})
    (difference,) = verified.comparison.differences
    assert difference.path == "w.safetensors"
    assert difference.cause is Cause.CHANGED
    assert difference.expected == sha256(b"weights")
    assert difference.actual == sha256(b"weightz")
    assert verified.state is SignatureState.VALID
    assert verified.exit_code is ExitCode.VIOLATED


def test_missing_added_and_renamed_are_told_apart():
    files = {k: v for k, v in FILES.items() if k not in ("config.json", "onnx/y")}
    files |= {"onnx/z": b"y", "evil.py": b"import os"}
    verified = _verify(files)
    assert _differences(verified) == {
        ("config.json", Cause.MISSING),
        ("onnx/y", Cause.RENAMED),
        ("evil.py", Cause.ADDED),
    }
    renamed = next(d for d in verified.comparison.differences if d.cause is Cause.RENAMED)
    assert renamed.other == "onnx/z"


def test_a_swap_of_names_keeps_the_root_digest_and_is_seen():
    files = {**FILES, "onnx/y": b"x", "onnx-int8/x": b"y"}
    assert _differences(_verify(files)) == {
        ("onnx/y", Cause.CHANGED),
        ("onnx-int8/x", Cause.CHANGED),
    }


def test_files_in_ignored_places_are_reported():
    verified = _verify({**FILES, ".github/run.py": b"evil", ".gitattributes": b"", "a/.git": b"x"})
    assert [i.path for i in verified.comparison.ignored] == [".gitattributes", ".github/run.py"]
    assert _differences(verified) == {("a/.git", Cause.ADDED)}


def test_paths_that_the_signer_left_out_are_reported():
    bundle = sign_oms(snapshot_of(FILES), KEY, ignore=["onnx"])
    verified = _verify({**FILES, "onnx/new.bin": b"n", "onnx2": b""}, bundle=bundle)
    assert [i.path for i in verified.comparison.ignored] == ["onnx/new.bin", "onnx/y"]
    assert _differences(verified) == {("onnx2", Cause.ADDED)}


def test_a_listed_file_in_an_ignored_place_is_compared_all_the_same():
    bundle = sign_oms(snapshot_of({**FILES, "model.sig": b"old"}), KEY, signature_path="")
    assert _differences(_verify({**FILES, "model.sig": b"new"}, bundle=bundle)) == {
        ("model.sig", Cause.CHANGED)
    }


def test_a_pointer_with_the_signed_digest_counts_and_is_marked():
    files = {k: v for k, v in FILES.items() if k != "w.safetensors"}
    verified = _verify(files, pointers={"w.safetensors": sha256(b"weights")})
    assert verified.holds
    assert verified.comparison.by_pointer == ("w.safetensors",)
    changed = _verify(files, pointers={"w.safetensors": sha256(b"evil")})
    assert _differences(changed) == {("w.safetensors", Cause.CHANGED)}


def test_a_pointer_cannot_be_checked_by_another_hash():
    bundle = sign_oms(snapshot_of(FILES), KEY, hash_type="blake3")
    files = {k: v for k, v in FILES.items() if k != "w.safetensors"}
    verified = _verify(files, pointers={"w.safetensors": sha256(b"weights")}, bundle=bundle)
    assert _differences(verified) == {("w.safetensors", Cause.UNVERIFIABLE)}
    assert verified.exit_code is ExitCode.INCONCLUSIVE


def test_symbolic_links_are_reported():
    verified = _verify(FILES, links={"w.safetensors": "blob"})
    assert _differences(verified) == {("w.safetensors", Cause.SYMLINKED)}
    hub = _verify(FILES, links={"w.safetensors": "blob"}, kind=SubjectKind.HUB_CACHE)
    assert hub.holds


@pytest.mark.parametrize(
    ("kind", "path", "cause"),
    [
        (ProblemKind.UNREADABLE, "w.safetensors", Cause.UNVERIFIABLE),
        (ProblemKind.CHANGED, "w.safetensors", Cause.UNVERIFIABLE),
        (ProblemKind.SYMLINK_ESCAPE, "w.safetensors", Cause.SYMLINKED),
        (ProblemKind.BOUND, "", Cause.UNVERIFIABLE),
    ],
)
def test_a_signed_file_that_was_not_read_is_never_said_to_match(kind, path, cause):
    files = {k: v for k, v in FILES.items() if k != "w.safetensors"}
    verified = _verify(files, problems=[Problem(path, kind, "why")])
    assert ("w.safetensors", cause) in _differences(verified)
    assert not verified.holds


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        (ProblemKind.UNREADABLE, Cause.UNVERIFIABLE),
        (ProblemKind.SPECIAL_FILE, Cause.ADDED),
        (ProblemKind.SYMLINK_ESCAPE, Cause.SYMLINKED),
    ],
)
def test_an_unsigned_path_that_was_not_read_is_reported(kind, cause):
    verified = _verify(FILES, problems=[Problem("odd", kind, "why")])
    assert _differences(verified) == {("odd", cause)}


def test_a_file_in_an_unreadable_folder_is_not_called_missing():
    files = {k: v for k, v in FILES.items() if k != "onnx/y"}
    verified = _verify(files, problems=[Problem("onnx", ProblemKind.UNREADABLE, "denied")])
    assert ("onnx/y", Cause.UNVERIFIABLE) in _differences(verified)
    assert verified.exit_code is ExitCode.INCONCLUSIVE


def test_who_signed():
    trusted = [_signer(OTHER, "others"), _signer(KEY, "team")]
    assert [s.name for s in _verify(FILES, signers=trusted).valid_for] == ["team"]
    unknown = _verify(FILES, signers=[_signer(OTHER)])
    assert unknown.state is SignatureState.NO_KNOWN_KEY
    assert unknown.exit_code is ExitCode.VIOLATED
    nobody = _verify(FILES, signers=[])
    assert nobody.state is SignatureState.NO_KNOWN_KEY
    assert not nobody.holds


def test_a_forged_hint_gains_nothing():
    bundle = Bundle.from_bytes(sign_oms(snapshot_of(FILES), OTHER))
    forged = Bundle(bundle.envelope, hint=keys.hint(KEY.public_key()))
    verified = _verify(FILES, bundle=forged.to_bytes())
    assert verified.state is SignatureState.INVALID
    assert verified.valid_for == ()
    assert "'team'" in verified.reason
    hidden = Bundle(Bundle.from_bytes(sign_oms(snapshot_of(FILES), KEY)).envelope)
    assert _verify(FILES, bundle=hidden.to_bytes()).holds


@pytest.mark.parametrize(
    "bundle",
    [
        lambda e: Bundle(e, certificates=(CERTIFIED.der,)),
        lambda e: Bundle(e, certificates=(CERTIFIED.der,), keyless=True),
    ],
)
def test_other_modes_are_compared_and_not_believed(bundle):
    envelope = Bundle.from_bytes(sign_oms(snapshot_of(FILES), CERTIFIED.key)).envelope
    verified = _verify(FILES, bundle=bundle(envelope).to_bytes())
    assert verified.state is SignatureState.UNTRUSTED
    assert "identity was given" in verified.reason
    assert verified.exit_code is ExitCode.VIOLATED
    changed = _verify({**FILES, "empty": b"1"}, bundle=bundle(envelope).to_bytes())
    assert changed.exit_code is ExitCode.VIOLATED


def test_a_root_digest_that_contradicts_the_list_is_a_fact_of_its_own():
    manifest = Manifest.from_envelope(Bundle.from_bytes(sign_oms(snapshot_of(FILES), KEY)).envelope)
    wrong = Manifest(manifest.model_name, manifest.resources, Digest("sha256", "0" * 64))
    envelope = dsse.sign_envelope(KEY, dsse.IN_TOTO, wrong.to_envelope_payload())
    verified = _verify(FILES, bundle=Bundle(envelope).to_bytes())
    assert verified.state is SignatureState.VALID
    assert not verified.comparison.differences
    assert not verified.manifest.root_consistent
    assert verified.exit_code is ExitCode.VIOLATED


def test_a_trusted_key_must_be_the_one_of_its_fingerprint():
    good = _signer(KEY)
    with pytest.raises(ConfigurationError, match="another fingerprint"):
        _verify(FILES, signers=[TrustedSigner("x", good.public_key, sha256(b""))])
    with pytest.raises(ConfigurationError, match="cannot be used"):
        _verify(FILES, signers=[TrustedSigner("x", "nonsense", good.fingerprint)])


@pytest.mark.parametrize(
    ("snapshot", "message"),
    [
        (snapshot_of({}), "no file to sign"),
        (snapshot_of({".github/x": b"", "model.sig": b"old"}), "no file to sign"),
        (snapshot_of({"a\\b": b""}), "backslash"),
        (snapshot_of({"a": b""}, links={"a": "b"}), "symbolic link"),
        (snapshot_of({"a": b""}, pointers={"p": sha256(b"")}), "not here"),
        *[
            (snapshot_of({"a": b""}, problems=[Problem("p", kind, "why")]), str(kind))
            for kind in ProblemKind
        ],
    ],
)
def test_nothing_is_signed_that_was_not_read(snapshot, message):
    with pytest.raises(CannotSign, match=message) as caught:
        sign_oms(snapshot, KEY)
    assert caught.value.remedy


def test_a_problem_in_a_left_out_place_does_not_stop_signing():
    problem = Problem(".github/fifo", ProblemKind.SPECIAL_FILE, "why")
    assert signed_names(sign_oms(snapshot_of({"a": b""}, problems=[problem]), KEY)) == ("a",)


@pytest.mark.parametrize("ignore", ["../x", "/x", "", "."])
def test_what_is_left_out_must_lie_in_the_model(ignore):
    with pytest.raises(CannotSign, match="left out"):
        sign_oms(snapshot_of(FILES), KEY, ignore=[ignore])


def test_an_unknown_hash_is_refused():
    with pytest.raises(CannotSign, match="md5"):
        sign_oms(snapshot_of(FILES), KEY, hash_type="md5")


def test_signature_files_are_found_by_name_and_content():
    bundle = sign_oms(snapshot_of(FILES), KEY)
    found = find_signatures(
        snapshot_of(
            {
                **FILES,
                "model.sig": b"damaged",
                "b.sigstore.json": bundle,
                "c.sigstore": bundle[:100],
                "pgp.sig": b"\x89\x02\x33",
                "deep/model.sig": bundle,
                "notes.json": bundle,
            },
            pointers={"lfs.sig": sha256(b"")},
        )
    )
    assert [s.path for s in found.signatures] == [
        "b.sigstore.json",
        "c.sigstore",
        "lfs.sig",
        "model.sig",
    ]
    assert "pgp.sig" in found.others
    assert next(s for s in found.signatures if s.path == "lfs.sig").data is None
    assert "lfs.sig" not in found.paths


def test_a_second_signature_does_not_break_the_first():
    first = sign_oms(snapshot_of(FILES), KEY)
    files = {**FILES, "model.sig": first, "second.sig": first}
    found = find_signatures(snapshot_of(files))
    verified = verify_oms(first, snapshot_of(files), [_signer(KEY)], signature_paths=found.paths)
    assert verified.holds
    assert [i.path for i in verified.comparison.ignored] == ["model.sig", "second.sig"]


def test_hostile_payload_inside_a_good_signature_is_refused():
    statement = json.loads(
        Manifest.from_envelope(
            Bundle.from_bytes(sign_oms(snapshot_of(FILES), KEY)).envelope
        ).to_envelope_payload()
    )
    statement["predicate"]["resources"][0]["name"] = "../../etc/passwd"
    envelope = dsse.sign_envelope(KEY, dsse.IN_TOTO, json.dumps(statement).encode())
    with pytest.raises(HostileInput, match="normalized path"):
        _verify(FILES, bundle=Bundle(envelope).to_bytes())


def test_a_second_signature_does_not_depend_on_the_first():
    files = {"a.safetensors": b"weights"}
    first, second = keys.generate_key(), keys.generate_key()
    files["model.sig"] = sign_oms(snapshot_of(files), first)
    files["b.sig"] = sign_oms(snapshot_of(files), second, signature_path="b.sig")
    assert signed_names(files["b.sig"]) == ("a.safetensors",)
    files["model.sig"] = sign_oms(snapshot_of(files), first, hash_type="blake3")
    for name, key in (("model.sig", first), ("b.sig", second)):
        trust = [keys.trusted_signer("team", keys.public_pem(key.public_key()).encode())]
        assert verify_oms(
            files[name], snapshot_of(files), trust, signature_paths=("model.sig", "b.sig")
        ).holds
