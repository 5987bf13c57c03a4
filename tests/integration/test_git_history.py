"""The history of weights, against repositories and signatures made by git and ssh-keygen."""

import datetime as dt
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from weighbridge.collect import maintainers
from weighbridge.collect.context import CollectContext
from weighbridge.history.check import check_signature
from weighbridge.history.compare import State
from weighbridge.history.history import History, open_history
from weighbridge.history.signers import parse_allowed_signers
from weighbridge.model.digest import sha256
from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.finding import Conclusion, Outcome
from weighbridge.model.policy import TrustedSigner
from weighbridge.model.rule import Case
from weighbridge.rules.maintainers import first_time_weight_author, unsigned_commit
from weighbridge.snapshot.take import take_snapshot

sys.path.insert(0, str(Path(__file__).parent))
from git_tools import EPOCH, Git, new_key, new_repository

START = dt.date(2026, 5, 28)  # the day of EPOCH


@pytest.fixture
def git(tmp_path: Path) -> Git:
    git = new_repository(tmp_path / "model")
    (git.top / "README.md").write_text("# A model\n")
    return git


def weigh(git: Git, content: str, name: str = "model.bin") -> None:
    path = git.top / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)


def history(git: Git, folder: str = "", **options: Any) -> History:
    found = open_history(take_snapshot(git.top / folder), **options)
    assert found is not None
    return found


def collect(
    subject: Path, trust: Iterable[TrustedSigner] = (), revision: str = ""
) -> list[Evidence]:
    snapshot = take_snapshot(subject, revision=revision)
    context = CollectContext(snapshot=snapshot, as_of=START, offline=True, trust=tuple(trust))
    return list(maintainers.collect(context))


def judge(rule: Any, evidence: list[Evidence], day: int = 400, **params: Any) -> Conclusion:
    subject: Any = None
    as_of = START + dt.timedelta(days=day)
    conclusion = rule.check(Case(subject, as_of, tuple(evidence), {**rule.META.defaults, **params}))
    assert isinstance(conclusion, Conclusion)
    return conclusion


def keys(conclusion: Conclusion) -> list[str]:
    return [finding.key for finding in conclusion.findings]


# --- which commits touched weights -------------------------------------------------------------


def test_only_commits_that_touched_weights_are_listed(git: Git) -> None:
    git.commit(day=0)
    weigh(git, "one")
    first = git.commit(day=1)
    (git.top / "README.md").write_text("# Another\n")
    git.commit("bob", day=2)
    weigh(git, "two")
    second = git.commit(day=3)
    (git.top / "model.bin").unlink()
    weigh(git, "three", "sub/other.safetensors")
    third = git.commit(day=4)
    found = history(git)
    assert found.commits == 5
    assert [t.commit.id for t in found.touches] == [third, second, first]
    assert set(found.touches[0].weights) == {"model.bin", "sub/other.safetensors"}
    assert found.touches[0].weights["model.bin"] == ""
    assert found.current() == {third}
    assert {a.key: a.commits for a in found.authors} == {
        "alice@example.org": 4,
        "bob@example.org": 1,
    }
    listed = git("log", "--format=%H", "--", "*.bin", "*.safetensors").split()
    assert [t.commit.id for t in found.touches] == listed


def test_weights_are_told_by_content_too(git: Git) -> None:
    (git.top / "plain").write_bytes(b"\x80\x04N.")
    commit = git.commit()
    assert [t.commit.id for t in history(git).touches] == [commit]


def test_merges_count_only_for_what_they_change_themselves(git: Git) -> None:
    weigh(git, "one")
    git.commit(day=0)
    git("checkout", "-q", "-b", "side")
    weigh(git, "side", "side.bin")
    side = git.commit("bob", day=1)
    git("checkout", "-q", "main")
    (git.top / "README.md").write_text("# Other\n")
    git.commit(day=2)
    git("-c", "user.name=m", "-c", "user.email=m@example.org", "merge", "-q", "--no-commit", "side")
    plain = git.commit("carol", day=3)
    found = history(git)
    assert plain not in {t.commit.id for t in found.touches}
    assert side in found.current()
    git("reset", "-q", "--hard", "HEAD~1")
    git("-c", "user.name=m", "-c", "user.email=m@example.org", "merge", "-q", "--no-commit", "side")
    weigh(git, "smuggled")
    evil = git.commit("carol", day=4)
    assert history(git).touches[0].commit.id == evil


def test_a_subfolder_has_its_own_history(git: Git) -> None:
    weigh(git, "a", "a/w.bin")
    first = git.commit(day=0)
    weigh(git, "b", "b/w.bin")
    git.commit(day=1)
    found = history(git, "a")
    assert [(t.commit.id, list(t.weights)) for t in found.touches] == [(first, ["w.bin"])]
    assert found.commits == 2


def test_a_revision_has_the_history_up_to_it(git: Git) -> None:
    weigh(git, "one")
    first = git.commit(day=0)
    weigh(git, "two")
    git.commit(day=1)
    evidence = collect(git.top, revision="HEAD~1")
    assert [e.about for e in evidence] == ["", first]
    assert evidence[0].data["head"] == first


def test_pointers_are_weights(git: Git) -> None:
    content = b"weights"
    pointer = f"version https://git-lfs.github.com/spec/v1\noid {sha256(content)}\nsize 7\n"
    weigh(git, pointer, "model.safetensors")
    commit = git.commit()
    found = history(git)
    assert found.current() == {commit}
    assert found.states == {"model.safetensors": State.COMMITTED}
    (git.top / "model.safetensors").write_bytes(content)  # as git-lfs puts it there
    assert history(git).states == {"model.safetensors": State.COMMITTED}
    (git.top / "model.safetensors").write_bytes(b"changed")
    assert history(git).states == {"model.safetensors": State.UNCOMMITTED}


# --- what is not in git, or not all of it --------------------------------------------------------


def test_no_repository_no_commit_and_an_ignored_folder_are_unsupported(
    git: Git, tmp_path: Path
) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "w.bin").write_bytes(b"x")
    weigh(git, "x")
    weigh(git, "x", "outputs/w.bin")
    subjects = [tmp_path / "plain", git.top]
    for subject in subjects:
        (evidence,) = collect(subject)
        assert evidence.state is EvidenceState.UNSUPPORTED
    (git.top / ".gitignore").write_text("outputs/\n")
    git.commit()
    (evidence,) = collect(git.top / "outputs")
    assert evidence.state is EvidenceState.UNSUPPORTED
    for rule in (unsigned_commit, first_time_weight_author):
        assert judge(rule, [evidence]).outcome is Outcome.NOT_APPLICABLE


def test_weights_that_are_not_the_committed_ones_are_named(git: Git) -> None:
    weigh(git, "one")
    weigh(git, "two", "other.bin")
    git.commit(key=new_key(git.top.parent))
    weigh(git, "changed")
    weigh(git, "new", "new.bin")
    evidence = collect(git.top)
    assert evidence[0].data["uncommitted"] == ("model.bin",)
    assert evidence[0].data["untracked"] == ("new.bin",)
    conclusion = judge(unsigned_commit, evidence)
    assert conclusion.outcome is Outcome.UNKNOWN
    assert keys(conclusion) == ["uncommitted", "untracked"]


def test_a_shallow_clone_says_so(git: Git, tmp_path: Path) -> None:
    weigh(git, "one")
    git.commit(day=0)
    (git.top / "README.md").write_text("# Other\n")
    git.commit(day=1)
    git("clone", "-q", "--depth=1", f"file://{git.top}", str(tmp_path / "shallow"))
    evidence = collect(tmp_path / "shallow")
    assert evidence[0].data["complete"] is False
    assert "shallow" in evidence[0].data["limits"][0]
    assert evidence[0].data["unattributed"] == ("model.bin",)
    for rule in (unsigned_commit, first_time_weight_author):
        assert judge(rule, evidence).outcome is Outcome.UNKNOWN


def test_the_bound_on_commits_says_so(git: Git) -> None:
    for day in range(6):
        weigh(git, f"{day}")
        git.commit(day=day)
    found = history(git, max_commits=3)
    assert found.commits == 3
    assert found.limits == ("only the newest 3 commits were walked",)
    assert len(found.touches) == 2  # what the last of the three changed cannot be told


def test_damaged_and_missing_objects_are_unavailable(git: Git) -> None:
    weigh(git, "one")
    git.commit(day=0)
    weigh(git, "two")
    git.commit(day=1)
    for name in ("HEAD~1", "HEAD~1^{tree}"):
        object_id = git("rev-parse", name)
        path = git.top / ".git" / "objects" / object_id[:2] / object_id[2:]
        genuine = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(b"rubbish")
        evidence = collect(git.top)
        assert evidence[0].state is EvidenceState.UNAVAILABLE
        assert object_id in evidence[0].reason
        assert judge(unsigned_commit, evidence).outcome is Outcome.UNKNOWN
        path.write_bytes(genuine)
    assert collect(git.top)[0].state is EvidenceState.OBSERVED


def test_an_unreadable_head_is_unavailable(git: Git) -> None:
    weigh(git, "one")
    commit = git.commit()
    (git.top / ".git" / "objects" / commit[:2] / commit[2:]).unlink()
    (evidence,) = collect(git.top)
    assert evidence.state is EvidenceState.UNAVAILABLE


def test_a_tree_that_multiplies_does_not_hang(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    weigh(git, "one")
    git.commit()
    blob, mode, kind = git("rev-parse", "HEAD:model.bin"), "100644", "blob"
    for _ in range(12):
        listing = "".join(f"{mode} {kind} {blob}\tf{n}.bin\n" for n in range(10))
        blob = subprocess.run(["git", "mktree"], cwd=git.top, input=listing, text=True,
                              capture_output=True, check=True).stdout.strip()  # fmt: skip
        mode, kind = "040000", "tree"
    who = {f"GIT_{role}_{what}": "a@b" for role in ("AUTHOR", "COMMITTER")
           for what in ("NAME", "EMAIL")}  # fmt: skip
    bomb = git("commit-tree", blob, "-p", "HEAD", "-m", "bomb", **who)
    git("update-ref", "refs/heads/main", bomb)
    monkeypatch.setattr("weighbridge.history.history.MAX_TREE_ENTRIES", 5000)
    evidence = collect(git.top)
    assert evidence[0].state is EvidenceState.UNAVAILABLE
    assert "bound" in evidence[0].reason


# --- signatures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_ssh_signatures_are_verified_as_git_does(git: Git, kind: str) -> None:
    key = new_key(git.top.parent, kind=kind)
    weigh(git, "one")
    git.commit(key=key)
    line = f"alice@example.org {key.with_suffix('.pub').read_text()}"
    allowed_file = git.top.parent / "allowed"
    allowed_file.write_text(line)
    git("-c", f"gpg.ssh.allowedSignersFile={allowed_file}", "verify-commit", "HEAD")
    commit = history(git).touches[0].commit
    check = check_signature(commit, parse_allowed_signers(line, source="allowed"))
    assert (check.verified, check.signer) == (True, "alice@example.org")
    shown = subprocess.run(["ssh-keygen", "-l", "-f", str(key)], capture_output=True, text=True,
                           check=True).stdout.split()[1]  # fmt: skip
    assert check.key == shown
    assert check_signature(commit, ()).verified is None
    other = new_key(git.top.parent, "other")
    stranger = f"bob {other.with_suffix('.pub').read_text()}"
    untrusted = check_signature(commit, parse_allowed_signers(stranger, source="allowed"))
    assert (untrusted.verified, untrusted.untrusted) == (False, True)


def test_a_changed_commit_has_a_wrong_signature(git: Git) -> None:
    weigh(git, "one")
    git.commit(key=new_key(git.top.parent))
    raw = git("cat-file", "commit", "HEAD").replace("By alice", "By Alice") + "\n"
    changed = subprocess.run(["git", "hash-object", "-t", "commit", "-w", "--stdin"], input=raw,
                             cwd=git.top, capture_output=True, text=True, check=True)  # fmt: skip
    git("update-ref", "refs/heads/main", changed.stdout.strip())
    evidence = collect(git.top)
    assert evidence[1].data["verified"] is False
    assert evidence[1].data["untrusted"] is False
    conclusion = judge(unsigned_commit, evidence)
    assert keys(conclusion) == [f"wrong-signature:{changed.stdout.strip()}"]


def test_the_policy_s_trusted_signer_may_sign_commits(git: Git) -> None:
    key = new_key(git.top.parent, kind="ecdsa")
    pem = subprocess.run(["ssh-keygen", "-e", "-m", "PKCS8", "-f", str(key)], capture_output=True,
                         text=True, check=True).stdout  # fmt: skip
    weigh(git, "one")
    git.commit(key=key)
    trusted = TrustedSigner("release-team", pem, sha256(b"not looked at here"))
    good = collect(git.top, [trusted])
    assert good[1].data["verified"] is True
    assert good[1].data["signer"] == "release-team"
    assert judge(unsigned_commit, good, require_verified=True).outcome is Outcome.PASS
    other_pem = subprocess.run(
        ["ssh-keygen", "-e", "-m", "PKCS8", "-f",
         str(new_key(git.top.parent, "other", kind="ecdsa"))],
        capture_output=True, text=True, check=True).stdout  # fmt: skip
    bad = collect(git.top, [TrustedSigner("someone", other_pem, sha256(b"x"))])
    assert judge(unsigned_commit, bad).outcome is Outcome.PASS
    assert judge(unsigned_commit, bad, require_verified=True).outcome is Outcome.FAIL
    nobody = judge(unsigned_commit, collect(git.top), require_verified=True)
    assert nobody.outcome is Outcome.UNKNOWN


def test_unsigned_commits_fail_only_where_their_content_is_still_there(git: Git) -> None:
    key = new_key(git.top.parent)
    weigh(git, "one")
    old = git.commit(day=0)
    assert keys(judge(unsigned_commit, collect(git.top))) == [f"unsigned:{old}"]
    weigh(git, "two")
    git.commit(day=1, key=key)
    evidence = collect(git.top)
    assert judge(unsigned_commit, evidence).outcome is Outcome.PASS
    assert keys(judge(unsigned_commit, evidence, all_history=True)) == [f"unsigned:{old}"]


def test_an_openpgp_header_is_seen_and_not_verified(git: Git) -> None:
    weigh(git, "one")
    git.commit(committer="GitHub")
    raw = git("cat-file", "commit", "HEAD") + "\n"
    head, _, body = raw.partition("\n\n")
    armor = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQEz\n -----END PGP SIGNATURE-----\n"
    signed = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"], cwd=git.top, check=True,
        input=f"{head}\n{armor}\n{body}", capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    git("update-ref", "refs/heads/main", signed)
    evidence = collect(git.top)
    assert (evidence[1].data["signature"], evidence[1].data["verified"]) == ("openpgp", None)
    assert evidence[1].data["web_flow"] is True
    assert judge(unsigned_commit, evidence).outcome is Outcome.PASS
    assert judge(unsigned_commit, evidence, require_verified=True).outcome is Outcome.UNKNOWN


# --- newcomers -----------------------------------------------------------------------------------


def test_a_newcomer_who_replaces_weights_is_named(git: Git) -> None:
    weigh(git, "one")
    git.commit("alice", day=0)
    weigh(git, "two")
    commit = git.commit("mallory", day=390)
    conclusion = judge(first_time_weight_author, collect(git.top), day=400)
    assert keys(conclusion) == [f"mallory@example.org:{commit}"]
    assert conclusion.outcome is Outcome.FAIL
    later = judge(first_time_weight_author, collect(git.top), day=421)
    assert later.outcome is Outcome.PASS


def test_a_second_change_does_not_make_a_newcomer_known(git: Git) -> None:
    weigh(git, "one")
    git.commit("alice", day=0)
    for day in (390, 391, 392):
        weigh(git, f"{day}")
        commit = git.commit("mallory", day=day)
    conclusion = judge(first_time_weight_author, collect(git.top), day=400)
    assert keys(conclusion) == [f"mallory@example.org:{commit}"]


def test_a_newcomer_hidden_under_a_later_change_of_another_file(git: Git) -> None:
    weigh(git, "one")
    weigh(git, "one", "other.bin")
    git.commit("alice", day=0)
    weigh(git, "evil")
    commit = git.commit("mallory", day=390)
    weigh(git, "two", "other.bin")
    git.commit("alice", day=391)
    conclusion = judge(first_time_weight_author, collect(git.top), day=400)
    assert keys(conclusion) == [f"mallory@example.org:{commit}"]


def test_a_backdated_commit_is_not_older_than_what_it_builds_on(git: Git) -> None:
    weigh(git, "one")
    git.commit("alice", day=0)
    (git.top / "README.md").write_text("# Other\n")
    git.commit("alice", day=390)
    weigh(git, "evil")
    git.commit("mallory", day=-2000)
    evidence = collect(git.top)
    assert evidence[0].data["commits"] == 3
    assert evidence[1].data["not_before"] == dt.datetime.fromtimestamp(
        EPOCH + 390 * 86400, dt.UTC
    ).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert judge(first_time_weight_author, evidence, day=400).outcome is Outcome.FAIL


def test_who_begins_a_repository_s_weights_is_no_newcomer(git: Git) -> None:
    weigh(git, "one")
    git.commit("alice", day=399)
    weigh(git, "two")
    git.commit("alice", day=400)
    assert judge(first_time_weight_author, collect(git.top), day=400).outcome is Outcome.PASS


def test_someone_long_here_may_touch_weights_for_the_first_time(git: Git) -> None:
    weigh(git, "one")
    git.commit("alice", day=0)
    (git.top / "README.md").write_text("# Docs\n")
    git.commit("bob", day=1)
    weigh(git, "two")
    git.commit("bob", day=399)
    assert judge(first_time_weight_author, collect(git.top), day=400).outcome is Outcome.PASS


def test_the_same_address_in_other_letters_is_the_same_person(git: Git) -> None:
    weigh(git, "one")
    git.commit("alice", day=0)
    weigh(git, "two")
    git.commit("ALICE", day=399)
    assert judge(first_time_weight_author, collect(git.top), day=400).outcome is Outcome.PASS


def test_the_evidence_does_not_depend_on_the_machine(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weigh(git, "one")
    git.commit(key=new_key(git.top.parent))
    here = collect(git.top)
    git("clone", "-q", str(git.top), str(tmp_path / "elsewhere" / "clone"))
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    assert [e.digest for e in collect(tmp_path / "elsewhere" / "clone")] == [e.digest for e in here]
    assert str(tmp_path) not in "".join(str(e) for e in here)


def test_a_head_that_names_nothing_is_unavailable_and_not_absent(git: Git) -> None:
    weigh(git, "one")
    git.commit()
    (git.top / ".git" / "HEAD").write_text("rubbish\n")
    (evidence,) = collect(git.top)
    assert evidence.state is EvidenceState.UNAVAILABLE


def test_commits_that_would_fill_the_memory_are_not_held(
    git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(5):
        weigh(git, f"{day}")
        git.commit(day=day)
    monkeypatch.setattr("weighbridge.history.history.MAX_COMMIT_BYTES", 500)
    evidence = collect(git.top)
    assert evidence[0].state is EvidenceState.UNAVAILABLE
    assert "bound" in evidence[0].reason
