"""What a policy loosens of the one it extends: each needs a reason, and the report prints it."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.finding import Severity
from weighbridge.model.policy import Mode, OnInconclusive, ParamValue, RuleSetting
from weighbridge.model.rule import Param, RuleMeta

_MODES = (Mode.OFF, Mode.REPORT, Mode.ENFORCE)


def loosened(
    before: RuleSetting, after: RuleSetting, meta: RuleMeta, fail_on: Severity
) -> Iterator[tuple[str, str]]:
    """Every way in which a rule's setting is looser than the one beneath.

    Args:
        before: the setting beneath. A rule that is off there cannot be loosened.
        after: the setting on top.
        meta: the rule's, for the stricter direction of its parameters.
        fail_on: the gate's threshold on top.

    Yields:
        the key that says it (``severity``, ``params.max_age``), and a sentence.
    """
    if before.mode is Mode.OFF:
        return
    if after.severity.rank < before.severity.rank:
        yield "severity", f"lowers the severity from {before.severity} to {after.severity}"
    elif after.severity_set and not before.severity_set and after.severity.rank < fail_on.rank:
        what = f"sets the severity of all findings to {after.severity}, below the gate's {fail_on},"
        yield "severity", f"{what} and single findings may have had a higher one"
    if _MODES.index(after.mode) < _MODES.index(before.mode):
        yield "mode", f"takes the mode from {before.mode} to {after.mode}"
    for name in ("on_unknown", "on_error", "on_manual"):
        close = getattr(before, name) is OnInconclusive.CLOSE
        if close and getattr(after, name) is not OnInconclusive.CLOSE:
            yield name, f"takes {name} from close to report"
    for param in meta.params:
        old, new = before.params[param.name], after.params[param.name]
        if _looser(param, old, new):
            yield f"params.{param.name}", f"loosens {param.name} from {_show(old)} to {_show(new)}"


def _looser(param: Param, old: ParamValue, new: ParamValue) -> bool:
    if isinstance(old, tuple) and isinstance(new, tuple):
        if param.stricter == "fewer":
            return not set(new) <= set(old)
        return param.stricter == "more" and not set(new) >= set(old)
    if isinstance(old, int) and isinstance(new, int):
        return (param.stricter == "higher" and new < old) or (
            param.stricter == "lower" and new > old
        )
    return False


def _show(value: ParamValue) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)
