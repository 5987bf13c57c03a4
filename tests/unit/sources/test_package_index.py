"""The package index as a second service: no failure of it reads as clean."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from weighbridge.collect.context import RawStore
from weighbridge.model.errors import ConfigurationError, NetworkForbidden
from weighbridge.sources.advisories import Answer, IndexSource
from weighbridge.sources.http import HttpClient
from weighbridge.sources.osv import PackageVersion
from weighbridge.sources.package_index import PackageIndex, configured_index
from weighbridge.testing.package_index import FakeIndex, Mode, weakness

TORCH = PackageVersion("torch", "2.1.0")
CLEAN = PackageVersion("clean", "1.0")
OURS = PackageVersion("ours", "1.0")
RELEASES = {
    ("torch", "2.0.0"): [],
    ("torch", "2.1.0"): [
        weakness("PYSEC-0000-1", aliases=["CVE-0000-1"], fixed_in=["2.1.1"], summary="a\nb\x1b[m"),
        weakness("GHSA-0000", aliases=["CVE-0000-1"], fixed_in=["2.2"]),
        weakness("PYSEC-0000-2", withdrawn="2026-01-01T00:00:00Z"),
    ],
    ("torch", "2.2.0"): [],
    ("clean", "1.0"): [],
}


def ask(index: FakeIndex, *packages: PackageVersion, timeout: float = 2.0) -> list[Answer]:
    with HttpClient(offline=False, timeout_seconds=timeout, store=RawStore().put) as http:
        answers = IndexSource(http, index.simple_url).ask(packages)
    assert set(answers) == set(packages)
    return [answers[package] for package in packages]


@pytest.mark.parametrize(
    "mode",
    [
        Mode.NOT_FOUND, Mode.ERROR, Mode.HTML, Mode.HALF, Mode.SLOW, Mode.TRICKLE, Mode.DROP,
        Mode.REDIRECT, Mode.GZIP_BOMB, Mode.EMPTY,
    ],
)  # fmt: skip
def test_no_failure_of_the_index_ever_reads_as_clean(
    mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weighbridge.sources.http._BACKOFF_SECONDS", 0.001)
    with FakeIndex(RELEASES, mode=mode, delay_seconds=0.5) as index:
        answers = ask(index, TORCH, CLEAN, OURS, timeout=0.1)
    assert all(answer.failure and not answer.advisories for answer in answers)
    assert len({answer.failure for answer in answers}) == 1, "a reason is the same for all packages"
    assert not any("torch" in answer.failure for answer in answers)


def test_what_the_index_says_of_a_release() -> None:
    with FakeIndex(RELEASES) as index:
        torch, clean, ours = ask(index, TORCH, CLEAN, OURS)
    (found,) = torch.advisories
    assert (found.id, found.aliases) == ("PYSEC-0000-1", ("CVE-0000-1", "GHSA-0000"))
    assert (found.fixed_versions, found.summary) == (("2.1.1", "2.2"), "a b\\x1b[m")
    assert found.severity == ""
    assert found.urls == ("https://osv.example/PYSEC-0000-1", "https://osv.example/GHSA-0000")
    assert torch.withdrawn == ("PYSEC-0000-2",)
    assert (clean.advisories, clean.failure, clean.known) == ((), "", True)
    assert (ours.advisories, ours.known) == ((), False)
    assert "does not know this package" in ours.failure
    assert all(answer.raw for answer in (torch, clean, ours))


def test_a_mirror_without_pages_of_releases_answers_for_the_latest_one_only() -> None:
    latest = PackageVersion("torch", "2.2")
    with FakeIndex(RELEASES, by_release=False) as index:
        torch, newest = ask(index, TORCH, latest)
    assert (torch.known, torch.advisories) == (True, ())
    assert "tells nothing of single releases" in torch.failure
    assert (newest.failure, newest.advisories, newest.known) == ("", (), True)


def test_pages_without_a_list_are_no_answer() -> None:
    with FakeIndex(RELEASES, told=False) as index:
        (torch,) = ask(index, TORCH)
    assert "does not tell the vulnerabilities" in torch.failure


@pytest.mark.parametrize(
    "item",
    [7, {}, {"id": ""}, {"id": "X", "aliases": 7}, {"id": "X", "aliases": [], "fixed_in": [7]},
     {"id": "X", "aliases": [], "fixed_in": ["not a version"]}],
)  # fmt: skip
def test_a_weakness_that_cannot_be_read_is_not_left_out(item: object) -> None:
    releases = {("torch", "2.1.0"): [weakness("PYSEC-0000-1"), item]}
    with FakeIndex(releases) as index:  # type: ignore[arg-type]
        (torch,) = ask(index, TORCH)
    assert torch.failure
    assert torch.advisories == ()


def test_another_packages_page_is_no_answer() -> None:
    class Mixed(FakeIndex):
        def answer(self, method: str, path: str, body: object) -> tuple[int, object]:
            return super().answer(method, "/pypi/clean/1.0/json", body)

    with Mixed(RELEASES) as index:
        (torch,) = ask(index, TORCH)
    assert "another package" in torch.failure


def test_a_dead_index_is_given_up_after_a_few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weighbridge.sources.http._BACKOFF_SECONDS", 0.001)
    packages = [PackageVersion(f"package-{n}", "1") for n in range(200)]
    with FakeIndex(RELEASES, mode=Mode.DROP) as index:
        answers = ask(index, *packages)
    assert all(answer.failure for answer in answers)
    assert len(index.requests) < 100


def test_offline_is_refused() -> None:
    with pytest.raises(NetworkForbidden):
        IndexSource(HttpClient(offline=True), "http://127.0.0.1:1/simple").ask([TORCH])


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("https://index.example/simple", "https://index.example/pypi"),
        ("https://index.example/simple/", "https://index.example/pypi"),
        ("https://u:p@index.example/api/pypi/ours/simple", "https://index.example/api/pypi/ours/pypi"),
        ("https://index.example/root/ours/+simple/", "https://index.example/root/ours/pypi"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/pypi"),
    ],
)  # fmt: skip
def test_where_the_json_api_lies(address: str, base: str) -> None:
    assert PackageIndex(HttpClient(offline=True), address).name == base


def test_a_password_goes_to_the_index_and_nowhere_else() -> None:
    index = PackageIndex(HttpClient(offline=True), "https://u:p%40ss@index.example/simple")
    assert index._headers == {"Authorization": f"Basic {base64.b64encode(b'u:p@ss').decode()}"}
    assert "p@ss" not in index.name + index._base
    with pytest.raises(ConfigurationError):
        PackageIndex(HttpClient(offline=True), "https://[::1/simple")


def test_pips_configuration_says_which_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pip._internal.models.index import PyPI

    file = tmp_path / "pip.conf"
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    assert configured_index() == PyPI.simple_url
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    file.write_text("[global]\nindex-url = https://all.example/simple\n")
    assert configured_index() == "https://all.example/simple"
    file.write_text(file.read_text() + "[install]\nindex_url = https://install.example/simple\n")
    assert configured_index() == "https://install.example/simple"
    monkeypatch.setenv("PIP_INDEX_URL", "https://variable.example/simple")
    assert configured_index() == "https://variable.example/simple"
    file.write_text("not a configuration")
    with pytest.raises(ConfigurationError, match="pip's configuration"):
        configured_index()
