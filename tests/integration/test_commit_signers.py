"""Who may sign commits by the policy: real gpg and git, the whole audit, and the commands."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from weighbridge.audit import AuditRequest, run_audit
from weighbridge.model.errors import ConfigurationError
from weighbridge.model.finding import Outcome

sys.path.insert(0, str(Path(__file__).parent))
from git_tools import EPOCH, Git, new_key, new_repository

DAY = dt.date(2026, 8, 1)
POLICY = """schema: 1
id: mine
version: "1"
owner: Me
commits:
  signers: [{files}]
rules:
  unsigned-commit: {{params: {{require_verified: true}}}}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    found = tmp_path_factory.mktemp("gpg")
    found.chmod(0o700)
    gpg(found, "--passphrase", "", "--quick-gen-key", "alice@example.org", "ed25519", "sign", "0")
    yield found
    subprocess.run(["gpgconf", "--homedir", str(found), "--kill", "all"], check=False)


def gpg(home: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["gpg", "--homedir", str(home), "--batch", "--pinentry-mode", "loopback",
         f"--faked-system-time={EPOCH - 86_400}!", *arguments],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def signed_by_gpg(tmp_path: Path, home: Path) -> Git:
    git = new_repository(tmp_path / "model")
    (git.top / "model.bin").write_text("weights")
    git("add", "-A")
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", "Alice"), ("EMAIL", "alice@example.org"),
                               ("DATE", f"{EPOCH} +0000"))}  # fmt: skip
    git("-c", "gpg.format=openpgp", "-c", "user.signingkey=alice@example.org", "commit", "-q", "-S",
        "-m", "By alice", GNUPGHOME=str(home), **who)  # fmt: skip
    git("verify-commit", "HEAD", GNUPGHOME=str(home))
    return git


def outcome(subject: Path, policy: Path) -> tuple[Outcome, str]:
    record = run_audit(AuditRequest(subject, DAY, policies=(str(policy),), offline=True)).record
    (result,) = [r for r in record.results if r.rule == "unsigned-commit"]
    return result.outcome, " ".join(finding.message for finding in result.findings)


def policy_with(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name).write_text(text)
    path = folder / "policy.yaml"
    path.write_text(POLICY.format(files=", ".join(files)))
    return path


def test_a_commit_signed_with_gpg_is_verified_by_the_policys_key(
    tmp_path: Path, home: Path
) -> None:
    git = signed_by_gpg(tmp_path, home)
    block = gpg(home, "--armor", "--export", "alice@example.org")
    assert outcome(git.top, policy_with(tmp_path, alice=block)) == (Outcome.PASS, "")
    alone = tmp_path / "alone.yaml"
    alone.write_text(POLICY.format(files=""))
    assert outcome(git.top, alone)[0] is Outcome.UNKNOWN


def test_an_ssh_key_counts_for_its_time_alone(tmp_path: Path) -> None:
    key = new_key(tmp_path)
    git = new_repository(tmp_path / "model")
    (git.top / "model.bin").write_text("weights")
    git.commit(key=key, day=10)
    public = key.with_suffix(".pub").read_text()
    good = policy_with(tmp_path, signers=f"alice@example.org {public}")
    assert outcome(git.top, good)[0] is Outcome.PASS
    over = policy_with(tmp_path, signers=f'alice@example.org valid-before="20260601" {public}')
    assert outcome(git.top, over)[0] is Outcome.FAIL


def test_a_file_that_is_neither_ends_the_audit_with_an_error(tmp_path: Path, home: Path) -> None:
    git = signed_by_gpg(tmp_path, home)
    broken = policy_with(tmp_path, signers="nothing")
    with pytest.raises(ConfigurationError, match="principals"):
        outcome(git.top, broken)
    code, _, stderr = weighbridge("policy", "check", str(broken))
    assert (code, "principals" in stderr) == (2, True)


def test_the_policy_shows_who_may_sign_commits(tmp_path: Path, home: Path) -> None:
    block = gpg(home, "--armor", "--export", "alice@example.org")
    path = policy_with(tmp_path, alice=block)
    assert "alice@example.org  openpgp:" in weighbridge("policy", "show", str(path))[1]
    outside = tmp_path / "deep"
    outside.mkdir()
    (outside / "policy.yaml").write_text(POLICY.format(files="../alice"))
    code, _, stderr = weighbridge("policy", "check", str(outside / "policy.yaml"))
    assert (code, "leaves the policy's folder" in stderr) == (2, True)


def weighbridge(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-m", "weighbridge", *arguments], capture_output=True,
                          text=True, check=False)  # fmt: skip
    return done.returncode, done.stdout, done.stderr
