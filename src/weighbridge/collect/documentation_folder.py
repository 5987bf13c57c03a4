"""Evidence about prompts: the files, their digests, how git knows them, and who approved them."""

from __future__ import annotations

import re

from weighbridge.collect.documentation_prompts import (
    MAX_BYTES,
    front_matter,
    is_prompt,
    is_record,
    parse_record,
)
from weighbridge.edge.text import visible
from weighbridge.history.changes import TreeComparer
from weighbridge.history.commit import parse_commit
from weighbridge.history.compare import compare
from weighbridge.model.artifact import Artifact
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.documentation import (
    MAX_ENTRIES,
    ApprovalFacts,
    PromptFacts,
    PromptsFacts,
)
from weighbridge.model.subject import SubjectKind
from weighbridge.snapshot.git_repository import NotARepository
from weighbridge.snapshot.revision import repository_of
from weighbridge.snapshot.snapshot import Snapshot

_MAX_RECORDS = 100
_MAX_TREE_ENTRIES = 2_000_000
_MAX_COMMIT = 16 * 2**20
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")


def prompts_of(snapshot: Snapshot, about: str, collector: str) -> Evidence:
    """What is known of the prompts; ``unavailable`` where a record of approvals was not read."""
    facts: PromptsFacts = {
        "part": "prompts", "prompts": [], "records": [], "strangers": [], "unread": [],
    }  # fmt: skip
    found = [artifact for artifact in snapshot.artifacts if is_prompt(artifact.path)]
    approvals, broken = _records(snapshot, facts, found)
    named = {artifact.path for artifact in found}
    # What somebody records as a prompt is one, whatever it is called.
    recorded = approvals.keys() - named
    found += [one for one in snapshot.artifacts if one.path in recorded]
    found.sort(key=lambda artifact: artifact.path)
    strangers = sorted(recorded - {one.path for one in found})
    facts["strangers"] = [visible(path) for path in strangers[:MAX_ENTRIES]]
    if len(found) > MAX_ENTRIES:
        facts["unread"].append(f"{len(found) - MAX_ENTRIES} more prompts were left out")
        found = found[:MAX_ENTRIES]
    states, reason = _states(snapshot, found)
    if reason:
        facts["git_reason"] = reason
    for artifact in found:
        own = approvals.get(artifact.path, [])
        facts["prompts"].append(_prompt(snapshot, artifact, own, states, facts))
    source = f"snapshot:{snapshot.subject.digest}"
    if broken:
        return Evidence(
            EvidenceKind.DOCUMENTATION, about, EvidenceState.UNAVAILABLE, source, collector, broken,
            {**facts},
        )  # fmt: skip
    if not facts["prompts"] and not facts["strangers"]:
        reason = "no prompt is kept as a file"
        return Evidence(
            EvidenceKind.DOCUMENTATION, about, EvidenceState.ABSENT, source, collector, reason
        )
    return Evidence(
        EvidenceKind.DOCUMENTATION, about, EvidenceState.OBSERVED, source, collector,
        data={**facts},
    )  # fmt: skip


def _records(
    snapshot: Snapshot, facts: PromptsFacts, found: list[Artifact]
) -> tuple[dict[str, list[ApprovalFacts]], str]:
    """Every approval that is recorded, by the prompt's path, and why a record was not read."""
    approvals: dict[str, list[ApprovalFacts]] = {}
    records = [artifact for artifact in snapshot.artifacts if is_record(artifact.path)]
    broken = ""
    if len(records) > _MAX_RECORDS:
        broken = f"there are more than {_MAX_RECORDS} records of approvals"
    for artifact in records[:_MAX_RECORDS]:
        try:
            text = snapshot.read(artifact, MAX_BYTES).decode("utf-8")
            entries = parse_record(text, artifact.path)
        except UnicodeDecodeError:
            broken = broken or visible(f"{artifact.path} is not UTF-8 text")
        except HostileInput as error:
            broken = broken or visible(error.message)
        except OSError as error:
            broken = broken or visible(f"{artifact.path} cannot be read: {error.strerror}")
        else:
            if entries is None:
                found.append(artifact)  # the prompts themselves
                continue
            facts["records"].append(artifact.path)
            for path, approval in entries:
                approvals.setdefault(path, []).append(approval)
    return approvals, broken


def _prompt(
    snapshot: Snapshot,
    artifact: Artifact,
    approvals: list[ApprovalFacts],
    states: dict[str, str],
    facts: PromptsFacts,
) -> PromptFacts:
    digest = artifact.digest()
    body = ""
    try:
        own, body = front_matter(snapshot.read(artifact, MAX_BYTES), artifact.path)
        approvals = [*approvals, own] if own else approvals
    except HostileInput as error:
        facts["unread"].append(visible(f"{artifact.path}: {error.message}"))
    except OSError as error:
        facts["unread"].append(visible(f"{artifact.path}: {error.strerror}"))
    return {
        "path": artifact.path,
        "sha256": digest.value if digest else "",
        "body_sha256": body,
        "git": states.get(artifact.path, "none"),
        "approvals": approvals[:MAX_ENTRIES],
    }


def _states(snapshot: Snapshot, found: list[Artifact]) -> tuple[dict[str, str], str]:
    """How each file stands to the newest commit, and why that could not be said.

    In the Hub's cache each file is of the revision that the folder is named by.
    """
    subject = snapshot.subject
    if not found:
        return {}, ""
    cached = subject.kind in (SubjectKind.HUB_CACHE, SubjectKind.HUB_REPO)
    if cached and _COMMIT.match(subject.revision):
        return {artifact.path: "committed" for artifact in found}, ""
    paths = {artifact.path for artifact in found}
    try:
        repository, folder, revision = repository_of(snapshot)
        with repository.objects() as objects:
            if revision == "HEAD" and repository.reference("HEAD") is None:
                return {}, "the repository has no commit yet" if repository.is_unborn() else ""
            head = repository.resolve(objects, revision)
            commit = parse_commit(head, objects.read(head, _MAX_COMMIT).data)
            trees = TreeComparer(objects, folder, lambda path: path in paths, _MAX_TREE_ENTRIES)
            if trees.start(commit.tree) is None:
                return dict.fromkeys(paths, "untracked"), ""
            tracked = trees.changed(commit.tree, ())
            states = compare(objects, tracked, found)
    except NotARepository as error:
        return {}, visible(error.message) if error.remedy else ""
    except HostileInput as error:
        return dict.fromkeys(paths, "uncompared"), visible(error.message)
    return {path: state.value for path, state in states.items()}, ""
