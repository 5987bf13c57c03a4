"""Which files are license files, and what can be read of them."""

import pytest

from weighbridge.licensing.files import (
    EmptyLicense,
    UnreadableLicense,
    is_license_path,
    license_files,
    read_license,
)
from weighbridge.model.digest import Digest
from weighbridge.model.errors import BoundExceeded
from weighbridge.testing.memory import snapshot_of


@pytest.mark.parametrize(
    "path",
    ["LICENSE", "license.md", "LICENCE.txt", "Licenses.txt", "LICENSE-MODEL", "LICENSE.APACHE",
     "COPYING", "COPYING.LESSER", "UNLICENSE", "NOTICE", "notice.txt", "tokenizer/LICENSE",
     "LICENSES/MIT.txt", "License_Llama.txt"],
)  # fmt: skip
def test_these_are(path: str) -> None:
    assert is_license_path(path)


@pytest.mark.parametrize(
    "path",
    ["license.py", "licensing.md.py", "a/b/LICENSE", "README.md", "licenses.json", "LICENSE.sig",
     "my-license", "noticed", "copy.txt", "LICENSES/x.py"],
)  # fmt: skip
def test_these_are_not(path: str) -> None:
    assert not is_license_path(path)


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (b"", EmptyLicense, "not a word"),
        (b"\n \t***\n", EmptyLicense, "not a word"),
        (b"\xff\xfeM\0\xd8", UnreadableLicense, "UTF-16"),
        (b"MIT\0License", UnreadableLicense, "NUL"),
        (b"%PDF-1.7 ...", UnreadableLicense, "PDF"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64,
         UnreadableLicense, "pointer"),
        (b"x" * (2**20 + 1), BoundExceeded, "1048576"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(content: bytes, error: type[Exception], says: str) -> None:
    snapshot = snapshot_of({"LICENSE": content})
    with pytest.raises(error, match=says):
        read_license(snapshot, snapshot.artifacts[0])


def test_a_pointer() -> None:
    snapshot = snapshot_of({}, pointers={"LICENSE": Digest("sha256", "0" * 64)})
    with pytest.raises(UnreadableLicense, match="pointer"):
        read_license(snapshot, snapshot.artifacts[0])


def test_old_encodings_and_marks() -> None:
    snapshot = snapshot_of({"LICENSE": "Copyright © Müller".encode("latin-1")})
    assert "Müller" in read_license(snapshot, snapshot.artifacts[0])
    snapshot = snapshot_of({"LICENSE": b"\xef\xbb\xbfTerms"})
    assert read_license(snapshot, snapshot.artifacts[0]) == "Terms"


def test_notices_folders_and_components() -> None:
    files = license_files(
        snapshot_of({"NOTICE": b"n", "LICENSE-CODE": b"c", "adapter/LICENSE": b"l", "TERMS": b"t"}),
        also=("TERMS",),
    )
    table = {f.artifact.path: (f.notice, f.nested, f.component) for f in files}
    assert table == {
        "LICENSE-CODE": (False, False, True),
        "NOTICE": (True, False, False),
        "TERMS": (False, False, False),
        "adapter/LICENSE": (False, True, False),
    }
