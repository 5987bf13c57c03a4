"""`weighbridge inspect`: its exit codes, what it says, and that it says the same as an audit."""

import json

import pytest

from weighbridge.cli.inspect import inspect
from weighbridge.cli.inspect_files import FAMILY, OF_ONE_FILE
from weighbridge.model.errors import SubjectError, UsageError
from weighbridge.model.evidence import EvidenceKind
from weighbridge.rules.registry import load_rules

EVIL = b"\x80\x02cos\nsystem\nX\x0a\x00\x00\x00echo inert\x85R."
GOOD = b"\x80\x04K\x01."
UNLISTED = b"\x80\x02cmypackage.nets\nNet\n."


@pytest.fixture
def run(capsys):
    """Run it; the exit code and stdout."""

    def run(*paths, **options) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            inspect([str(path) for path in paths], **options)
        return ended.value.code, capsys.readouterr().out

    return run


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "good.pkl").write_bytes(GOOD)
    (folder / "README.md").write_text("# A model\n")
    return folder


def test_a_clean_folder_is_0(run, model) -> None:
    code, text = run(model)
    assert code == 0
    assert "good.pkl: clean, pickle" in " ".join(text.split())
    assert "1 other file is no weights" in text
    assert "CLEAN: nothing was found" in text


def test_an_unsafe_file_is_1_and_says_what_to_do(run, model) -> None:
    (model / "evil.bin").write_bytes(EVIL)
    code, text = run(model)
    assert code == 1
    flat = " ".join(text.split())
    assert "critical at @" in flat
    assert "os.system('echo inert')" in flat
    assert "Do not load this file" in flat
    assert all(len(line) <= 80 for line in text.splitlines() if " " in line.strip())


def test_what_is_not_read_is_3(run, model) -> None:
    (model / "weights.bin").write_bytes(bytes(range(256)) * 40)
    code, text = run(model / "weights.bin")
    assert code == 3
    assert "INCONCLUSIVE" in text


def test_a_pointer_is_3(run, model) -> None:
    (model / "model.safetensors").write_text(
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{'0' * 64}\nsize 5\n"
    )  # fmt: skip
    assert run(model / "model.safetensors")[0] == 3


def test_1_outranks_3(run, model) -> None:
    (model / "weights.bin").write_bytes(bytes(range(256)) * 40)
    (model / "evil.bin").write_bytes(EVIL)
    assert run(model)[0] == 1


def test_a_folder_without_weights_is_not_clean(run, tmp_path) -> None:
    (tmp_path / "README.md").write_text("nothing\n")
    code, text = run(tmp_path)
    assert code == 3
    assert "No weight file found" in text


def test_a_file_that_is_named_is_looked_into_whatever_its_name(run, tmp_path) -> None:
    (tmp_path / "notes.md").write_bytes(EVIL)
    assert run(tmp_path / "notes.md")[0] == 1


def test_nothing_there_is_an_error(tmp_path) -> None:
    with pytest.raises(SubjectError):
        inspect([str(tmp_path / "gone")])
    with pytest.raises(UsageError, match="unknown format"):
        inspect([str(tmp_path)], format_="xml")


def test_accepted_names_pass_and_gadgets_never_do(run, model) -> None:
    (model / "net.pkl").write_bytes(UNLISTED)
    assert run(model)[0] == 1
    assert run(model, accept=["mypackage.nets.*"])[0] == 0
    (model / "evil.pkl").write_bytes(EVIL)
    assert run(model, accept=["mypackage.nets.*", "os.system", "os.*"])[0] == 1


def test_json(run, model) -> None:
    (model / "evil.bin").write_bytes(EVIL)
    code, text = run(model, format_="json", hash_=True)
    body = json.loads(text)
    assert body["schema"] == "urn:weighbridge:inspect:1"
    assert body["exit_code"] == code == 1
    evil, good = body["files"]
    assert [evil["state"], good["state"]] == ["unsafe", "clean"]
    assert len(good["sha256"]) == 64
    found = evil["findings"][0]
    assert (found["rule"], found["severity"], found["name"]) == (
        "unsafe-content", "critical", "os.system",
    )  # fmt: skip
    assert EVIL[found["offset"] : found["offset"] + 1] in (b"c", b"R")
    assert run(model, format_="json")[1] == run(model, format_="json")[1]


def test_without_hash_no_digest_is_claimed(run, model) -> None:
    assert json.loads(run(model, format_="json")[1])["files"][0]["sha256"] is None


def test_sarif_points_at_file_and_byte(run, model) -> None:
    (model / "evil.bin").write_bytes(EVIL)
    body = json.loads(run(model, format_="sarif")[1])
    (result,) = [r for r in body["runs"][0]["results"] if r["ruleId"] == "unsafe-content"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("evil.bin")
    assert place["region"]["byteOffset"] > 0


def test_the_result_goes_into_a_file(run, model, tmp_path) -> None:
    code, text = run(model, format_="json", output=str(tmp_path / "out.json"))
    assert (code, text) == (0, "")
    assert json.loads((tmp_path / "out.json").read_text())["exit_code"] == 0


def test_a_hostile_name_is_escaped(run, tmp_path) -> None:
    (tmp_path / "a\x1b[2Jb.pkl").write_bytes(EVIL)
    assert "\x1b" not in run(tmp_path)[1]


def test_the_rules_are_all_that_judge_a_file_by_itself() -> None:
    alone = [r.META.id for r in load_rules(FAMILY) if r.META.needs == (EvidenceKind.WEIGHTS,)]
    assert alone == list(OF_ONE_FILE)
