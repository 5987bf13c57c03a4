"""``report PACK`` and ``report diff``: nothing is shown but what was sealed."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from weighbridge.cli.report import app
from weighbridge.model.errors import UsageError
from weighbridge.model.record import AuditRecord
from weighbridge.report.registry import view
from weighbridge.seal.certificate import public_key
from weighbridge.seal.folder import read_file
from weighbridge.seal.pack import SealedPack
from weighbridge.seal.sealed_record import SealBroken, sealed_record
from weighbridge.seal.sealed_statement import read_statement
from weighbridge.seal.verify import verify_pack
from weighbridge.signing.dsse import verify_envelope
from weighbridge.testing.seal_samples import sample_record


def run(*arguments: object):  # type: ignore[no-untyped-def]
    return CliRunner().invoke(app, list(map(str, arguments)))


@pytest.fixture
def copy(sealed_once: SealedPack, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sealed_once.folder, tmp_path / "copy"))


def test_a_changed_record_is_never_shown(copy: Path) -> None:
    path = copy / "audit.json"
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"as_of":"20', b'"as_of":"19', 1))
    with pytest.raises(SealBroken, match="changed since it was sealed"):
        sealed_record(copy)
    result = run(copy, "--format", "json")
    assert isinstance(result.exception, SealBroken)
    assert result.exception.exit_code == 1
    assert result.stdout == ""


def test_a_record_of_another_pack_is_never_shown(copy: Path) -> None:
    other = dataclasses.replace(sample_record(), offline=not sample_record().offline)
    (copy / "audit.json").write_bytes(other.to_bytes())
    with pytest.raises(SealBroken, match="changed since it was sealed"):
        sealed_record(copy)


@pytest.mark.parametrize("name", ["audit.json", "audit.sigstore.json"])
def test_a_flipped_byte_anywhere_in_record_or_seal(copy: Path, name: str) -> None:
    data = read_file(copy / name)
    for at in range(0, len(data), max(1, len(data) // 60)):
        (copy / name).write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        # one in the certificates or the timestamp may hold: the statement is what is looked at
        try:
            assert sealed_record(copy).to_bytes() == read_file(copy / "audit.json")
        except SealBroken:
            continue
        assert name == "audit.sigstore.json", f"byte {at}"


def test_a_changed_pdf_is_never_shown(sealed_once: SealedPack, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    data = (sealed_once.folder / "report.pdf").read_bytes()
    path.write_bytes(data + b"\n% junk\n")
    with pytest.raises(SealBroken):
        sealed_record(path)
    path.write_bytes(b"%PDF-1.7 no")
    with pytest.raises(SealBroken):
        sealed_record(path)


def test_what_is_no_pack(tmp_path: Path, copy: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "absent", copy / "audit.json"):
        with pytest.raises(UsageError):
            sealed_record(path)
    (copy / "audit.json").unlink()
    with pytest.raises(SealBroken, match="is missing"):
        sealed_record(copy)


@pytest.mark.parametrize("name", ["json", "markdown", "oscal", "vsa", "svr", "junit"])
def test_pack_and_pdf_show_the_same_view(sealed_once: SealedPack, name: str) -> None:
    expected = view(name).render(sealed_once.record)
    for path in (sealed_once.folder, sealed_once.folder / "report.pdf"):
        result = run(path, "--format", name)
        assert result.exit_code == 0
        assert result.stdout_bytes == expected
    assert run("--format", name, sealed_once.folder).stdout_bytes == expected
    assert run("show", sealed_once.folder, "-f", name).stdout_bytes == expected


def test_it_is_shown_whatever_the_verdict(seal) -> None:  # type: ignore[no-untyped-def]
    result = run(seal(record=_closed(sample_record())).folder)
    assert result.exit_code == 0
    assert "the policy is violated" in result.stdout


def test_output_into_a_file(sealed_once: SealedPack, tmp_path: Path) -> None:
    out = tmp_path / "o.json"
    result = run(sealed_once.folder, "--format", "json", "--output", out)
    assert (result.exit_code, result.stdout) == (0, "")
    assert json.loads(out.read_bytes())["record"] == str(sealed_once.record.digest)
    assert isinstance(
        run(sealed_once.folder, "--output", tmp_path / "no" / "o").exception, UsageError
    )


def test_unknown_formats_and_misspelt_commands(sealed_once: SealedPack) -> None:
    assert isinstance(run(sealed_once.folder, "--format", "docx").exception, UsageError)
    result = run("verfiy", sealed_once.folder)
    assert result.exit_code == 2
    assert "Did you mean 'verify'?" in result.stderr
    assert isinstance(run("nothing-of-the-kind").exception, UsageError)


def test_statements_are_signed_in_a_pack_by_the_key_that_sealed_it(seal, key) -> None:  # type: ignore[no-untyped-def]
    views = (view("vsa"), view("svr"))
    pack = seal(views=views)
    for one in views:
        read = read_statement(
            read_file(pack.folder / one.FILENAME), predicate_type=one.PREDICATE_TYPE
        )
        assert read.bundle.envelope.payload == one.render(pack.record)
        verify_envelope(public_key(read.bundle.certificates[0]), read.bundle.envelope)
        assert read.bundle.certificates == pack.seal.certificates
    assert verify_pack(pack.folder, signer=key.fingerprint).exit_code == 0


def test_diff_of_two_packs(seal, sealed_once: SealedPack) -> None:  # type: ignore[no-untyped-def]
    same = run("diff", sealed_once.folder, sealed_once.folder / "report.pdf")
    assert same.exit_code == 0
    assert same.stdout.startswith("Nothing got worse.")
    other = seal(record=_closed(sample_record()))
    worse = run("diff", sealed_once.folder, other.folder)
    assert worse.exit_code == 1
    assert "Worse: 1\n  the gate was OPEN" in worse.stdout
    assert max(map(len, worse.stdout.splitlines())) <= 80
    better = run("diff", other.folder, sealed_once.folder, "--format", "json")
    assert better.exit_code == 0
    assert [c["kind"] for c in json.loads(better.stdout)["changes"]] == ["better"]
    assert run("diff", other.folder, other.folder, "-f", "markdown").stdout.startswith("## ")


def _closed(record: AuditRecord) -> AuditRecord:
    from weighbridge.model.errors import ExitCode
    from weighbridge.model.record import Verdict

    return dataclasses.replace(record, verdict=Verdict(False, ExitCode.VIOLATED, ("no",)))


def test_a_broken_seal_is_an_error_of_diff(copy: Path, sealed_once: SealedPack) -> None:
    (copy / "audit.json").write_bytes(b"{}")
    result = run("diff", sealed_once.folder, copy)
    assert isinstance(result.exception, UsageError)  # exit code 2: 1 would say "worse"
    assert isinstance(
        run("diff", sealed_once.folder, sealed_once.folder, "-f", "html").exception, UsageError
    )
