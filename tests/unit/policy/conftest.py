"""Fake rules and policy files: the engine is tested apart from the rules that exist."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Conclusion, Severity, conclude
from weighbridge.model.policy import Policy
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.policy.load import load_policies

AS_OF = dt.date(2026, 11, 20)
PARAMS = (
    Param("min_signers", 1, "How many must sign.", "higher"),
    Param("max_age_days", 30, "How old evidence may be.", "lower"),
    Param("allow", ("mit",), "Licenses that are fine.", "fewer"),
    Param("deny", ("gpl",), "Licenses that are not.", "more"),
    Param("deep", True, "Look into archives.", "higher"),
    Param("style", "plain", "Taste.", ""),
)


def fake_meta(
    name: str,
    *,
    severity: Severity = Severity.HIGH,
    params: tuple[Param, ...] = (),
    needs: tuple[EvidenceKind, ...] = (EvidenceKind.WEIGHTS,),
) -> RuleMeta:
    return RuleMeta(
        id=name,
        family="fake",
        since="0.1",
        severity=severity,
        summary=f"{name} holds",
        why="Because it is a test.",
        remedy="Do nothing.",
        example="none",
        needs=needs,
        params=params,
    )


METAS = (
    fake_meta("unsigned-weights"),
    fake_meta("known-vulnerability", severity=Severity.MEDIUM),
    fake_meta("tunable", params=PARAMS),
)


@pytest.fixture
def metas() -> tuple[RuleMeta, ...]:
    return METAS


@pytest.fixture
def as_of() -> dt.date:
    return AS_OF


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a policy file: the body, below a valid head unless told otherwise."""

    def write_policy(
        body: str, name: str = "p.yaml", *, head: str | None = None, extends: str = ""
    ) -> Path:
        top = "schema: 1\nid: p\nversion: v1\nowner: o\n" if head is None else head
        if extends:
            top += f"extends: {extends}\n"
        path = tmp_path / name
        path.write_text(top + body)
        return path

    return write_policy


@pytest.fixture
def load() -> Callable[..., Policy]:
    def load_fake(*paths: Path | str, as_of: dt.date = AS_OF) -> Policy:
        return load_policies(
            [str(path) for path in paths], rules=METAS, as_of=as_of, frameworks=("EU-AIA", "X-1")
        )

    return load_fake


@pytest.fixture
def subject() -> Subject:
    return Subject(SubjectKind.DIRECTORY, "tiny", Digest("dirHash1", "ab" * 32))


@pytest.fixture
def observe() -> Callable[..., Evidence]:
    def make(
        about: str = "", kind: EvidenceKind = EvidenceKind.WEIGHTS, **data: object
    ) -> Evidence:
        return Evidence(kind, about, EvidenceState.OBSERVED, f"file:{about}", "fake@1", data=data)

    return make


@pytest.fixture
def rule() -> Callable[..., SimpleNamespace]:
    """A rule that concludes what it is told to; by default a pass on all it was given."""

    def make(
        name: str = "unsigned-weights",
        check: Callable[[Case], Conclusion] | None = None,
        findings: tuple = (),
        **meta: object,
    ) -> SimpleNamespace:
        def concluding(case: Case) -> Conclusion:
            return conclude(findings, [e.digest for e in case.evidence])

        return SimpleNamespace(META=fake_meta(name, **meta), check=check or concluding)  # type: ignore[arg-type]

    return make
