"""Real git in a folder of its own: no user configuration, no hooks of the machine."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

EPOCH = 1_780_000_000  # 2026-05-28T20:26:40Z
DAY = 86_400


@dataclass
class Git:
    """``git = Git(folder)``; ``git("add", ".")`` runs git there."""

    top: Path

    def __call__(self, *arguments: str, **variables: str) -> str:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.top.parent),
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_SYSTEM": "/dev/null",
            "GIT_TERMINAL_PROMPT": "0",
            **variables,
        }
        done = subprocess.run(
            ["git", "-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null", *arguments],
            cwd=self.top,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
        return done.stdout.strip()

    def commit(
        self, author: str = "alice", *, day: int = 0, key: Path | None = None, committer: str = ""
    ) -> str:
        """Commit everything there is, ``day`` days after the epoch; the new commit's id."""
        self("add", "-A")
        who = {
            "GIT_AUTHOR_NAME": author.title(),
            "GIT_AUTHOR_EMAIL": f"{author}@example.org",
            "GIT_AUTHOR_DATE": f"{EPOCH + day * DAY} +0000",
            "GIT_COMMITTER_NAME": committer or author.title(),
            "GIT_COMMITTER_EMAIL": "noreply@github.com" if committer else f"{author}@example.org",
            "GIT_COMMITTER_DATE": f"{EPOCH + day * DAY} +0000",
        }
        signing = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={key}"] if key else []
        flags = ["-S"] if key else []
        self(*signing, "commit", "-q", "--allow-empty", "-m", f"By {author}", *flags, **who)
        return self("rev-parse", "HEAD")


def new_repository(top: Path, *options: str) -> Git:
    """``git init`` in a new folder."""
    top.mkdir(parents=True)
    git = Git(top)
    git("init", "-q", "-b", "main", *options)
    return git


def new_key(folder: Path, name: str = "key", kind: str = "ed25519") -> Path:
    """An SSH key pair, made by ssh-keygen."""
    path = folder / name
    bits = {"ecdsa": ["-b", "256"], "rsa": ["-b", "2048"]}.get(kind, [])
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, *bits, "-N", "", "-C", name, "-f", str(path)],
        check=True,
        capture_output=True,
    )
    return path
