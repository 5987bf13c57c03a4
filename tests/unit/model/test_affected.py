"""What evidence about advisories amounts to, whoever was asked."""

from __future__ import annotations

from typing import Any

from weighbridge.model.affected import Standing, affected, looked_up
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Location

OSV, INDEX = "https://osv.example", "https://index.example/pypi"


def fact(identifier: str, *aliases: str, **more: Any) -> dict[str, Any]:
    """An advisory as version 0.1 wrote it, unless more is given."""
    return {
        "id": identifier, "aliases": list(aliases), "summary": "", "severity": "",
        "fixed_versions": [], "malicious": False, **more,
    }  # fmt: skip


def told(about: str, *advisories: dict[str, Any], source: str = OSV, **more: Any) -> Evidence:
    name, _, version = about.partition("==")
    data = {"package": name, "version": version, "asked_version": version, "withdrawn": [],
            "service_knows_package": None, "advisories": list(advisories), **more}  # fmt: skip
    return Evidence(
        EvidenceKind.VULNERABILITY, about, EvidenceState.OBSERVED, source, "t@1", data=data
    )


def silent(about: str, reason: str, source: str = OSV) -> Evidence:
    state = EvidenceState.UNAVAILABLE
    return Evidence(EvidenceKind.VULNERABILITY, about, state, source, "t@1", reason)


def packages(about: str, *rows: tuple[str, str, bool, list[str]]) -> Evidence:
    listed = [
        {"name": name, "version": version, "line": line, "direct": direct, "requires": requires}
        for line, (name, version, direct, requires) in enumerate(rows, 1)
    ]
    return Evidence(EvidenceKind.PACKAGES, about, EvidenceState.OBSERVED, f"file:{about}", "t@1",
                    data={"packages": listed, "issues": []})  # fmt: skip


def test_nothing_was_looked_up() -> None:
    absent = Evidence(EvidenceKind.VULNERABILITY, "", EvidenceState.ABSENT, "packages", "t@1", "no")
    assert looked_up([]) == looked_up([absent]) == []
    assert affected([absent]) == []


def test_the_three_standings() -> None:
    things = {
        thing.about: thing
        for thing in looked_up([
            told("a==1", fact("X-1")), silent("a==1", "404", INDEX),
            told("b==1"), told("b==1", source=INDEX, service_knows_package=True),
            told("c==1"), silent("c==1", "404", INDEX),
            silent("d", "no version"),
        ])
    }  # fmt: skip
    assert {about: thing.standing for about, thing in things.items()} == {
        "a==1": Standing.VULNERABLE,
        "b==1": Standing.NOT_VULNERABLE,
        "c==1": Standing.NOT_ASSESSED,
        "d": Standing.NOT_ASSESSED,
    }
    assert things["a==1"].reasons == ("404",)
    assert (things["b==1"].known, things["b==1"].sources) == (True, (INDEX, OSV))
    assert not things["c==1"].known
    assert (things["d"].kind, things["c==1"].kind) == ("", "package")


def test_what_several_sources_tell_of_one_weakness_is_one() -> None:
    found = affected([
        told("a==1", fact("GHSA-1", "CVE-1", severity="high", score="8.1", vector="V", urls=["u"],
                          published="2026-01-02T00:00:00Z", modified="2026-01-03T00:00:00Z")),
        told("a==1", fact("OTHER-1", "GHSA-1", fixed_versions=["2"], summary="s"),
             fact("PYSEC-1", "CVE-1", fixed_versions=["2", "3"]), fact("Z-1"), source=INDEX),
    ])  # fmt: skip
    first, second = found
    assert (first.id, first.aliases) == ("PYSEC-1", ("CVE-1", "GHSA-1", "OTHER-1"))
    assert (first.severity, first.score, first.vector) == ("high", "8.1", "V")
    assert (first.fixed_versions, first.summary, first.urls) == (("2", "3"), "s", ("u",))
    assert (first.published, first.modified) == ("2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")
    assert first.sources == (INDEX, OSV)
    assert len(first.evidence) == 2
    assert second.id == "Z-1"


def test_malice_names_a_weakness_first() -> None:
    (one,) = affected([
        told("a==1", fact("PYSEC-1", "MAL-1")),
        told("a==1", fact("MAL-1", malicious=True, severity="critical"), source=INDEX),
    ])  # fmt: skip
    assert (one.id, one.malicious, one.severity) == ("MAL-1", True, "critical")


def test_where_a_package_is_named_and_how_it_comes_in() -> None:
    environment = packages("environment:1", ("b", "1", False, []), ("e", "1", True, ["b"]))
    lock = packages("uv.lock", ("a", "1", True, ["m"]), ("m", "1", False, ["b"]),
                    ("b", "1", False, []))  # fmt: skip
    evidence = [environment, lock, *(told(f"{name}==1", fact("X-1")) for name in "abe")]
    found = {one.about: (one.location, one.way) for one in affected(evidence)}
    assert found == {
        "a==1": (Location("uv.lock", 1), ""),
        "b==1": (Location("uv.lock", 3), "a > m > b"),
        "e==1": (None, ""),
    }


def test_models_and_files() -> None:
    found = affected([
        told("model", fact("X-1"), kind="model", package="pkg:huggingface/a/b"),
        told("pkg:huggingface/c/d", fact("X-1"), kind="base-model"),
        told("w.safetensors", fact("X-2"), kind="weights"),
    ])  # fmt: skip
    assert [one.named for one in found] == [
        "the model",
        "pkg:huggingface/c/d, which the model is made from,",
        "w.safetensors",
    ]
    assert found[2].location == Location("w.safetensors")
