"""Shards: what a manifest of byte ranges must be, and what one changed byte does to it."""

import hashlib
import json
import os

import pytest
from blake3 import blake3
from cryptography.hazmat.primitives.asymmetric import ec

from weighbridge.model.artifact import ProblemKind
from weighbridge.model.errors import ExitCode
from weighbridge.signing import keys
from weighbridge.signing.compare import Cause
from weighbridge.signing.dsse import IN_TOTO, Envelope
from weighbridge.signing.errors import CannotSign, MalformedManifest
from weighbridge.signing.manifest import Manifest
from weighbridge.signing.oms import sign_oms, signed_names, verify_oms
from weighbridge.snapshot import pool, read
from weighbridge.snapshot.hashing import Plan, Shards
from weighbridge.snapshot.listing import list_subject
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.snapshot.take import take_snapshot
from weighbridge.testing.memory import snapshot_of

KEY = keys.generate_key()
TRUST = [keys.trusted_signer("team", keys.public_pem(KEY.public_key()).encode())]
A = "a" * 64


def _read(*names, size=4, algorithm="sha256", **serialization):
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "m", "digest": {"sha256": A}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {
            "serialization": {
                "method": "shards", "hash_type": "sha256", "shard_size": size, **serialization
            },
            "resources": [{"name": n, "algorithm": algorithm, "digest": A} for n in names],
        },
    }  # fmt: skip
    return Manifest.from_envelope(Envelope(IN_TOTO, json.dumps(statement).encode(), b"s"))


@pytest.mark.parametrize(
    "names",
    [
        ("w",),
        ("w:0",),
        (":0:4",),
        ("w:-1:4",),
        ("w:0:4:",),
        ("w: 0:4",),
        ("w:+0:4",),
        ("w:00:4",),
        ("w:0:04",),
        ("w:0:0",),
        ("w:4:0",),
        ("w:0:٤",),
        ("w:0x0:4",),
        ("w:1:4",),  # the first bytes are covered by nothing
        ("w:0:5",),
        ("w:0:4", "w:5:8"),
        ("w:0:3", "w:3:7"),
        ("w:0:4", "w:4:8", "w:4:6"),
        ("w:0:4", "w:0:3"),
        ("w:0:4", "w:8:12"),
        ("../w:0:4",),
        ("/w:0:4",),
        ("a//w:0:4",),
        ("w\\x:0:4",),
        ("w\0:0:4",),
        ("w:0:99999999999999999999",),
        ("w:0:4", "w:0:4"),
    ],
)
def test_what_is_no_shard_of_a_whole_file_is_malformed(names):
    with pytest.raises(MalformedManifest):
        _read(*names)


@pytest.mark.parametrize("size", [0, -4, True, None, "4", 1.5, 2**63, float("1e300")])
def test_a_shard_size_is_a_number_of_bytes(size):
    with pytest.raises(MalformedManifest, match="shard size"):
        _read("w:0:4", size=size)


def test_the_last_two_colons_count_and_any_order_is_read():
    manifest = _read("a:1:2:4:6", "a:1:2:0:4", "w:0:1", size=4.0)
    assert [(f.path, f.size, len(f.shards)) for f in manifest.files()] == [
        ("a:1:2", 6, 2),
        ("w", 1, 1),
    ]
    assert manifest.shard_size == 4


def test_a_shard_has_the_hash_types_digest():
    with pytest.raises(MalformedManifest, match="another algorithm"):
        _read("w:0:4", algorithm="blake3")
    with pytest.raises(MalformedManifest, match="digest"):
        _read("w:0:4", algorithm="blake2b", hash_type="blake2b")


def _folder(tmp_path, files):
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


FILES = {"a:b": b"0123456789", "sub/w": b"x" * 9, "config.json": b"{}"}


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
@pytest.mark.parametrize("hash_type", ["sha256", "blake2b", "blake3"])
def test_every_hash_and_curve(tmp_path, hash_type, curve):
    model = _folder(tmp_path, FILES)
    key = ec.generate_private_key(curve)
    trust = [keys.trusted_signer("k", keys.public_pem(key.public_key()).encode())]
    shards = Shards(hash_type, 4)
    snapshot = list_subject(model).read(Plan((), shards, classify=False))
    bundle = sign_oms(snapshot, key, hash_type=hash_type, shard_size=4)
    assert bundle == sign_oms(take_snapshot(model), key, hash_type=hash_type, shard_size=4)
    for seen in (snapshot, take_snapshot(model)):
        verified = verify_oms(bundle, seen, trust)
        assert verified.holds, verified.comparison.differences
        assert verified.comparison.covered == tuple(sorted(FILES))
    assert verified.tree_digest.algorithm == f"dirHash1-{hash_type}-shard-4"
    (model / "a:b").write_bytes(b"0123x56789")
    seen = list_subject(model).read(Plan((), shards, classify=False))
    [difference] = verify_oms(bundle, seen, trust).comparison.differences
    assert (difference.path, difference.cause) == ("a:b", Cause.CHANGED)
    assert difference.detail == "1 of its 3 shards differ, the first one from byte 4 on"


def test_a_file_of_another_length_is_explained(tmp_path):
    model = _folder(tmp_path, FILES)
    bundle = sign_oms(take_snapshot(model), KEY, shard_size=4)
    (model / "sub/w").write_bytes(b"x" * 8)
    seen = list_subject(model).read(Plan((), Shards("sha256", 4), classify=False))
    [difference] = verify_oms(bundle, seen, TRUST).comparison.differences
    assert difference.detail == "it was signed with 9 bytes and has 8"


def test_empty_files_are_not_covered_and_are_named():
    files = {**FILES, "pkg/__init__.py": b"", "empty": b""}
    bundle = sign_oms(snapshot_of(files), KEY, shard_size=4)
    assert signed_names(bundle) == ("a:b", "config.json", "sub/w")
    verified = verify_oms(bundle, snapshot_of(files), TRUST)
    assert verified.holds
    left_out = {i.path: (i.code, i.reason) for i in verified.comparison.ignored}
    assert left_out["empty"] == (
        False,
        "an empty file, which a signature over shards does not cover",
    )
    assert left_out["pkg/__init__.py"][0]


def test_a_signed_file_that_is_empty_now_has_changed():
    bundle = sign_oms(snapshot_of(FILES), KEY, shard_size=4)
    verified = verify_oms(bundle, snapshot_of({**FILES, "sub/w": b""}), TRUST)
    assert [(d.path, d.cause) for d in verified.comparison.differences] == [
        ("sub/w", Cause.CHANGED)
    ]
    assert verified.exit_code is ExitCode.VIOLATED


def test_only_empty_files_are_nothing_to_sign():
    with pytest.raises(CannotSign, match="no file to sign"):
        sign_oms(snapshot_of({"a": b"", "b": b""}), KEY, shard_size=4)


def test_too_many_shards_are_refused(tmp_path):
    (tmp_path / "w").touch()
    os.truncate(tmp_path / "w", 3_000_000)
    with pytest.raises(CannotSign, match="more than 1000000 shards"):
        sign_oms(take_snapshot(tmp_path), KEY, shard_size=2)
    (tmp_path / "x").write_bytes(b"1")
    seen = list_subject(tmp_path).read(Plan((), Shards("sha256", 2), classify=False))
    assert [(p.path, p.kind) for p in seen.problems] == [("w", ProblemKind.BOUND)]


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("size", [7, 4096, 1_000_000, 2**21])
def test_threads_do_not_change_what_comes_out(tmp_path, monkeypatch, threads, size):
    monkeypatch.setattr(pool, "PART_BYTES", 2**20)
    monkeypatch.setattr(pool, "LARGE_BYTES", 1000)
    content = os.urandom(3_000_001 if size > 1000 else 20_000)
    (tmp_path / "w").write_bytes(content)
    plan = Plan((), Shards("blake3", size), classify=False)
    seen: Snapshot = list_subject(tmp_path).read(plan, threads=threads)
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    assert list(seen.shards["w"]) == [blake3(piece).hexdigest() for piece in pieces]
    assert seen.bytes_read == len(content)
    raw = b"".join(blake3(piece).digest() for piece in pieces)
    assert seen.artifacts[0].digests[0].value == blake3(raw).hexdigest()


def test_a_file_that_changes_between_its_parts_is_not_signed(tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "PART_BYTES", 2**20)
    (tmp_path / "w").write_bytes(bytes(3 * 2**20))
    genuine = read.Reader.read_part

    def racing(self, at, first, last):
        part = genuine(self, at, first, last)
        with (tmp_path / "w").open("r+b") as stream:
            stream.write(b"changed %d" % first)
        os.utime(tmp_path / "w", ns=(first, first))
        return part

    monkeypatch.setattr(read.Reader, "read_part", racing)
    listing = list_subject(tmp_path)
    plan = Plan((), Shards("sha256", 2**20), classify=False)
    seen = listing.read(plan, threads=1, allow_none=True)
    assert [(p.path, p.kind) for p in seen.problems] == [("w", ProblemKind.CHANGED)]
    assert seen.artifacts == ()


def test_a_sparse_file_is_its_zeros(tmp_path):
    (tmp_path / "w").touch()
    os.truncate(tmp_path / "w", 20 * 2**20 + 5)
    seen = list_subject(tmp_path).read(Plan((), Shards("sha256", 7 * 2**20), classify=False))
    assert list(seen.shards["w"]) == [
        hashlib.sha256(bytes(n)).hexdigest() for n in (7 * 2**20, 7 * 2**20, 6 * 2**20 + 5)
    ]
