"""Credentials that lie in a subject's texts, notebooks and headers; with the history, in the past.

Offline. No value leaves this module: see :mod:`weighbridge.model.facts.secret`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from weighbridge.collect.context import CollectContext
from weighbridge.collect.secret_config import credential_keys, is_config
from weighbridge.collect.secret_places import (
    MAX_HEAD,
    Text,
    breadth_of,
    is_head,
    is_text,
    texts_of,
)
from weighbridge.collect.secret_sarif import MAX_BYTES, read_sarif
from weighbridge.collect.secret_scan import Breadth, Hit, scan
from weighbridge.edge.text import visible
from weighbridge.history.added import AddedBlobs, added_blobs
from weighbridge.model.artifact import Artifact, Kind, Presence
from weighbridge.model.digest import sha256
from weighbridge.model.errors import HostileInput, UsageError
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.secret import (
    CredentialsFacts,
    ImportedFacts,
    SecretFacts,
    SecretSummaryFacts,
)
from weighbridge.model.subject import SubjectKind
from weighbridge.snapshot.snapshot import Snapshot

NAME = "secrets"
KINDS: tuple[EvidenceKind, ...] = (EvidenceKind.SECRET,)
MAX_FILE_BYTES = 64 * 2**20
MAX_TOTAL_BYTES = 2 * 2**30
MAX_SECRETS = 5_000
MAX_GAPS = 100
_PEEK = 8_192
_COLLECTOR = f"{NAME}@1"


def collect(ctx: CollectContext) -> Iterable[Evidence]:
    """One piece of evidence a secret, one a configuration with credentials, one about the whole."""
    return find_secrets(ctx.snapshot)


def find_secrets(
    snapshot: Snapshot, *, history: bool = False, reports: Sequence[Path] = ()
) -> list[Evidence]:
    """Everything found.

    Args:
        snapshot: the subject.
        history: whether to look as well at what earlier commits held, under whatever reference
            of a working tree; under the revision alone, where the subject is one.
        reports: SARIF files of other scanners.

    Raises:
        UsageError: a report cannot be opened, or is none of a known scanner.
    """
    search = _Search(snapshot, history)
    search.files()
    if history:
        search.past()
    for report in reports:
        search.take(report)
    return search.evidence()


class _Search:
    def __init__(self, snapshot: Snapshot, history: bool) -> None:
        self.snapshot = snapshot
        self.found: list[SecretFacts] = []
        self.configs: list[tuple[str, CredentialsFacts]] = []
        self.gaps: list[str] = []
        self.summary = SecretSummaryFacts(
            part="summary", files=0, bytes=0, narrow=0, left_out=0, history=history, commits=0,
            blobs=0, references=0, gaps=[], dropped=0, imported=[],
        )  # fmt: skip

    def files(self) -> None:
        """Look at every file that holds text."""
        for artifact in self.snapshot.artifacts:
            if artifact.presence is Presence.POINTER or artifact.link_target:
                continue  # three lines of Git LFS; a link's target has its own turn
            if artifact.presence is Presence.MISSING:
                self._gap(f"{artifact.path} is not here")
                continue
            try:
                data = self._read(artifact)
            except (HostileInput, OSError) as error:
                told = error.message if isinstance(error, HostileInput) else str(error.strerror)
                self._gap(f"{artifact.path} was not read: {told}")
                continue
            if data is None:
                self.summary["left_out"] += artifact.kind is not Kind.EMPTY
                continue
            self.summary["files"] += 1
            self.summary["bytes"] += len(data)
            self._search(artifact.path, data, artifact.kind)

    def _read(self, artifact: Artifact) -> bytes | None:
        """The bytes to search, None for what holds no text."""
        if artifact.kind is Kind.EMPTY:
            return None
        if is_head(artifact.kind):
            with self.snapshot.open(artifact) as stream:
                return stream.read(MAX_HEAD)
        if artifact.kind not in (Kind.TEXT, Kind.JSON, Kind.BINARY):
            return None
        with self.snapshot.open(artifact) as stream:
            if not is_text(artifact.kind, stream.read(_PEEK)):
                return None
        if self.summary["bytes"] + artifact.size > MAX_TOTAL_BYTES:
            raise HostileInput(f"more than {MAX_TOTAL_BYTES} bytes of text")
        return self.snapshot.read(artifact, MAX_FILE_BYTES)

    def _search(self, path: str, data: bytes, kind: Kind) -> None:
        if breadth_of(path) is Breadth.NARROW:
            self.summary["narrow"] += 1
        for text in texts_of(path, data, kind):
            for facts in self._scanned(path, text):
                self._keep(facts)
        if kind in (Kind.TEXT, Kind.JSON) and is_config(path):
            if breadth_of(path) is Breadth.NARROW:
                return
            keys, dropped = credential_keys(data)
            if keys:
                named = CredentialsFacts(part="credentials", keys=keys, dropped=dropped)
                self.configs.append((path, named))

    def _scanned(self, path: str, text: Text, commit: str = "") -> Iterator[SecretFacts]:
        result = scan(text.data, text.breadth)
        self.summary["dropped"] += result.dropped
        if result.cut:
            self._gap(f"{path} has too many places that look like the beginning of a secret")
        for hit in result.hits:
            yield _facts(path, text, hit, commit)

    def _keep(self, facts: SecretFacts) -> None:
        if len(self.found) == MAX_SECRETS:
            self.summary["dropped"] += 1
        else:
            self.found.append(facts)

    def _gap(self, gap: str) -> None:
        if len(self.gaps) < MAX_GAPS:
            self.gaps.append(visible(gap, 300))
        elif len(self.gaps) == MAX_GAPS:
            self.gaps.append("more was not read")

    def past(self) -> None:
        """Look at what commits added; what lies in the files now is not told a second time."""
        known = {_same(facts) for facts in self.found}
        told = AddedBlobs()
        everywhere = self.snapshot.subject.kind is not SubjectKind.GIT_REVISION
        for added in added_blobs(self.snapshot, _is_readable, told, everywhere=everywhere):
            head = added.data[:_PEEK]
            if not is_text(Kind.BINARY, head) or head.startswith(b"version https://git-lfs"):
                continue
            for text in texts_of(added.path, added.data, Kind.TEXT):
                for facts in self._scanned(added.path, text, added.commit):
                    if _same(facts) not in known:
                        known.add(_same(facts))
                        facts["reference"] = added.reference
                        self._keep(facts)
        self.summary["commits"], self.summary["blobs"] = told.commits, told.blobs
        self.summary["references"] = told.references
        for gap in told.gaps:
            self._gap(gap)

    def take(self, report: Path) -> None:
        """Add what another scanner reported."""
        try:
            with report.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
            tool, found = read_sarif(report.name, data)
        except OSError as error:
            raise UsageError(f"{report} cannot be read: {error.strerror}") from error
        except HostileInput as error:
            raise UsageError(error.message, remedy=error.remedy) from error
        for facts in found:
            self._keep(facts)
        digest = str(sha256(data))
        name = visible(report.name, 200)
        imported = ImportedFacts(file=name, digest=digest, tool=tool, results=len(found))
        self.summary["imported"].append(imported)

    def evidence(self) -> list[Evidence]:
        """The whole first, then the secrets by place, then the configurations."""
        self.summary["gaps"] = self.gaps
        source = f"snapshot:{self.snapshot.subject.digest}"
        items = [_evidence("", source, dict(self.summary))]
        for facts in self.found:
            where = f"git:{facts['commit']}" if facts["commit"] else f"file:{facts['path']}"
            items.append(_evidence(facts["path"] or "(no path)", where, dict(facts)))
        for path, keys in self.configs:
            items.append(_evidence(path, f"file:{path}", dict(keys)))
        return items


def _same(facts: SecretFacts) -> tuple[str, ...]:
    """What makes two places the same leak: the secret, or where there is none to tell, the line."""
    mark = facts["fingerprint"] or f"{facts['line']}:{facts['length']}"
    return (facts["path"], facts["member"] if not facts["fingerprint"] else "", mark)


def _is_readable(path: str) -> bool:
    return not Artifact(path, 0, Kind.UNREAD, Presence.MISSING).is_weight


def _facts(path: str, text: Text, hit: Hit, commit: str) -> SecretFacts:
    pattern = hit.pattern
    return SecretFacts(
        part="secret",
        rule=pattern.id,
        provider=pattern.provider,
        title=pattern.title,
        severity=pattern.severity,
        path=path,
        line=hit.line,
        member=text.member,
        offset=text.base + hit.offset if text.base >= 0 else -1,
        validated=hit.validated,
        masked=hit.masked,
        length=hit.length,
        fingerprint=hit.fingerprint,
        commit=commit,
        reference="",
        source="weighbridge",
    )


def _evidence(about: str, source: str, data: dict[str, object]) -> Evidence:
    return Evidence(
        EvidenceKind.SECRET, about, EvidenceState.OBSERVED, source, _COLLECTOR, data=data
    )
