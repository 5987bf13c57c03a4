"""From a snapshot to evidence to what the three rules conclude."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from weighbridge.collect import weights
from weighbridge.collect.context import CollectContext
from weighbridge.model.artifact import Artifact, Kind, Presence
from weighbridge.model.codec import from_json, to_json
from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Outcome, Severity
from weighbridge.model.rule import Case
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.rules.weights import malformed_weights, uninspected_weights, unsafe_content
from weighbridge.snapshot.snapshot import Snapshot

SUBJECT = Subject(next(iter(SubjectKind)), "tiny", Digest("dirHash1", "0" * 64))
DAY = dt.date(2026, 11, 20)
RULES = (unsafe_content, malformed_weights, uninspected_weights)


def evidence_of(*files: tuple[str, Kind, bytes | Presence]) -> tuple[Evidence, ...]:
    contents = {path: data for path, _, data in files if isinstance(data, bytes)}
    artifacts = tuple(
        Artifact(path, len(data) if isinstance(data, bytes) else 9, kind,
                 Presence.CONTENT if isinstance(data, bytes) else data)
        for path, kind, data in sorted(files, key=lambda f: f[0])
    )  # fmt: skip
    snapshot = Snapshot(SUBJECT, artifacts, (), lambda a: io.BytesIO(contents[a.path]))
    return tuple(weights.collect(CollectContext(snapshot, DAY, offline=True)))


def outcomes(evidence: tuple[Evidence, ...], **params: tuple[str, ...]) -> list[Outcome]:
    return [conclusion(rule, evidence, **params).outcome for rule in RULES]


def conclusion(rule, evidence: tuple[Evidence, ...], **params: tuple[str, ...]):
    return rule.check(Case(SUBJECT, DAY, evidence, {**rule.META.defaults, **params}))


def test_a_clean_model_passes_on_the_evidence_of_every_file(craft) -> None:
    evidence = evidence_of(
        ("pytorch_model.bin", Kind.TORCH_ZIP, craft.torch_zip().end()),
        ("m.safetensors", Kind.SAFETENSORS, craft.safetensors("{}")),
        ("README.md", Kind.TEXT, b"# hello"),
    )
    assert [e.about for e in evidence] == ["m.safetensors", "pytorch_model.bin"]
    for rule in RULES:
        result = conclusion(rule, evidence)
        assert result.outcome is Outcome.PASS
        assert result.evidence == tuple(sorted(e.digest for e in evidence))
        assert "2 files" in result.note


def test_a_dangerous_call_fails_as_critical_and_says_what_it_does(craft) -> None:
    run = craft.call(craft.imp("os", "system"), craft.text(craft.ECHO))
    result = conclusion(
        unsafe_content, evidence_of(("m.pkl", Kind.PICKLE, b"\x80\x02" + run + b"."))
    )
    (finding,) = result.findings
    assert result.outcome is Outcome.FAIL
    assert (finding.key, finding.severity) == ("os.system", Severity.CRITICAL)
    assert "os.system('echo inert')" in finding.message
    assert "runs a program or a shell command" in finding.message
    assert finding.location
    assert finding.location.byte_offset == 2 + len(run) - 1


@pytest.mark.parametrize(
    ("opcodes", "severity"),
    [(b"cmylib\nrun\n)R.", Severity.HIGH), (b"\x80\x02cmylib\nNet\n)\x81.", Severity.MEDIUM)],
)
def test_what_is_not_listed_is_less_severe_and_can_be_accepted(opcodes, severity) -> None:
    evidence = evidence_of(("m.pkl", Kind.PICKLE, opcodes))
    result = conclusion(unsafe_content, evidence)
    assert {f.severity for f in result.findings} == {severity}
    assert conclusion(unsafe_content, evidence, accept=("mylib.*",)).outcome is Outcome.PASS
    assert conclusion(unsafe_content, evidence, accept=("mylib.other",)).outcome is Outcome.FAIL


def test_a_gadget_is_never_accepted() -> None:
    evidence = evidence_of(("m.pkl", Kind.PICKLE, b"cos\nsystem\n)R."))
    assert (
        conclusion(unsafe_content, evidence, accept=("os.*", "os.system")).outcome is Outcome.FAIL
    )


def test_a_member_stands_in_the_location(craft) -> None:
    data = craft.torch_zip(b"cos\nsystem\n)R.").end()
    result = conclusion(unsafe_content, evidence_of(("m.pt", Kind.TORCH_ZIP, data)))
    assert result.findings[0].location
    assert str(result.findings[0].location).startswith("m.pt!archive/data.pkl@")


UNREADABLE = {
    "pointer": ("m.safetensors", Kind.UNREAD, Presence.POINTER),
    "missing": ("m.safetensors", Kind.UNREAD, Presence.MISSING),
    "no-reader": ("m.ort", Kind.ORT, b"\x08\0\0\0ORTM" * 9),
    "unknown-binary": ("m.bin", Kind.BINARY, b"\x01\x02" * 9),
    "damaged": ("m.pkl", Kind.PICKLE, b"\x80\x02]"),
    "cut-header": ("m.safetensors", Kind.SAFETENSORS, b"\xff\0\0\0\0\0\0\0{"),
}


@pytest.mark.parametrize("file", UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_was_not_read_never_lets_a_rule_pass(craft, file) -> None:
    alone = evidence_of(file)
    assert alone[0].state is EvidenceState.UNAVAILABLE
    assert Outcome.PASS not in outcomes(alone)
    beside = evidence_of(file, ("good.pt", Kind.TORCH_ZIP, craft.torch_zip().end()))
    assert Outcome.PASS not in outcomes(beside)


def test_what_was_seen_before_damage_still_fails() -> None:
    evidence = evidence_of(("m.pkl", Kind.PICKLE, b"cos\nsystem\n)R\xff"))
    assert evidence[0].state is EvidenceState.UNAVAILABLE
    assert outcomes(evidence) == [Outcome.FAIL, Outcome.FAIL, Outcome.UNKNOWN]


def test_no_weights_is_a_fact_and_no_pass() -> None:
    evidence = evidence_of(("README.md", Kind.TEXT, b"# hello"))
    assert [(e.about, e.state) for e in evidence] == [("", EvidenceState.ABSENT)]
    assert outcomes(evidence) == [Outcome.NOT_APPLICABLE] * 3


def test_no_evidence_at_all_is_unknown() -> None:
    assert outcomes(()) == [Outcome.UNKNOWN] * 3


def test_a_broken_analyser_is_visible_and_stops_nobody_else(monkeypatch, craft) -> None:
    real = weights.inspect_file

    def broken(stream, size, kind, path):
        if path == "a.pkl":
            raise ZeroDivisionError("a defect")
        return real(stream, size, kind, path)

    monkeypatch.setattr(weights, "inspect_file", broken)
    evidence = evidence_of(("a.pkl", Kind.PICKLE, b"N."), ("b.pkl", Kind.PICKLE, b"N."))
    assert [e.state for e in evidence] == [EvidenceState.UNAVAILABLE, EvidenceState.OBSERVED]
    assert "ZeroDivisionError" in evidence[0].reason
    assert Outcome.PASS not in outcomes(evidence)


def test_evidence_survives_the_record(craft) -> None:
    evidence = evidence_of(
        ("m.pkl", Kind.PICKLE, b"\x80\x04\x8c\x03\xed\xa0\x80\x8c\x01x\x93cos\nsystem\n)R."),
        ("m.pt", Kind.TORCH_ZIP, craft.torch_zip().end()),
    )
    for one in evidence:
        again = from_json(Evidence, to_json(one))
        assert again.digest == one.digest
        assert again.kind is EvidenceKind.WEIGHTS
