"""The hooks, run by the real pre-commit in a real git repository.

The hooks are taken from ``.pre-commit-hooks.yaml`` word for word and run from this environment
(``language: system``): building one for each test would fetch packages.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{BIN}:{os.environ['PATH']}",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
}  # fmt: skip

POLICY = """schema: 1
id: team
version: "1"
owner: team
extends: baseline
trust:
  - {name: fixtures, key_file: signer.pub.pem}
"""


class Repository:
    """A git repository. :meth:`set_up` gives it both hooks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def set_up(self) -> None:
        self.folder.mkdir()
        self.git("init", "-q", "-b", "main")
        hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
        for hook in hooks:
            hook["language"] = "system"
            hook["entry"] = f"{BIN}/{hook['entry']}"
            hook["args"] = ["--policy", "policy.yaml"]
        self.write(".pre-commit-config.yaml",
                   yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]}))  # fmt: skip
        self.write("policy.yaml", POLICY)
        shutil.copy(ROOT / "fixtures/models/signer.pub.pem", self.folder)
        self.run("pre-commit", "install")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        home = self.folder.parent / "home"
        home.mkdir(exist_ok=True)
        return subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False,
            env={**ENVIRONMENT, "HOME": str(home), "PRE_COMMIT_HOME": str(home / "pc")},
        )  # fmt: skip

    def git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = self.run("git", *arguments)
        assert done.returncode == 0, done.stderr
        return done

    def write(self, name: str, content: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self) -> subprocess.CompletedProcess[str]:
        """Stage everything and commit; the hooks decide."""
        self.git("add", "-A")
        return self.run("git", "commit", "-m", "change")


@pytest.fixture(scope="module")
def signed(tmp_path_factory) -> Path:
    """The folder of a repository in which a signed model was committed. No test changes it."""
    repository = Repository(tmp_path_factory.mktemp("pre-commit") / "repo")
    repository.set_up()
    shutil.copytree(ROOT / "fixtures/models/tiny-chat", repository.folder / "model")
    done = repository.commit()
    assert done.returncode == 0, done.stdout + done.stderr
    return repository.folder


@pytest.fixture
def repository(signed, tmp_path) -> Repository:
    """A copy of it, beside a copy of what pre-commit keeps."""
    shutil.copytree(signed.parent, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Repository(tmp_path / signed.name)


def test_the_manifest_is_valid() -> None:
    done = subprocess.run(
        [BIN / "pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_a_changed_weight_is_blocked_by_name(repository) -> None:
    path = repository.folder / "model/model-00001-of-00002.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    done = repository.commit()
    assert done.returncode == 1
    assert "model-00001-of-00002.safetensors" in done.stdout + done.stderr
    assert "sign the model" in done.stdout + done.stderr


def test_what_is_staged_counts_not_what_lies_in_the_folder(repository) -> None:
    path = repository.folder / "model/model-00001-of-00002.safetensors"
    good = path.read_bytes()
    path.write_bytes(good + b"\0")
    repository.git("add", "-A")
    path.write_bytes(good)
    assert repository.run("git", "commit", "-m", "x").returncode == 1


def test_an_unsigned_model_is_blocked(repository) -> None:
    repository.write("other/weights.safetensors", b"\2\0\0\0\0\0\0\0{}")
    done = repository.commit()
    assert done.returncode == 1
    assert "other/weights.safetensors" in done.stdout + done.stderr


def pointer(data: bytes) -> str:
    return (
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{hashlib.sha256(data).hexdigest()}\nsize {len(data)}\n"
    )


def test_an_lfs_pointer_to_signed_weights_passes_and_another_does_not(repository) -> None:
    name = "model/model-00002-of-00002.safetensors"
    signed = (repository.folder / name).read_bytes()
    repository.write(name, pointer(signed))
    done = repository.commit()
    assert done.returncode == 0, done.stdout + done.stderr
    repository.write(name, pointer(signed + b"\0"))
    done = repository.commit()
    assert done.returncode == 1
    assert name.rpartition("/")[2] in done.stdout + done.stderr


def test_a_signature_by_a_stranger_is_blocked(repository) -> None:
    key = repository.folder.parent / "stranger.pem"
    weighbridge = str(BIN / "weighbridge")
    assert repository.run(weighbridge, "sign", "--generate-key", str(key)).returncode == 0
    done = repository.run(weighbridge, "sign", "model", "--key", str(key), "--force")
    assert done.returncode == 0, done.stderr
    done = repository.commit()
    assert done.returncode == 1
    assert "trust" in done.stdout + done.stderr


def test_an_uncited_dataset_is_blocked_until_it_is_recorded(repository) -> None:
    repository.write(
        "model/extra.py", 'import datasets\nd = datasets.load_dataset("example/more")\n'
    )
    done = repository.commit()
    assert done.returncode == 1
    assert "example/more" in done.stdout + done.stderr
    assert "model/extra.py" in done.stdout + done.stderr
    commit = "0123456789abcdef0123456789abcdef01234567"
    record = repository.folder / "model/datasets.yaml"
    record.write_text(
        record.read_text() + f"- id: example/more\n  license: MIT\n  revision: {commit}\n"
        "  doi: 10.5555/more\n"
    )
    repository.write(
        "model/extra.py",
        f'import datasets\nd = datasets.load_dataset("example/more", revision="{commit}")\n',
    )
    done = repository.run("git", "add", "-A")
    done = repository.run("pre-commit", "run", "weighbridge-dataset-citations")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_commit_that_concerns_neither_runs_no_hook(repository) -> None:
    repository.write("notes.txt", "hello")
    done = repository.commit()
    assert done.returncode == 0
    assert "Skipped" in done.stdout + done.stderr
