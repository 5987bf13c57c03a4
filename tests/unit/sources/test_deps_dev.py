"""deps.dev as a source: no failure reads as a package without attestations."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from tests.unit.sources.canned import JSON, Canned, is_sound, twisted

from weighbridge.collect.context import RawStore
from weighbridge.sources.deps_dev import DepsDev, RelatedProject
from weighbridge.sources.http import HttpClient
from weighbridge.testing.failing_http import Mode
from weighbridge.testing.scorecards import FakeDepsDev, attestation, version

SOURCE = "https://github.com/corp/demo"
SIGNED = attestation(SOURCE, "a" * 40)
FIRST = version("demo", "1.0.0", published="2026-09-01T00:00:00.123456789Z")
LATEST = version("demo", "1.2.0", attestations=[SIGNED], projects=["github.com/corp/demo"])
KEY = {"system": "PYPI", "name": "demo"}
LISTED = {"versionKey": {**KEY, "version": "1.2.0"}, "publishedAt": "2026-10-01T09:00:00Z"}
PACKAGE = {"packageKey": KEY, "versions": [LISTED]}


@pytest.fixture(autouse=True)
def _no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weighbridge.sources.http._BACKOFF_SECONDS", 0.001)


@pytest.mark.parametrize(
    "mode",
    [
        Mode.ERROR, Mode.HTML, Mode.HALF, Mode.SLOW, Mode.TRICKLE, Mode.DROP, Mode.REDIRECT,
        Mode.EMPTY, Mode.GZIP_BOMB, Mode.FORBIDDEN, Mode.LIMITED, Mode.BUSY, Mode.HUGE,
        Mode.WRONG_TYPES, Mode.WRONG_DETAIL,
    ],
)  # fmt: skip
@pytest.mark.parametrize("what", ["package", "release"])
def test_no_failure_reads_as_an_answer_or_as_none(mode: Mode, what: str) -> None:
    with (
        FakeDepsDev([FIRST, LATEST], mode=mode, delay_seconds=0.4) as service,
        HttpClient(offline=False, timeout_seconds=0.15) as http,
    ):
        known = DepsDev(http, service.url)
        answer = known.package("demo") if what == "package" else known.release("demo", "1.2.0")
    assert answer.state == "unavailable"
    assert is_sound(answer)


@pytest.mark.parametrize(
    "more",
    [
        {"versionKey": None}, {"versionKey": {**KEY, "version": "1.2.1"}}, {"publishedAt": 7},
        {"versionKey": {"system": "NPM", "name": "demo", "version": "1.2.0"}},
        {"publishedAt": "yesterday"}, {"publishedAt": "2026-13-01T00:00:00Z"}, {"isDeprecated": 1},
        {"attestations": {}}, {"attestations": [7]}, {"attestations": [{"verified": "yes"}]},
        {"attestations": [SIGNED] * 1001}, {"relatedProjects": [{}]}, {"projectStatus": "active"},
        {"attestations": [{"sourceRepository": ["x"]}]},
    ],
)  # fmt: skip
def test_an_answer_of_another_shape_is_none(more: dict[str, Any]) -> None:
    answer = DepsDev(Canned({**LATEST, **more})).release("demo", "1.2.0")
    assert answer.state == "unavailable"
    assert is_sound(answer)


@pytest.mark.parametrize("name", ["", ".", "..", "a\nb", "a\x00", "a\u202eb", "a" * 301])
def test_names_that_are_none_are_not_asked_for(name: str) -> None:
    known = DepsDev(HttpClient(offline=True))
    assert known.package(name).state == known.release(name, "1").state == "unavailable"
    assert known.release("demo", name).state == "unavailable"


def test_a_name_is_one_part_of_the_path() -> None:
    scoped = version("@corp/demo", "1.0.0", system="NPM")
    with FakeDepsDev([scoped]) as service, HttpClient(offline=False) as http:
        known = DepsDev(http, service.url)
        assert known.release("@corp/demo", "1.0.0", system="npm").state == "observed"
        assert known.release("a/../../x", "1.0.0").state == "absent"
    assert service.requests[0][1] == "/v3/systems/npm/packages/%40corp%2Fdemo/versions/1.0.0"
    assert "/../" not in service.requests[1][1]


def test_what_is_left_out_is_the_default_of_protobuf() -> None:
    bare = {"versionKey": {**KEY, "version": "1.2.0"}, "attestations": [{}]}
    answer = DepsDev(Canned(bare)).release("Demo", "1.2")
    assert answer.value is not None
    assert not answer.value.attestations[0].verified
    assert (answer.value.deprecated, answer.value.status, answer.value.published) == (None, "", "")


def test_what_deps_dev_tells() -> None:
    store = RawStore()
    with (
        FakeDepsDev([FIRST, LATEST]) as service,
        HttpClient(offline=False, store=store.put) as http,
    ):
        service.adds_fields = True
        known = DepsDev(http, service.url)
        package, release = known.package("demo"), known.release("demo", "1.2.0")
        no_package, no_version = known.package("other"), known.release("demo", "9")
    assert package.value is not None
    assert [(v.version, v.published, v.default) for v in package.value.versions] == [
        ("1.0.0", "2026-09-01T00:00:00Z", False),
        ("1.2.0", "2026-10-01T09:00:00Z", True),
    ]
    assert release.value is not None
    (signed,) = release.value.attestations
    assert (signed.verified, signed.repository, signed.commit) == (True, SOURCE, "a" * 40)
    assert release.value.projects == (
        RelatedProject("github.com/corp/demo", "SOURCE_REPO", "UNVERIFIED_METADATA"),
    )
    assert release.value.status == "active"
    assert release.raw[0] in store.blobs
    assert no_package.state == no_version.state == "absent"


@settings(max_examples=40, deadline=None)
@given(body=twisted(LATEST) | twisted(PACKAGE) | JSON)
def test_no_json_raises(body: Any) -> None:
    known = DepsDev(Canned(body))
    assert is_sound(known.package("demo"))
    assert is_sound(known.release("demo", "1.2.0"))
