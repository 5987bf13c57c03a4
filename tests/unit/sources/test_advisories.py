"""The pip-audit adapter: advisories that pip-audit would drop, crash on or misread."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import pytest

from weighbridge.model.errors import NetworkForbidden
from weighbridge.sources.advisories import AdvisorySource, Answer
from weighbridge.sources.http import HttpClient, Response
from weighbridge.sources.osv import OsvClient, PackageVersion
from weighbridge.testing.osv import advisory

TORCH = PackageVersion("torch", "2.1.0")


class Canned:
    """An HTTP client whose answers are given beforehand."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self.records = {r["id"]: r for r in records}

    def post(self, url: str, body: bytes, **_options: Any) -> Response:
        rows = [{"vulns": [{"id": i} for i in self.records]} for _ in json.loads(body)["queries"]]
        return Response(200, json.dumps({"results": rows}).encode(), {})

    def get(self, url: str, **_options: Any) -> Response:
        record: Mapping[str, Any] = self.records[url.rpartition("/")[2]]
        return Response(200, json.dumps(record).encode(), {})


def ask(*records: dict[str, Any], package: PackageVersion = TORCH) -> Answer:
    client: Any = Canned(list(records))
    return AdvisorySource(client, "http://osv.invalid").ask([package])[package]


def test_one_advisory() -> None:
    answer = ask(advisory("PYSEC-0000-1", "Torch", fixed="2.1.1", aliases=["CVE-0000-1"],
                          severity="MODERATE", summary="a\nb\x1b[31m"))  # fmt: skip
    (found,) = answer.advisories
    assert dataclasses.asdict(found) == {
        "id": "PYSEC-0000-1",
        "aliases": ("CVE-0000-1",),
        "summary": "a b\\x1b[31m",
        "severity": "medium",
        "fixed_versions": ("2.1.1",),
        "malicious": False,
        "score": "",
        "vector": "",
        "published": "",
        "modified": "2026-01-01T00:00:00Z",
        "urls": (),
    }
    assert answer.failure == ""


def test_several_names_of_one_weakness_are_one_advisory() -> None:
    answer = ask(
        advisory("GHSA-0000", "torch", aliases=["CVE-0000-1"], severity="HIGH", fixed="2.2"),
        advisory("PYSEC-0000-1", "torch", aliases=["CVE-0000-1"], fixed="2.1.5"),
        advisory("OTHER-0000-1", "torch", aliases=["GHSA-0000"]),
        advisory("PYSEC-0000-2", "torch"),
    )
    first, second = answer.advisories
    assert (first.id, first.aliases, first.severity) == (
        "PYSEC-0000-1", ("CVE-0000-1", "GHSA-0000", "OTHER-0000-1"), "high",
    )  # fmt: skip
    assert first.fixed_versions == ("2.1.5", "2.2")
    assert (second.id, second.severity) == ("PYSEC-0000-2", "")


def test_malice_is_seen_under_every_name() -> None:
    (found,) = ask(advisory("GHSA-0000", "torch", aliases=["MAL-0000-1"])).advisories
    assert (found.id, found.malicious, found.severity) == ("MAL-0000-1", True, "critical")


def test_withdrawn_advisories_are_named_and_do_not_count() -> None:
    answer = ask(
        advisory("PYSEC-0000-1", "torch", withdrawn="2026-01-01T00:00:00Z"),
        advisory("PYSEC-0000-2", "torch"),
    )
    assert answer.withdrawn == ("PYSEC-0000-1",)
    assert [a.id for a in answer.advisories] == ["PYSEC-0000-2"]


def test_timestamps_and_git_ranges_that_end_pip_audit_in_a_traceback_do_not() -> None:
    record = advisory("PYSEC-0000-1", "torch", fixed="2.2", published="2026-01-01T00:00:00+00:00")
    record["affected"].insert(0, {"ranges": [{"type": "GIT", "events": [{"fixed": "abc"}]}]})
    record["affected"].append({"package": {"name": "torch", "ecosystem": "PyPI"}})
    answer = ask(record)
    assert answer.failure == ""
    assert answer.advisories[0].fixed_versions == ("2.2",)


def test_severity_from_a_vector_and_the_highest_of_several() -> None:
    vector = {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}
    record = advisory("PYSEC-0000-1", "torch", severity="LOW")
    record["severity"] = [vector, {"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}, 7]
    (found,) = ask(record).advisories
    assert (found.severity, found.score, found.vector) == ("critical", "9.8", vector["score"])


def test_severity_from_a_vector_of_version_4() -> None:
    score = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
    record = advisory("PYSEC-0000-1", "torch", severity="LOW")
    record["affected"][0]["severity"] = [{"type": "CVSS_V4", "score": score}]
    (found,) = ask(record).advisories
    assert (found.severity, found.score) == ("critical", "9.3")


def test_links_are_web_addresses_repairs_first_and_few() -> None:
    record = advisory("PYSEC-0000-1", "torch", published="2026-01-01T02:00:00+02:00")
    record["references"] = [
        {"type": "WEB", "url": "javascript:alert(1)"},
        {"type": "WEB", "url": "https://example.org/a b"},
        *({"type": "WEB", "url": f"https://example.org/{n}"} for n in range(9)),
        {"type": "FIX", "url": "https://example.org/fix"},
        {"type": "WEB", "url": 7},
        7,
    ]
    (found,) = ask(record).advisories
    assert found.urls[0] == "https://example.org/fix"
    assert found.urls[1:] == tuple(f"https://example.org/{n}" for n in range(4))
    assert found.published == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("schema_version", "2.0.0"),
        ("affected", None),
        ("affected", [1]),
        ("affected", [{"package": {"name": "torch", "ecosystem": "PyPI"}, "ranges": [{}]}]),
        ("affected", [{"package": {"name": "torch", "ecosystem": "PyPI"},
                       "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "not a version"}]}]}]),
        ("affected", [{"package": {"name": "torch", "ecosystem": "PyPI"},
                       "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": 7}]}]}]),
        ("affected", [{"package": {"name": 7, "ecosystem": "PyPI"}}]),
        ("aliases", "CVE-1"),
        ("aliases", [7]),
    ],
)  # fmt: skip
def test_an_advisory_that_cannot_be_read_is_never_left_out(key: str, value: object) -> None:
    record = {**advisory("PYSEC-0000-1", "torch"), key: value}
    answer = ask(record, advisory("PYSEC-0000-2", "torch"))
    assert answer.failure
    assert answer.advisories == ()


def test_nothing_known() -> None:
    assert ask() == Answer()


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/", "/v1/query", "/v1/querybatch"])
def test_the_service_may_be_given_with_its_path(ending: str) -> None:
    client: Any = Canned([])
    assert OsvClient(client, f"http://osv.invalid{ending}").base_url == "http://osv.invalid"


def test_offline_is_refused() -> None:
    with pytest.raises(NetworkForbidden):
        AdvisorySource(HttpClient(offline=True), "http://127.0.0.1:1").ask([TORCH])
