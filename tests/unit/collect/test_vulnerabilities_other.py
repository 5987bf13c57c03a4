"""Packages of other ecosystems than PyPI: asked for by package URL, or not assessed and why."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest

from weighbridge.cli.vulnerabilities import exit_code
from weighbridge.collect import installation, vulnerabilities
from weighbridge.collect.context import CollectContext, Services
from weighbridge.model.affected import Looked, Standing, affected, looked_up
from weighbridge.model.digest import sha256
from weighbridge.model.errors import ExitCode
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Outcome
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.rules.vulnerabilities._shared import unasked
from weighbridge.rules.vulnerabilities.known_vulnerability import _finding
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.testing.osv import FakeOsv, Mode, advisory

RECORDS = [
    advisory("RUSTSEC-0000-1", "ring", fixed="0.17", ecosystem="crates.io", severity="HIGH",
             aliases=["CVE-0000-9"]),
    advisory("GHSA-0000-9", "@acme/left", fixed="2.0.0", ecosystem="npm"),
    advisory("PYSEC-0000-1", "zlib", fixed="9"),  # another package of the name, on PyPI
]  # fmt: skip


def component(name: str, version: str, purl: str) -> dict[str, Any]:
    return {"type": "library", "bom-ref": name, "name": name, "version": version, "purl": purl}


def site(folder: Path, *components: dict[str, Any], data: bytes = b"") -> Path:
    """An environment with one package, and its bill of materials."""
    info = folder / "env" / "lib" / "python3.12" / "site-packages" / "pkg-1.0.dist-info"
    (info / "sboms").mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pkg\nVersion: 1.0\n")
    (info / "RECORD").write_text("")
    document = {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": list(components)}
    (info / "sboms" / "a.cdx.json").write_bytes(data or json.dumps(document).encode())
    return info.parent


def context(folder: Path | None = None, *, packages: tuple[Evidence, ...] = (), **more: Any):
    subject = Subject(SubjectKind.DIRECTORY, "m", sha256(b""))
    return CollectContext(
        Snapshot(subject, (), (), lambda _: io.BytesIO()), dt.date(2026, 1, 3),
        more.pop("offline", False), environments=(folder,) if folder else (),
        services=Services(timeout_seconds=2.0, **more),
        earlier={EvidenceKind.PACKAGES: packages},
    )  # fmt: skip


def looked(ctx: CollectContext) -> dict[str, Looked]:
    return {thing.about: thing for thing in looked_up(vulnerabilities.collect(ctx))}


def recorded(*packages: tuple[str, str, str]) -> Evidence:
    """Evidence of packages: name, version, package URL."""
    facts = [
        {"name": n, "version": v, "purl": p, "origin": "index", "line": 0, "requires": []}
        for n, v, p in packages
    ]
    data = {"packages": facts, "issues": []}
    about = "conda-meta"
    kind, state = EvidenceKind.PACKAGES, EvidenceState.OBSERVED
    return Evidence(kind, about, state, f"file:{about}", "packages@1", data=data)


@pytest.mark.parametrize(
    ("purl", "words"),
    [
        ("pkg:rpm/almalinux/libXau@1.0.9-3.el8", "release of the distribution"),
        ("pkg:deb/debian/zlib1g@1.2", "release of the distribution"),
        ("pkg:generic/openssl@3.0", "no ecosystem for package URLs of the type 'generic'"),
        ("pkg:cargo/own@1.0?download_url=file://own", "does not come from the registry"),
        ("pkg:cargo/ring", "no exact version"),
        ("pkg:pypi/jinja2@none", "not one that advisories can be asked for"),
        ("no purl", "cannot be read"),
    ],
)
def test_what_cannot_be_asked_is_not_assessed_and_says_why(
    tmp_path: Path, purl: str, words: str
) -> None:
    folder = site(tmp_path, component("x", "", purl))
    with FakeOsv(RECORDS) as osv:
        (thing,) = looked(context(folder, osv=osv.url)).values()
        assert osv.requests == []
    assert thing.standing is Standing.NOT_ASSESSED
    assert words in thing.reasons[0]
    assert thing.about.endswith(" in pkg")


def test_a_bill_of_materials_that_cannot_be_read_is_not_assessed(tmp_path: Path) -> None:
    with FakeOsv(RECORDS) as osv:
        (thing,) = looked(context(site(tmp_path, data=b"{"), osv=osv.url)).values()
    assert thing.standing is Standing.NOT_ASSESSED
    assert "what pkg embeds is not known" in thing.reasons[0]


def test_a_service_that_fails_leaves_them_not_assessed(tmp_path: Path) -> None:
    folder = site(tmp_path, component("ring", "0.16", "pkg:cargo/ring@0.16"))
    for mode in (Mode.NOT_FOUND, Mode.HTML, Mode.SHORT, Mode.NO_DETAILS):
        with FakeOsv(RECORDS, mode=mode) as osv:
            (thing,) = looked(context(folder, osv=osv.url)).values()
        assert thing.standing is Standing.NOT_ASSESSED, mode


def test_offline_and_without_a_service_they_are_not_assessed(tmp_path: Path) -> None:
    folder = site(tmp_path, component("ring", "0.16", "pkg:cargo/ring@0.16"))
    (thing,) = looked(context(folder, offline=True)).values()
    assert (thing.standing, thing.reasons) == (
        Standing.NOT_ASSESSED, ("offline: advisories were not asked",),
    )  # fmt: skip
    database = tmp_path / "db" / "PyPI"
    database.mkdir(parents=True)
    (database / "a.json").write_text(json.dumps(RECORDS[2]))
    (thing,) = looked(context(folder, osv_database=tmp_path / "db", offline=True)).values()
    assert thing.standing is Standing.NOT_ASSESSED
    assert "packages of PyPI only" in thing.reasons[0]


def test_an_advisory_of_another_shape_is_a_gap_and_no_clean_answer(tmp_path: Path) -> None:
    folder = site(tmp_path, component("ring", "0.16", "pkg:cargo/ring@0.16"))
    package = {"name": "ring", "ecosystem": "crates.io"}
    shapeless = {"package": package, "versions": ["0.16"], "ranges": [{"type": "SEMVER"}]}
    for broken in ({"schema_version": "2.0"}, {"aliases": "CVE"}, {"affected": [shapeless]}):
        with FakeOsv([{**RECORDS[0], **broken}]) as osv:
            (thing,) = looked(context(folder, osv=osv.url)).values()
        assert thing.standing is Standing.NOT_ASSESSED, broken


def test_embedded_components_are_asked_for_by_package_url(tmp_path: Path) -> None:
    folder = site(
        tmp_path,
        component("ring", "0.16.2", "pkg:cargo/ring@0.16.2"),
        component("syn", "2.0.1", "pkg:cargo/syn@2.0.1"),
        component("left", "1.0.0", "pkg:npm/%40acme/left@1.0.0"),
        component("jinja2", "3.1", "pkg:pypi/jinja2@3.1"),
        component("pkg", "1.0", "pkg:pypi/pkg@1.0?file_name=x.whl"),  # the package itself
        component("anything", "1.0", ""),
    )
    with FakeOsv(RECORDS) as osv:
        ctx = context(folder, osv=osv.url)
        evidence = vulnerabilities.collect(ctx)
        sent = next(body for method, _, body in osv.requests if method == "POST")
    assert {"package": {"purl": "pkg:cargo/ring"}, "version": "0.16.2"} in sent["queries"]
    assert {thing.about: thing.standing.value for thing in looked_up(evidence)} == {
        "pkg:cargo/ring@0.16.2 in pkg": "vulnerable",
        "pkg:cargo/syn@2.0.1 in pkg": "not-vulnerable",
        "pkg:npm/%40acme/left@1.0.0 in pkg": "vulnerable",
        "pkg:pypi/jinja2@3.1 in pkg": "not-vulnerable",
    }
    one = next(one for one in affected(evidence) if one.id == "RUSTSEC-0000-1")
    assert (one.kind, one.version, one.aliases) == ("embedded", "0.16.2", ("CVE-0000-9",))
    assert (one.severity, one.fixed_versions) == ("high", ("0.17",))
    finding = _finding(one)
    assert "pkg:cargo/ring@0.16.2 in pkg is affected by RUSTSEC-0000-1" in finding.message
    assert finding.remedy.startswith("Move pkg to a release that has a repaired version inside: 0")


def test_it_is_the_same_from_the_evidence_about_the_installation(tmp_path: Path) -> None:
    folder = site(
        tmp_path,
        component("ring", "0.16.2", "pkg:cargo/ring@0.16.2"),
        component("libXau", "1.0.9", "pkg:rpm/almalinux/libXau@1.0.9"),
    )
    with FakeOsv(RECORDS) as osv:
        ctx = context(folder, osv=osv.url)
        found = tuple(installation.collect(ctx))
        earlier = {**ctx.earlier, EvidenceKind.INSTALLATION: found}
        again = CollectContext(ctx.snapshot, ctx.as_of, False, services=ctx.services,
                               environments=ctx.environments, earlier=earlier)  # fmt: skip
        assert vulnerabilities.collect(again) == vulnerabilities.collect(ctx)


def test_conda_packages_are_not_assessed_and_never_asked_as_those_of_pypi() -> None:
    packages = (recorded(("zlib", "1.3", "pkg:conda/zlib@1.3"), ("six", "1.0", "pkg:pypi/six@1.0"),
                         ("zlib", "9.1", "pkg:pypi/zlib@9.1")),)  # fmt: skip
    with FakeOsv(RECORDS) as osv:
        ctx = context(packages=packages, osv=osv.url)
        evidence = vulnerabilities.collect(ctx)
        sent = next(body for method, _, body in osv.requests if method == "POST")
    assert [query["package"]["name"] for query in sent["queries"]] == ["six", "zlib"]
    assert [query["version"] for query in sent["queries"]] == ["1.0", "9.1"]
    things = {thing.about: thing for thing in looked_up(evidence)}
    assert {about: thing.standing.value for about, thing in things.items()} == {
        "conda/zlib==1.3": "not-assessed", "six==1.0": "not-vulnerable",
        "zlib==9.1": "not-vulnerable",
    }  # fmt: skip
    assert "no ecosystem for packages of conda" in things["conda/zlib==1.3"].reasons[0]


@pytest.mark.parametrize(
    ("packages", "code"),
    [
        ([("zlib", "1.3", "pkg:conda/zlib@1.3")], ExitCode.INCONCLUSIVE),
        ([("zlib", "1.3", "pkg:conda/zlib@1.3"), ("zlib", "1.0", "pkg:pypi/zlib@1.0")],
         ExitCode.VIOLATED),
        ([("six", "1.0", "pkg:pypi/six@1.0")], ExitCode.HOLDS),
    ],
)  # fmt: skip
def test_the_exit_code_counts_them(packages: list[tuple[str, str, str]], code: ExitCode) -> None:
    class Record:
        """All that the exit code is made of."""

        def __init__(self, evidence: tuple[Evidence, ...]) -> None:
            self.evidence = evidence

    with FakeOsv(RECORDS) as osv:
        evidence = vulnerabilities.collect(context(packages=(recorded(*packages),), osv=osv.url))
    assert exit_code(Record(evidence)) is code  # type: ignore[arg-type]


def test_a_part_that_no_service_knows_is_told_and_closes_nothing(tmp_path: Path) -> None:
    folder = site(tmp_path, component("libXau", "1.0.9", "pkg:rpm/almalinux/libXau@1.0.9"))
    with FakeOsv(RECORDS) as osv:
        evidence = tuple(vulnerabilities.collect(context(folder, osv=osv.url)))
    (thing,) = looked_up(evidence)
    assert (thing.standing, thing.beyond) == (Standing.NOT_ASSESSED, True)
    (finding,) = unasked(evidence)
    assert finding.outcome is Outcome.MANUAL
    assert "libXau" in finding.message


def test_a_part_that_could_not_be_asked_for_is_unknown(tmp_path: Path) -> None:
    folder = site(tmp_path, component("ring", "0.16.2", "pkg:cargo/ring@0.16.2"))
    evidence = tuple(vulnerabilities.collect(context(folder, osv="http://127.0.0.1:9")))
    assert [thing.beyond for thing in looked_up(evidence)] == [False]
    assert {finding.outcome for finding in unasked(evidence)} == {Outcome.UNKNOWN}
