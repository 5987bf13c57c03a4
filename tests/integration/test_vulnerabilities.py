"""From a requirements file to advisories, over a loopback OSV service that fails in every way."""

from __future__ import annotations

import datetime as dt
import io
import socket

import pytest

from weighbridge.collect import packages as packages_collector
from weighbridge.collect import vulnerabilities
from weighbridge.collect.context import CollectContext, RawStore, Services
from weighbridge.model.artifact import Artifact, Kind, Presence
from weighbridge.model.codec import from_json, to_json
from weighbridge.model.digest import sha256
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Outcome, Severity
from weighbridge.model.rule import Case
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.rules.vulnerabilities import known_vulnerability, malicious_package
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.testing.osv import FakeOsv, Mode, advisory

AS_OF = dt.date(2026, 11, 20)
TEXT = "jinja2==2.11.2\nrequests==2.19.1\nours==1.0+local\nopen>=1\n"
RECORDS = [
    advisory("PYSEC-0000-1", "jinja2", fixed="2.11.3", aliases=["CVE-0000-1"], severity="HIGH"),
    advisory("GHSA-0000-1", "Jinja2", fixed="2.11.3", aliases=["CVE-0000-1"]),
    advisory("PYSEC-0000-2", "jinja2", introduced="3.0"),
    advisory("PYSEC-0000-3", "requests", fixed="2.20", severity="LOW"),
    advisory("PYSEC-0000-4", "requests", withdrawn="2026-01-01T00:00:00Z"),
]


def run(
    text: str = TEXT, *, osv: str = "", offline: bool = False, timeout: float = 2.0
) -> tuple[dict[str, Evidence], RawStore]:
    data = text.encode()
    artifact = Artifact("requirements.txt", len(data), Kind.TEXT, Presence.CONTENT, (sha256(data),))
    subject = Subject(SubjectKind.DIRECTORY, "m", sha256(b""))
    store = RawStore()
    context = CollectContext(
        Snapshot(subject, (artifact,) if text else (), (), lambda _: io.BytesIO(data)),
        AS_OF, offline, services=Services(osv=osv, timeout_seconds=timeout), store=store,
    )  # fmt: skip
    found = packages_collector.collect(context)
    context = CollectContext(
        context.snapshot, AS_OF, offline, services=context.services, store=store,
        earlier={EvidenceKind.PACKAGES: found},
    )  # fmt: skip
    evidence = vulnerabilities.collect(context)
    assert [e.about for e in evidence] == sorted(e.about for e in evidence)
    for item in evidence:
        assert from_json(Evidence, to_json(item)) == item
    return {e.about: e for e in evidence}, store


def outcome(rule, evidence: dict[str, Evidence]) -> Outcome:
    subject = Subject(SubjectKind.DIRECTORY, "m", sha256(b""))
    case = Case(subject, AS_OF, tuple(evidence.values()), rule.META.defaults)
    return rule.check(case).outcome


def test_advisories_are_found_merged_and_stored_before_they_are_read() -> None:
    with FakeOsv(RECORDS) as osv:
        evidence, store = run(osv=osv.url)
    assert list(evidence) == ["jinja2==2.11.2", "open", "ours==1.0+local", "requests==2.19.1"]
    jinja = evidence["jinja2==2.11.2"]
    assert jinja.state is EvidenceState.OBSERVED
    (found,) = jinja.data["advisories"]
    assert (found["id"], found["aliases"]) == ("PYSEC-0000-1", ("CVE-0000-1", "GHSA-0000-1"))
    assert (found["severity"], found["fixed_versions"]) == ("high", ("2.11.3",))
    assert jinja.data["service_knows_package"] is None
    assert evidence["requests==2.19.1"].data["withdrawn"] == ("PYSEC-0000-4",)
    assert evidence["ours==1.0+local"].data["advisories"] == ()
    assert evidence["ours==1.0+local"].data["asked_version"] == "1.0"
    assert evidence["open"].state is EvidenceState.UNAVAILABLE
    assert "no exact version" in evidence["open"].reason
    assert jinja.raw
    assert all(digest in store.blobs for e in evidence.values() for digest in e.raw)
    assert [(method, path) for method, path, _ in osv.requests].count(
        ("POST", "/v1/querybatch")
    ) == 1
    assert outcome(known_vulnerability, evidence) is Outcome.FAIL
    assert outcome(malicious_package, evidence) is Outcome.UNKNOWN


def test_every_page_is_read() -> None:
    records = [advisory(f"PYSEC-0000-{i}", "jinja2") for i in range(5)]
    with FakeOsv(records, paginate=True) as osv:
        evidence, _ = run("jinja2==2.11.2\nother==1\n", osv=osv.url)
    assert len(evidence["jinja2==2.11.2"].data["advisories"]) == 5
    assert evidence["other==1"].data["advisories"] == ()


@pytest.mark.parametrize(
    "mode",
    [m for m in Mode if m not in (Mode.HONEST, Mode.EMPTY, Mode.LABELLED_HTML)],
)
def test_no_failure_of_the_service_ever_reads_as_clean(
    mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weighbridge.sources.http._BACKOFF_SECONDS", 0.001)
    with FakeOsv(RECORDS, mode=mode, delay_seconds=0.5) as osv:
        evidence, store = run("jinja2==2.11.2\nrequests==2.19.1\n", osv=osv.url, timeout=0.1)
    assert {e.state for e in evidence.values()} == {EvidenceState.UNAVAILABLE}
    assert all(e.reason for e in evidence.values())
    assert all(digest in store.blobs for e in evidence.values() for digest in e.raw)
    if mode in (Mode.HTML, Mode.ERROR, Mode.NOT_FOUND):
        assert all(e.raw for e in evidence.values())
    assert outcome(known_vulnerability, evidence) is Outcome.UNKNOWN
    assert outcome(malicious_package, evidence) is Outcome.UNKNOWN


def test_an_answer_under_another_content_type_is_read_for_what_it_is() -> None:
    with FakeOsv(RECORDS, mode=Mode.LABELLED_HTML) as osv:
        evidence, _ = run("jinja2==2.11.2\n", osv=osv.url)
    assert len(evidence["jinja2==2.11.2"].data["advisories"]) == 1


def test_an_unreachable_service_is_not_clean() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    evidence, _ = run("jinja2==2.11.2\n", osv=f"http://127.0.0.1:{port}")
    assert evidence["jinja2==2.11.2"].state is EvidenceState.UNAVAILABLE
    assert "refused" in evidence["jinja2==2.11.2"].reason


def test_offline_makes_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_socket(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a socket was made")

    monkeypatch.setattr(socket, "socket", no_socket)
    evidence, store = run("jinja2==2.11.2\n", offline=True)
    assert evidence["jinja2==2.11.2"].reason == "offline: advisories were not asked"
    assert not store.blobs


def test_no_packages_is_a_fact_of_its_own() -> None:
    evidence, _ = run("")
    assert [e.state for e in evidence.values()] == [EvidenceState.ABSENT]
    assert outcome(known_vulnerability, evidence) is Outcome.NOT_APPLICABLE


def test_packages_that_could_not_be_read_were_not_asked() -> None:
    with FakeOsv() as osv:
        evidence, _ = run("jinja2==2.11.2\n-r ../out.txt\n", osv=osv.url)
        broken, _ = run("\udcff".encode("utf-8", "surrogatepass").decode("latin-1") + "\0")
    assert evidence["jinja2==2.11.2"].state is EvidenceState.OBSERVED
    assert evidence["requirements.txt"].state is EvidenceState.UNAVAILABLE
    assert [e.state for e in broken.values()] == [EvidenceState.UNAVAILABLE]


def test_nothing_known_of_all_packages_passes() -> None:
    with FakeOsv(mode=Mode.EMPTY) as osv:
        evidence, _ = run("jinja2==2.11.2\n", osv=osv.url)
    assert outcome(known_vulnerability, evidence) is Outcome.PASS
    assert outcome(malicious_package, evidence) is Outcome.PASS


def test_malicious_packages_are_critical() -> None:
    records = [advisory("MAL-0000-1", "jinja2"), *RECORDS]
    with FakeOsv(records) as osv:
        evidence, _ = run("jinja2==2.11.2\n", osv=osv.url)
    subject = Subject(SubjectKind.DIRECTORY, "m", sha256(b""))
    case = Case(subject, AS_OF, tuple(evidence.values()), {})
    (finding,) = malicious_package.check(case).findings
    assert (finding.severity, finding.key) == (Severity.CRITICAL, "jinja2==2.11.2 MAL-0000-1")


def test_hundreds_of_packages_are_few_requests() -> None:
    text = "".join(f"package-{i}==1.0\n" for i in range(1_200))
    with FakeOsv([advisory("PYSEC-0000-1", "package-7")]) as osv:
        evidence, _ = run(text, osv=osv.url)
    assert len(osv.requests) == 4
    assert len(evidence) == 1_200
    assert len(evidence["package-7==1.0"].data["advisories"]) == 1
