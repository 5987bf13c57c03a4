"""Both ways with the format's own implementation; tampering must be noticed by both."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from model_signing import hashing, signing, verifying

from weighbridge.model.errors import HostileInput
from weighbridge.signing import keys
from weighbridge.signing.compare import Cause
from weighbridge.signing.discover import find_signatures
from weighbridge.signing.oms import SignatureState, sign_oms, signed_names, verify_oms
from weighbridge.snapshot.take import take_snapshot

CURVES = [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()]
curves = pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    for name, content in {
        "config.json": b"{}",
        "empty": b"",
        "onnx/y": b"y",
        "onnx-int8/x": b"x",
        "Größe 1.safetensors": b"weights",
        "a:b": b"colon",
        ".hidden/f": b"hidden",
        ".gitattributes": b"*.bin filter=lfs",
        ".github/workflow.yml": b"on: push",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


class Keys:
    def __init__(self, folder: Path, curve: ec.EllipticCurve) -> None:
        self.private = ec.generate_private_key(curve)
        self.private_path, self.public_path = folder / "private.pem", folder / "public.pem"
        self.private_path.write_bytes(keys.private_pem(self.private))
        self.public_path.write_text(keys.public_pem(self.private.public_key()))

    @property
    def trust(self):
        return [keys.trusted_signer("peer", self.public_path.read_bytes())]


def they_sign(model: Path, pair: Keys, config=None) -> None:
    signer = signing.Config().use_elliptic_key_signer(private_key=pair.private_path)
    config = config or hashing.Config()
    signer.set_hashing_config(config.set_ignored_paths(paths=[model / "model.sig"]))
    signer.sign(model, model / "model.sig")


def they_verify(model: Path, pair: Keys) -> None:
    config = verifying.Config().use_elliptic_key_verifier(public_key=pair.public_path)
    config.set_hashing_config(hashing.Config().set_ignored_paths(paths=[model / "model.sig"]))
    config.verify(model, model / "model.sig")


def we_sign(model: Path, pair: Keys, **options) -> None:
    (model / "model.sig").write_bytes(sign_oms(take_snapshot(model), pair.private, **options))


def we_verify(model: Path, pair: Keys):
    snapshot = take_snapshot(model)
    found = find_signatures(snapshot)
    data = (model / "model.sig").read_bytes()
    return verify_oms(data, snapshot, pair.trust, signature_paths=found.paths)


@curves
def test_they_verify_what_we_sign(model, tmp_path, curve):
    pair = Keys(tmp_path, curve)
    we_sign(model, pair)
    they_verify(model, pair)
    (model / "onnx" / "y").write_bytes(b"Y")
    with pytest.raises(ValueError, match="onnx/y"):
        they_verify(model, pair)


@curves
def test_we_verify_what_they_sign(model, tmp_path, curve):
    pair = Keys(tmp_path, curve)
    they_sign(model, pair)
    verified = we_verify(model, pair)
    assert verified.holds, verified.comparison.differences
    # they sort by path parts, we by code points: the listed order decides
    assert verified.manifest.root_consistent


def test_both_list_the_same_files(model, tmp_path):
    pair = Keys(tmp_path, CURVES[0])
    they_sign(model, pair)
    theirs = signed_names((model / "model.sig").read_bytes())
    we_sign(model, pair)
    ours = signed_names((model / "model.sig").read_bytes())
    assert sorted(theirs) == list(ours)
    assert list(theirs) != list(ours)  # the two orders: 'onnx/y' before or after 'onnx-int8/x'


def test_both_hint_at_the_same_key(model, tmp_path):
    pair = Keys(tmp_path, CURVES[0])
    they_sign(model, pair)
    assert we_verify(model, pair).bundle.hint == keys.hint(pair.private.public_key())


def _change(model: Path) -> None:
    (model / "Größe 1.safetensors").write_bytes(b"Weights")


def _remove(model: Path) -> None:
    (model / "empty").unlink()


def _add(model: Path) -> None:
    (model / "added.py").write_bytes(b"")


def _rename(model: Path) -> None:
    (model / "onnx" / "y").rename(model / "onnx" / "z")


def _swap(model: Path) -> None:
    (model / "onnx" / "y").write_bytes(b"x")
    (model / "onnx-int8" / "x").write_bytes(b"y")


@pytest.mark.parametrize(
    ("tamper", "path", "cause"),
    [
        (_change, "Größe 1.safetensors", Cause.CHANGED),
        (_remove, "empty", Cause.MISSING),
        (_add, "added.py", Cause.ADDED),
        (_rename, "onnx/y", Cause.RENAMED),
        (_swap, "onnx/y", Cause.CHANGED),
    ],
)
@pytest.mark.parametrize("sign", [they_sign, we_sign])
def test_both_notice_tampering(model, tmp_path, sign, tamper, path, cause):
    pair = Keys(tmp_path, CURVES[0])
    sign(model, pair)
    tamper(model)
    with pytest.raises(ValueError, match="mismatch"):
        they_verify(model, pair)
    verified = we_verify(model, pair)
    assert not verified.holds
    assert (path, cause) in {(d.path, d.cause) for d in verified.comparison.differences}


def test_what_they_do_not_see_we_report(model, tmp_path):
    pair = Keys(tmp_path, CURVES[0])
    they_sign(model, pair)
    (model / ".github" / "added.py").write_bytes(b"import os")
    they_verify(model, pair)  # the format leaves the folder out
    verified = we_verify(model, pair)
    assert verified.holds
    assert ".github/added.py" in {i.path for i in verified.comparison.ignored}


def test_a_wrong_key_is_refused_by_both(model, tmp_path):
    (tmp_path / "other").mkdir()
    pair, other = Keys(tmp_path, CURVES[0]), Keys(tmp_path / "other", CURVES[1])
    we_sign(model, pair)
    with pytest.raises(ValueError, match="Key mismatch"):
        they_verify(model, other)
    assert we_verify(model, other).state is SignatureState.NO_KNOWN_KEY


@pytest.mark.parametrize(("theirs", "ours"), [("blake2", "blake2b"), ("blake3", "blake3")])
def test_other_hashes(model, tmp_path, theirs, ours):
    pair = Keys(tmp_path, CURVES[0])
    they_sign(model, pair, hashing.Config().use_file_serialization(hashing_algorithm=theirs))
    verified = we_verify(model, pair)
    assert verified.manifest.hash_type == ours
    assert verified.holds
    we_sign(model, pair, hash_type=ours)
    config = verifying.Config().use_elliptic_key_verifier(public_key=pair.public_path)
    config.set_hashing_config(
        hashing.Config()
        .use_file_serialization(hashing_algorithm=theirs)
        .set_ignored_paths(paths=[model / "model.sig"])
    )
    config.verify(model, model / "model.sig")


@pytest.mark.parametrize(("theirs", "ours"), [("sha256", "sha256"), ("blake2", "blake2b")])
def test_we_verify_the_shards_they_sign(model, tmp_path, theirs, ours):
    pair = Keys(tmp_path, CURVES[0])
    (model / "big").write_bytes(bytes(range(50)))  # from shard 11 on their order is another one
    config = hashing.Config().use_shard_serialization(hashing_algorithm=theirs, shard_size=3)
    they_sign(model, pair, config)
    verified = we_verify(model, pair)
    assert verified.holds, verified.comparison.differences
    assert (verified.manifest.hash_type, verified.manifest.shard_size) == (ours, 3)
    assert "a:b" in verified.comparison.covered
    assert "empty" in {i.path for i in verified.comparison.ignored}
    (model / "big").write_bytes(bytes(range(49)) + b"x")
    changed = we_verify(model, pair).comparison.differences
    assert [(d.path, d.cause) for d in changed] == [("big", Cause.CHANGED)]


@curves
def test_they_verify_the_shards_we_sign(model, tmp_path, curve):
    pair = Keys(tmp_path, curve)
    (model / "a:b").unlink()  # they split a name at every colon
    (model / "big").write_bytes(bytes(range(50)))
    we_sign(model, pair, shard_size=3)
    config = verifying.Config().use_elliptic_key_verifier(public_key=pair.public_path)
    config.set_hashing_config(
        hashing.Config()
        .use_shard_serialization(shard_size=3)
        .set_ignored_paths(paths=[model / "model.sig"])
    )
    config.verify(model, model / "model.sig")
    (model / "big").write_bytes(bytes(range(49)) + b"x")
    with pytest.raises(ValueError, match="mismatch"):
        config.verify(model, model / "model.sig")


def test_an_empty_file_added_to_shards_is_reported_though_they_do_not_see_it(model, tmp_path):
    pair = Keys(tmp_path, CURVES[0])
    (model / "a:b").unlink()
    we_sign(model, pair, shard_size=3)
    (model / "onnx" / "__init__.py").touch()
    left_out = {i.path: i for i in we_verify(model, pair).comparison.ignored}
    assert left_out["onnx/__init__.py"].code


def test_the_order_of_shards_is_by_code_points(model, tmp_path):
    pair = Keys(tmp_path, CURVES[0])
    (model / "big").write_bytes(bytes(range(50)))
    we_sign(model, pair, shard_size=3)
    names = [r.name for r in we_verify(model, pair).manifest.resources]
    assert names == sorted(names)
    assert names.index("big:30:33") < names.index("big:3:6")


def test_an_empty_model_is_refused_though_they_sign_it(tmp_path):
    pair = Keys(tmp_path, CURVES[0])
    folder = tmp_path / "empty"
    folder.mkdir()
    they_sign(folder, pair)
    with pytest.raises(HostileInput, match="lists no file"):
        we_verify(folder, pair)


def test_encrypted_keys_are_the_same_ones(model, tmp_path):
    pair = Keys(tmp_path, CURVES[0])
    locked = keys.private_pem(pair.private, b"secret")
    bundle = sign_oms(take_snapshot(model), keys.load_private_key(locked, b"secret"))
    (model / "model.sig").write_bytes(bundle)
    they_verify(model, pair)
