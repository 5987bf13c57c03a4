"""Hashes and proofs against the RFC's recursion, and against sigstore's verifier."""

from __future__ import annotations

import types

import pytest
from tests.unit.ledger import naive

from weighbridge.ledger import merkle

ENTRIES = [f"entry {n}".encode() for n in range(70)]
LEAVES = [merkle.leaf_hash(entry) for entry in ENTRIES]


def subtree(start: int, end: int) -> bytes:
    return merkle.root(LEAVES[start:end])


def test_a_proof_for_another_place_size_or_leaf_is_refused() -> None:
    path = merkle.inclusion_path(5, 13, subtree)
    head = subtree(0, 13)
    assert merkle.includes(LEAVES[5], 5, 13, path, head)
    assert not merkle.includes(LEAVES[6], 5, 13, path, head)
    assert not merkle.includes(LEAVES[5], 4, 13, path, head)
    assert not merkle.includes(LEAVES[5], 5, 8, path, head)
    assert not merkle.includes(LEAVES[5], 5, 13, path[:-1], head)
    assert not merkle.includes(LEAVES[5], 5, 13, [*path, head], head)
    assert not merkle.includes(LEAVES[5], 13, 13, path, head)
    assert not merkle.includes(LEAVES[5], -1, 13, path, head)
    with pytest.raises(ValueError, match="no entry 13"):
        merkle.inclusion_path(13, 13, subtree)


def test_a_tree_that_does_not_continue_the_older_one_is_refused() -> None:
    path = merkle.consistency_path(6, 13, subtree)
    old, new = subtree(0, 6), subtree(0, 13)
    assert merkle.consistent(6, old, 13, new, path)
    assert not merkle.consistent(6, subtree(1, 7), 13, new, path)
    assert not merkle.consistent(6, old, 13, subtree(1, 14), path)
    assert not merkle.consistent(6, old, 13, new, path[:-1])
    assert not merkle.consistent(6, old, 13, new, [*path, old])
    assert not merkle.consistent(6, old, 13, new, [])
    assert not merkle.consistent(14, old, 13, new, path)
    assert not merkle.consistent(13, old, 13, new, [])
    assert not merkle.consistent(0, old, 13, new, [])
    assert merkle.consistent(0, merkle.EMPTY_ROOT, 13, new, [])
    with pytest.raises(ValueError, match="cannot begin"):
        merkle.consistency_path(0, 13, subtree)


def test_roots_and_paths_are_those_of_the_rfc() -> None:
    for size in range(len(ENTRIES) + 1):
        assert subtree(0, size) == naive.mth(ENTRIES[:size])
        for index in range(size):
            path = merkle.inclusion_path(index, size, subtree)
            assert path == naive.path(index, ENTRIES[:size])
            assert merkle.includes(LEAVES[index], index, size, path, subtree(0, size))


def test_consistency_proofs_are_those_of_the_rfc() -> None:
    for size in range(1, 40):
        for old in range(1, size + 1):
            path = merkle.consistency_path(old, size, subtree)
            assert path == naive.proof(old, ENTRIES[:size])
            assert merkle.consistent(old, subtree(0, old), size, subtree(0, size), path)


def test_the_known_root_of_rfc_6962_reference_data() -> None:
    """The eight inputs with which certificate-transparency's own tests begin, and their root."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
              "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
    leaves = [merkle.leaf_hash(bytes.fromhex(text)) for text in inputs]
    assert merkle.root(leaves).hex() == (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    )


def test_sigstore_verifies_our_inclusion_proofs() -> None:
    from sigstore._internal.merkle import verify_merkle_inclusion
    from sigstore.errors import VerificationError

    def logged(index: int, size: int, body: bytes) -> types.SimpleNamespace:
        proof = types.SimpleNamespace(
            log_index=index, tree_size=size, root_hash=subtree(0, size),
            hashes=merkle.inclusion_path(index, size, subtree),
        )  # fmt: skip
        inner = types.SimpleNamespace(inclusion_proof=proof, canonicalized_body=body)
        return types.SimpleNamespace(_inner=inner)

    for size in (1, 2, 3, 7, 8, 9, 64, 70):
        for index in range(size):
            verify_merkle_inclusion(logged(index, size, ENTRIES[index]))  # type: ignore[arg-type]
    with pytest.raises(VerificationError):
        verify_merkle_inclusion(logged(3, 9, b"another entry"))  # type: ignore[arg-type]
