"""``weighbridge maintainers`` in this process: usage, the ledger, changed pins and the cooldown."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from tests.integration.git_tools import Git
from tests.unit.collect.baselines import project, release, snapshot, unasked

from weighbridge.signing import keys
from weighbridge.signing.maintainers_snapshot import sign_snapshot
from weighbridge.signing.signers import KeySigner
from weighbridge.testing.index_project import FakeProjectIndex, FakeRelease, Package
from weighbridge.testing.osv import FakeOsv, advisory

VERB = "maintainers"


def days_ago(days: float) -> str:
    return (dt.datetime.now(dt.UTC) - dt.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def package(name: str, *ages: float) -> Package:
    """A package whose releases 1.0, 1.1 … were uploaded so many days ago."""
    return Package(
        {f"1.{n}": FakeRelease((f"{name}-1.{n}.tar.gz",), days_ago(d)) for n, d in enumerate(ages)},
    )


@pytest.fixture
def model(tmp_path, call, monkeypatch):
    """A model ``m`` that pins three packages, and a key ``k.pem``."""
    import os

    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "requirements.txt").write_text("alpha==1.0\nbeta==1.0\ngamma==1.0\n")
    assert call("sign", "--generate-key", "k.pem")[0] == 0
    return folder


@pytest.fixture
def index():
    names = ("alpha", "beta", "gamma")
    with FakeProjectIndex({name: package(name, 200, 100, 1) for name in names}) as service:
        yield service


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("", "--offline"), "SUBJECT is empty"),
        (("m", "--changed-since", ""), "--changed-since is empty"),
        (("m", "--format", "xml"), "unknown format"),
        (("m", "--cooldown", "-1"), "below zero"),
        (("m", "--baseline", "gone.json"), "is not a file"),
        (("m", "--baseline", "m/config.json"), "nobody is named to verify with"),
        (("m", "--key", "k.pem.pub", "--offline"), "no baseline is given"),
        (("m", "--baseline", "a", "--ledger", "b"), "both name a baseline"),
        (("m", "--ledger", "gone"), "is not the folder of a ledger"),
        (("m", "--changed-since", "HEAD", "--offline"), "not in a git repository"),
        (("snapshot", "m", "--key", "k.pem"), "--output is missing"),
        (("snapshot", "m", "-o", "x.json"), "nobody signs the snapshot"),
        (("snapshot", "m", "-o", "x.json", "--unsigned", "--key", "k.pem"), "--unsigned is given"),
        (("snapshot", "m", "--ledger", "l", "--unsigned"), "nobody signs this one"),
        (("snapshot", "m", "-o", "m/config.json", "--key", "k.pem"), "already there"),
        (("diff", "m/config.json", "gone"), "is no maintainers snapshot"),
        (("diff", "gone", "gone"), "is not there"),
    ],
)
def test_wrong_words_are_errors(model, call, tmp_path, arguments, words) -> None:
    code, _, err = call(VERB, *arguments)
    assert code == 2, err
    assert words in " ".join(err.split())
    assert not (tmp_path / "x.json").exists()


def test_a_subject_without_projects_has_nothing_to_write_down(model, call) -> None:
    (model / "requirements.txt").unlink()
    code, _, err = call(VERB, "snapshot", "m", "-o", "x.json", "--key", "k.pem")
    assert code == 2
    assert "no project to write down" in err
    assert call(VERB, "m", "--offline")[0] == 3


def test_a_baseline_is_kept_beside_the_ledger_and_found_again(model, call, index, tmp_path) -> None:
    asked = ("--index-url", index.simple_url, "--osv-url", "none")
    code, out, err = call(VERB, "snapshot", "m", "--ledger", "l", "--key", "k.pem", *asked)
    assert code == 0, out + err
    assert "entry 0 of the ledger" in " ".join(out.split())
    (kept,) = (tmp_path / "l.baselines").iterdir()
    code, out, err = call(VERB, "m", "--ledger", "l", "--key", "k.pem.pub", *asked)
    assert code == 0, out + err
    assert "entry 0 of the ledger" in " ".join(out.split())
    listed = json.loads(call("ledger", "list", "l", "-f", "json")[1])["entries"]
    assert [(e["kind"], e["record"].partition(":")[2]) for e in listed] == [
        ("baseline", kept.name.partition(".")[0])
    ]
    assert "verdict" not in listed[0]
    assert "snapshot sha256:" in " ".join(call("ledger", "list", "l")[1].split())
    assert call("ledger", "verify", "l")[0] == 0

    # the newest one counts
    (model / "requirements.txt").write_text("alpha==1.0\n")
    assert call(VERB, "snapshot", "m", "--ledger", "l", "--key", "k.pem", *asked)[0] == 0
    body = json.loads(
        call(VERB, "m", "--ledger", "l", "--key", "k.pem.pub", "-f", "json", *asked)[1]
    )
    assert body["baseline"]["facts"]["entry"] == 1
    assert body["baseline"]["facts"]["projects"] == 1


def test_a_baseline_of_the_ledger_that_was_changed_is_an_error(
    model, call, index, tmp_path
) -> None:
    asked = ("--index-url", index.simple_url, "--osv-url", "none")
    assert call(VERB, "snapshot", "m", "--ledger", "l", "--key", "k.pem", *asked)[0] == 0
    check = (VERB, "m", "--ledger", "l", "--key", "k.pem.pub", "--offline")
    (kept,) = (tmp_path / "l.baselines").iterdir()
    data = kept.read_bytes()
    other = snapshot(project("alpha", owners=[]))
    kept.write_bytes(sign_snapshot(other, KeySigner(keys.generate_key())))
    code, _, err = call(*check)
    assert (code, "is not the file that the ledger names" in err) == (2, True)
    kept.unlink()
    assert "is not there" in call(*check)[2]
    kept.write_bytes(data)
    bundle = tmp_path / "l" / "tile" / "entries" / "000.p" / "1"
    bundle.write_bytes(bundle.read_bytes().replace(b"baseline", b"basement"))
    code, _, err = call(*check)
    assert (code, "the ledger does not hold" in err) == (2, True)


def test_an_empty_ledger_has_no_baseline(model, call, tmp_path) -> None:
    from tests.unit.ledger.conftest import entry

    from weighbridge.ledger.log import append
    from weighbridge.seal.keys import sealing_folder

    append(tmp_path / "l", entry(1), sealing_folder())
    code, _, err = call(VERB, "m", "--ledger", "l", "--key", "k.pem.pub", "--offline")
    assert (code, "has no baseline" in err) == (2, True)


@pytest.fixture
def repository(model) -> Git:
    git = Git(model)
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-q", "-m", "pins")
    return git


def changed(call, index, *more):
    code, out, err = call(
        VERB, "m", "--changed-since", "HEAD", "--index-url", index.simple_url, "-f", "json",
        "--osv-url", "none", *more,
    )  # fmt: skip
    assert code != 2, err
    return code, json.loads(out)


def test_only_projects_whose_pin_changed_are_asked_about(model, repository, call, index) -> None:
    code, body = changed(call, index)
    assert (code, body["changed"], body["projects"]) == (0, [], [])
    assert index.requests == []
    (model / "requirements.txt").write_text("alpha==1.0\nbeta==1.1\ngamma==1.0\n")
    code, body = changed(call, index)
    assert body["changed"] == ["pkg:pypi/beta"]
    assert [one["about"] for one in body["projects"]] == ["pkg:pypi/beta"]
    assert index.requests
    assert not [one for one in index.requests if "alpha" in str(one) or "gamma" in str(one)]
    assert body["cooldown"] == {
        "hours": 72,
        "releases": [{"about": "pkg:pypi/beta", "release": "1.1", "age": "old-enough",
                      "hours": body["cooldown"]["releases"][0]["hours"], "fixes": []}],
    }  # fmt: skip


def test_a_hash_that_changed_is_a_pin_that_changed(model, repository, call, index) -> None:
    lines = f"alpha==1.0 --hash=sha256:{'ab' * 32}\nbeta==1.0\ngamma==1.0\n"
    (model / "requirements.txt").write_text(lines)
    assert changed(call, index)[1]["changed"] == ["pkg:pypi/alpha"]


def test_a_young_release_is_named_and_closes(model, repository, call, index) -> None:
    (model / "requirements.txt").write_text("alpha==1.0\nbeta==1.2\ngamma==1.0\n")
    code, body = changed(call, index)
    assert code == 1
    (one,) = body["cooldown"]["releases"]
    assert (one["about"], one["age"]) == ("pkg:pypi/beta", "young")
    assert changed(call, index, "--cooldown", "12")[1]["cooldown"]["releases"][0]["age"] == (
        "old-enough"
    )
    assert changed(call, index, "--cooldown", "0")[1]["cooldown"]["releases"] == []
    _, out, _ = call(VERB, "m", "--changed-since", "HEAD", "--index-url", index.simple_url,
                     "--osv-url", "none")  # fmt: skip
    assert "Releases younger than 72 hours" in out
    assert "too young" in out


def test_a_young_release_that_fixes_a_weakness_is_let_through(
    model, repository, call, index
) -> None:
    (model / "requirements.txt").write_text("alpha==1.0\nbeta==1.2\ngamma==1.0\n")
    with FakeOsv([advisory("PYSEC-0000-1", "beta", fixed="1.2")]) as osv:
        _, body = changed(call, index, "--osv-url", osv.url)
    (one,) = body["cooldown"]["releases"]
    assert (one["age"], one["fixes"]) == ("security-fix", ["PYSEC-0000-1"])
    with FakeOsv([advisory("PYSEC-0000-1", "beta", fixed="1.1")]) as osv:
        code, body = changed(call, index, "--osv-url", osv.url)
    assert (code, body["cooldown"]["releases"][0]["age"]) == (1, "young")


def test_diff_escapes_what_comes_from_outside(call, tmp_path) -> None:
    owner = {"name": "<b>@evil</b> [x](y)", "role": "Owner", "id": "9", "created": ""}
    for name, made in (("old", snapshot(project())), ("new", snapshot(project(owners=[owner])))):
        (tmp_path / name).write_bytes(made.to_bytes() + b"\n")
    code, out, _ = call(VERB, "diff", "old", "new", "--format", "markdown")
    assert code == 1
    assert "<b>" not in out
    assert "[x](y)" not in out
    assert "&#60;b&#62;" in out
    _, out, _ = call(VERB, "diff", "old", "new", "--format", "json")
    assert json.loads(out)["projects"][0]["about"] == "pkg:pypi/demo"
    assert out.isascii()
    hostile = snapshot(project(), name="m").to_bytes().replace(b"corp", b"co\x1b[2J")
    (tmp_path / "hostile").write_bytes(hostile)
    code, out, err = call(VERB, "diff", "old", "hostile")
    assert code == 2
    assert "\x1b" not in out + err


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (snapshot(project()), 0),
        (snapshot(project(releases=[release(1), release(2), release(3, yanked=True)])), 0),
        (snapshot(unasked("demo")), 3),
        # another name without the number that the accepted one had: renamed, or somebody else
        (snapshot(project(owners=[{"name": "bob", "role": "", "id": "", "created": ""}])), 3),
        (snapshot(project(owners=[])), 1),
    ],
)
def test_the_exit_codes_of_diff(call, tmp_path, new, code) -> None:
    (tmp_path / "old").write_bytes(snapshot(project()).to_bytes())
    (tmp_path / "new").write_bytes(new.to_bytes())
    found, out, err = call(VERB, "diff", "old", "new")
    assert found == code, out + err
    assert all(len(line) <= 80 for line in out.splitlines())


POLICY = """schema: 1
id: ours
version: "1"
owner: us
trust:
  - {name: supply chain, key_file: k.pem.pub, paths: ["baselines/*"]}
rules:
  changed-owner: {}
"""


def test_an_audit_holds_projects_against_the_baseline_that_its_policy_trusts(
    model, call, index, tmp_path
) -> None:
    asked = ("--index-url", index.simple_url, "--osv-url", "none")
    made = call(VERB, "snapshot", "m", "-o", "b.json", "--key", "k.pem", *asked)
    assert made[0] == 0, made
    (tmp_path / "ours.yaml").write_text(POLICY)
    audit = ("audit", "m", "--policy", "./ours.yaml", "-f", "json", *asked)
    for owner, outcome in (("ann", "pass"), ("mallory", "fail")):
        index.packages["beta"].owners = ((owner, "Owner"),)
        _, out, err = call(*audit, "--baseline", "b.json")
        (result,) = json.loads(out)["results"]
        assert result["outcome"] == outcome, out + err
    # the configuration names the policy and the baseline
    (tmp_path / "weighbridge.yaml").write_text("policies: [./ours.yaml]\nbaseline: b.json\n")
    _, out, err = call(VERB, "m", *asked)
    assert "accepted by supply chain" in out, err
    assert "changed-owner: pkg:pypi/beta" in " ".join(out.split())
