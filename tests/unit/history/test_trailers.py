"""Trailers are found where git finds them; git itself is asked."""

import random
import subprocess
from pathlib import Path

import pytest

from weighbridge.history.trailers import MAX_MESSAGE, Trailer, split_message, trailers_of

LEGAL = "Legal-Ref: EU-AIA Art. 15(5)\n"
PIECES = (
    "Title\n", "Signed-off-by: A <a@b>\n", LEGAL, "Refs: #12\n", "\n", "  \n", "plain text\n",
    " continued\n", "\tx: y\n", "# comment\n", "key : spaced\n",
    "(cherry picked from commit abc)\n",
    "Conflicts:\n", "\tfile\n", "a b: c\n", ": x\n", "-x: y\n", "---\n", "Cc:\n", "no newline: end",
    "# ------------------------ >8 ------------------------\n", "Legal-Ref:EU\r\n",
    "\r\n", "é: x\n",
)  # fmt: skip


def git_says(top: Path, messages: list[str]) -> list[str]:
    """What ``git log --format=%(trailers)`` prints for each message."""
    environment = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
                   "PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(top)}  # fmt: skip

    def git(*arguments: str, given: bytes = b"") -> bytes:
        return subprocess.run(["git", *arguments], cwd=top, input=given, env=environment,
                              capture_output=True, check=True).stdout  # fmt: skip

    git("init", "-q")
    stream = b""
    for number, message in enumerate(messages):
        data = message.encode()
        stream += b"commit refs/heads/all\ncommitter a <a@b> %d +0000\n" % (1_780_000_000 + number)
        stream += b"data %d\n%s\n" % (len(data), data)
    git("fast-import", "--quiet", given=stream)
    said = git("log", "--reverse", "--format=%(trailers:only,unfold)%x01", "all").decode()
    return said.split("\x01\n")[:-1]


def ours(message: str) -> str:
    found = trailers_of(split_message(b"tree x\n\n" + message.encode()))
    return "".join(f"{trailer.key}: {trailer.value}\n" for trailer in found)


def test_random_messages_have_the_trailers_that_git_sees(tmp_path: Path) -> None:
    chance = random.Random(20261121)
    messages = [
        "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 9))) for _ in range(3000)
    ]
    said = git_says(tmp_path, messages)
    assert len(said) == len(messages)
    assert sum(bool(one) for one in said) > 150  # else the messages show nothing
    for message, theirs in zip(messages, said, strict=True):
        assert ours(message) == theirs, message


def test_interpret_trailers_agrees(tmp_path: Path) -> None:
    message = f"Title\n\nBody\n\n{LEGAL}Refs: REQ-1,\n  REQ-2\nSigned-off-by: A <a@b>\n"
    theirs = subprocess.run(["git", "interpret-trailers", "--parse"], input=message, text=True,
                            cwd=tmp_path, capture_output=True, check=True).stdout  # fmt: skip
    assert ours(message) == theirs
    assert Trailer("Refs", "REQ-1, REQ-2") in trailers_of(message.encode())


@pytest.mark.parametrize(
    "message",
    [
        LEGAL,  # the title is none
        f"Title\n\n{LEGAL}\nLast paragraph of prose\n",  # in the middle
        f"Title\n\n{LEGAL}prose beside it\n",
        f"Title\n\n  {LEGAL}",
        "",
        "\0",
    ],
)
def test_what_is_no_trailer(message: str) -> None:
    assert trailers_of(message.encode()) == ()


def test_a_huge_message_is_read_at_its_end() -> None:
    filler = b"x" * 100 + b"\n"
    message = b"Title\n\n" + filler * (MAX_MESSAGE // 50) + b"\n" + LEGAL.encode()
    assert [t.key for t in trailers_of(message)] == ["Legal-Ref"]
    assert len(trailers_of(b"T\n\nRefs: " + b"y" * 100_000 + b"\n")[0].value) == 2000


def test_what_follows_a_nul_is_not_seen_by_git_either() -> None:
    assert trailers_of(b"Title\n\nRefs: a\n\0\n\nRefs: b\n") == (Trailer("Refs", "a"),)
