"""Signing without reading everything, and the digest cache: what may stand in for bytes."""

import hashlib
import json
import os
import stat
import time

import pytest

from weighbridge.signing import keys
from weighbridge.snapshot import cache as digest_cache
from weighbridge.snapshot.cache import DigestCache
from weighbridge.snapshot.hashing import Plan
from weighbridge.snapshot.listing import list_subject
from weighbridge.snapshot.origin import Origin

LARGE = 2**20


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, tmp_path):
    """A digest cache of the test's own, that trusts files however young they are."""
    monkeypatch.setenv("WEIGHBRIDGE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(digest_cache, "SETTLED_NS", 0)


@pytest.fixture
def model(tmp_path, call):
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "README.md").write_bytes(b"one")
    (folder / "w.bin").write_bytes(b"w" * (LARGE + 5))
    (folder / "v.bin").write_bytes(b"v" * LARGE)
    assert call("sign", "--generate-key", "k.pem")[0] == 0
    return folder


def _sign(call, *more):
    return call("sign", "m", "--key", "k.pem", "--force", *more)


def _verify(call, *more):
    return call("verify", "m", "--key", "k.pem.pub", *more)


def test_signing_again_reads_what_changed_and_says_so(model, call):
    code, out, _ = _sign(call)
    assert code == 0
    assert f"read        {2 * LARGE + 5 + 3} bytes\n" in out
    assert "tree digest dirHash1:" in out
    (model / "README.md").write_bytes(b"other")
    (model / "v.bin").write_bytes(b"V" * LARGE)
    code, out, err = _sign(call, "--since", model / "model.sig")
    assert code == 0, err
    unread = LARGE + 5
    assert f"not read {unread} bytes" in out
    assert "cached      w.bin" in out
    assert "cached      v.bin" not in out
    assert _verify(call, "--no-digest-cache")[0] == 0


def test_without_since_everything_is_read(model, call):
    assert _sign(call)[0] == 0
    assert "not read" not in _sign(call)[1]


def test_the_cache_alone_is_not_believed(model, call, tmp_path):
    """A digest counts only where the earlier signature lists the same one for that path."""
    assert _sign(call)[0] == 0
    database = tmp_path / "cache" / digest_cache.FILENAME
    import sqlite3

    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE digest SET value = ?", ("0" * 64,))
    code, out, _ = _sign(call, "--since", model / "model.sig")
    assert code == 0
    assert "not read" not in out
    assert _verify(call, "--no-digest-cache")[0] == 0


@pytest.mark.parametrize("change", ["forged", "other key", "no signature"])
def test_the_earlier_signature_must_hold(model, call, change):
    assert _sign(call)[0] == 0
    before = (model / "model.sig").read_bytes()
    more = ()
    if change == "forged":
        bundle = json.loads(before)
        bundle["dsseEnvelope"]["signatures"][0]["sig"] = "MAYCAQECAQE="
        (model / "old.sig").write_text(json.dumps(bundle))
    elif change == "other key":
        call("sign", "--generate-key", "other.pem")
        (model / "old.sig").write_bytes(before)
        more = ("--key-of-old", "other.pem.pub")
    else:
        (model / "old.sig").write_bytes(b"{}")
    code, out, err = _sign(call, "--since", model / "old.sig", *more)
    assert code == 2
    assert out == ""
    assert "earlier signature does not hold" in err or "not a Sigstore bundle" in err
    assert (model / "model.sig").read_bytes() == before


def test_another_hash_or_cut_is_read_again(model, call):
    assert _sign(call)[0] == 0
    assert "not read" not in _sign(call, "--since", model / "model.sig", "--hash", "blake3")[1]
    assert "not read" not in _sign(call, "--since", model / "model.sig", "--shard-size", LARGE)[1]
    code, out, _ = _sign(call, "--since", model / "model.sig", "--shard-size", LARGE)
    assert code == 0
    assert f"not read {2 * LARGE + 5} bytes" in out
    assert _verify(call, "--no-digest-cache")[0] == 0


@pytest.mark.parametrize("size", ["0", "-1", "1e9", "x", "٣", "9" * 30])
def test_a_shard_size_is_a_number_of_bytes(model, call, size):
    code, _, err = _sign(call, f"--shard-size={size}")
    assert code == 2
    assert "--shard-size" in err


def test_empty_files_are_named_when_shards_are_signed(model, call):
    (model / "__init__.py").touch()
    code, out, _ = _sign(call, "--shard-size", "1000")
    assert code == 0
    assert "not covered __init__.py" in out
    code, out, _ = _verify(call)
    assert code == 0
    assert "ignored     __init__.py" in out
    assert "a loader could run it" in out


def test_pointers_are_signed_on_request_and_marked(model, call):
    oid = hashlib.sha256(b"w" * (LARGE + 5)).hexdigest()
    content = (model / "w.bin").read_bytes()
    (model / "w.bin").write_text(
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {LARGE + 5}\n"
    )
    code, _, err = _sign(call)
    assert code == 2
    assert "--allow-pointers" in err
    code, out, _ = _sign(call, "--allow-pointers")
    assert code == 0
    assert "declared    w.bin" in out
    (model / "w.bin").write_bytes(content)
    code, out, _ = _verify(call)
    assert code == 0
    assert _sign(call, "--allow-pointers", "--hash", "blake3")[0] == 0  # nothing is a pointer now
    (model / "w.bin").write_text(
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {LARGE + 5}\n"
    )
    for more in (("--hash", "blake3"), ("--shard-size", "1000")):
        code, _, err = _sign(call, "--allow-pointers", *more)
        assert code == 2
        assert "the SHA-256 of the whole file and nothing else" in err


@pytest.fixture
def hub(tmp_path):
    """A snapshot of the Hugging Face cache: links into blobs."""
    repository = tmp_path / "models--org--name"
    snapshot = repository / "snapshots" / ("c" * 40)
    snapshot.mkdir(parents=True)
    (repository / "blobs").mkdir()
    for name, content in {"config.json": b"{}", "w.safetensors": b"w" * (LARGE + 1)}.items():
        digest = hashlib.sha256(content).hexdigest()
        blob = digest if len(content) > 10 else hashlib.sha1(content).hexdigest()
        (repository / "blobs" / blob).write_bytes(content)
        (snapshot / name).symlink_to(f"../../blobs/{blob}")
    return snapshot


def test_a_hub_snapshot_signs_and_verifies_as_it_lies(hub, call, tmp_path):
    call("sign", "--generate-key", "k.pem")
    assert call("sign", hub, "--key", "k.pem")[0] == 0
    code, out, _ = call("verify", hub, "--key", "k.pem.pub")
    assert code == 0, out
    assert "2 of 2 signed files match" in out
    # the blob is swapped, and its name goes on claiming the old digest
    next((tmp_path / "models--org--name/blobs").glob("?" * 64)).write_bytes(b"x" * (LARGE + 1))
    code, out, _ = call("verify", hub, "--key", "k.pem.pub")
    assert code == 1
    assert "changed     w.safetensors" in out


def test_a_hub_snapshot_whose_link_leaves_the_repository(hub, call, tmp_path):
    call("sign", "--generate-key", "k.pem")
    assert call("sign", hub, "--key", "k.pem")[0] == 0
    (tmp_path / "outside").write_bytes(b"{}")
    (hub / "config.json").unlink()
    (hub / "config.json").symlink_to(tmp_path / "outside")
    code, out, _ = call("verify", hub, "--key", "k.pem.pub")
    assert code == 1
    assert "symlinked   config.json" in out


def test_names_of_blobs_are_taken_on_request_and_marked(hub, call, tmp_path):
    call("sign", "--generate-key", "k.pem")
    code, out, _ = call("sign", hub, "--key", "k.pem", "--trust-cache-names")
    assert code == 0
    assert "declared    w.safetensors" in out
    assert "read        2 bytes" in out
    assert call("verify", hub, "--key", "k.pem.pub")[0] == 0
    # outside the cache's own layout a name is only a name
    plain = tmp_path / "plain" / "blobs"
    plain.mkdir(parents=True)
    (plain / ("a" * 64)).write_bytes(b"w" * LARGE)
    code, out, _ = call("sign", plain.parent, "--key", "k.pem", "--trust-cache-names")
    assert code == 0
    assert "declared" not in out


# The cache itself


def _read(folder, cache):
    return list_subject(folder).read(Plan(("sha256",)), known=cache, keep=cache.keep)


def test_only_the_changed_file_is_read_again(model, call):
    first = _read(model, DigestCache())
    assert (first.bytes_read, dict(first.origins)) == (2 * LARGE + 8, {})
    (model / "README.md").write_bytes(b"two")
    again = _read(model, DigestCache())
    assert again.bytes_read == 3
    assert dict(again.origins) == {"v.bin": Origin.CACHED, "w.bin": Origin.CACHED}
    assert [a.digest() for a in again.artifacts[1:]] == [a.digest() for a in first.artifacts[1:]]
    assert [a.kind for a in again.artifacts] == [a.kind for a in first.artifacts]


def test_every_way_to_change_a_file_is_noticed(model, call):
    _read(model, DigestCache())
    path = model / "w.bin"
    status = path.stat()
    before = DigestCache
    for change in (
        lambda: path.open("r+b").write(b"x"),
        lambda: os.truncate(path, LARGE + 6),
        lambda: os.utime(path, ns=(0, 0)),
        lambda: os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns)),  # ctime tells
        lambda: (path.rename(model / "x"), path.write_bytes(b"y" * (LARGE + 5))),
    ):
        change()
        assert "w.bin" not in _read(model, before()).origins
        assert "w.bin" in _read(model, before()).origins


def test_a_file_that_had_just_changed_is_not_kept(model, call, monkeypatch):
    monkeypatch.setattr(digest_cache, "SETTLED_NS", 2 * 10**9)
    _read(model, DigestCache())
    assert dict(_read(model, DigestCache()).origins) == {}
    future = time.time_ns() + 10**12
    os.utime(model / "w.bin", ns=(future, future))
    monkeypatch.setattr(digest_cache, "SETTLED_NS", 0)
    _read(model, DigestCache())
    assert set(_read(model, DigestCache()).origins) == {"v.bin"}


def test_the_cache_is_private_and_bounded(model, call, tmp_path, monkeypatch):
    monkeypatch.setattr(digest_cache, "MAX_ENTRIES", 1)
    _read(model, DigestCache())
    path = tmp_path / "cache" / digest_cache.FILENAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (model / "u.bin").write_bytes(b"u" * LARGE)
    _read(model, DigestCache())
    assert len(_read(model, DigestCache()).origins) == 1


def _garbage(path):
    path.write_bytes(b"not a database" * 100)


def _writable(path):
    path.chmod(0o666)


def _link(path):
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def _folder(path):
    path.parent.chmod(0o777)


def _wrong_values(path):
    import sqlite3

    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE digest SET value = 'zz'")


@pytest.mark.parametrize("spoil", [_garbage, _writable, _link, _folder, _wrong_values])
def test_a_cache_of_doubtful_origin_is_not_used(model, call, tmp_path, spoil):
    first = _read(model, DigestCache())
    spoil(tmp_path / "cache" / digest_cache.FILENAME)
    cache = DigestCache()
    again = _read(model, cache)
    assert dict(again.origins) == {}
    assert again.artifacts == first.artifacts
    assert spoil in (_wrong_values, _garbage) or "not used" in cache.note


def test_the_cache_is_off_in_ci_and_on_request(model, call, tmp_path, monkeypatch):
    assert _sign(call)[0] == 0
    for _ in range(2):
        code, out, _ = _verify(call, "--format", "json")
    result = json.loads(out)
    assert (code, result["cached"], result["bytes_read"]) == (0, ["v.bin", "w.bin"], 3)
    result = json.loads(_verify(call, "--format", "json", "--no-digest-cache")[1])
    assert (result["cached"], result["bytes_read"]) == ([], 2 * LARGE + 8)
    monkeypatch.setenv("CI", "true")
    result = json.loads(_verify(call, "--format", "json")[1])
    assert result["cached"] == []


def test_a_change_is_found_although_the_cache_is_warm(model, call):
    assert _sign(call)[0] == 0
    assert _verify(call)[0] == 0
    with (model / "w.bin").open("r+b") as stream:
        stream.write(b"X")
    code, out, _ = _verify(call)
    assert code == 1
    assert "changed     w.bin" in out


def test_trusted_keys_are_still_asked(model, call):
    assert _sign(call)[0] == 0
    other = keys.public_pem(keys.generate_key().public_key())
    (model.parent / "other.pub").write_text(other)
    assert call("verify", "m", "--key", "other.pub")[0] == 1
