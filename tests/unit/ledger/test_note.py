"""Signed notes, verifier keys and checkpoints in their one spelling."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weighbridge.ledger.checkpoint import MAX_ENTRIES, Checkpoint
from weighbridge.ledger.keys import public_bytes
from weighbridge.ledger.note import MAX_NOTE_BYTES, VerifierKey, open_note, sign_note
from weighbridge.model.errors import BoundExceeded, HostileInput

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
NAME = "example.com/log"
VERIFIER = VerifierKey(NAME, public_bytes(KEY))
# From the documentation of Go's golang.org/x/mod/sumdb/note: a key and a note signed by it.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note.replace(b"text", b"test"),
        lambda note: note.replace(b"\n\n", b"\n"),
        lambda note: note.replace(NAME.encode(), b"example.com/other"),
        lambda note: note[:-1],
        lambda note: note + b"\n",
        lambda note: note.replace(b"=\n", b"\n"),
        lambda note: note.replace("\u2014".encode(), b"-"),
        lambda note: note + note.split(b"\n\n")[1],  # the same signature twice
        lambda note: note.replace(b"text", b"te\x07t"),
        lambda note: note.replace(b"text", b"te\xffxt"),
        lambda note: note + "\u2014 a b AAAA\n".encode(),
        lambda note: note + "\u2014 other AAAAAAAA\n".encode() * 64,
        lambda note: b"x" * (MAX_NOTE_BYTES + 1),
        lambda note: b"",
        lambda note: b"\n\n",
    ],
)
def test_a_changed_note_is_refused(change) -> None:
    note = sign_note("text\n", NAME, KEY)
    assert open_note(note, VERIFIER) == "text\n"
    with pytest.raises(HostileInput):
        open_note(change(note), VERIFIER)


def test_every_flipped_bit_of_a_note_is_refused() -> None:
    note = sign_note("text\n", NAME, KEY)
    for at in range(len(note)):
        for bit in range(8):
            changed = bytearray(note)
            changed[at] ^= 1 << bit
            with pytest.raises(HostileInput):
                open_note(bytes(changed), VERIFIER)


def test_the_note_of_another_implementation_is_read() -> None:
    key = VerifierKey.from_text(GO_KEY)
    assert (key.name, key.key_id.hex()) == ("PeterNeumann", "c74f20a3")
    assert open_note(GO_NOTE, key).startswith("If you think")


def test_signatures_of_others_are_passed_over() -> None:
    note = sign_note("text\n", NAME, KEY) + "\u2014 witness.example AAAAAAAA\n".encode()
    assert open_note(note, VERIFIER) == "text\n"


@pytest.mark.parametrize(
    "text",
    ["", "a", "a+b+c", GO_KEY.upper(), GO_KEY[:-1], GO_KEY + "\n", GO_KEY.replace("c74f", "c74e"),
     GO_KEY.replace("+ARp", "+ABp"), "Peter Neumann" + GO_KEY[12:], "x" * 5000],
)  # fmt: skip
def test_a_malformed_key_is_refused(text: str) -> None:
    with pytest.raises(HostileInput):
        VerifierKey.from_text(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("example.com/log\n1\n", "an origin, a size and a root"),
        (f"{NAME}\n01\n{'A' * 43}=\n", "an origin, a size and a root"),
        (f"{NAME}\n-1\n{'A' * 43}=\n", "an origin, a size and a root"),
        (f"{NAME}\n1\nAAAA\n", "an origin, a size and a root"),
        (f"{NAME}\n1\n{'A' * 42}B=\n", "an origin, a size and a root"),
        (f"{NAME}\n1\n{'A' * 43}=\n\nmore\n", "an origin, a size and a root"),
        (f"example.com/x\n1\n{'A' * 43}=\n", "another log"),
        (f"{NAME}\n0\n{'A' * 43}=\n", "not the empty one"),
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str, said: str) -> None:
    with pytest.raises(HostileInput, match=said):
        Checkpoint.open(sign_note(text, NAME, KEY), VERIFIER)


def test_a_checkpoint_past_the_bound_is_refused() -> None:
    with pytest.raises(BoundExceeded):
        Checkpoint.open(Checkpoint(NAME, MAX_ENTRIES + 1, b"r" * 32).sign(KEY), VERIFIER)


def test_a_checkpoint_comes_back() -> None:
    made = Checkpoint(NAME, 7, b"r" * 32)
    assert Checkpoint.open(made.sign(KEY), VERIFIER) == made
