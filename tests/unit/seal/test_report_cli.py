"""``weighbridge report verify``: its words, its JSON and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from weighbridge.cli.report import app
from weighbridge.model.errors import ConfigurationError, UsageError
from weighbridge.seal.keys import LocalKey, sealing_folder
from weighbridge.seal.pack import SealedPack
from weighbridge.seal.verify import NotAPack
from weighbridge.testing.sigstore import LoopbackTrust


def run(*arguments: object):  # type: ignore[no-untyped-def]
    """Without the pages: the sample's are not those that any version draws."""
    return CliRunner().invoke(app, ["verify", "--no-replay", *map(str, arguments)])


def test_unknown_pinned_and_other_keys(pack: SealedPack, key: LocalKey) -> None:
    result = run(pack.folder)
    assert result.exit_code == 3
    assert "NOT ESTABLISHED" in result.stdout
    assert str(key.fingerprint) in result.stdout
    result = run(pack.folder, "--signer", key.fingerprint)
    assert result.exit_code == 0
    assert result.stdout.startswith("HOLDS")
    spaced = ":".join([key.fingerprint.value[i : i + 2].upper() for i in range(0, 64, 2)])
    assert run(pack.folder, "--signer", spaced).exit_code == 0
    assert run(pack.folder, "--signer", "sha256:" + "0" * 64).exit_code == 1


def test_a_changed_pack(pack: SealedPack, key: LocalKey) -> None:
    (pack.folder / "sample.txt").write_bytes(b"changed")
    result = run(pack.folder, "--signer", key.fingerprint)
    assert result.exit_code == 1
    assert "FAILED" in result.stdout
    assert "sample.txt" in result.stdout


def test_ones_own_key_is_known(seal, trust: LoopbackTrust) -> None:  # type: ignore[no-untyped-def]
    from weighbridge.seal.keys import local_key

    pack = seal(signer=local_key())
    assert run(pack.folder).exit_code == 0
    assert run(pack.folder / "report.pdf").exit_code == 0
    (sealing_folder() / "sealing-key.pem").chmod(0o644)
    result = run(pack.folder)
    assert result.exit_code == 3
    assert "chmod 600" in result.stderr


def test_json(pack: SealedPack, key: LocalKey, trust: LoopbackTrust, tmp_path: Path) -> None:
    root = tmp_path / "root.pem"
    root.write_text(trust.tsa_roots)
    result = run(pack.folder, "--signer", key.fingerprint, "--timestamp-root", root, "-f", "json")
    body = json.loads(result.stdout)
    assert body["exitCode"] == result.exit_code == 0
    assert body["signer"]["fingerprint"] == str(key.fingerprint)
    assert (body["signer"]["trust"], body["reason"]) == ("pinned", "holds")
    assert body["existedAt"] <= body["timestamps"][-1]["time"] < body["timestamps"][-1]["until"]
    assert body["record"]["digest"] == str(pack.record.digest)
    assert [t["trusted"] for t in body["timestamps"]] == [True] * 3
    assert {c["state"] for c in body["checks"]} == {"ok", "not_checked"}


def test_pages_of_another_version_are_not_established(pack: SealedPack, key: LocalKey) -> None:
    given = ["verify", str(pack.folder), "--signer", str(key.fingerprint)]
    result = CliRunner().invoke(app, given)
    assert result.exit_code == 3
    assert "it was drawn by weighbridge 0.0.0" in " ".join(result.stdout.split())
    assert "--no-replay" in result.stdout


def test_export(pack: SealedPack, tmp_path: Path) -> None:
    parts = tmp_path / "deep" / "parts"
    run(pack.folder, "--export", parts)
    names = {p.name for p in parts.iterdir()}
    assert {"token.tsr", "tsa-chain.pem", "signature.bin", "signed.bin"} <= names
    (pack.folder / "audit.sigstore.json").write_bytes(b"{}")
    result = run(pack.folder, "--export", tmp_path / "none")
    assert result.exit_code == 1
    assert "nothing to export" in result.stderr


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (("--signer", "hello"), UsageError),
        (("--format", "xml"), UsageError),
        (("--timestamp-root", "/nonexistent.pem"), UsageError),
        (("--timestamp-root", __file__), ConfigurationError),
    ],
)
def test_wrong_options_are_errors(pack: SealedPack, options, error) -> None:  # type: ignore[no-untyped-def]
    result = run(pack.folder, *options)
    assert isinstance(result.exception, error)


def test_no_pack(tmp_path: Path) -> None:
    assert isinstance(run(tmp_path / "nothing").exception, NotAPack)


def test_names_in_a_pack_cannot_steer_the_terminal(pack: SealedPack, key: LocalKey) -> None:
    (pack.folder / "\x1b[2Jx\u202e.txt").write_bytes(b"")
    result = run(pack.folder, "--signer", key.fingerprint)
    assert result.exit_code == 1
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout


def test_what_a_pdf_says_of_itself_stays_off_the_terminal(pack: SealedPack, tmp_path: Path) -> None:
    """pyHanko warns about odd signatures and quotes them, escape sequences included."""
    data = (pack.folder / "report.pdf").read_bytes()
    odd = tmp_path / "odd.pdf"
    odd.write_bytes(data.replace(b"/ETSI.CAdES.detached", b"/ETSI.CAdES\x1b[31mched"))
    done = subprocess.run(
        [sys.executable, "-m", "weighbridge", "report", "verify", str(odd)],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == b""
    assert b"\x1b" not in done.stdout
