"""``weighbridge trace REPO``: which commits, rules, tests and records stand behind a clause."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weighbridge.cli.layout import as_of_date
from weighbridge.cli.plain import PlainCommand
from weighbridge.model.errors import HostileInput, SubjectError, UsageError

if TYPE_CHECKING:
    from weighbridge.cli.trace_build import Material
    from weighbridge.cli.trace_clauses import ClauseIndex
    from weighbridge.history.signers import AllowedSigner
    from weighbridge.model.policy import Policy
    from weighbridge.model.rule import RuleMeta
    from weighbridge.model.trace import Trace

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

FORMATS = ("console", "json", "html")
_MAX_SIGNERS = 4 * 2**20


@app.command(cls=PlainCommand)
def trace(
    repo: Annotated[str, typer.Argument(help="A git repository, or a folder in its working tree.")],
    policy: Annotated[
        str,
        typer.Option(
            help="A policy: its trusted signers, its rules' modes, and the clauses of the "
            "frameworks that it names."
        ),
    ] = "",
    revision: Annotated[str, typer.Option(help="Read the history of this revision.")] = "HEAD",
    since: Annotated[
        str, typer.Option(help="Leave out what this revision has; orphans are not judged then.")
    ] = "",
    clauses: Annotated[
        list[str] | None,
        typer.Option(
            help="Clauses that must have a commit: a framework, a clause, or a file with one of "
            "either on each line. May be given again."
        ),
    ] = None,
    packs: Annotated[str, typer.Option(help="A folder that holds audit packs.")] = "",
    allowed_signers: Annotated[
        str,
        typer.Option(
            help="Who may sign: a file as git's gpg.ssh.allowedSignersFile, or OpenPGP keys."
        ),
    ] = "",
    changelog: Annotated[
        bool, typer.Option("--changelog", help="Show the changes by clause, as Markdown.")
    ] = False,
    as_of: Annotated[
        str, typer.Option(help="Legal status as of this date (YYYY-MM-DD). Default: today, UTC.")
    ] = "",
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            envvar="WEIGHBRIDGE_TRACE_FORMAT",
            help=f"One of {', '.join(FORMATS)}.",
        ),
    ] = "console",
    output: Annotated[
        str, typer.Option("--output", "-o", help="Write the result here instead of to stdout.")
    ] = "",
) -> None:
    """Show clause, commits, rules, tests and audit records side by side.

    Commits name clauses in trailers: 'Legal-Ref: EU-AIA Art. 15(5)', or among others in 'Refs:'.
    Exit code 0: each reference names a clause, and each clause asked for has a commit; 1: one does
    not, or a commit has a wrong signature; 3: the history is not whole, or something could not be
    read; 2: an error.
    """
    from weighbridge.cli.audit import _show
    from weighbridge.cli.trace_show import as_changelog, as_json, as_text

    if format_ not in FORMATS:
        raise UsageError(f"unknown format {format_!r}", remedy=f"One of {', '.join(FORMATS)}.")
    if changelog and format_ != "console":
        raise UsageError("--changelog is Markdown", remedy="Leave --format out.")
    day = as_of_date(as_of)
    found = _traced(
        repo,
        policy=policy,
        revision=revision,
        since=since,
        clauses=clauses or [],
        packs=packs,
        allowed_signers=allowed_signers,
        as_of=day,
    )
    if changelog:
        data = as_changelog(found)
    elif format_ == "json":
        data = as_json(found)
    elif format_ == "html":
        from weighbridge.report.trace_html import render

        data = render(found)
    else:
        data = as_text(found)
    _show(data, output)
    raise typer.Exit(int(found.exit_code))


def _traced(
    repo: str,
    *,
    policy: str,
    revision: str,
    since: str,
    clauses: list[str],
    packs: str,
    allowed_signers: str,
    as_of: dt.date,
) -> Trace:
    """Read everything, and put the matrix together."""
    from weighbridge.cli.rules import metas
    from weighbridge.cli.trace_build import trace_of
    from weighbridge.cli.trace_clauses import ClauseIndex, asked_for
    from weighbridge.policy.clauses import linked, load_clauses
    from weighbridge.policy.load import load_policy

    if not repo:
        raise UsageError("REPO is empty", remedy="Is a variable of the shell not set?")
    rules = metas()
    every = load_clauses(rules)
    index = ClauseIndex(every)
    asked = asked_for(clauses, index)
    chosen: Policy | None = None
    if policy:
        chosen = load_policy(policy, rules=rules, as_of=as_of)
        if not clauses and chosen.frameworks:
            asked = {clause.key for clause in linked(every, chosen)}
    allowed = (*_file_signers(allowed_signers), *_policy_signers(chosen))
    try:
        material = _material(Path(repo), index, asked, chosen, allowed, revision, since, rules,
                             packs)  # fmt: skip
    except HostileInput as error:
        raise SubjectError(
            error.message,
            remedy=error.remedy or "Give a git repository, and revisions that it has.",
        ) from error
    return trace_of(material, since=since, as_of=as_of)


def _material(
    repo: Path,
    index: ClauseIndex,
    asked: set[str],
    policy: Policy | None,
    allowed: tuple[AllowedSigner, ...],
    revision: str,
    since: str,
    rules: tuple[RuleMeta, ...],
    packs: str,
) -> Material:
    from weighbridge.cli.trace_build import LEGAL, REFS, Material
    from weighbridge.cli.trace_packs import records_by_clause
    from weighbridge.cli.trace_tests import mentions
    from weighbridge.history.log import read_log
    from weighbridge.history.tag import tags_on
    from weighbridge.snapshot.git_repository import find_repository

    repository = find_repository(repo)
    problems: list[str] = []
    with repository.objects() as objects:
        log = read_log(repository, objects, (LEGAL, REFS), revision=revision, since=since)
        tags, unread = tags_on(repository, objects, {e.commit.id for e in log.entries})
        problems += unread
    named = [rule.id for rule in rules]
    top = repository.top
    tests = mentions(top, named, problems) if top is not None else []
    records = records_by_clause(packs, problems) if packs else {}
    return Material(
        log=log,
        index=index,
        asked=asked,
        allowed=allowed,
        policy=policy,
        tags=tags,
        mentions=tests,
        records=records,
        problems=problems,
    )


def _file_signers(path: str) -> tuple[AllowedSigner, ...]:
    from weighbridge.history.openpgp_keys import read_signers
    from weighbridge.snapshot.git_objects import read_regular

    if not path:
        return ()
    try:
        text = read_regular(Path(path), _MAX_SIGNERS).decode("utf-8")
    except (OSError, HostileInput, UnicodeDecodeError) as error:
        raise UsageError(
            f"the allowed signers in {path} cannot be read",
            remedy="Name a text file such as git's gpg.ssh.allowedSignersFile.",
        ) from error
    return read_signers(text, source=path)


def _policy_signers(policy: Policy | None) -> tuple[AllowedSigner, ...]:
    from weighbridge.collect.maintainers import allowed_signers

    if policy is None:
        return ()
    return allowed_signers(policy.trust, policy.commit_signers)
