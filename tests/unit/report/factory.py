"""Audit records made by hand, for the tests of the views: no clock, no randomness."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

from weighbridge.model.artifact import Artifact, Kind, Presence, Problem, ProblemKind
from weighbridge.model.clause import (
    Applicability,
    Clause,
    ClauseLink,
    Guard,
    LegalStatus,
    Operator,
    Strength,
)
from weighbridge.model.digest import Digest, directory_digest
from weighbridge.model.errors import ExitCode
from weighbridge.model.evidence import Breakage, Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Finding, Location, Outcome, Severity
from weighbridge.model.policy import Gate, Mode, Policy, RuleSetting, Waiver
from weighbridge.model.record import (
    AuditRecord,
    RuleResult,
    TimestampNote,
    TimestampState,
    Verdict,
)
from weighbridge.model.subject import Subject, SubjectKind

AS_OF = dt.date(2026, 11, 20)
HOSTILE_NAMES = (
    '<img src="/etc/passwd"/><a href="javascript:alert(1)">x</a>',
    "(nested (paren) \\) Tj ET /JavaScript (app.alert) /URI (http://evil.example)",
    "weights\u202egnp.bin\u202c\u2066x\u2069",
    "deep/" * 2000 + "model.bin",
    "模型/权重-\U0001f600-\u05e9\u05dc\u05d5\u05dd.safetensors",
    "tab\tnewline\nreturn\rbell\x07esc\x1b[31mred\x00nul\x7fdel",
    "zalgo" + "\u0301\u0315\u0327" * 40,
    "[click](https://evil.example) {0} {{1}}",
    "$(reboot) `id` ; rm -rf ~ | %s %n",
)


def digest_of(text: str) -> Digest:
    """A stand-in digest: the SHA-256 of some text."""
    return Digest("sha256", hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def evidence_of(
    kind: EvidenceKind,
    about: str,
    state: EvidenceState = EvidenceState.OBSERVED,
    reason: str = "",
) -> Evidence:
    """One observation with a plausible source."""
    return Evidence(kind, about, state, f"file:{about}" if about else "snapshot", "test@1", reason,
                    {"seen": about} if state is EvidenceState.OBSERVED else {})  # fmt: skip


def clauses() -> tuple[Clause, ...]:
    """Clauses of every standing, linked to the rules of :func:`make_record`."""
    eu = "2024/1689 as amended by 2026/1744"
    half = (Applicability("Annex III systems", dt.date(2026, 8, 2)),
            Applicability("Annex I products", dt.date(2028, 8, 2)))  # fmt: skip
    read = "OJ L of 24 July 2026, read in a dated copy"
    return (
        Clause("EU-AIA", eu, "Art. 15(5)", "Cybersecurity of the system",
               "Resist attempts to alter use or performance, among them poisoned components.",
               LegalStatus.DEFERRED, half, True, dt.date(2026, 11, 2), read,
               links=(
                   ClauseLink("unsafe-content", Strength.PARTIAL,
                              "Robustness against evasion cannot be read from files."),
               ),
               broken=(
                   ClauseLink("unsigned-weights", Strength.PARTIAL,
                              "Who may sign is the provider's own decision.",
                              (Guard("min_signers", Operator.GTE, 1),)),
               )),
        Clause("EU-AIA", eu, "Art. 53(1)(d)", "Summary of training content",
               "Publish a summary of the content used for training.",
               LegalStatus.IN_FORCE, (Applicability("", dt.date(2025, 8, 2)),), False, None, "",
               links=(ClauseLink("uncited-dataset", Strength.SUPPORTING,
                                 "Whether the summary is complete is for a person."),)),
        Clause("EU-CRA", "2024/2847", "Annex I Part II(1)", "Bill of materials",
               "Draw up a software bill of materials.",
               LegalStatus.DEFERRED, (Applicability("", dt.date(2027, 12, 11)),), True,
               dt.date(2026, 10, 1), read,
               links=(ClauseLink("unpinned-dependency", Strength.FULL, "Nothing."),)),
        Clause("OWASP-LLM-Top10", "2025", "LLM03", "Supply chain",
               "Components from others carry their weaknesses along.",
               LegalStatus.VOLUNTARY, (), True, dt.date(2026, 9, 1), "project site",
               superseded_by="OWASP-LLM-Top10 LLM04",
               links=(ClauseLink("known-vulnerability", Strength.PARTIAL,
                                 "Weaknesses without an advisory stay unseen."),)),
        Clause("US-CO", "SB 24-205", "6-1-1702", "Duty of care", "Reasonable care.",
               LegalStatus.SUSPENDED, (Applicability("", dt.date(2026, 6, 30)),), False, None, "",
               superseded_by="US-CO 6-1-1703", note="Enforcement is suspended.",
               links=(ClauseLink("first-time-weight-author", Strength.SUPPORTING,
                                 "A person judges what is reasonable."),)),
    )  # fmt: skip


def policy() -> Policy:
    """Nine rules, one of them off, and one waiver."""
    names = ("unsigned-weights", "unsafe-content", "uninspected-weights", "unpinned-dependency",
             "known-vulnerability", "missing-license", "first-time-weight-author",
             "uncited-dataset", "unsigned-commit")  # fmt: skip
    severity = {"unsafe-content": Severity.CRITICAL, "missing-license": Severity.MEDIUM,
                "uncited-dataset": Severity.LOW}  # fmt: skip
    return Policy(
        id="org-baseline",
        version="1.4.0",
        owner="security@example.org",
        rules=tuple(
            RuleSetting(
                name,
                severity.get(name, Severity.HIGH),
                Mode.OFF if name == "unsigned-commit" else Mode.ENFORCE,
                {"min_signers": 0} if name == "unsigned-weights" else {},
                because="Commits are signed by the forge." if name == "unsigned-commit" else "",
            )
            for name in names
        ),
        gate=Gate(Severity.HIGH),
        waivers=(
            Waiver("W-12", "unpinned-dependency", subject_digest(), "requirements.txt",
                   "ml-platform@example.org", "The pin follows with release 2.1.",
                   "ciso@example.org", dt.date(2026, 11, 1), dt.date(2027, 1, 15)),
        ),
        sources=(("org.yaml", digest_of("org.yaml")), ("waivers.yaml", digest_of("waivers"))),
    )  # fmt: skip


def results(evidence: tuple[Evidence, ...]) -> tuple[RuleResult, ...]:
    """One result of every outcome."""
    seen = tuple(sorted(e.digest for e in evidence[:2]))

    def result(rule: str, family: str, summary: str, outcome: Outcome,
               findings: tuple[Finding, ...] = (), *, severity: Severity = Severity.HIGH,
               note: str = "", closes: bool = False,
               waivers: tuple[str, ...] = ()) -> RuleResult:  # fmt: skip
        return RuleResult(rule, family, summary, severity, Mode.ENFORCE, outcome, findings, seen,
                          note, closes, waivers)  # fmt: skip

    return (
        result("unsigned-weights", "signatures", "every weight file is covered by a signature",
               Outcome.PASS, note="3 weight files, all signed."),
        result("unsafe-content", "weights", "no weight file runs code when it is loaded",
               Outcome.FAIL, (
                   Finding(Outcome.FAIL, "Loading this file calls os.system.",
                           "Convert the weights to safetensors and remove this file.",
                           Location("pytorch_model.bin", byte_offset=4242, member="data.pkl"),
                           "os.system"),
                   Finding(Outcome.FAIL, "Loading this file calls builtins.eval.",
                           "Convert the weights to safetensors and remove this file.",
                           Location("scaler.pkl", byte_offset=17), "builtins.eval"),
               ), severity=Severity.CRITICAL, closes=True),
        result("uninspected-weights", "weights", "every weight file was read to its end",
               Outcome.UNKNOWN, (
                   Finding(Outcome.UNKNOWN, "The content of this file lies in Git LFS.",
                           "Run git lfs pull and audit again.", Location("model-2.safetensors")),
               ), closes=True),
        result("unpinned-dependency", "sbom", "every dependency has one exact version",
               Outcome.WAIVED, (
                   Finding(Outcome.FAIL, "requests has no exact version.",
                           "Pin it with ==.", Location("requirements.txt", line=3), "requests",
                           waiver="W-12"),
               ), waivers=("W-12",)),
        result("known-vulnerability", "vulnerabilities", "no dependency has a known vulnerability",
               Outcome.ERROR, note="The advisory collector crashed.", closes=True),
        result("missing-license", "licenses", "the model says under which license it is given",
               Outcome.PASS, severity=Severity.MEDIUM, note="Apache-2.0, declared and detected."),
        result("first-time-weight-author", "maintainers", "known people changed the weights",
               Outcome.NOT_APPLICABLE, note="The subject has no git history."),
        result("uncited-dataset", "citations", "every dataset the card names is cited",
               Outcome.MANUAL, (
                   Finding(Outcome.MANUAL, "The card says «internal data».",
                           "Have a person confirm where it comes from.",
                           Location("README.md", line=31), "internal data"),
               ), severity=Severity.LOW),
    )  # fmt: skip


def artifacts() -> tuple[Artifact, ...]:
    """Six files, one of them a pointer."""
    rows = (
        ("README.md", 3_120, Kind.TEXT, Presence.CONTENT),
        ("config.json", 745, Kind.JSON, Presence.CONTENT),
        ("model-1.safetensors", 4_976_698_672, Kind.SAFETENSORS, Presence.CONTENT),
        ("model-2.safetensors", 4_999_802_720, Kind.UNREAD, Presence.POINTER),
        ("pytorch_model.bin", 438_012_345, Kind.TORCH_ZIP, Presence.CONTENT),
        ("scaler.pkl", 2_001, Kind.PICKLE, Presence.CONTENT),
    )
    return tuple(
        Artifact(path, size, kind, presence, (digest_of(path),))
        for path, size, kind, presence in rows
    )


def subject_digest() -> Digest:
    """The digest over :func:`artifacts`."""
    return directory_digest((a.path, d) for a in artifacts() for d in a.digests)


def make_record(**changes: object) -> AuditRecord:
    """A record in which every outcome, state and section occurs; ``changes`` replace fields."""
    files = artifacts()
    evidence = (
        evidence_of(EvidenceKind.SNAPSHOT, ""),
        evidence_of(EvidenceKind.WEIGHTS, "pytorch_model.bin"),
        evidence_of(EvidenceKind.WEIGHTS, "model-2.safetensors", EvidenceState.UNAVAILABLE,
                    "Only a Git LFS pointer lies here."),
        evidence_of(EvidenceKind.COMMIT, "", EvidenceState.UNSUPPORTED,
                    "The subject is no git repository."),
        evidence_of(EvidenceKind.SIGNATURE, "", EvidenceState.ABSENT, "There is no signature."),
    )  # fmt: skip
    record = AuditRecord(
        tool_version="0.1.0",
        as_of=AS_OF,
        offline=True,
        subject=Subject(
            SubjectKind.DIRECTORY,
            "tiny-model",
            subject_digest(),
            "3f786850e387550fdab836ed7e6dc881de23001b",
        ),
        artifacts=files,
        problems=(Problem("cache/link", ProblemKind.SYMLINK_ESCAPE, "leads out of the subject"),),
        policy=policy(),
        clauses=clauses(),
        evidence=evidence,
        breakages=(Breakage("vulnerabilities", (EvidenceKind.VULNERABILITY,), "ValueError: 7"),),
        results=results(evidence),
        verdict=Verdict(False, ExitCode.VIOLATED, (
            "unsafe-content (critical) fails: 2 findings.",
            "known-vulnerability (high) broke and could not be decided.",
            "uninspected-weights (high) is unknown: 1 finding.",
        )),
        timestamp=TimestampNote(TimestampState.NOT_REQUESTED, "the run is offline"),
    )  # fmt: skip
    return replace(record, **changes)  # type: ignore[arg-type]


def holding_record() -> AuditRecord:
    """Everything passes: one rule, one file, one piece of evidence."""
    base = make_record()
    return replace(
        base,
        artifacts=base.artifacts[:1],
        problems=(),
        breakages=(),
        evidence=base.evidence[:1],
        results=base.results[:1],
        clauses=(),
        policy=replace(base.policy, rules=base.policy.rules[:1], waivers=()),
        verdict=Verdict(True, ExitCode.HOLDS, ()),
        timestamp=TimestampNote(TimestampState.STAMPED, "https://tsa.example"),
    )


def large_record(findings: int) -> AuditRecord:
    """That many findings over several rules, with messages of different lengths."""
    base = make_record()
    made: list[Finding] = []
    for number in range(findings):
        path = f"models/part-{number % 37:02d}/layer-{number:05d}/pytorch_model.bin"
        made.append(
            Finding(
                Outcome.FAIL,
                f"Loading this file calls module_{number % 91}.call_{number}, which is not among "
                f"the {number % 13 + 2} functions that the format itself needs.",
                f"Convert part {number % 37} to safetensors with its framework and remove it.",
                Location(path, byte_offset=number * 64, member="archive/data.pkl"),
                f"module_{number % 91}.call_{number}",
                Severity.CRITICAL if number % 3 else Severity.MEDIUM,
            )
        )
    half = findings // 2
    failing = replace(base.results[1], findings=tuple(made[:half]))
    other = replace(base.results[1], rule="malformed-weights", findings=tuple(made[half:]))
    return replace(base, results=(base.results[0], failing, other, *base.results[2:]))


def hostile_record() -> AuditRecord:
    """Every text that a stranger can choose is hostile."""
    base = make_record()
    files = tuple(
        Artifact(name, 1, Kind.BINARY, Presence.CONTENT, (digest_of(name),))
        for name in HOSTILE_NAMES
    )
    findings = tuple(
        Finding(Outcome.FAIL, f"found {name}", f"remove {name}", Location(name, member=name), name)
        for name in HOSTILE_NAMES
    )
    evidence = tuple(evidence_of(EvidenceKind.WEIGHTS, name, EvidenceState.UNAVAILABLE, name)
                     for name in HOSTILE_NAMES)  # fmt: skip
    return replace(
        base,
        subject=replace(base.subject, name=HOSTILE_NAMES[0] + HOSTILE_NAMES[2] + HOSTILE_NAMES[5]),
        artifacts=files,
        problems=tuple(Problem(n, ProblemKind.UNREADABLE, n) for n in HOSTILE_NAMES),
        results=(*base.results[:1], replace(base.results[1], findings=findings, note="")),
        evidence=evidence,
        verdict=replace(base.verdict, reasons=HOSTILE_NAMES),
    )
