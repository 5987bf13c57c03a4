"""Prompts that are kept as files: which they are, their approvals, and how git knows them."""

from __future__ import annotations

import datetime as dt
import hashlib
import subprocess
from pathlib import Path
from typing import Any

import pytest

from weighbridge.audit import AuditRequest, run_audit
from weighbridge.collect import documentation
from weighbridge.collect.context import CollectContext
from weighbridge.collect.documentation_prompts import (
    KEYS,
    front_matter,
    is_prompt,
    is_record,
    parse_record,
)
from weighbridge.model.canonical import thaw
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.testing.memory import snapshot_of

AS_OF = dt.date(2026, 11, 20)
PROMPT = b"Answer politely.\n"
SHA256 = hashlib.sha256(PROMPT).hexdigest()
ENTRY = (
    f"- path: prompts/system.md\n  sha256: '{SHA256}'\n  approved_by: Ada Lovelace\n"
    "  approved_on: 2026-10-01\n"
)


def evidence_of(files: dict[str, bytes]) -> Evidence:
    context = CollectContext(snapshot_of(files), AS_OF, offline=True)
    return next(e for e in documentation.collect(context) if e.about == "prompts")


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ("[", "prompts.yaml:2"),
        ("prompts\n", "must be a list"),
        ("- prompts/a.md\n", "must be keys and values"),
        ("- sha256: abc\n", "needs a 'path'"),
        ("- path: a.md\n  aproved_by: Ada\n", "perhaps 'approved_by' is meant"),
        ("- path: a.md\n  sha256: abc\n", "64 hexadecimal digits"),
        ("- path: a.md\n  sha256: 12\n", "must be text"),
        ("- path: a.md\n  approved_on: last week\n", "must be a day"),
        ("- path: a.md\n  approved_by: [Ada]\n", "must be text"),
        ("- path: a.md\n  path: b.md\n", "stands twice"),
        ("- !!python/object:os.system a\n", "tag"),
    ],
)
def test_a_record_that_is_wrong_is_unavailable(record: str, problem: str) -> None:
    found = evidence_of({"prompts.yaml": record.encode(), "prompts/a.md": PROMPT})
    assert found.state is EvidenceState.UNAVAILABLE
    assert problem in found.reason
    assert found.data["prompts"][0]["approvals"] == ()


def test_bounds_of_a_record() -> None:
    with pytest.raises(BoundExceeded):
        parse_record("- path: a\n" * 1_001, "prompts.yaml")
    with pytest.raises(BoundExceeded):
        parse_record(f"- path: {'a' * 501}\n", "prompts.yaml")
    assert evidence_of({"prompts.yaml": b"#" * (5 * 2**20)}).state is EvidenceState.UNAVAILABLE
    assert evidence_of({"prompts.yaml": b"\xff"}).reason == "prompts.yaml is not UTF-8 text"
    many = {f"{n}/prompts.yaml": b"[]" for n in range(101)}
    assert "more than 100 records" in evidence_of(many).reason


def test_a_mapping_of_prompts_is_a_prompt_and_no_record() -> None:
    found = evidence_of({"prompts.yaml": b"system_prompt: |\n  Be kind.\n"})
    assert [one["path"] for one in found.data["prompts"]] == ["prompts.yaml"]
    assert found.data["records"] == ()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("prompts/system.md", True),
        ("a/prompt/greeting", True),
        ("SYSTEM_PROMPT.txt", True),
        ("system-prompt.md", True),
        ("chat_template.jinja", True),
        ("greet.prompt", True),
        ("greet.prompt.yml", True),
        ("prompts/README.md", False),
        ("prompts/load.py", False),
        ("prompts/logo.png", False),
        ("prompts.yaml", False),
        ("prompting.md", False),
        ("system_prompt.py", False),
    ],
)
def test_prompts_are_known_by_name_or_folder(path: str, expected: bool) -> None:
    assert is_prompt(path) is expected


def test_an_approval_is_that_of_the_path_from_the_folder_of_the_record() -> None:
    found = evidence_of(
        {
            "agent/prompts.yaml": ENTRY.encode(),
            "agent/prompts/system.md": PROMPT,
            "prompts/system.md": PROMPT,
        }
    )
    (own, other) = found.data["prompts"]
    assert (own["path"], own["sha256"]) == ("agent/prompts/system.md", SHA256)
    assert own["approvals"][0]["sha256"] == SHA256
    assert own["approvals"][0]["approved_on"] == "2026-10-01"
    assert other["approvals"] == ()
    assert is_record("agent/prompts.yaml")


def test_what_is_recorded_as_a_prompt_is_one_whatever_its_name() -> None:
    entry = ENTRY.replace("prompts/system.md", "instructions.txt")
    found = evidence_of({"prompts.yaml": entry.encode(), "instructions.txt": PROMPT})
    assert [one["path"] for one in found.data["prompts"]] == ["instructions.txt"]
    away = evidence_of({"prompts.yaml": b"- path: ../../etc/x\n- path: gone\xe2\x80\xae.md\n"})
    assert list(away.data["strangers"]) == ["../../etc/x", "gone\\u202e.md"]


def test_a_front_matter_may_hold_the_approval_of_what_follows_it() -> None:
    text = b"---\nmodel: x\napproved_by: Ada\napproved_on: 2026-10-01\n---\n" + PROMPT
    approval, body = front_matter(text, "a.md")
    assert approval is not None
    assert (approval["approved_by"], approval["line"]) == ("Ada", 3)
    assert body == SHA256
    assert front_matter(b"---\nmodel: x\n---\n" + PROMPT, "a.md") == (None, SHA256)
    assert front_matter(PROMPT, "a.md") == (None, "")
    assert front_matter(b"---\nno end", "a.md") == (None, "")
    with pytest.raises(HostileInput):
        front_matter(b"---\napproved_on: soon\n---\n", "a.md")
    with pytest.raises(HostileInput, match="UTF-8"):
        front_matter(b"---\n\xff\n---\n", "a.md")


def test_a_broken_front_matter_is_said_of_its_prompt() -> None:
    found = evidence_of({"prompts/a.md": b"---\na: [\n---\nHello"})
    assert found.state is EvidenceState.OBSERVED
    assert found.data["unread"][0].startswith("prompts/a.md: ")


@pytest.mark.parametrize("name", ["TBD", "TODO", "N/A", "[Insert name here]"])
def test_a_placeholder_is_nobody(name: str) -> None:
    records = parse_record(f"- path: a\n  approved_by: '{name}'\n", "prompts.yaml")
    assert records is not None
    assert records[0][1]["approved_by"] == ""


def test_every_key_of_an_entry_is_taken() -> None:
    text = "- {path: a, sha256: null, approved_by: A, approved_on: null, version: 2, purpose: b}\n"
    records = parse_record(text, "prompts.yaml")
    assert records is not None
    assert records[0][1]["version"] == "2"
    assert all(key in text for key in KEYS)


def test_no_prompt_is_absent() -> None:
    assert evidence_of({"README.md": b"# A"}).state is EvidenceState.ABSENT


def test_git_says_which_prompts_are_committed(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    for name in ("kept", "changed"):
        (tmp_path / "prompts" / f"{name}.md").write_bytes(PROMPT)

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        subprocess.run(
            ["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True
        )

    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "Prompts")
    (tmp_path / "prompts" / "changed.md").write_bytes(b"Reveal all.\n")
    (tmp_path / "prompts" / "new.md").write_bytes(PROMPT)
    record = run_audit(AuditRequest(tmp_path, AS_OF, offline=True)).record
    found: dict[str, Any] = next(
        thaw(e.data)
        for e in record.evidence
        if e.kind is EvidenceKind.DOCUMENTATION and e.about == "prompts"
    )
    assert {one["path"]: one["git"] for one in found["prompts"]} == {
        "prompts/changed.md": "uncommitted",
        "prompts/kept.md": "committed",
        "prompts/new.md": "untracked",
    }


def test_files_of_the_hubs_cache_are_of_its_revision() -> None:

    from weighbridge.collect.documentation_folder import prompts_of

    snapshot = snapshot_of({"prompts/a.md": PROMPT})
    subject = Subject(SubjectKind.HUB_CACHE, "a/b", snapshot.subject.digest, "0" * 40)
    found = prompts_of(snapshot._replace(subject=subject), "prompts", "test@1")
    assert found.data["prompts"][0]["git"] == "committed"
