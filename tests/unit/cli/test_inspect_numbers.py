"""`weighbridge inspect --numbers`: information, which has no say in states and exit codes."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save
from tests.unit.weights import craft

from weighbridge.cli import inspect_numbers
from weighbridge.cli.inspect import inspect
from weighbridge.cli.inspect_numbers import LOOKED_AT
from weighbridge.formats.sniff import Peek, sniff
from weighbridge.model.errors import HostileInput, UsageError
from weighbridge.weights.extents import extents
from weighbridge.weights.source import file_source
from weighbridge.weights.statistics import METHODS

RANDOM = np.random.default_rng(11)
PLAIN = RANDOM.normal(size=5000).astype("<f4")
EVIL = b"\x80\x02cos\nsystem\nX\x0a\x00\x00\x00echo inert\x85R."


def damaged() -> dict[str, np.ndarray]:
    """A tensor for each remark but those on bytes."""
    nan, infinite = PLAIN.copy(), PLAIN[::-1].copy()
    nan[[3, 70, 900]] = np.nan
    infinite[[5, 6]] = [np.inf, -np.inf]
    return {
        "a.nan": nan, "b.inf": infinite, "c.zero": np.zeros(50, "<f4"),
        "d.ones": np.ones(50, "<f4"), "e.plain": PLAIN, "f.twin": PLAIN,
    }  # fmt: skip


@pytest.fixture
def run(capsys):
    """Run it; the exit code and stdout."""

    def run(*paths, **options) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            inspect([str(path) for path in paths], **options)
        return ended.value.code, capsys.readouterr().out

    return run


@pytest.fixture
def look(run, tmp_path):
    """The ``numbers`` object of one file of that content."""

    def look(name: str, data: bytes, **options):
        (tmp_path / name).write_bytes(data)
        code, text = run(tmp_path / name, numbers=True, format_="json", **options)
        (body,) = json.loads(text)["files"]
        return body["numbers"], body, code

    return look


def flat(text: str) -> str:
    return " ".join(text.split())


def test_json_counts_exactly_and_says_how(look) -> None:
    found, body, code = look("m.safetensors", save(damaged()))
    assert (code, body["state"], body["findings"]) == (0, "clean", [])
    assert found["looked_at"] == 6
    assert found["not_looked_at"] == []
    assert found["methods"] == METHODS
    counts = {kind: count for kind, count in found["counts"].items() if count["tensors"]}
    assert counts == {
        "nan": {"tensors": 1, "numbers": 3}, "infinite": {"tensors": 1, "numbers": 2},
        "zero": {"tensors": 1}, "constant": {"tensors": 1}, "same_as": {"tensors": 1},
    }  # fmt: skip
    assert set(found["counts"]) == set(METHODS)
    by_name = {one["name"]: one for one in found["tensors"]}
    assert "e.plain" not in by_name
    assert (by_name["a.nan"]["nan"], by_name["b.inf"]["infinite"]) == (3, 2)
    assert by_name["f.twin"]["same_as"] == "e.plain"
    assert by_name["c.zero"]["remarks"][0]["kind"] == "zero"


def test_text_names_tensor_count_and_method_in_80_columns(run, tmp_path) -> None:
    (tmp_path / "m.safetensors").write_bytes(save(damaged()))
    code, text = run(tmp_path / "m.safetensors", numbers=True)
    assert code == 0
    assert "note: 1 tensor holds NaN (3 numbers): a.nan; method: exponent bits" in flat(text)
    assert "1 tensor has the bytes of another; --format json lists" in flat(text)
    assert text.count("note: ") == inspect_numbers.MAX_NOTES + 1
    assert all(len(line) <= 80 for line in text.splitlines() if " " in line.strip())


def test_many_tensors_are_counted_and_three_are_named(run, tmp_path) -> None:
    many = {f"layer.{n:04}.{'x' * 300}": np.full(9, np.nan, "<f4") for n in range(1200)}
    (tmp_path / "m.safetensors").write_bytes(save(many))
    text = run(tmp_path / "m.safetensors", numbers=True)[1]
    assert "note: 1,200 tensors hold NaN (10,800 numbers): layer.0000." in flat(text)
    assert "and 1,197 more; method: exponent bits all set and a fraction that" in flat(text)
    assert len(text.splitlines()) < 20


def test_the_json_is_bounded_and_its_counts_are_not(look, monkeypatch) -> None:
    monkeypatch.setattr(inspect_numbers, "MAX_LISTED", 3)
    found, _, _ = look("m.safetensors", save({f"{n}": np.zeros(9, "<f4") for n in range(20)}))
    assert (len(found["tensors"]), found["not_listed"]) == (3, 17)
    assert found["counts"]["zero"]["tensors"] == 20


def test_what_is_unusual_changes_neither_state_nor_exit_code(run, tmp_path) -> None:
    # a document: a program there would be a finding, with or without the flag
    arrays = {"pdf": np.frombuffer(b"%PDF-1.7" + bytes(56), "<f4"),
              "random": np.frombuffer(RANDOM.bytes(2**16), "<f4")}  # fmt: skip
    (tmp_path / "m.safetensors").write_bytes(save(arrays))
    (tmp_path / "evil.pkl").write_bytes(EVIL)
    for path, expected in (("m.safetensors", 0), ("evil.pkl", 1)):
        plain = run(tmp_path / path, format_="json")
        told = run(tmp_path / path, format_="json", numbers=True)
        assert plain[0] == told[0] == expected
        before, after = json.loads(plain[1]), json.loads(told[1])
        numbers = after["files"][0].pop("numbers")
        assert before == after
        if expected == 0:
            assert numbers["counts"]["starts_like"]["tensors"] == 1
            assert numbers["counts"]["entropy"]["tensors"] == 1


def test_without_the_flag_nothing_is_said(run, tmp_path) -> None:
    (tmp_path / "m.safetensors").write_bytes(save(damaged()))
    assert "note:" not in run(tmp_path / "m.safetensors")[1]
    assert (
        "numbers" not in json.loads(run(tmp_path / "m.safetensors", format_="json")[1])["files"][0]
    )


def test_nothing_unusual_is_said_with_what_was_looked_at(run, tmp_path) -> None:
    (tmp_path / "m.safetensors").write_bytes(save({"w": PLAIN}))
    text = run(tmp_path / "m.safetensors", numbers=True)[1]
    assert "note: nothing worth a look in the numbers of 1 tensor" in flat(text)


def test_the_digest_comes_from_the_same_reading(look, monkeypatch) -> None:
    import weighbridge.snapshot.read as reading

    def never(*_: object, **__: object) -> None:
        raise AssertionError("the file was read for its digest alone")

    original = reading.MultiHash.update
    monkeypatch.setattr(reading.MultiHash, "update", never)
    for name, data in (("m.safetensors", save(damaged())), ("n.npy", craft.npy("{", b"x" * 99)),
                       ("e.pkl", EVIL), ("g.gguf", b"GGUF" + b"\xff" * 60)):  # fmt: skip
        assert look(name, data, hash_=True)[1]["sha256"] == hashlib.sha256(data).hexdigest()
    monkeypatch.setattr(reading.MultiHash, "update", original)


def test_only_with_hash_is_a_digest_given(look) -> None:
    assert look("m.safetensors", save(damaged()))[1]["sha256"] is None


def test_kinds_that_nobody_looks_at_are_said(look, run, tmp_path) -> None:
    found, _, _ = look("evil.pkl", EVIL)
    assert found["looked_at"] == 0
    assert found["not_looked_at"] == [
        {"tensors": None, "reason": "nothing here reads those of pickle files"}
    ]
    text = flat(run(tmp_path / "evil.pkl", numbers=True)[1])
    assert "note: numbers not looked at: nothing here reads those of pickle files" in text
    assert (
        "gzip files"
        in look("m.bin", gzip.compress(save(damaged())))[0]["not_looked_at"][0]["reason"]
    )


def test_files_without_tensors_get_no_note(look) -> None:
    assert look("config.json", b'{"a": 1}')[0] is None


def test_a_pointer_is_not_looked_at(look) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 5\n"
    found, body, code = look("m.safetensors", pointer.encode(), hash_=True)
    assert found["not_looked_at"] == [{"tensors": None, "reason": "the file is a pointer"}]
    assert (code, body["sha256"]) == (3, "0" * 64)


def test_compressed_storages_and_blocks_are_said(look) -> None:
    archive = craft.Zip(torch=True).add("a/data.pkl", craft.state_dict())
    archive.add("a/data/0", bytes(24), method=8)
    found, _, _ = look("m.pt", archive.end())
    assert found["not_looked_at"] == [
        {"tensors": 1, "reason": "they do not lie in the file as they are"}
    ]
    blocks = craft.gguf_tensor("q", (256, 2), 12) + craft.gguf_tensor("i", (8,), 26, 288)
    found, _, _ = look("m.gguf", craft.gguf(tensors=blocks, tensor_count=2, body=bytes(320)))
    assert found["looked_at"] == 2
    assert found["not_looked_at"] == [
        {"tensors": 1, "reason": "NaN and infinities are not looked for in Q4_K"}
    ]


def test_a_torch_storage_is_looked_at(look) -> None:
    archive = craft.Zip(torch=True).add("a/data.pkl", craft.state_dict())
    archive.add("a/data/0", struct.pack("<6f", 1, 2, float("nan"), 4, 5, 6))
    found, _, _ = look("m.pt", archive.end())
    assert found["tensors"][0]["name"] == "a/data/0"
    assert (found["looked_at"], found["tensors"][0]["nan"]) == (1, 1)


def test_a_file_that_changes_has_no_digest_and_is_a_problem(run, tmp_path, monkeypatch) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(save(damaged()))
    original = inspect_numbers.numbers

    def meanwhile(*arguments):
        found = original(*arguments)
        path.write_bytes(save({"other": PLAIN}))
        return found

    monkeypatch.setattr(inspect_numbers, "numbers", meanwhile)
    code, text = run(path, numbers=True, hash_=True, format_="json")
    body = json.loads(text)
    assert code == 3
    assert body["files"][0]["sha256"] is None
    assert "changed" in body["problems"][0]["detail"]
    assert body["files"][0]["numbers"]["looked_at"] == 0
    assert run(path, numbers=True, format_="json")[0] == 0  # nobody asked for a digest


def test_sarif_holds_findings_and_these_are_none(tmp_path) -> None:
    with pytest.raises(UsageError, match="information"):
        inspect([str(tmp_path)], numbers=True, format_="sarif")


def test_a_hostile_name_is_escaped(run, tmp_path) -> None:
    (tmp_path / "m.safetensors").write_bytes(save({"a\x1b[2Jb": np.zeros(9, "<f4")}))
    assert "\x1b" not in run(tmp_path / "m.safetensors", numbers=True)[1]


def test_every_kind_that_is_looked_at_has_a_reader() -> None:
    numpy = io.BytesIO()
    np.save(numpy, PLAIN)
    tensor = craft.gguf_tensor("w", (8,))
    whole = (save(damaged()), craft.gguf(tensors=tensor, tensor_count=1, body=bytes(32)),
             numpy.getvalue(), craft.torch_zip().end())  # fmt: skip
    for kind, data in zip(LOOKED_AT, whole, strict=True):
        assert sniff(Peek.of(data)) is kind
        assert extents(file_source(io.BytesIO(data), len(data)), kind)


@given(st.sampled_from(range(3)), st.integers(0, 700), st.binary(max_size=30))
def test_damaged_headers_raise_nothing_but_what_is_caught(
    which: int, at: int, noise: bytes
) -> None:
    tensor = craft.gguf_tensor("w", (8,))
    data = (save(damaged()), craft.gguf(tensors=tensor, tensor_count=1, body=bytes(32)),
            craft.torch_zip().end())[which]  # fmt: skip
    data = data[:at] + noise + data[at + len(noise) :]
    source = file_source(io.BytesIO(data), len(data))
    digest = hashlib.sha256()
    try:
        places = extents(source, LOOKED_AT[(0, 1, 3)[which]])
    except HostileInput:
        places = ()
    inspect_numbers.numbers(source, places, digest.update)
    assert digest.digest() == hashlib.sha256(data).digest()
