"""Projects from services on the loopback interface, through the real client and collector."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from weighbridge.collect import projects
from weighbridge.collect.context import CollectContext, RawStore, Services
from weighbridge.model.digest import sha256
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.testing import forge as forges
from weighbridge.testing import scorecards
from weighbridge.testing.failing_http import FailingService
from weighbridge.testing.hub_accounts import FakeHubAccounts, HubEntry, Mode, commit_id
from weighbridge.testing.index_project import FakeProjectIndex, FakeRelease, Package, trusted

NUMBER = "638f7ae36c25af4071044105"
AGAIN = "690000000000000000000001"
SHA = {version: f"{at:040x}" for at, version in enumerate(("1.0.0", "1.1.0", "1.2.0"), 1)}
CODE = {"demo/__init__.py": b"a = 1\n", "demo/b.py": b"b = 2\n"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weighbridge.sources.http._BACKOFF_SECONDS", 0.001)


def wheel(version: str) -> str:
    return f"demo-{version}-py3-none-any.whl"


def made(version: str, month: int, *, attested: bool = True, **more: Any) -> FakeRelease:
    publishers = {wheel(version): trusted("corp/demo", environment="pypi")} if attested else {}
    return FakeRelease(
        (wheel(version),), f"2026-{month:02}-01T09:00:00Z", publishers=publishers, **more
    )


def demo(**more: Any) -> Package:
    releases = {
        "1.0.0": made("1.0.0", 1),
        "1.1.0": made("1.1.0", 2, requires=("numpy",)),
        "1.2.0": made("1.2.0", 3, requires=("numpy", "fresh")),
    }
    return Package(releases, organization="corp", author_email="ann@corp.example",
                   urls={"Source": "https://github.com/mallory/famous"}, **more)  # fmt: skip


def fresh() -> Package:
    return Package({"0.1": FakeRelease(("fresh-0.1.tar.gz",), "2026-02-28T15:00:00Z")})


def a_forge(**more: Any) -> forges.FakeForge:
    blobs = {f"src/{path}": blob(data) for path, data in CODE.items()}
    commits = {sha: forges.commit(sha) for sha in SHA.values()}
    commits[SHA["1.2.0"]] = forges.commit(SHA["1.2.0"], committer=forges.WEB_FLOW)
    return forges.FakeForge(
        {"corp/demo": forges.repository("corp/demo", 555, owner_id=77)},
        tags={"corp/demo": [("v1.2.0", SHA["1.2.0"]), ("v1.0.0", SHA["1.0.0"])]},
        commits={"corp/demo": commits},
        trees={"corp/demo": {SHA["1.2.0"]: blobs}},
        **more,
    )


def blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


class Domains(FailingService):
    """RDAP with one domain."""

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if path != "/domain/corp.example":
            return 404, {"errorCode": 404}
        events = [{"eventAction": "registration", "eventDate": "2010-05-01T00:00:00Z"},
                  {"eventAction": "expiration", "eventDate": "2030-05-01T00:00:00Z"}]  # fmt: skip
        return 200, {"objectClassName": "domain", "ldhName": "CORP.example", "events": events}


def packages(*rows: tuple[str, str], form: str = "requirements") -> Evidence:
    listed = [
        {"name": n, "version": v, "origin": "index", "purl": "", "url": ""} for n, v in rows
    ]  # fmt: skip
    data = {"format": form, "packages": listed, "issues": []}
    return Evidence(
        EvidenceKind.PACKAGES, "r.txt", EvidenceState.OBSERVED, "file:r.txt", "p@1", "", data
    )


def model(name: str = "corp/demo", revision: str = "") -> Evidence:
    namespace, _, rest = name.partition("/")
    data = {"namespace": namespace, "name": rest, "purl": "", "revision": revision,
            "base_models": []}  # fmt: skip
    return Evidence(EvidenceKind.MODEL, "", EvidenceState.OBSERVED, "s", "m@1", "", data)


def accepted(about: str, *versions: str) -> Evidence:
    data = {"releases": [{"version": version} for version in versions]}
    return Evidence(EvidenceKind.BASELINE, about, EvidenceState.OBSERVED, "b", "b@1", "", data)


def run(
    *earlier: Evidence, store: RawStore | None = None, folders: tuple[Path, ...] = (), **more: Any
) -> dict[str, Evidence]:
    by_kind: dict[EvidenceKind, tuple[Evidence, ...]] = {}
    for one in earlier:
        by_kind[one.kind] = (*by_kind.get(one.kind, ()), one)
    ctx = CollectContext(
        Snapshot(Subject(SubjectKind.DIRECTORY, "m", sha256(b"")), (), (), lambda _: io.BytesIO()),
        dt.date(2026, 11, 20), offline=False, environments=folders,
        services=Services(timeout_seconds=more.pop("timeout", 2.0), **more),
        store=store or RawStore(), earlier=by_kind,
    )  # fmt: skip
    return {one.about: one for one in projects.collect(ctx)}


def data(found: Mapping[str, Evidence], about: str) -> Any:
    assert found[about].state is EvidenceState.OBSERVED, found[about].reason
    return found[about].data


def site(folder: Path, files: Mapping[str, bytes]) -> Path:
    info = folder / "demo-1.2.0.dist-info"
    info.mkdir(parents=True)
    for path, content in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content)
    (info / "RECORD").write_text("".join(f"{path},,\n" for path in files))
    return folder


def test_one_package_by_all_services(tmp_path: Path) -> None:
    store = RawStore()
    top = site(tmp_path, {**CODE, "demo/b.py": b"b = 2; evil()\n"})
    with contextlib.ExitStack() as stack:
        index = stack.enter_context(FakeProjectIndex({"demo": demo(), "fresh": fresh()}))
        forge = stack.enter_context(a_forge())
        name = "github.com/corp/demo"
        cards = stack.enter_context(
            scorecards.FakeScorecards({name: scorecards.scorecard(name, 6.2)})
        )
        rdap = stack.enter_context(Domains())
        found = run(
            packages(("demo", "1.2.0"), form="environment"), store=store, folders=(top,),
            package_index=index.simple_url, forge=forge.url, scorecards=cards.url, rdap=rdap.url,
        )  # fmt: skip
    facts = data(found, "pkg:pypi/demo")
    assert (facts["status"], facts["owner"], facts["order"]) == ("active", "corp", "upload")
    assert [(o["name"], o["role"]) for o in facts["owners"]] == [("ann", "Owner")]
    assert facts["created"] == "2026-01-01T09:00:00Z"
    repository = facts["repository"]
    assert (repository["name"], repository["id"], repository["owner_id"]) == (
        "corp/demo", "555", "77",
    ), "provenance goes before what the metadata names"  # fmt: skip
    assert [(r["version"], r["tag"], r["attested"]) for r in facts["releases"]] == [
        ("1.0.0", "v1.0.0", True), ("1.1.0", "", True), ("1.2.0", "v1.2.0", True),
    ]  # fmt: skip
    used = facts["releases"][-1]
    assert used["publisher"]["repository"] == "corp/demo"
    assert (used["commit"], used["signed_by"]) == (SHA["1.2.0"], "web-flow")
    assert list(used["requires"]) == ["fresh", "numpy"]
    assert list(used["differs"]) == ["demo/b.py"]
    created = {one["name"]: one["created"] for one in facts["dependencies"]}
    assert created["fresh"] == "2026-02-28T15:00:00Z", "a new dependency is asked about"
    assert facts["scorecard"]["score"] == 6.2
    assert list(facts["domains"]) == [
        {"name": "corp.example", "registered": "2010-05-01T00:00:00Z", "exists": True}
    ]
    asked = {(one["what"], one["state"]) for one in facts["asked"]}
    assert {what for what, _ in asked} == {
        "index.project", "index.files", "index.provenance", "forge.repository", "forge.tags",
        "forge.commit", "forge.tree", "scorecard", "domain", "installation",
    }  # fmt: skip
    assert all(digest in store.blobs for digest in found["pkg:pypi/demo"].raw)
    assert len(found["pkg:pypi/demo"].raw) >= 8, "raw answers were stored"


def test_the_result_is_the_same_from_run_to_run() -> None:
    rows = tuple((f"p{n}", "1.0") for n in range(12))
    one = {
        name: Package({"1.0": FakeRelease((f"{name}-1.0.tar.gz",), "2026-01-01T00:00:00Z")})
        for name, _ in rows
    }
    with FakeProjectIndex(one) as index:
        first = run(packages(*rows), package_index=index.simple_url)
        second = run(packages(*rows), package_index=index.simple_url)
    assert [e.digest for e in first.values()] == [e.digest for e in second.values()]
    assert list(first) == sorted(first)


def test_a_stripped_mirror_is_unavailable_in_every_field_that_it_leaves_out() -> None:
    with FakeProjectIndex({"demo": demo()}, stripped=True) as index, a_forge() as forge:
        found = run(packages(("demo", "1.2.0")), package_index=index.simple_url, forge=forge.url)
    facts = data(found, "pkg:pypi/demo")
    for field in ("owners", "domains", "repository", "dependencies", "malicious", "scorecard"):
        assert facts[field] is None, field
    assert (facts["status"], facts["order"]) == ("", "unknown")
    for release in facts["releases"]:
        told = [release[field] for field in ("attested", "publisher", "requires", "tag", "hooks")]
        assert told == [None] * 5


MODES = [Mode.ERROR, Mode.HTML, Mode.HALF, Mode.DROP, Mode.REDIRECT, Mode.WRONG_DETAIL,
         Mode.WRONG_TYPES, Mode.BUSY, Mode.SLOW]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_a_broken_index_or_hub_leaves_everything_unavailable(mode: Mode) -> None:
    rows = tuple((f"p{n}", "1.0") for n in range(6))
    with (
        FakeProjectIndex({n: demo() for n, _ in rows}, mode=mode, delay_seconds=0.5) as index,
        FakeHubAccounts({"corp/demo": HubEntry(NUMBER)}, mode=mode, delay_seconds=0.5) as hub,
    ):
        found = run(packages(*rows), model(), package_index=index.simple_url, hub=hub.url,
                    timeout=0.1)  # fmt: skip
    broken = [one for one in found.values() if one.about.startswith("pkg:pypi/")]
    assert {one.state for one in broken} == {EvidenceState.UNAVAILABLE}
    assert len(broken) == 6
    if mode is not Mode.WRONG_DETAIL:  # the stand-in lies about accounts alone
        assert found["pkg:huggingface/corp/demo"].state is EvidenceState.UNAVAILABLE


@pytest.mark.parametrize("mode", [Mode.ERROR, Mode.HTML, Mode.WRONG_DETAIL, Mode.LIMITED])
def test_a_broken_forge_says_nothing_of_tags(mode: Mode) -> None:
    with FakeProjectIndex({"demo": demo()}) as index, a_forge(mode=mode) as forge:
        found = run(packages(("demo", "1.2.0")), package_index=index.simple_url, forge=forge.url)
    facts = data(found, "pkg:pypi/demo")
    assert facts["repository"] is None
    assert {release["tag"] for release in facts["releases"]} == {None}
    (asked,) = [one for one in facts["asked"] if one["what"] == "forge.repository"]
    assert asked["state"] == "unavailable"
    assert asked["reason"]


def test_kept_answers_are_in_the_record_as_fresh_ones_are(tmp_path: Path) -> None:
    with FakeProjectIndex({"demo": demo()}) as index, a_forge() as forge:
        runs = []
        for _ in range(2):
            store = RawStore()
            found = run(packages(("demo", "1.2.0")), store=store, answers=tmp_path / "http-1",
                        package_index=index.simple_url, forge=forge.url)  # fmt: skip
            runs.append((found["pkg:pypi/demo"], set(store.blobs)))
        again = [h for h in forge.headers if "if-none-match" in h]
    assert again, "the second run only asked whether the answers still hold"
    assert runs[0][0].digest == runs[1][0].digest
    assert runs[0][1] == runs[1][1]
    assert set(runs[0][0].raw) <= runs[1][1]


def test_what_deps_dev_has_verified_names_the_repository() -> None:
    package = demo()
    package.releases["1.2.0"] = made("1.2.0", 3, attested=False)
    told = scorecards.version(
        "demo", "1.2.0",
        attestations=[
            scorecards.attestation("https://github.com/corp/demo", SHA["1.2.0"]),
            scorecards.attestation("https://github.com/mallory/demo", "f" * 40, verified=False),
        ],
    )  # fmt: skip
    package.releases = {"1.2.0": package.releases["1.2.0"]}
    with (
        FakeProjectIndex({"demo": package}) as index,
        scorecards.FakeDepsDev([told]) as deps_dev,
        a_forge() as forge,
    ):
        found = run(packages(("demo", "1.2.0")), package_index=index.simple_url, forge=forge.url,
                    deps_dev=deps_dev.url)  # fmt: skip
        deps_dev.versions.clear()
        without = run(packages(("demo", "1.2.0")), package_index=index.simple_url, forge=forge.url,
                      deps_dev=deps_dev.url)  # fmt: skip
    facts = data(found, "pkg:pypi/demo")
    assert facts["repository"]["name"] == "corp/demo"
    assert facts["releases"][0]["commit"] == SHA["1.2.0"]
    assert facts["releases"][0]["publisher"] is None, "how it was published is not told"
    left = data(without, "pkg:pypi/demo")
    assert left["repository"] is None, "mallory/famous, which the metadata names, is not there"
    states = {one["what"]: one["state"] for one in left["asked"]}
    assert (states["deps.dev"], states["forge.repository"]) == ("absent", "absent")


def test_without_an_accepted_state_earlier_publishers_show_the_habit() -> None:
    releases = {f"1.{n}.0": made(f"1.{n}.0", 1) for n in range(12)}
    releases["1.12.0"] = FakeRelease(
        (wheel("1.12.0"),), "2026-02-01T00:00:00Z",
        publishers={wheel("1.12.0"): trusted("mallory/demo", "x.yml")},
    )  # fmt: skip
    with FakeProjectIndex({"demo": Package(releases)}) as index:
        found = run(packages(("demo", "1.12.0")), package_index=index.simple_url)
    told = [one["publisher"]["repository"] for one in data(found, "pkg:pypi/demo")["releases"]]
    assert told == ["corp/demo"] * 12 + ["mallory/demo"]


def test_a_quarantined_package_and_one_that_is_gone() -> None:
    package = demo(status="quarantined", status_reason="malware")
    about = "pkg:pypi/demo"
    with FakeProjectIndex({"demo": package}) as index:
        held = data(run(packages(("demo", "1.2.0")), package_index=index.simple_url), about)
        del index.packages["demo"]
        unknown = run(packages(("demo", "1.2.0")), package_index=index.simple_url)[about]
        gone = run(packages(("demo", "1.2.0")), accepted(about, "1.2.0"),
                   package_index=index.simple_url)  # fmt: skip
    assert (held["status"], held["status_reason"]) == ("quarantined", "malware")
    assert unknown.state is EvidenceState.ABSENT, "it may never have been there"
    assert data(gone, about)["status"] == "deleted", "it was there when it was accepted"


def test_a_release_in_use_that_the_index_has_taken_away() -> None:
    with FakeProjectIndex({"demo": demo()}) as index:
        facts = data(run(packages(("demo", "1.1.5")), package_index=index.simple_url),
                     "pkg:pypi/demo")  # fmt: skip
    (used,) = [release for release in facts["releases"] if release["version"] == "1.1.5"]
    assert used["yanked"] is True
    assert used["uploaded"] == ""


def test_what_was_not_accepted_is_asked_about_closely() -> None:
    with FakeProjectIndex({"demo": demo()}) as index:
        run(packages(("demo", "1.0.0")), accepted("pkg:pypi/demo", "1.0.0"),
            package_index=index.simple_url)  # fmt: skip
        asked = {path.split("/")[3] for _, path, _ in index.requests if "/integrity/" in path}
    assert asked == {"1.0.0", "1.1.0", "1.2.0"}


def test_a_model_whose_repository_was_made_again_has_another_number() -> None:
    about = "pkg:huggingface/corp/demo"
    many = [(f"2026-01-{n + 1:02}T00:00:00.000Z", "ann") for n in range(9)]
    with FakeHubAccounts({"corp/demo": HubEntry(NUMBER, commits=many)},
                         organizations={"corp": "5e0000000000000000000000"}) as hub:  # fmt: skip
        before = data(run(model(revision=commit_id(3)), hub=hub.url), about)
        hub.repositories["corp/demo"] = HubEntry(AGAIN, files={"start.bat": 9})
        after = data(run(model(), hub=hub.url), about)
        hub.repositories.clear()
        gone = run(model(), hub=hub.url)[about]
        deleted = data(run(model(), accepted(about), hub=hub.url), about)
    assert (before["identity"], after["identity"]) == (NUMBER, AGAIN)
    assert before["created"] < after["created"]
    assert (before["owner"], before["owner_created"]) == ("corp", "2019-12-22T23:45:04Z")
    assert before["release"] == commit_id(3)
    assert len(before["releases"]) == 9
    assert before["releases"][0]["publisher"]["user"] == "ann"
    assert before["order"] == "upload"
    assert [one["path"] for one in after["releases"][-1]["binaries"]] == ["start.bat"]
    assert gone.state is EvidenceState.ABSENT
    assert deleted["status"] == "deleted"


def test_a_renamed_repository_tells_both_names() -> None:
    with FakeHubAccounts({"new/demo": HubEntry(NUMBER)}, renamed={"corp/demo": "new/demo"}) as hub:
        facts = data(run(model(), hub=hub.url), "pkg:huggingface/corp/demo")
    assert facts["name"] == "corp/demo"
    assert facts["owner"] == "new"
    assert facts["status_reason"] == "corp/demo now leads to new/demo"


def test_a_number_that_contradicts_the_day_is_told() -> None:
    entry = HubEntry(AGAIN, created="2021-01-01T00:00:00.000Z", disabled=True)
    with FakeHubAccounts({"corp/demo": entry}) as hub:
        facts = data(run(model(), hub=hub.url), "pkg:huggingface/corp/demo")
    assert facts["status"] == "disabled"
    assert "its number was given on 2025-10-27" in facts["status_reason"]
