"""The package index about projects: what it leaves out is untold, never empty."""

from __future__ import annotations

import pytest

from weighbridge.collect.context import RawStore
from weighbridge.model.errors import ConfigurationError, NetworkForbidden
from weighbridge.sources.http import HttpClient
from weighbridge.sources.index_pages import json_page, mail_domains, moment, simple_page
from weighbridge.sources.index_project import IndexProject, ProjectIndex
from weighbridge.testing.index_project import (
    FakeProjectIndex,
    FakeRelease,
    Mode,
    Package,
    file_digest,
    trusted,
)

WHEEL, SDIST = "demo-1.2.0-py3-none-any.whl", "demo-1.2.0.tar.gz"
CORP = trusted("corp/demo", environment="pypi")


def demo() -> Package:
    return Package(
        {
            "1.1.0": FakeRelease(("demo-1.1.0.tar.gz",), "2026-09-01T09:00:00.123456Z",
                                 requires=("numpy",), yanked=True),
            "1.2.0": FakeRelease((SDIST, WHEEL), "2026-10-01T09:00:00Z",
                                 requires=("NumPy>=1.26", "rich; extra == 'cli'", "a_b"),
                                 publishers={SDIST: CORP, WHEEL: CORP}, certificate=b"der"),
        },
        owners=(("corp-bot", "Maintainer"), ("ann", "Owner")),
        organization="corp",
        author_email='"Ann, of Corp" <ann@Corp.example>, b@mail.other.example',
        urls={"Docs": "https://docs.example", "Source": "https://github.com/corp/demo"},
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weighbridge.sources.http._BACKOFF_SECONDS", 0.001)


def ask(index: FakeProjectIndex, name: str = "demo", timeout: float = 2.0) -> IndexProject:
    with HttpClient(offline=False, timeout_seconds=timeout, store=RawStore().put) as http:
        return ProjectIndex(http, index.simple_url).project(name)


@pytest.mark.parametrize(
    "mode",
    [
        Mode.ERROR, Mode.HTML, Mode.HALF, Mode.SLOW, Mode.TRICKLE, Mode.DROP, Mode.REDIRECT,
        Mode.GZIP_BOMB, Mode.EMPTY, Mode.WRONG_DETAIL, Mode.WRONG_TYPES, Mode.FORBIDDEN, Mode.BUSY,
        Mode.HUGE,
    ],
)  # fmt: skip
def test_no_failure_says_anything_of_a_project(mode: Mode) -> None:
    with FakeProjectIndex({"demo": demo()}, mode=mode, delay_seconds=0.5) as index:
        found = ask(index, timeout=0.1)
    assert found.page is None
    assert found.listing is None
    assert found.files is None
    assert not found.gone
    assert [one["state"] for one in found.asked] == ["unavailable", "unavailable"]
    assert all(one["reason"] for one in found.asked)


def test_what_is_not_there_is_absent_and_not_a_failure() -> None:
    with FakeProjectIndex({}) as index:
        found = ask(index)
    assert found.gone
    assert [one["state"] for one in found.asked] == ["absent", "absent"]


def test_offline_is_refused() -> None:
    with pytest.raises(NetworkForbidden):
        ProjectIndex(HttpClient(offline=True), "http://127.0.0.1:1/simple").project("demo")
    with pytest.raises(ConfigurationError):
        ProjectIndex(HttpClient(offline=True), "https://[::1/simple")


def test_a_mirror_that_strips_fields_leaves_them_untold() -> None:
    with FakeProjectIndex({"demo": demo()}, stripped=True) as index:
        found = ask(index)
        with HttpClient(offline=False, timeout_seconds=2.0) as http:
            assert found.files is not None
            provenance = ProjectIndex(http, index.simple_url).provenance("demo", found.files[-1])
    assert found.page is not None
    assert found.listing is not None
    told = (found.page.owners, found.page.mails, found.page.requires, found.listing.status)
    assert told == (None, None, None, "")
    assert {file.provenance for file in found.files} == {None}
    assert provenance.attested is None, "a 404 of a mirror says nothing of provenance"
    assert provenance.asked["state"] == "unavailable"


def test_both_pages_together() -> None:
    with FakeProjectIndex({"demo": demo()}) as index:
        index.adds_fields = True
        found = ask(index)
    page, listing = found.page, found.listing
    assert page is not None
    assert listing is not None
    assert (page.owners, page.organization) == (
        (("ann", "Owner"), ("corp-bot", "Maintainer")), "corp",
    )  # fmt: skip
    assert page.mails == ("corp.example", "mail.other.example")
    assert page.homes[0] == "https://github.com/corp/demo"
    assert page.requires == ("a-b", "numpy"), "extras are no dependency, names are normalized"
    assert listing.status == "active"
    assert found.files is not None
    assert {(f.version, f.uploaded, f.yanked, f.provenance) for f in found.files} == {
        ("1.1.0", "2026-09-01T09:00:00Z", True, False),
        ("1.2.0", "2026-10-01T09:00:00Z", False, True),
    }
    assert all(f.sha256 == file_digest(f.name) and f.size == len(f.name) for f in found.files)
    assert all(one["digest"].startswith("sha256:") for one in found.asked)


def test_a_quarantined_project_has_a_listing_and_no_page() -> None:
    package = demo()
    package.status, package.status_reason = "quarantined", "malware\u202e\x1b[31m"
    with FakeProjectIndex({"demo": package}) as index:
        found = ask(index)
    assert found.page is None
    assert not found.gone
    assert found.listing is not None
    assert found.listing.status == "quarantined"
    assert found.listing.status_reason == "malware\\u202e\\x1b[31m"
    assert found.files == ()


def publishing(index: FakeProjectIndex, name: str = WHEEL, **more: int):
    with HttpClient(offline=False, timeout_seconds=2.0, store=RawStore().put) as http:
        client = ProjectIndex(http, index.simple_url)
        files = client.project("demo").files or ()
        return client.provenance("demo", next(f for f in files if f.name == name))


def test_who_published_a_file() -> None:
    with FakeProjectIndex({"demo": demo()}) as index:
        found = publishing(index)
        none = publishing(index, "demo-1.1.0.tar.gz")
    assert found.attested
    assert found.publisher == {
        "kind": "GitHub", "repository": "corp/demo", "workflow": "release.yml",
        "environment": "pypi", "user": "",
    }  # fmt: skip
    assert found.certificate == b"der"
    assert none.attested is False
    assert none.asked["state"] == "absent"


@pytest.mark.parametrize("status", [403, 404, 500])
def test_provenance_that_is_listed_and_cannot_be_had_is_not_none(status: int) -> None:
    with FakeProjectIndex({"demo": demo()}, integrity=status) as index:
        found = publishing(index)
    assert found.attested is None
    assert found.publisher is None
    assert found.asked["state"] == "unavailable"
    if status == 403:
        assert "administrators" in found.asked["reason"]


def test_provenance_of_another_file_is_no_attestation() -> None:
    with FakeProjectIndex({"demo": demo()}, attests="0" * 64) as index:
        found = publishing(index)
    assert found.attested is False
    assert found.publisher is None
    assert "another file" in found.asked["reason"]


def test_two_publishers_for_one_file_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = FakeProjectIndex._integrity

    def twice(self, package, version, file):
        status, page = honest(self, package, version, file)
        bundle = page["attestation_bundles"][0]
        page["attestation_bundles"].append({**bundle, "publisher": trusted("mallory/demo")})
        return status, page

    monkeypatch.setattr(FakeProjectIndex, "_integrity", twice)
    with FakeProjectIndex({"demo": demo()}) as index:
        found = publishing(index)
    assert found.attested is None
    assert "several publishers" in found.asked["reason"]


def test_what_an_earlier_release_needs_is_on_its_own_page() -> None:
    with FakeProjectIndex({"demo": demo()}) as index, HttpClient(offline=False) as http:
        client = ProjectIndex(http, index.simple_url)
        assert client.requires("demo", "1.1.0")[0] == ("numpy",)
        assert client.requires("demo", "9")[0] is None
        index.stripped = True
        needs, asked = client.requires("demo", "1.1.0")
        assert needs is None
        assert asked["state"] == "absent"


@pytest.mark.parametrize(
    "body",
    [[], {}, {"info": None}, {"info": {"name": 7}}, {"info": {"name": "other"}}, "demo", None],
)
def test_a_page_about_nothing_is_refused(body: object) -> None:
    assert isinstance(json_page(body, "demo"), str)
    assert isinstance(simple_page(body, "demo"), str)


WRONG = [None, 7, "x", [], {}, [7], {"a": 7}, True, [[]], {"roles": 7}, {"roles": [{}]}]


@pytest.mark.parametrize("value", WRONG)
def test_a_field_of_another_shape_is_untold(value: object) -> None:
    body = {"info": {"name": "demo", "requires_dist": value, "project_urls": value,
                     "author_email": value, "home_page": value},
            "ownership": value, "releases": {"1": value}}  # fmt: skip
    page = json_page(body, "demo")
    assert not isinstance(page, str)
    assert page.owners is None
    assert page.requires in ((None, ()) if value in (None, []) else (None,))
    assert page.files == ()
    listing = simple_page(
        {"name": "demo", "project-status": value,
         "files": [{"filename": "demo-1.tar.gz", "hashes": value, "size": value,
                    "upload-time": value, "provenance": value}, value]}, "demo",
    )  # fmt: skip
    assert not isinstance(listing, str)
    assert listing.status == ""
    assert (listing.files[0].sha256, listing.files[0].uploaded) == ("", "")


def test_an_owner_that_cannot_be_read_makes_all_of_them_untold() -> None:
    roles = [{"role": "Owner", "user": "ann"}, {"role": "Owner", "user": None}]
    page = json_page({"info": {"name": "demo"}, "ownership": {"roles": roles}}, "demo")
    assert not isinstance(page, str)
    assert page.owners is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-10-01T09:00:00.000000Z", "2026-10-01T09:00:00Z"),
        ("2026-10-01T09:00:00+00:00", "2026-10-01T09:00:00Z"),
        ("2026-02-31T09:00:00Z", ""),
        ("2026-10-01", ""),
        (7, ""),
    ],
)
def test_times(text: object, found: str) -> None:
    assert moment(text) == found


def test_domains_of_mail_are_bounded_and_names() -> None:
    many = ", ".join(f"a@d{number}.example" for number in range(1000))
    assert len(mail_domains(many)) <= 20
    assert mail_domains("a@b", "a@[127.0.0.1]", None, "x@y.example") == ("y.example",)


def test_two_digests_for_one_file_are_none() -> None:
    class Lying(FakeProjectIndex):
        def _file(self, name, release):
            return {**super()._file(name, release), "digests": {"sha256": "0" * 64}}

    with Lying({"demo": demo()}) as index:
        found = ask(index)
    assert found.files is not None
    assert {file.sha256 for file in found.files} == {""}
