"""Proofs in packs: held against the pack, and against every change of them."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from pathlib import Path

import pytest
from tests.unit.ledger.conftest import Kept, entry

from weighbridge.ledger.checkpoint import Checkpoint
from weighbridge.ledger.errors import LedgerDamaged
from weighbridge.ledger.log import append
from weighbridge.ledger.merkle import consistent
from weighbridge.ledger.note import VerifierKey
from weighbridge.ledger.proof import (
    MAX_PROOF_BYTES,
    PROOF_FILE,
    Proof,
    check,
    entry_of,
    prove,
    prove_consistency,
)
from weighbridge.model.errors import HostileInput, UsageError
from weighbridge.testing.seal_samples import sample_record


@pytest.fixture
def pack(kept: Kept, tmp_path: Path) -> Path:
    """A pack's two files that an entry is made of, in a ledger of five, with its proof."""
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "audit.json").write_bytes(sample_record().to_bytes())
    (folder / "audit.sigstore.json").write_bytes(b"a seal")
    kept.append(0, 1)
    append(kept.path, entry_of(folder), kept.keys)
    kept.append(3, 4)
    (folder / PROOF_FILE).write_bytes(prove(kept.path, entry_of(folder)).to_bytes())
    return folder


def test_every_flipped_byte_of_a_proof_is_noticed(pack: Path) -> None:
    assert check(pack) == ()
    data = (pack / PROOF_FILE).read_bytes()
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= (1, 0x20, 0x80)[at % 3]
        (pack / PROOF_FILE).write_bytes(bytes(changed))
        assert check(pack), at


@pytest.mark.parametrize("name", ["audit.json", "audit.sigstore.json"])
def test_a_proof_of_another_audit_is_noticed(pack: Path, name: str) -> None:
    record = dataclasses.replace(sample_record(), tool_version="9")
    (pack / name).write_bytes(record.to_bytes())
    assert check(pack) == ("the ledger proof is of another audit than the pack's",)


def test_a_proof_of_another_log_is_noticed(pack: Path) -> None:
    proof = Proof.from_bytes((pack / PROOF_FILE).read_bytes())
    assert check(pack, proof.key) == ()
    other = VerifierKey("example.com/log", proof.key.public)
    assert "another log" in check(pack, other)[0]


def test_a_place_or_path_that_is_not_the_entrys_is_noticed(pack: Path) -> None:
    proof = Proof.from_bytes((pack / PROOF_FILE).read_bytes())
    for wrong in (
        dataclasses.replace(proof, index=1),
        dataclasses.replace(proof, index=2**40),
        dataclasses.replace(proof, path=proof.path[:-1]),
        dataclasses.replace(proof, path=(*proof.path, bytes(32))),
    ):
        (pack / PROOF_FILE).write_bytes(wrong.to_bytes())
        assert "does not lead to the root" in check(pack)[0]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{}", b"c2sp.org/tlog-proof@v1\n", b"c2sp.org/tlog-proof@v1\nextra AAAA\nindex 0\n\n",
        b"c2sp.org/tlog-proof@v1\nextra\nindex 0\n\nx", b"\xff" * 99, b"a" * (MAX_PROOF_BYTES + 1),
        b"c2sp.org/tlog-proof@v1\nextra AAAA\nindex 0\n" + b"A" * 43 + b"=\n" * 5000 + b"\nx",
        b"c2sp.org/tlog-proof@v1\nextra AAAA\nindex 0\n" + (b"A" * 43 + b"=\n") * 50 + b"\nx",
    ],
)  # fmt: skip
def test_what_is_no_proof_is_refused(pack: Path, data: bytes) -> None:
    with pytest.raises(HostileInput):
        Proof.from_bytes(data)
    (pack / PROOF_FILE).write_bytes(data)
    assert check(pack)


def test_a_pack_without_a_proof_has_no_problem(pack: Path) -> None:
    (pack / PROOF_FILE).unlink()
    assert check(pack) == ()


def test_what_is_no_pack_or_not_in_the_ledger_is_refused(kept: Kept, tmp_path: Path) -> None:
    kept.append(0)
    with pytest.raises(UsageError, match="not an audit pack"):
        entry_of(tmp_path)
    with pytest.raises(UsageError, match="no entry of this audit"):
        prove(kept.path, entry(1))
    with pytest.raises(UsageError, match="not a ledger"):
        prove(tmp_path, entry(0))


def test_no_proof_is_made_from_changed_tiles(kept: Kept, pack: Path) -> None:
    tile = kept.path / "tile/0/000.p/5"
    tile.write_bytes(bytes(32) + tile.read_bytes()[32:])
    with pytest.raises(HostileInput, match="does not lead to the root"):
        prove(kept.path, entry_of(pack))
    with pytest.raises(LedgerDamaged, match="does not continue"):
        prove_consistency(kept.path, kept.checkpoint())


def test_a_proof_can_be_followed_with_nothing_of_ours(pack: Path) -> None:
    """Entry 2 of 5: its sibling 3, then the first two, then the fifth."""
    lines = (pack / PROOF_FILE).read_text().split("\n")
    extra = base64.b64decode(lines[1].split(" ")[1])
    assert lines[2] == "index 2"
    three, first_two, fifth = (base64.b64decode(line) for line in lines[3:6])
    leaf = hashlib.sha256(b"\0" + extra.split(b"\n", 1)[1]).digest()
    made = hashlib.sha256(b"\1" + leaf + three).digest()
    made = hashlib.sha256(b"\1" + first_two + made).digest()
    made = hashlib.sha256(b"\1" + made + fifth).digest()
    assert lines[6] == ""
    assert lines[8] == "5"
    assert base64.b64decode(lines[9]) == made


def test_a_consistency_proof_is_a_witness_request(kept: Kept) -> None:
    kept.append(0, 1, 2)
    older = kept.checkpoint()
    kept.append(3, 4)
    key = kept.verify().key
    assert key is not None
    made = prove_consistency(kept.path, older)
    top, _, note = made.partition(b"\n\n")
    first, *steps = top.decode().split("\n")
    old, new = Checkpoint.open(older, key), Checkpoint.open(note, key)
    assert first == "old 3"
    assert new.size == 5
    assert consistent(3, old.root, 5, new.root, [base64.b64decode(step) for step in steps])
