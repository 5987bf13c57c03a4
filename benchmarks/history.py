"""Verifying SSH-signed commits in process, beside ``git log --format=%G?``, on one repository.

    python -m benchmarks.history [--commits 1000] [--plain 100000]

The repository is made here: so many commits, each signed with one Ed25519 key, packed by git. Both
read and verify all of them, in the same run; git starts ssh-keygen for each. A second repository
has unsigned commits with a trailer here and there, and shows how long ``weighbridge trace`` reads.
Processor time counts, for the machine may be busy. Never a test.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import resource
import struct
import subprocess
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weighbridge.history.check import check_signature
from weighbridge.history.commit import parse_commit
from weighbridge.history.log import read_log
from weighbridge.history.signers import parse_allowed_signers
from weighbridge.history.trailers import trailers_of
from weighbridge.snapshot.git_repository import commit_parents, find_repository

PER_SECOND = 1000  # the target
START = 1_780_000_000
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
WHO = "Ada <ada@example.org>"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--commits", type=int, default=1000)
    parser.add_argument("--plain", type=int, default=100_000)
    arguments, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="bench-history-") as temporary:
        base = Path(temporary)
        signed(base, arguments.commits)
        plain(base, arguments.plain)


def signed(base: Path, count: int) -> None:
    """Both verify the same commits; how many they hold to be good must be all."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(ser.Encoding.OpenSSH, ser.PublicFormat.OpenSSH).decode()
    line = f"ada@example.org {public}\n"
    (base / "allowed").write_text(line)
    top = base / "signed"
    repository_of(top, commits(count, key))
    allowed = parse_allowed_signers(line, source="allowed")
    before, began = cpu(), time.perf_counter()
    good = 0
    repository = find_repository(top)
    with repository.objects() as objects:
        at = [repository.resolve(objects, "HEAD")]
        while at:
            data = objects.read(at.pop(), 2**20).data
            good += check_signature(parse_commit("0" * 40, data), allowed).verified is True
            at += commit_parents(data)
    ours, wall = cpu() - before, time.perf_counter() - began
    before, began = cpu(children=True), time.perf_counter()
    said = git(top, "-c", f"gpg.ssh.allowedSignersFile={base / 'allowed'}", "log", "--format=%G?")
    theirs, their_wall = cpu(children=True) - before, time.perf_counter() - began
    print(f"{count} commits signed with Ed25519 (target at least {PER_SECOND} a second)")
    for name, seconds, elapsed, number in (
        ("in process", ours, wall, good),
        ("git log --format=%G?", theirs, their_wall, said.split().count("G")),
    ):
        print(f"  {name:22}{seconds:8.2f} s of processors  {elapsed:8.2f} s  "
              f"{number / seconds:8.0f} a second  good: {number}")  # fmt: skip
    print(f"  {theirs / ours:.0f} times less of processors")


def plain(base: Path, count: int) -> None:
    """Every hundredth commit names a clause; both must find the same trailers."""
    top = base / "plain"
    repository_of(top, commits(count, None))
    before, began = cpu(), time.perf_counter()
    repository = find_repository(top)
    with repository.objects() as objects:
        log = read_log(repository, objects, ("Legal-Ref",))
    ours, wall = cpu() - before, time.perf_counter() - began
    before = cpu(children=True)
    said = git(top, "log", "--format=%(trailers:key=Legal-Ref,valueonly)")
    theirs = cpu(children=True) - before
    found = sum(len(entry.trailers) for entry in log.entries)
    print(f"{log.commits} commits read for trailers; limits: {list(log.limits) or 'none'}")
    print(f"  in process            {ours:8.2f} s of processors  {wall:8.2f} s  trailers: {found}")
    print(f"  git log %(trailers)   {theirs:8.2f} s of processors  "
          f"trailers: {len(said.split(chr(10))) - said.split(chr(10)).count('')}")  # fmt: skip
    assert trailers_of(b"t\n\nLegal-Ref: x\n")[0].value == "x"


def commits(count: int, key: Ed25519PrivateKey | None) -> Iterator[bytes]:
    """Commit objects, each on the one before."""
    parent = ""
    for number in range(count):
        head = f"tree {EMPTY_TREE}\n" + (f"parent {parent}\n" if parent else "")
        moment = f"{START + 60 * number} +0000"
        head += f"author {WHO} {moment}\ncommitter {WHO} {moment}\n"
        trailer = "" if number % 100 else "\nLegal-Ref: EU-AIA Art. 15(5)\n"
        body = f"\nChange {number}\n{trailer}"
        data = (head + body).encode()
        if key is not None:
            data = head.encode() + signature(key, data) + body.encode()
        parent = hashlib.sha1(b"commit %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        yield data


def signature(key: Ed25519PrivateKey, data: bytes) -> bytes:
    """A ``gpgsig`` header as git writes it (OpenSSH PROTOCOL.sshsig)."""
    raw = key.public_key().public_bytes(ser.Encoding.Raw, ser.PublicFormat.Raw)
    public = string(b"ssh-ed25519") + string(raw)
    parts = (b"git", b"", b"sha512")
    over = b"SSHSIG" + b"".join(map(string, (*parts, hashlib.sha512(data).digest())))
    made = string(b"ssh-ed25519") + string(key.sign(over))
    blob = b"SSHSIG\0\0\0\1" + string(public) + b"".join(map(string, parts)) + string(made)
    lines = base64.encodebytes(blob).split()
    armor = [b"-----BEGIN SSH SIGNATURE-----", *lines, b"-----END SSH SIGNATURE-----"]
    return b"gpgsig " + b"\n ".join(armor) + b"\n"


def string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def repository_of(top: Path, objects: Iterator[bytes]) -> None:
    """A repository whose branch ends in the last of some commits, in one pack."""
    git(top.parent, "init", "-q", "-b", "main", str(top))
    git(top, "hash-object", "-t", "tree", "-w", "/dev/null")
    data = list(objects)
    pack = bytearray(b"PACK" + struct.pack(">II", 2, len(data)))
    for one in data:
        size, first = len(one) >> 4, 0x10 | (len(one) & 15)
        while size:
            pack.append(first | 0x80)
            size, first = size >> 7, size & 0x7F
        pack.append(first)
        pack += zlib.compress(one, 1)
    pack += hashlib.sha1(pack, usedforsecurity=False).digest()
    subprocess.run(["git", "index-pack", "--stdin"], cwd=top, input=bytes(pack), check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    last = hashlib.sha1(b"commit %d\0" % len(data[-1]) + data[-1], usedforsecurity=False)
    git(top, "update-ref", "refs/heads/main", last.hexdigest())


def git(top: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=top, check=True, capture_output=True, text=True,
        env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"},
    ).stdout  # fmt: skip


def cpu(*, children: bool = False) -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
