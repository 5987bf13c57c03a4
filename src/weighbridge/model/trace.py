"""What ties a clause to work: commits that name it, rules, tests and audit records."""

from __future__ import annotations

from dataclasses import dataclass

from weighbridge.model.errors import ExitCode


@dataclass(frozen=True, slots=True)
class TracedCommit:
    """A commit that names a clause. ``date`` is the committer's, ISO 8601 in UTC.

    ``signature`` is its kind; ``verified`` true for an allowed signer's, false for a wrong one or
    one by a key that is not allowed (``untrusted``), None where nobody could say; ``made_by`` as in
    the evidence of kind ``commit``. ``tags`` are annotated tags on this very commit, with a word on
    their signature; ``wrong_tags`` are the names of those whose signature is false.
    """

    id: str
    date: str
    author: str
    subject: str
    signature: str
    verified: bool | None
    untrusted: bool
    reason: str
    signer: str
    made_by: str
    tags: tuple[str, ...] = ()
    wrong_tags: tuple[str, ...] = ()

    @property
    def wrong(self) -> bool:
        """Whether it, or a tag on it, carries a false signature, which is worse than none."""
        return self._false or bool(self.wrong_tags)

    @property
    def _false(self) -> bool:
        return self.verified is False and not self.untrusted

    @property
    def signed(self) -> str:
        """The signature in a few words."""
        if self.signature == "none":
            return "unsigned"
        if self.verified:
            return f"{self.signature}, by {self.signer}"
        if self._false:
            return f"{self.signature}, WRONG"
        if self.untrusted:
            return f"{self.signature}, not by an allowed signer"
        by = ", by GitHub's web interface" if self.made_by == "web-flow" else ""
        return f"{self.signature}, not verified{by}"


@dataclass(frozen=True, slots=True)
class TracedRule:
    """A rule that evidences the clause. ``mode`` is the policy's, empty without a policy."""

    id: str
    strength: str
    mode: str = ""


@dataclass(frozen=True, slots=True)
class TracedTest:
    """A place in a test file. ``name`` is the function's, empty outside of one.

    ``names`` is the rule it names, or ``Legal-Ref`` where it names the clause itself.
    """

    path: str
    line: int
    name: str
    names: str


@dataclass(frozen=True, slots=True)
class TracedRecord:
    """What one pack's record says of the clause: each linked rule with its outcome.

    ``record`` is the digest of the audit record. The pack's seal was not checked.
    """

    pack: str
    record: str
    subject: str
    revision: str
    as_of: str
    outcomes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TracedClause:
    """One row of the matrix. ``asked`` is true where the caller asked for the clause."""

    key: str
    title: str
    standing: str
    asked: bool
    commits: tuple[TracedCommit, ...] = ()
    rules: tuple[TracedRule, ...] = ()
    tests: tuple[TracedTest, ...] = ()
    records: tuple[TracedRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class UnknownReference:
    """A trailer, or a test's mark (``where`` is then its file and line), that names no clause."""

    where: str
    subject: str
    trailer: str
    value: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The whole matrix. ``commits`` is how many were read; ``references`` are what ``Refs:`` names
    beside clauses, each with the commits that name it.

    ``limits`` are reasons why commits may be missing. ``problems`` are what else could not be read.
    ``orphans_judged`` is false where only a part of the history was asked for.
    """

    head: str
    since: str
    commits: int
    clauses: tuple[TracedClause, ...]
    unknown: tuple[UnknownReference, ...]
    references: tuple[tuple[str, tuple[str, ...]], ...]
    limits: tuple[str, ...]
    problems: tuple[str, ...]
    orphans_judged: bool = True

    @property
    def orphans(self) -> tuple[TracedClause, ...]:
        """The clauses that were asked for and that no commit names."""
        if not self.orphans_judged:
            return ()
        return tuple(c for c in self.clauses if c.asked and not c.commits)

    @property
    def wrong_signatures(self) -> tuple[TracedCommit, ...]:
        """The commits with a false signature, each once."""
        found = {one.id: one for c in self.clauses for one in c.commits if one.wrong}
        return tuple(found.values())

    @property
    def exit_code(self) -> ExitCode:
        """1 for a reference to no clause, a false signature, or an orphan in a whole history; else
        3 where commits, tests or packs could not be read; else 0.
        """
        if self.unknown or self.wrong_signatures or (self.orphans and not self.limits):
            return ExitCode.VIOLATED
        if self.limits or self.problems:
            return ExitCode.INCONCLUSIVE
        return ExitCode.HOLDS
