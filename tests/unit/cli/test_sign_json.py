"""``sign --format json``, models of one file, and signatures that lie outside of the model."""

from __future__ import annotations

import json

import pytest

from weighbridge.cli.sign_show import KEY_SCHEMA, SCHEMA


@pytest.fixture
def model(call, tmp_path):
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "w.safetensors").write_bytes(b"weights")
    (folder / "empty").touch()
    assert call("sign", "--generate-key", "k.pem")[0] == 0
    return folder


def test_a_new_key(call, monkeypatch) -> None:
    monkeypatch.setenv("WEIGHBRIDGE_KEY_PASSWORD", "secret")
    code, out, _ = call("sign", "--generate-key", "k.pem", "--format", "json")
    body = json.loads(out)
    assert (code, body.pop("fingerprint")[:7]) == (0, "sha256:")
    assert body == {
        "schema": KEY_SCHEMA,
        "private_key": "k.pem",
        "public_key": "k.pem.pub",
        "encrypted": True,
    }


def test_what_was_signed(call, model) -> None:
    code, out, err = call("sign", "m", "--key", "k.pem", "-f", "json", "--ignore", "cache")
    assert code == 0, err
    body = json.loads(out)
    assert (body["schema"], body["signature"], body["mode"]) == (SCHEMA, "m/model.sig", "key")
    assert [one["path"] for one in body["signed"]] == ["empty", "w.safetensors"]
    assert "cache" in body["left_out"]
    assert (body["bytes_read"], body["bytes_not_read"], body["not_read"]) == (7, 0, [])
    code, out, _ = call("verify", "m", "--key", "k.pem.pub", "-f", "json")
    verified = json.loads(out)
    assert code == 0
    for name in ("mode", "hash_type", "shard_size", "root_digest", "tree_digest", "model_name"):
        assert body[name] == verified[name], name
    assert body["key"] == verified["signers"][0]["fingerprint"]


def test_what_shards_do_not_cover(call, model) -> None:
    code, out, _ = call("sign", "m", "--key", "k.pem", "-f", "json", "--shard-size", "3")
    body = json.loads(out)
    assert (code, body["shard_size"], body["not_covered"]) == (0, 3, ["empty"])
    assert [one["path"] for one in body["signed"]] == ["w.safetensors"]


def test_nothing_is_printed_where_nothing_was_signed(call, model) -> None:
    for arguments in (
        ("sign", "m", "--key", "k.pem", "--format", "yaml"),
        ("sign", "m", "--key", "none.pem", "--format", "json"),
        ("sign", "--generate-key", "new.pem", "--format", "xml"),
    ):
        code, out, err = call(*arguments)
        assert (code, out) == (2, "")
        assert err
    assert not (model / "model.sig").exists()


def test_a_file_is_not_spared_for_the_name_of_a_signature_outside(call, model, tmp_path) -> None:
    """``--signature adapter.bin`` beside the model says nothing of the model's adapter.bin."""
    assert call("sign", "m", "--key", "k.pem", "--signature", "adapter.bin")[0] == 0
    assert call("verify", "m", "--key", "k.pem.pub", "--signature", "adapter.bin")[0] == 0
    (model / "adapter.bin").write_bytes(b"added")
    code, out, _ = call("verify", "m", "--key", "k.pem.pub", "--signature", "adapter.bin")
    assert code == 1
    assert "added       adapter.bin" in out


def test_a_false_signature_file_does_not_hide_behind_a_named_one(call, model) -> None:
    assert call("sign", "m", "--key", "k.pem")[0] == 0
    (model / "x.sig").write_bytes(b"\x80 application/vnd.dev.sigstore.bundle \x2e")
    for arguments in ((), ("--signature", "m/model.sig")):
        code, out, _ = call("verify", "m", "--key", "k.pem.pub", *arguments)
        assert code in (1, 2)
        assert "added       x.sig" in out


def test_a_model_that_is_one_file(call, tmp_path, model) -> None:
    """OMS v1.0, section 6.1.2: the resource goes by the file's own name."""
    (tmp_path / "tiny.gguf").write_bytes(b"weights")
    code, out, err = call("sign", "tiny.gguf", "--key", "k.pem", "-f", "json")
    assert code == 0, err
    body = json.loads(out)
    assert (body["signature"], body["model_name"]) == ("tiny.gguf.sig", "tiny.gguf")
    assert [one["path"] for one in body["signed"]] == ["tiny.gguf"]
    assert call("verify", "tiny.gguf", "--key", "k.pem.pub")[0] == 0
    # the file alone speaks; what lies beside it is not part of it
    (tmp_path / "tiny.gguf").write_bytes(b"weightz")
    code, out, _ = call("verify", "tiny.gguf", "--key", "k.pem.pub")
    assert (code, "changed     tiny.gguf" in out) == (1, True)
    (tmp_path / "other.gguf").write_bytes(b"weights")
    code, out, _ = call(
        "verify", "other.gguf", "--key", "k.pem.pub", "--signature", "tiny.gguf.sig"
    )
    assert (code, "renamed     tiny.gguf" in out) == (1, True)
    # a folder that holds the file and more is another model
    code, out, _ = call("verify", "m", "--key", "k.pem.pub", "--signature", "tiny.gguf.sig")
    assert (code, "missing     tiny.gguf" in out or "renamed     tiny.gguf" in out) == (1, True)


def test_a_model_is_never_overwritten_by_its_signature(call, tmp_path, model) -> None:
    weights = tmp_path / "tiny.gguf"
    weights.write_bytes(b"weights")
    (tmp_path / "link").symlink_to("tiny.gguf")
    for target in ("tiny.gguf", "./tiny.gguf", weights, "link"):
        code, _, err = call("sign", "tiny.gguf", "--key", "k.pem", "--signature", target, "--force")
        assert (code, "the model itself" in err) == (2, True)
    assert weights.read_bytes() == b"weights"
    for none in ("absent", "/dev/null"):
        assert call("sign", none, "--key", "k.pem")[0] == 2
        assert call("verify", none, "--key", "k.pem.pub")[0] == 2
    assert call("verify", "tiny.gguf", "--key", "k.pem.pub")[0] == 2  # it has no signature
