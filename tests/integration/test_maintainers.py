"""``weighbridge maintainers`` as a user calls it, against a stand-in for a package index."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from tests.integration.conftest import Run

from weighbridge.testing.index_project import FakeProjectIndex, FakeRelease, Package, trusted

CORP = trusted("corp/demo", environment="pypi")
VERB = "maintainers"
OLD = "old.maintainers.json"


@pytest.fixture
def run(run_here: Run) -> Run:
    """Nothing here needs a process of its own."""
    return run_here


def days_ago(days: float) -> str:
    return (dt.datetime.now(dt.UTC) - dt.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def release(version: str, days: float, *, attested: bool = True) -> dict[str, FakeRelease]:
    wheel = f"demo-{version}-py3-none-any.whl"
    publishers = {wheel: CORP} if attested else {}
    made = FakeRelease((wheel,), days_ago(days), requires=("numpy",), publishers=publishers)
    return {version: made}


def packages(*, hijacked: bool = False) -> dict[str, Package]:
    releases: dict[str, FakeRelease] = {}
    for number in range(1, 10):
        releases |= release(f"1.{number}", 300 - 30 * number)
    owners = [("ann", "Owner")]
    if hijacked:
        releases |= release("1.10", 1, attested=False)
        owners = [("mallory", "Owner")]
    numpy = Package({"2.0": FakeRelease(("numpy-2.0.tar.gz",), days_ago(200))},
                    owners=(("nora", "Owner"),))  # fmt: skip
    return {"demo": Package(releases, owners=tuple(owners)), "numpy": numpy}


@pytest.fixture
def subject(tmp_path: Path, run) -> Path:
    """A model that pins two packages, and a key ``k.pem``."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "requirements.txt").write_text("demo==1.9\nnumpy==2.0\n")
    assert run("sign", "--generate-key", "k.pem").returncode == 0
    return folder


def test_from_the_accepted_state_to_the_hijacked_one(run, subject, tmp_path) -> None:
    trusting = ("--key", "k.pem.pub")
    with FakeProjectIndex(packages()) as index:
        asked = ("--index-url", index.simple_url, "--osv-url", "none")
        done = run(VERB, "snapshot", "model", "-o", OLD, "--key", "k.pem", *asked)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "accepted as they are now" in done.stdout
        quiet = run(VERB, "model", "--baseline", OLD, *trusting, *asked)
    assert quiet.returncode == 0, quiet.stdout + quiet.stderr
    assert "accepted by k.pem.pub" in quiet.stdout

    (subject / "requirements.txt").write_text("demo==1.10\nnumpy==2.0\n")
    with FakeProjectIndex(packages(hijacked=True)) as index:
        asked = ("--index-url", index.simple_url, "--osv-url", "none")
        done = run(VERB, "model", "--baseline", OLD, *trusting, *asked, "--format", "json")
        unsigned = run(VERB, "snapshot", "model", "-o", "new.json", "--unsigned", *asked)
        assert unsigned.returncode == 0
        refused = run(VERB, "model", "--baseline", "new.json", *trusting, *asked)
    assert done.returncode == 1
    body = json.loads(done.stdout)
    failed = {rule["rule"] for rule in body["rules"] if rule["outcome"] == "fail"}
    assert {"changed-owner", "dropped-attestations", "hijack-score"} <= failed
    assert body["baseline"]["facts"]["signer"] == "k.pem.pub"
    check_scores(body)

    assert "NOT SIGNED" in unsigned.stdout
    assert refused.returncode in (1, 3)
    assert "it is not accepted as a baseline: nobody signed it" in " ".join(refused.stdout.split())

    diff = run(VERB, "diff", OLD, "new.json")
    assert diff.returncode == 1
    assert "! changed-owner:" in diff.stdout
    assert "attestations  release 1.10 after 1.9: attested: yes -> no" in diff.stdout
    assert all(len(line) <= 80 for line in (quiet.stdout + diff.stdout).splitlines())


SIGNAL_FIELDS = {
    "signal", "group", "state", "points", "counted", "numerator", "denominator", "ratio",
    "incidents", "benign", "source", "readings", "evidence",
}  # fmt: skip


def check_scores(body: dict) -> None:
    """Each number of the score stands in a field, and they agree with the finding's message."""
    assert body["schema"] == "weighbridge.maintainers/2"
    (demo,) = [one for one in body["projects"] if one["about"] == "pkg:pypi/demo"]
    total = demo["score"]
    signals = {one["signal"]: one for one in total["signals"]}
    assert len(signals) == 17
    assert all(one.keys() == SIGNAL_FIELDS for one in signals.values())
    assert {one["state"] for one in signals.values()} >= {
        "fired", "clear", "unavailable",
    }  # fmt: skip
    assert sum(one["counted"] for one in signals.values()) == total["points"] >= 10
    owner = signals["changed-owner"]
    assert (owner["state"], owner["points"], owner["counted"]) == ("fired", 12, 12)
    assert (owner["incidents"], owner["benign"]) == ([4, 20], [1, 100])
    assert owner["ratio"] == pytest.approx(owner["numerator"] / owner["denominator"], rel=1e-4)
    assert {"fired"} == {reading["state"] for reading in owner["readings"]}
    assert demo["evidence"] in owner["evidence"]
    assert len(owner["evidence"]) == 2, "the accepted state's as well"
    for one in signals.values():
        if one["state"] != "fired":
            assert one["counted"] == 0
    (rule,) = [one for one in body["rules"] if one["rule"] == "hijack-score"]
    (finding,) = [one for one in rule["findings"] if one["key"].startswith("pkg:pypi/demo")]
    assert f"{total['points']} points" in finding["message"]
    assert f"{owner['numerator']:.4f}/{owner['denominator']:.5f}" in finding["message"]


def test_nobody_answers(run, subject) -> None:
    """What could not be asked is 3, also where a snapshot of it is written down."""
    done = run(VERB, "model", "--offline")
    assert done.returncode == 3, done.stdout
    assert "offline" in done.stdout
    body = json.loads(run(VERB, "model", "--offline", "--format", "json").stdout)
    assert {one["score"] for one in body["projects"]} == {None}
    done = run(VERB, "snapshot", "model", "-o", OLD, "--key", "k.pem", "--offline")
    assert done.returncode == 3
    assert "Nobody could be asked" in done.stdout
