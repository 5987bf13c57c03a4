"""Whatever stands in a policy or clause file, the readers answer or refuse with a typed error."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weighbridge.model.errors import ConfigurationError
from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.finding import Severity
from weighbridge.model.policy import Mode, Policy
from weighbridge.model.rule import Param, RuleMeta
from weighbridge.policy.clauses import load_clauses
from weighbridge.policy.load import load_policies, load_policy

METAS = (
    RuleMeta("one", "f", "1", Severity.HIGH, "s", "w", "r", "e", (EvidenceKind.WEIGHTS,),
             params=(Param("n", 3, "h", "higher"), Param("names", ("a",), "h", "fewer"))),
    RuleMeta("two", "f", "1", Severity.LOW, "s", "w", "r", "e", (EvidenceKind.WEIGHTS,)),
)  # fmt: skip
AS_OF = dt.date(2026, 11, 20)
HEAD = {"schema": 1, "id": "p", "version": "v", "owner": "o"}

WORDS = ["high", "low", "enforce", "report", "close", "one", "two", "baseline"]
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from([*WORDS, dt.date(2026, 11, 1)])
)
keys = st.sampled_from(
    ["schema", "id", "version", "owner", "extends", "rules", "gate", "trust", "frameworks",
     "timestamp", "waivers", "waivers_file", "waivers_max_days", "one", "two", "severity", "mode",
     "params", "because", "fail_on", "required", "name", "public_key", "key_file", "paths", "n",
     "framework", "title", "clauses", "links", "applies", "guards", "x"]
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def outcome(read, *arguments, **options) -> tuple[Any, ConfigurationError | None]:
    """What a reader gives, or the one error it may raise."""
    try:
        return read(*arguments, **options), None
    except ConfigurationError as error:
        return None, error


def read_both(folder, data: bytes) -> tuple[Policy | None, ConfigurationError | None]:
    """Read the same bytes as a policy and as a file of clauses."""
    path = folder / "p.yaml"
    path.write_bytes(data)
    _, refused = outcome(load_clauses, METAS, [path])
    assert refused is None or refused.source == "p.yaml"
    policy, refused = outcome(load_policy, str(path), rules=METAS, as_of=AS_OF, frameworks=("X",))
    assert refused is None or refused.source
    return policy, refused


@given(st.text(max_size=200) | st.binary(max_size=200))
@quick
def test_any_text_is_refused_with_its_place(folder, text) -> None:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    policy, refused = read_both(folder, data)
    assert policy is None
    assert refused is not None


@given(st.dictionaries(keys, values, max_size=5))
@quick
def test_any_document_is_read_or_refused(folder, body) -> None:
    text = yaml.safe_dump({**HEAD, **body}, allow_unicode=True)
    policy, refused = read_both(folder, text.encode("utf-8", "surrogatepass"))
    assert (policy is None) is (refused is not None)
    if policy is not None:
        assert any(setting.mode is not Mode.OFF for setting in policy.rules)
        assert [setting.rule for setting in policy.rules] == ["one", "two"]


@given(st.dictionaries(keys, values, max_size=5))
@quick
def test_any_clause_is_read_or_refused_with_its_line(folder, body) -> None:
    path = folder / "c.yaml"
    top = {"schema": 1, "framework": "X", "title": "t", "version": "1", "clauses": [body]}
    path.write_text(yaml.safe_dump(top))
    clauses, refused = outcome(load_clauses, METAS, [path])
    assert clauses is None
    assert refused is not None
    assert refused.line >= 1


severities = st.sampled_from([s.value for s in Severity])
words = st.sampled_from(["close", "report"])
entries = st.fixed_dictionaries(
    {},
    optional={
        "severity": severities,
        "mode": st.sampled_from(["enforce", "report", "off"]),
        "on_unknown": words,
        "on_error": words,
        "on_manual": words,
        "params": st.fixed_dictionaries(
            {}, optional={"n": st.integers(0, 5), "names": st.lists(st.sampled_from("abc"))}
        ),
    },
)
bodies = st.fixed_dictionaries(
    {"rules": st.fixed_dictionaries({"one": entries})},
    optional={"gate": st.fixed_dictionaries({"fail_on": severities})},
)


@given(bodies, bodies)
@quick
def test_a_child_without_reasons_is_never_looser(folder, below, above) -> None:
    paths = []
    for name, body in (("below", below), ("above", above)):
        paths.append(str(folder / f"{name}.yaml"))
        (folder / f"{name}.yaml").write_text(yaml.safe_dump({**HEAD, **body}))
    base, _ = outcome(load_policies, paths[:1], rules=METAS, as_of=AS_OF, frameworks=())
    both, refused = outcome(load_policies, paths, rules=METAS, as_of=AS_OF, frameworks=())
    assert (both is None) is (refused is not None)
    if base is None or both is None:
        return
    old, new = base.setting("one"), both.setting("one")
    order = [Mode.OFF, Mode.REPORT, Mode.ENFORCE]
    assert both.gate.fail_on.rank <= base.gate.fail_on.rank
    assert order.index(new.mode) >= order.index(old.mode)
    if old.mode is not Mode.OFF:
        assert new.severity.rank >= old.severity.rank
        assert new.params["n"] >= old.params["n"]
        assert set(new.params["names"]) <= set(old.params["names"])
        for name in ("on_unknown", "on_error", "on_manual"):
            assert getattr(new, name) == "close" or getattr(old, name) == "report"
