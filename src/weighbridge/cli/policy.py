"""``weighbridge policy check``, ``show``, ``schema`` and ``test``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weighbridge.cli.layout import (
    as_of_date,
    check_format,
    columns,
    format_option,
    show,
    show_json,
    wrapped,
)
from weighbridge.cli.plain import PlainCommand, PlainGroup
from weighbridge.cli.rules import metas, value_words
from weighbridge.model.errors import ExitCode

if TYPE_CHECKING:
    from weighbridge.model.policy import PathDemands, Policy, RuleSetting

app = typer.Typer(
    cls=PlainGroup,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Check, show, describe and test policies.",
)
SCHEMA = "weighbridge.policy/1"

AsOf = Annotated[
    str, typer.Option("--as-of", help="Waivers must hold on this date. Default: today, UTC.")
]


@app.command(cls=PlainCommand)
def check(
    files: Annotated[list[str], typer.Argument(help="Policy files, or shipped names.")],
    as_of: AsOf = "",
) -> None:
    """Check that each policy is well formed, and that nothing in it is misspelt or expired.

    Exit code 2 at the first that is not, with file and line.
    """
    from weighbridge.collect.maintainers import allowed_signers
    from weighbridge.policy.load import load_policy

    rules, day = metas(), as_of_date(as_of)
    for name in files:
        policy = load_policy(name, rules=rules, as_of=day)
        allowed_signers((), policy.commit_signers)  # read otherwise only where there is a history
        show([f"{name}: {policy.id} {policy.version}: {_counts(policy)}"])
    raise typer.Exit(int(ExitCode.HOLDS))


@app.command("show", cls=PlainCommand)
def show_policy(
    files: Annotated[list[str], typer.Argument(help="A policy; several go on top of each other.")],
    as_of: AsOf = "",
    format_: Annotated[str, format_option("WEIGHBRIDGE_POLICY_SHOW_FORMAT")] = "text",
) -> None:
    """Show the effective policy: with all that it extends, every parameter filled in."""
    from weighbridge.model.codec import to_json
    from weighbridge.policy.load import load_policies

    check_format(format_)
    policy = load_policies(files, rules=metas(), as_of=as_of_date(as_of))
    if format_ == "json":
        show_json({"schema": SCHEMA, "policy": to_json(policy)})
    else:
        show(_effective(policy))
    raise typer.Exit(int(ExitCode.HOLDS))


@app.command(cls=PlainCommand)
def schema() -> None:
    """Print the JSON Schema of policy files, for editors."""
    from weighbridge.policy.schema import policy_schema

    show_json(policy_schema(metas()))
    raise typer.Exit(int(ExitCode.HOLDS))


@app.command(cls=PlainCommand)
def test(
    files: Annotated[list[Path], typer.Argument(help="Policy test files.")],
) -> None:
    """Run policy tests: given evidence, does each rule end, and the gate close, as expected?

    Exit code 1 if one does not.
    """
    from weighbridge.policy.cases import run_cases
    from weighbridge.rules.registry import load_rules

    rules = load_rules()
    failed = total = 0
    for path in files:
        for name, problems in run_cases(path, rules=rules):
            total += 1
            failed += bool(problems)
            result = "FAIL" if problems else "ok"
            show([wrapped(f"{path}: {name}", 5, f"{result:5}")])
            show(wrapped(problem, 9, "     - ") for problem in problems)
    show([f"{total} cases, {failed} failed."])
    raise typer.Exit(int(ExitCode.VIOLATED if failed else ExitCode.HOLDS))


def _counts(policy: Policy) -> str:
    from weighbridge.model.policy import Mode

    modes = [setting.mode for setting in policy.rules]
    rules = ", ".join(f"{modes.count(mode)} {mode}" for mode in Mode)
    return f"{rules}; {len(policy.trust)} signers, {len(policy.waivers)} waivers"


def _effective(policy: Policy) -> list[str]:
    lines = [f"{policy.id} {policy.version}", f"  owner: {policy.owner}"]
    lines += [f"  read from {name} {digest.short}" for name, digest in policy.sources]
    lines += [f"  The gate closes at severity {policy.gate.fail_on} and above."]
    if policy.gate.because:
        lines.append(wrapped(f"because: {policy.gate.because}", 6, "    "))
    needed = "required" if policy.timestamp_required else "not required"
    lines.append(f"  A timestamp on the seal is {needed}.")
    if policy.timestamp_because:
        lines.append(wrapped(f"because: {policy.timestamp_because}", 6, "    "))
    frameworks = ", ".join(policy.frameworks) or "all"
    lines.append(wrapped(f"Frameworks reported on: {frameworks}", 4, "  "))
    heading = ("RULE", "SEVERITY", "MODE", "UNKNOWN", "ERROR", "MANUAL")
    table = columns([heading, *(_row(setting) for setting in policy.rules)])
    lines += ["", table[0]]
    for setting, line in zip(policy.rules, table[1:], strict=True):
        lines += [line, *_details(setting)]
    lines += ["", "Severity with ~: the rule's own, single findings may have another."]
    lines += ["", f"Trusted signers: {len(policy.trust) or 'none'}"]
    for signer in policy.trust:
        lines.append(f"  {signer.name}  {signer.fingerprint.short}  {', '.join(signer.paths)}")
        if signer.identity:
            issuer = f", vouched for by {signer.issuer}" if signer.issuer else ""
            lines.append(wrapped(f"{signer.kind}: {signer.identity}{issuer}", 6, "    "))
    lines += _commit_signers(policy)
    lines += _demands(policy)
    lines += [f"Waivers: {len(policy.waivers) or 'none'}"]
    for w in policy.waivers:
        lines.append(f"  {w.id}  {w.rule}  {w.path}  {w.subject.short}  until {w.expires}")
        lines.append(wrapped(f"{w.reason} (owner {w.owner}, approved by {w.approver})", 6))
    return lines


def _commit_signers(policy: Policy) -> list[str]:
    from weighbridge.collect.maintainers import allowed_signers
    from weighbridge.history.commit import iso

    lines = []
    for one in allowed_signers((), policy.commit_signers):
        until = f"  until {iso(one.valid_before)[:10]}" if one.valid_before is not None else ""
        lines.append(f"  {one.name}  {one.shown}{until}")
    return ["Signers of commits:", *lines] if lines else []


def _demands(policy: Policy) -> list[str]:
    """What a signature must have, as far as the policy demands anything."""
    demands, lines = policy.signatures, []
    if demands.min_signers > 1:
        lines.append(f"  Each file needs {demands.min_signers} of them.")
    if demands.max_age_days:
        lines.append(f"  A signature counts for {demands.max_age_days} days.")
    if demands.require_timestamp:
        lines.append("  A signature needs a trusted timestamp.")
    if demands.require_log:
        lines.append("  A signature needs a transparency log.")
    lines += [
        wrapped(f"More for {', '.join(more.paths)}: {_more(more)}.", 6, "  ")
        for more in demands.by_path
    ]
    if demands.because:
        lines.append(wrapped(f"because: {demands.because}", 6, "    "))
    return lines


def _more(demands: PathDemands) -> str:
    """What a policy demands of some files beyond what it demands of all."""
    words = []
    if demands.min_signers:
        words.append(f"{demands.min_signers} signers")
    if demands.max_age_days:
        words.append(f"at most {demands.max_age_days} days old")
    if demands.require_timestamp:
        words.append("a trusted timestamp")
    if demands.require_log:
        words.append("a transparency log")
    if demands.timestamp_roots:
        words.append(f"timestamps by {len(demands.timestamp_roots)} of the roots alone")
    return ", ".join(words)


def _row(setting: RuleSetting) -> tuple[str, ...]:
    from weighbridge.model.policy import Mode

    if setting.mode is Mode.OFF:
        return (setting.rule, "", "off", "", "", "")
    severity = setting.severity + ("" if setting.severity_set else " ~")
    return (setting.rule, severity, setting.mode, setting.on_unknown, setting.on_error,
            setting.on_manual)  # fmt: skip


def _details(setting: RuleSetting) -> list[str]:
    lines = [f"    {name}: {value_words(value)}" for name, value in setting.params.items()]
    if setting.because:
        lines.append(wrapped(f"because: {setting.because}", 6, "    "))
    return lines
