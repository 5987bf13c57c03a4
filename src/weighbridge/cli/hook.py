"""``weighbridge hook NAME FILES…``: the pre-commit entry points. Offline, and of what is staged."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated

import typer

from weighbridge.cli.plain import PlainCommand, PlainGroup
from weighbridge.model.errors import ExitCode, SubjectError, worst

if TYPE_CHECKING:
    from weighbridge.collect.context import CollectContext
    from weighbridge.model.evidence import Evidence
    from weighbridge.model.policy import Policy
    from weighbridge.model.record import RuleResult
    from weighbridge.model.rule import Rule
    from weighbridge.snapshot.snapshot import Snapshot
    from weighbridge.snapshot.staged import Index

app = typer.Typer(
    cls=PlainGroup, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)

Files = Annotated[list[str] | None, typer.Argument(help="The staged files, from pre-commit.")]
Policies = Annotated[
    list[str] | None,
    typer.Option("--policy", help="A shipped policy's name, or a file. Default: baseline."),
]

SIGNATURE_NAME = "model.sig"


@app.callback()
def _hooks() -> None:
    """The pre-commit entry points: offline, fast.

    They judge what is staged in git, and take a Git LFS pointer's digest for the file.
    """


@app.command("signed-weights", cls=PlainCommand)
def signed_weights(files: Files = None, policy: Policies = None) -> None:
    """Block staged weights without a valid signature by a trusted signer."""
    from weighbridge.snapshot.staged import Index

    index = Index(Path.cwd())
    staged = _from_top(index, files or [])
    effective = _policy(policy)
    codes = [ExitCode.HOLDS]
    for folder in sorted({_model_folder(path, index.paths) for path in staged}):
        snapshot = _snapshot(index, folder)
        if snapshot is None:
            continue  # everything there is being deleted: nothing is left to sign
        codes.append(_judge("signatures", snapshot, folder, effective, _collect_signatures))
    raise typer.Exit(int(worst(codes)))


@app.command("dataset-citations", cls=PlainCommand)
def dataset_citations(files: Files = None, policy: Policies = None) -> None:
    """Block datasets used without a recorded citation, license and pinned revision."""
    from weighbridge.snapshot.staged import Index

    index = Index(Path.cwd())
    staged = _from_top(index, files or [])
    effective = _policy(policy)
    codes = [ExitCode.HOLDS]
    for folder in sorted({_project_folder(path, index.paths) for path in staged}):
        wanted = {path for path in staged if _project_folder(path, index.paths) == folder}
        snapshot = _snapshot(index, folder, wanted)
        if snapshot is not None:
            codes.append(_judge("citations", snapshot, folder, effective, _collect_datasets))
    raise typer.Exit(int(worst(codes)))


@app.command("secrets", cls=PlainCommand)
def secrets(files: Files = None, policy: Policies = None) -> None:
    """Block staged files that hold a credential."""
    from weighbridge.snapshot.staged import Index

    index = Index(Path.cwd())
    staged = set(_from_top(index, files or [])) & set(index.paths)
    code = ExitCode.HOLDS
    if staged:
        snapshot = index.snapshot("", staged.__contains__)
        code = _judge("secrets", snapshot, "", _policy(policy), _collect_secrets)
    raise typer.Exit(int(code))


def _from_top(index: Index, files: Iterable[str]) -> list[str]:
    """The files as the index names them; pre-commit runs at the top, a person may not."""
    top = (index.repository.top or Path.cwd()).resolve()
    named = []
    for file in files:
        path = Path(file).absolute()
        if not path.is_relative_to(top) and not path.parent.resolve().is_relative_to(top):
            continue
        real = path if path.is_relative_to(top) else path.parent.resolve() / path.name
        named.append(real.relative_to(top).as_posix())
    return named


def _model_folder(path: str, known: tuple[str, ...]) -> str:
    """The nearest folder above with a signature in it, or else the file's own."""
    names = set(known)
    parents = [str(p) if str(p) != "." else "" for p in PurePosixPath(path).parents]
    signed = (p for p in parents if f"{p}/{SIGNATURE_NAME}".lstrip("/") in names)
    return next(signed, parents[0])


def _project_folder(path: str, known: tuple[str, ...]) -> str:
    """The nearest folder above with a ``datasets.yaml``, or else the repository's top."""
    names = set(known)
    parents = [str(p) if str(p) != "." else "" for p in PurePosixPath(path).parents]
    recorded = (p for p in parents if f"{p}/datasets.yaml".lstrip("/") in names)
    return next(recorded, "")


def _snapshot(index: Index, folder: str, only: set[str] | None = None) -> Snapshot | None:
    """What is staged in a folder; of a project, the files named and those that record citations."""

    def wanted(path: str) -> bool:
        if only is None or path in only:
            return True
        parent, _, name = path.rpartition("/")
        return parent == folder and name.lower() in ("datasets.yaml", "citation.cff")

    if not any(wanted(path) and path.startswith(folder) for path in index.paths):
        return None
    lead = f"{folder}/" if folder else ""
    try:
        snapshot = index.snapshot(folder, wanted)
        if only is None or not (more := _pointed_at(snapshot)):
            return snapshot
        return index.snapshot(folder, lambda p: wanted(p) or p.removeprefix(lead) in more)
    except SubjectError as error:
        raise SubjectError(
            f"what is staged in {folder or 'the repository'} cannot be read: {error.message}",
            remedy=error.remedy,
        ) from error


def _pointed_at(snapshot: Snapshot) -> frozenset[str]:
    """The files that records name, staged or not: a license's text, a ``.dvc`` file."""
    from weighbridge.collect.datasets import pointed_at

    return pointed_at(snapshot)


def _policy(names: list[str] | None) -> Policy:
    from weighbridge.cli.config import load_config
    from weighbridge.policy.load import load_policies
    from weighbridge.rules.registry import load_rules

    chosen = tuple(names or ()) or load_config(Path.cwd()).policies or ("baseline",)
    today = dt.datetime.now(dt.UTC).date()
    return load_policies(chosen, rules=tuple(r.META for r in load_rules()), as_of=today)


def _collect_signatures(context: CollectContext) -> Iterable[Evidence]:
    from weighbridge.collect.signatures import collect

    return collect(context)


def _collect_datasets(context: CollectContext) -> Iterable[Evidence]:
    from weighbridge.collect.datasets import collect

    return collect(context)


def _collect_secrets(context: CollectContext) -> Iterable[Evidence]:
    from weighbridge.collect.secrets import collect

    return collect(context)


def _judge(
    family: str, snapshot: Snapshot, folder: str, policy: Policy, collect: object
) -> ExitCode:
    """Evaluate one family of rules over what is staged, and say what is wrong."""
    from weighbridge.collect.context import CollectContext
    from weighbridge.policy.evaluate import evaluate
    from weighbridge.rules.registry import load_rules

    assert callable(collect)
    as_of = dt.datetime.now(dt.UTC).date()
    rules = tuple(rule for rule in load_rules() if rule.META.family == family)
    context = CollectContext(
        snapshot,
        as_of,
        offline=True,
        trust=policy.trust,
        timestamp_roots=policy.signatures.root_texts,
    )
    evidence = tuple(collect(context))
    results, _verdict = evaluate(
        policy=_blocking(policy, rules),
        rules=rules,
        subject=snapshot.subject,
        evidence=evidence,
        breakages=(),
        as_of=as_of,
    )
    for result in results:
        _explain(result, folder)
    codes = {
        "fail": ExitCode.VIOLATED,
        "unknown": ExitCode.INCONCLUSIVE,
        "error": ExitCode.ERROR,
    }
    return worst(codes.get(r.outcome.value, ExitCode.HOLDS) for r in results if r.closes_gate)


def _blocking(policy: Policy, rules: tuple[Rule, ...]) -> Policy:
    """The policy, with this hook's rules enforced: a hook that only reports is none.

    Rules that the policy turned off stay off. Waivers are for audits: they name a whole subject.
    """
    from weighbridge.model.finding import Severity
    from weighbridge.model.policy import Gate, Mode, OnInconclusive

    mine = {rule.META.id for rule in rules}
    settings = tuple(
        dataclasses.replace(s, mode=Mode.ENFORCE, on_unknown=OnInconclusive.CLOSE)
        for s in policy.rules
        if s.rule in mine and s.mode is not Mode.OFF
    )
    return dataclasses.replace(policy, rules=settings, waivers=(), gate=Gate(Severity.MEDIUM))


def _explain(result: RuleResult, folder: str) -> None:
    from weighbridge.edge.text import visible
    from weighbridge.model.finding import Location

    for finding in result.findings:
        place = finding.location or Location("")
        path = f"{folder}/{place.path}".strip("/")
        where = visible(str(dataclasses.replace(place, path=path)) or ".")
        print(f"{where}: {visible(finding.message)} [{result.rule}]", file=sys.stdout)  # noqa: T201
        print(f"    {visible(finding.remedy)}", file=sys.stdout)  # noqa: T201
    if result.outcome.value == "error":
        print(f"{result.rule}: {visible(result.note)}", file=sys.stdout)  # noqa: T201
