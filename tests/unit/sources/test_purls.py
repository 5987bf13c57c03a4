"""Package URLs as questions to an OSV service: by ecosystem, with the names that it uses."""

from __future__ import annotations

import pytest

from weighbridge.sources.osv import PackageVersion
from weighbridge.sources.purls import question


@pytest.mark.parametrize(
    ("purl", "words"),
    [
        ("", "cannot be read"),
        ("pkg:", "cannot be read"),
        ("pkg:cargo/" + "a" * 2_000 + "@1", "cannot be read"),
        ("pkg:conda/zlib@1.3", "no ecosystem"),
        ("pkg:github/madler/zlib@v1.3", "no ecosystem"),
        ("pkg:apk/alpine/musl@1.2", "distribution"),
        ("pkg:npm/left?vcs_url=git%2Bhttps://x.example/y", "does not come from the registry"),
        ("pkg:pypi/own@1.0?repository_url=https://x.example", "does not come from the registry"),
        ("pkg:golang/example.com/x", "no exact version"),
        ("pkg:pypi/six@latest", "not one that advisories"),
    ],
)
def test_what_cannot_be_asked(purl: str, words: str) -> None:
    found = question(purl)
    assert found.asked is None
    assert words in found.reason


@pytest.mark.parametrize(
    ("purl", "version", "asked"),
    [
        ("pkg:cargo/ring@0.16.20?arch=x86#src", "", ("ring", "0.16.20", "pkg:cargo/ring")),
        ("pkg:cargo/ring", "0.17.0", ("ring", "0.17.0", "pkg:cargo/ring")),
        ("pkg:npm/%40acme/left@1.0", "", ("@acme/left", "1.0", "pkg:npm/%40acme/left")),
        ("pkg:maven/org.acme/core@1", "", ("org.acme:core", "1", "pkg:maven/org.acme/core")),
        ("pkg:golang/golang.org/x/net@v0.1.0", "",
         ("golang.org/x/net", "v0.1.0", "pkg:golang/golang.org/x/net")),
        ("pkg:pypi/Flask_Login@1.0+cu1", "", ("flask-login", "1.0", "")),
    ],
)  # fmt: skip
def test_what_is_asked(purl: str, version: str, asked: tuple[str, str, str]) -> None:
    assert question(purl, version).asked == PackageVersion(*asked)
