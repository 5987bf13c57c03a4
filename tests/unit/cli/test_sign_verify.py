"""``weighbridge sign`` and ``weighbridge verify`` as a user calls them."""

import json
import os
import stat
import subprocess
import sys

import pytest

from weighbridge.signing import keys


@pytest.fixture
def signed(call, tmp_path):
    """A signed model ``m``; the key is ``k.pem`` and ``k.pem.pub``."""
    model = tmp_path / "m"
    (model / "sub").mkdir(parents=True)
    (model / "config.json").write_bytes(b"{}")
    (model / "sub" / "w.safetensors").write_bytes(b"weights")
    assert call("sign", "--generate-key", "k.pem")[0] == 0
    code, out, err = call("sign", "m", "--key", "k.pem")
    assert code == 0, err
    assert "Signed 2 files" in out
    return model


def _verify(call, *arguments):
    return call("verify", "m", "--key", "k.pem.pub", *arguments)


def test_exit_0_what_was_signed_verifies(signed, call):
    code, out, _ = _verify(call)
    assert code == 0
    assert "2 of 2 signed files match" in out
    assert out.endswith("VERIFIED\n")


def test_exit_1_every_difference_is_named_with_its_cause(signed, call):
    (signed / "config.json").write_bytes(b"[]")
    (signed / "sub" / "w.safetensors").rename(signed / "sub" / "v.safetensors")
    (signed / "extra.py").write_bytes(b"")
    code, out, _ = _verify(call)
    assert code == 1
    assert "changed     config.json" in out
    assert "signed   sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" in out
    assert "renamed     sub/w.safetensors" in out
    assert "now      sub/v.safetensors" in out
    assert "added       extra.py" in out
    assert out.endswith("NOT VERIFIED\n")


def test_exit_1_another_key(signed, call):
    call("sign", "--generate-key", "other.pem")
    code, out, _ = call("verify", "m", "--key", "other.pem.pub")
    assert code == 1
    assert "no trusted key" in out
    assert call("verify", "m", "--key", "other.pem.pub", "--key", "k.pem.pub")[0] == 0


def test_exit_1_a_forged_signature(signed, call):
    bundle = json.loads((signed / "model.sig").read_text())
    bundle["dsseEnvelope"]["signatures"][0]["sig"] = "MAYCAQECAQE="
    (signed / "model.sig").write_text(json.dumps(bundle))
    code, out, _ = _verify(call)
    assert code == 1
    assert "does not match" in out


def test_exit_2_nothing_may_be_concluded(signed, call, tmp_path):
    assert call("verify", "m")[0] == 2
    assert call("verify", "no-model", "--key", "k.pem.pub")[0] == 2
    assert call("verify", "m", "--key", "k.pem")[0] == 2  # the private half
    assert _verify(call, "--format", "xml")[0] == 2
    assert _verify(call, "--signature", "absent.sig")[0] == 2
    (signed / "model.sig").write_text("{")
    code, out, err = _verify(call)
    assert code == 2
    assert out == ""
    assert "not valid JSON" in err
    (signed / "model.sig").unlink()
    code, _, err = _verify(call)
    assert code == 2
    assert "weighbridge sign" in err


def test_exit_3_a_signed_file_cannot_be_checked(signed, call):
    (signed / "model.sig").unlink()
    assert call("sign", "m", "--key", "k.pem", "--hash", "blake3")[0] == 0
    oid = "0" * 64
    (signed / "sub" / "w.safetensors").write_text(
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 7\n"
    )
    code, out, _ = _verify(call)
    assert code == 3
    assert "unverifiable" in out
    assert out.endswith("INCONCLUSIVE\n")


def test_a_pointer_with_the_signed_digest_verifies(signed, call):
    import hashlib

    oid = hashlib.sha256(b"weights").hexdigest()
    (signed / "sub" / "w.safetensors").write_text(
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 7\n"
    )
    code, out, _ = _verify(call)
    assert code == 0
    assert "1 of them by their pointer only" in out


def test_json_is_one_object(signed, call, tmp_path):
    (signed / ".github").mkdir()
    (signed / ".github" / "x.py").write_bytes(b"")
    code, out, _ = _verify(call, "--format", "json")
    assert code == 0
    result = json.loads(out)
    assert result["schema"] == "urn:weighbridge:verify:1"
    assert result["covered"] == ["config.json", "sub/w.safetensors"]
    assert {i["path"] for i in result["ignored"]} == {".github/x.py", "model.sig"}
    assert _verify(call, "--format", "json", "--output", "r.json")[1] == ""
    assert json.loads((tmp_path / "r.json").read_text()) == result


def test_hostile_names_do_not_reach_the_terminal(signed, call):
    (signed / "a\x1b[31m\u202eb").write_bytes(b"")
    code, out, _ = _verify(call)
    assert code == 1
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "\\x1b[31m" in out


def test_a_signature_outside_of_the_model(signed, call, tmp_path):
    (signed / "model.sig").unlink()
    assert call("sign", "m", "--key", "k.pem", "--signature", "out.sig")[0] == 0
    assert not (signed / "model.sig").exists()
    code, out, _ = _verify(call, "--signature", "out.sig")
    assert code == 0
    assert "ignored" not in out


def test_every_signature_is_verified_and_it_says_which_holds(signed, call):
    call("sign", "--generate-key", "other.pem")
    assert call("sign", "m", "--key", "other.pem", "--signature", "m/other.sig")[0] == 0
    (signed / "old.sig").write_bytes((signed / "other.sig").read_bytes())
    code, out, _ = _verify(call)
    assert code == 0
    assert "model.sig: valid" in out
    assert "it holds" in out
    assert out.count("no trusted key") == 2
    (signed / "config.json").write_bytes(b"[]")
    call("sign", "m", "--key", "k.pem", "--signature", "m/new.sig")
    code, out, _ = _verify(call, "--format", "json")
    result = json.loads(out)
    assert (code, result["signature"], result["holds"]) == (0, "new.sig", True)
    others = {o["signature"]: (o["signature_state"], o["exit_code"]) for o in result["others"]}
    assert others == {
        "model.sig": ("valid", 1), "old.sig": ("no-known-key", 1), "other.sig": ("no-known-key", 1),
    }  # fmt: skip
    assert _verify(call, "--signature", signed / "model.sig")[0] == 1


def test_a_broken_signature_beside_one_that_holds_is_not_overlooked(signed, call):
    bundle = json.loads((signed / "model.sig").read_text())
    bundle["dsseEnvelope"]["signatures"][0]["sig"] = "MAYCAQECAQE="
    (signed / "forged.sig").write_text(json.dumps(bundle))
    code, out, _ = _verify(call)
    assert code == 1
    assert out.endswith("NOT VERIFIED\n")
    (signed / "forged.sig").write_text('{"mediaType": "application/vnd.dev.sigstore.bundle"')
    code, out, _ = _verify(call)
    assert code == 2
    assert "forged.sig: cannot be used" in out
    assert "nothing may be concluded" in out


def test_none_of_several_holds(signed, call):
    (signed / "a.sig").write_bytes((signed / "model.sig").read_bytes())
    (signed / "config.json").write_bytes(b"[]")
    code, out, _ = _verify(call)
    assert code == 1
    assert out.count("changed     config.json") == 2


def test_a_subset_says_what_it_did_not_check(signed, call):
    (signed / "config.json").write_bytes(b"[]")  # changed, and not asked about
    (signed / "extra.py").write_bytes(b"")
    code, out, _ = _verify(call, "--only", "sub/*")
    assert code == 0
    assert "not checked config.json" in out
    assert "not checked extra.py" in out
    assert "VERIFIED, for the 1 files that --only names; nothing is said of the 2 others" in out
    code, out, _ = _verify(call, "--only", "sub/*", "--format", "json")
    result = json.loads(out)
    assert result["only"] == ["sub/*"]
    assert result["covered"] == ["sub/w.safetensors"]
    assert result["not_checked"] == {"count": 2, "paths": ["config.json", "extra.py"]}
    assert result["bytes_read"] == len(b"weights")
    assert result["read"] == 1


def test_a_subset_is_held_to_what_it_names(signed, call):
    (signed / "sub" / "w.safetensors").write_bytes(b"Weights")
    assert _verify(call, "--only", "sub/*")[0] == 1
    assert _verify(call, "--only", "config.json")[0] == 0
    (signed / "sub" / "added.py").write_bytes(b"")
    (signed / "sub" / "w.safetensors").write_bytes(b"weights")
    code, out, _ = _verify(call, "--only", "sub/*")
    assert code == 1
    assert "added       sub/added.py" in out
    (signed / "sub" / "added.py").unlink()
    (signed / "sub" / "w.safetensors").unlink()
    code, out, _ = _verify(call, "--only", "sub/*")
    assert code == 1
    assert "missing     sub/w.safetensors" in out


def test_a_subset_that_matches_nothing_is_an_error(signed, call):
    for globs in (["absent/*"], ["sub/*", "absent/*"], ["*.sig"], ["sub"], [""]):
        code, out, err = _verify(call, *(word for g in globs for word in ("--only", g)))
        assert code == 2, globs
        assert out == ""
        assert "matches no signed file" in err


def test_only_the_subset_is_read(signed, call):
    (signed / "config.json").unlink()
    os.mkfifo(signed / "config.json")  # reading it would wait for ever
    assert _verify(call, "--only", "sub/*")[0] == 0


def test_a_signature_is_not_overwritten_unasked(signed, call):
    before = (signed / "model.sig").read_bytes()
    code, _, err = call("sign", "m", "--key", "k.pem")
    assert code == 2
    assert "--force" in err
    assert call("sign", "m", "--key", "k.pem", "--force")[0] == 0
    assert (signed / "model.sig").read_bytes() == before  # deterministic


def test_signing_refuses_what_it_cannot_speak_for(signed, call):
    (signed / "link").symlink_to("/etc/hostname")
    code, out, err = call("sign", "m", "--key", "k.pem", "--force")
    assert code == 2
    assert out == ""
    assert "symlink-escape" in err
    assert _verify(call)[0] == 1


def test_signing_needs_its_arguments(signed, call):
    assert call("sign", "m")[0] == 2
    assert call("sign", "--key", "k.pem")[0] == 2
    assert call("sign", "m", "--key", "absent.pem")[0] == 2
    assert call("sign", "m", "--key", "k.pem", "--force", "--hash", "md5")[0] == 2
    assert call("sign", "m/absent.json", "--key", "k.pem", "--force")[0] == 2
    assert call("sign", "m", "--key", "k.pem", "--signature", "no/such/folder.sig")[0] == 2
    assert call("sign", "m", "--generate-key", "new.pem")[0] == 2


def test_a_new_key_is_private_and_never_overwrites(call, tmp_path):
    code, out, err = call("sign", "--generate-key", "k.pem")
    assert code == 0
    assert "not encrypted" in err
    assert stat.S_IMODE((tmp_path / "k.pem").stat().st_mode) == 0o600
    public = keys.load_public_key((tmp_path / "k.pem.pub").read_bytes())
    assert str(keys.fingerprint(public)) in out
    code, _, err = call("sign", "--generate-key", "k.pem")
    assert code == 2
    assert "never overwritten" in err


def test_passwords_come_from_a_file_or_the_environment(call, tmp_path, monkeypatch):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "w.bin").write_bytes(b"w")
    (tmp_path / "password").write_text("secret\n")
    assert call("sign", "--generate-key", "k.pem", "--password-file", "password")[0] == 0
    assert b"ENCRYPTED" in (tmp_path / "k.pem").read_bytes()
    assert call("sign", "m", "--key", "k.pem")[0] == 2
    assert call("sign", "m", "--key", "k.pem", "--password-file", "password")[0] == 0
    monkeypatch.setenv("WEIGHBRIDGE_KEY_PASSWORD", "secret")
    assert call("sign", "m", "--key", "k.pem", "--force")[0] == 0
    monkeypatch.setenv("WEIGHBRIDGE_KEY_PASSWORD", "wrong")
    assert call("sign", "m", "--key", "k.pem", "--force")[0] == 2
    (tmp_path / "empty").write_text("\n")
    assert call("sign", "m", "--key", "k.pem", "--force", "--password-file", "empty")[0] == 2


def test_a_fifo_is_not_waited_for(signed, call, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    assert _verify(call, "--signature", "fifo")[0] == 2
    assert call("verify", "m", "--key", "fifo")[0] == 2


def test_verify_imports_nothing_heavy(signed, call, tmp_path):
    code = (
        "import sys\n"
        "from weighbridge.cli.main import main\n"
        "sys.argv = ['weighbridge', 'verify', 'm', '--key', 'k.pem.pub']\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end\n"
        "print(sorted({m.split('.')[0] for m in sys.modules}), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert "VERIFIED" in done.stdout
    loaded = done.stderr.splitlines()[-1]
    heavy = (
        "pydantic", "requests", "sigstore", "cyclonedx", "blake3", "rfc8785", "rich", "yaml",
        "typer", "sqlite3", "rfc3161_client", "socket",
    )  # fmt: skip
    assert [name for name in heavy if f"'{name}'" in loaded] == []
    # and by the long way, which explains mistakes and reads the environment
    done = subprocess.run(
        [sys.executable, "-c", code.replace(", '--key', 'k.pem.pub'", "")],
        capture_output=True, text=True, cwd=tmp_path, check=True,
        env={**os.environ, "WEIGHBRIDGE_VERIFY_KEY": "k.pem.pub"},
    )  # fmt: skip
    assert "VERIFIED" in done.stdout
    loaded = done.stderr.splitlines()[-1]
    assert "'typer'" in loaded
    assert [name for name in heavy[:8] if f"'{name}'" in loaded] == []
