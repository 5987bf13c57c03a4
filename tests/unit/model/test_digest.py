"""Digests say how they were made, and refuse what they are not."""

import hashlib
import subprocess

import pytest

from weighbridge.model.digest import Digest, directory_digest, sha256
from weighbridge.model.errors import MalformedDigest

HEX64 = "ab" * 32


@pytest.mark.parametrize(
    ("algorithm", "value"),
    [
        ("md5", "00" * 16),
        ("sha256", HEX64.upper()),
        ("sha256", HEX64[:-1]),
        ("sha256", HEX64 + "0"),
        ("sha256", HEX64[:-1] + "g"),
        ("sha256", HEX64 + "\n"),
        ("sha256-shard-0", HEX64),
        ("sha256-shard-", HEX64),
        ("sha512", HEX64),
        ("", HEX64),
    ],
)
def test_a_malformed_digest_is_refused(algorithm: str, value: str) -> None:
    with pytest.raises(MalformedDigest):
        Digest(algorithm, value)


def test_a_digest_reads_back() -> None:
    for text in (f"sha256:{HEX64}", f"sha256-shard-1000000000:{HEX64}", "gitBlob:" + "0" * 40):
        assert str(Digest.parse(text)) == text
    with pytest.raises(MalformedDigest):
        Digest.parse(HEX64)


def test_the_directory_digest_is_what_public_tools_compute(tmp_path) -> None:
    names = ["b.txt", "a/c", "a-b", "A", "é"]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    listing = subprocess.run(
        "find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum",
        shell=True, cwd=tmp_path, capture_output=True, check=True,
    ).stdout  # fmt: skip
    files = [(name, sha256(name.encode())) for name in names]
    assert directory_digest(files).value == hashlib.sha256(listing).hexdigest()
    assert directory_digest(reversed(files)) == directory_digest(files)


def test_the_directory_digest_binds_names() -> None:
    one, two = sha256(b"1"), sha256(b"2")
    assert directory_digest([("a", one), ("b", two)]) != directory_digest([("a", two), ("b", one)])
    assert directory_digest([("a", one)]) != directory_digest([("c", one)])


def test_a_newline_in_a_name_cannot_stand_for_another_file() -> None:
    forged = f"a\n{'0' * 64}  b"
    honest = [("a", sha256(b"x")), ("b", Digest("sha256", "0" * 64))]
    assert directory_digest([(forged, sha256(b"x"))]) != directory_digest(honest)


def test_digests_are_sorted_by_algorithm_and_value() -> None:
    ordered = [Digest("blake3", "f" * 64), Digest("sha256", "0" * 64), Digest("sha256", "1" * 64)]
    assert sorted([ordered[2], ordered[0], ordered[1]]) == ordered
