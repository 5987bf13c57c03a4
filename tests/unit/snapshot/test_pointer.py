"""Git LFS pointers, by the letter of the specification."""

import pytest

from weighbridge.snapshot.pointer import MalformedPointer, looks_like_pointer, parse_pointer

OID = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
GOOD = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize 12345\n"


def test_the_example_of_the_specification() -> None:
    pointer = parse_pointer(GOOD.encode())
    assert (str(pointer.digest), pointer.size) == (f"sha256:{OID}", 12345)


def test_extensions_and_the_version_before_release() -> None:
    text = GOOD.replace("\noid", f"\next-0-foo sha256:{OID}\noid")
    assert parse_pointer(text.encode()).size == 12345
    assert parse_pointer(GOOD.replace("git-lfs.git", "hawser.git").encode()).size == 12345


@pytest.mark.parametrize(
    "text",
    [
        GOOD.rstrip("\n"),
        GOOD + "\n",
        GOOD + "zzz 1\n",
        GOOD.replace("v1", "v2"),
        GOOD.replace("sha256", "sha1"),
        GOOD.replace(OID, OID.upper()),
        GOOD.replace(OID, OID[:-1]),
        GOOD.replace("12345", "-1"),
        GOOD.replace("12345", "0x10"),
        GOOD.replace("12345", "007"),
        GOOD.replace("12345", str(2**63)),
        GOOD.replace("12345", "١٢"),
        GOOD.replace("size 12345\n", ""),
        GOOD.replace(f"oid sha256:{OID}\n", ""),
        GOOD.replace("\n", "\r\n"),
        f"version https://git-lfs.github.com/spec/v1\nsize 1\noid sha256:{OID}\n",
        GOOD + f"oid sha256:{OID}\n",
        GOOD.replace("\noid", "\next-0-" + "a" * 1000 + " x\noid"),
    ],
)
def test_what_departs_from_it_is_refused(text: str) -> None:
    data = text.encode()
    assert looks_like_pointer(data)
    with pytest.raises(MalformedPointer):
        parse_pointer(data)


def test_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(MalformedPointer, match="UTF-8"):
        parse_pointer(GOOD.encode() + b"\xff\n")
