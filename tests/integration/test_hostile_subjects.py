"""Broken and hostile subjects: a clear paragraph, the right exit code, nothing half-written."""

import os
import stat
import time
import zipfile
from pathlib import Path

import pytest

AS_OF = ("--offline", "--as-of", "2026-11-20")
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
)


def clear(done, code: int) -> str:
    """The run ended with this code, without a traceback, and said something."""
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    said = done.stdout + done.stderr
    assert said.strip()
    return said


def test_a_missing_path(run_here, tmp_path) -> None:
    done = run_here("audit", "no-such-model", "--out", "pack", *AS_OF)
    assert "no-such-model" in clear(done, 2)
    assert not (tmp_path / "pack").exists()


def test_an_empty_folder(run_here, tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    done = run_here("audit", "empty", "--out", "pack", *AS_OF)
    assert "empty" in clear(done, 2)
    assert not (tmp_path / "pack").exists()


def test_a_policy_that_is_an_alias_bomb(run, model, tmp_path) -> None:
    (tmp_path / "bomb.yaml").write_text(BOMB)
    started = time.monotonic()
    said = clear(run("audit", model("tiny-chat"), "--policy", "bomb.yaml", *AS_OF), 2)
    assert "bomb.yaml" in said
    assert time.monotonic() - started < 20


def test_a_card_that_is_an_alias_bomb(run, model) -> None:
    folder = model("tiny-chat")
    (folder / "LICENSE").unlink()
    (folder / "README.md").write_text(f"---\n{BOMB}---\nhello\n")
    done = run("audit", folder, *AS_OF)
    assert "README.md" in clear(done, 1)  # the card is signed too: it changed


def test_an_unreadable_file(run_here, model) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads every file: tests/unit/snapshot simulates the error instead")
    folder = model("tiny-chat")
    (folder / "config.json").chmod(0)
    assert "config.json" in clear(run_here("audit", folder, *AS_OF), 1)


def audited(folder: Path):
    """The record of an audit in this process, so that a test can get at the reading."""
    import datetime as dt

    from weighbridge.audit import AuditRequest, run_audit

    request = AuditRequest(subject=folder, as_of=dt.date(2026, 11, 20), offline=True)
    return run_audit(request).record


def test_a_file_that_changes_while_it_is_read(model, monkeypatch) -> None:
    from weighbridge.snapshot.hashing import MultiHash

    folder = model("tiny-chat")
    target = folder / "model-00001-of-00002.safetensors"
    size, update = target.stat().st_size, MultiHash.update

    def changing(self, chunk) -> None:
        if len(chunk) == size:
            target.write_bytes(target.read_bytes()[::-1])
        update(self, chunk)

    monkeypatch.setattr(MultiHash, "update", changing)
    record = audited(folder)
    assert [p.kind.value for p in record.problems] == ["changed-while-read"]
    assert target.name not in {a.path for a in record.artifacts}
    outcomes = {r.rule: r.outcome.value for r in record.results}
    assert outcomes["unreadable-files"] == "unknown"
    assert outcomes["signature-mismatch"] in ("fail", "unknown")
    assert not record.verdict.open


def test_a_file_that_may_not_be_read(model, monkeypatch) -> None:
    folder = model("tiny-chat")
    opened = os.open

    def refusing(path, *args, **kwargs):
        if os.fsdecode(path).endswith("config.json"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", refusing)
    record = audited(folder)
    assert [(p.path, p.kind.value) for p in record.problems] == [("config.json", "unreadable")]
    assert {r.rule: r.outcome.value for r in record.results}["unreadable-files"] == "unknown"
    assert not record.verdict.open


@pytest.mark.slow
def test_a_sparse_file_of_ten_gigabytes(run, model) -> None:
    folder = model("tiny-chat")
    with (folder / "huge.safetensors").open("wb") as stream:
        stream.truncate(10 * 10**9)
    assert (folder / "huge.safetensors").stat().st_blocks < 100
    said = clear(run("audit", folder, *AS_OF), 1)
    assert "huge.safetensors" in said


def test_a_zip_bomb(run, model) -> None:
    folder = model("tiny-chat")
    with zipfile.ZipFile(folder / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb/data.pkl", b"\0" * 300_000_000)
    started = time.monotonic()
    said = clear(run("audit", folder, *AS_OF), 1)
    assert "bomb.pt" in said
    assert time.monotonic() - started < 30


def test_a_recursive_symlink(run_here, model) -> None:
    folder = model("tiny-chat")
    (folder / "loop").symlink_to(".")
    (folder / "self").symlink_to("self")
    (folder / "outside").symlink_to("/etc/hostname")
    said = clear(run_here("audit", folder, *AS_OF), 1)
    assert "outside" in said


def test_a_fifo_does_not_block(run, model) -> None:
    folder = model("tiny-chat")
    os.mkfifo(folder / "pipe.bin")
    said = clear(run("audit", folder, *AS_OF), 1)  # it is not among what was signed
    assert "pipe.bin" in said
    assert "FIFO" in said


def test_a_name_that_is_not_utf8(run_here, model) -> None:
    folder = model("tiny-chat")
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_text("x")
    done = run_here("audit", folder, "--out", "pack", *AS_OF)
    assert "caf\\xe9.txt" in clear(done, 3)


def test_a_card_with_broken_front_matter(run_here, model) -> None:
    folder = model("broken_card_unknown")
    said = clear(run_here("audit", folder, *AS_OF), 3)
    assert "README.md" in said


def test_an_out_folder_that_holds_something_else_is_not_touched(run_here, model, tmp_path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("years of work")
    clear(run_here("audit", model("tiny-chat"), "--out", "thesis", *AS_OF), 2)
    assert [p.name for p in (tmp_path / "thesis").iterdir()] == ["chapter1.tex"]


def test_terminal_escapes_in_names_are_shown_not_sent(run_here, model) -> None:
    folder = model("tiny-chat")
    (folder / "\x1b[2J\x1b[31mevil.bin").write_bytes(b"\x80\x02cos\nsystem\n0N.")
    done = run_here("audit", folder, *AS_OF)
    assert "\x1b" not in clear(done, 1)
    assert "\\x1b[2J" in done.stdout


def test_the_subject_is_left_as_it_was(run_here, model) -> None:
    folder = model("tampered_fail")
    before = {p: (p.read_bytes(), stat.S_IMODE(p.stat().st_mode)) for p in folder.iterdir()}
    run_here("audit", folder, "--out", "pack", *AS_OF)
    assert {p: (p.read_bytes(), stat.S_IMODE(p.stat().st_mode)) for p in folder.iterdir()} == before
