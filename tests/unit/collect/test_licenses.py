"""Evidence of licenses, and what the rules make of it."""

import datetime as dt
from pathlib import Path

import pytest

from weighbridge.collect import licenses
from weighbridge.collect.context import CollectContext
from weighbridge.model.artifact import Problem, ProblemKind
from weighbridge.model.codec import from_json, to_json
from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.finding import Outcome
from weighbridge.model.rule import Case
from weighbridge.rules.licenses import contradicting_license, missing_license, unknown_license
from weighbridge.testing.memory import snapshot_of

APACHE = (Path(__file__).parents[3] / "LICENSE").read_bytes()
RULES = {"missing": missing_license, "unknown": unknown_license, "contra": contradicting_license}


def collect(files: dict[str, bytes], **kwargs) -> tuple[Evidence, ...]:
    snapshot = snapshot_of(files, **kwargs)
    return licenses.collect(CollectContext(snapshot, dt.date(2026, 11, 20), offline=True))


def card(front: str) -> bytes:
    return f"---\n{front}---\n# Model\n".encode()


def outcomes(evidence: tuple[Evidence, ...]) -> tuple[str, str, str]:
    """What the three rules conclude: missing, unknown, contradicting."""
    subject = snapshot_of({"x": b""}).subject
    case = Case(subject, dt.date(2026, 11, 20), evidence)
    return tuple(str(rule.check(case).outcome) for rule in RULES.values())  # type: ignore[return-value]


def judged(files: dict[str, bytes], **kwargs) -> tuple[str, str, str]:
    return outcomes(collect(files, **kwargs))


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"README.md": card("license: [mit\n"), "LICENSE": APACHE}, ("unknown",) * 3),
        ({"README.md": card("license: mit\nlicense: mit\n")}, ("unknown",) * 3),
        ({"README.md": b"\xff\xfe-\0-\0-\0"}, ("unknown",) * 3),
        ({"README.md": card("license: apache-2.0\n"), "LICENSE": APACHE}, ("pass",) * 3),
        ({"README.md": card("license: mit\n")}, ("pass", "pass", "not_applicable")),
        ({"README.md": card("licence: mit\n")}, ("fail", "pass", "not_applicable")),
        ({"README.md": card("license: mit\n"), "LICENSE": APACHE}, ("pass", "pass", "fail")),
        ({"README.md": card("license: apache2\n")}, ("pass", "fail", "not_applicable")),
        ({"README.md": card("license: {a: b}\n")}, ("pass", "fail", "not_applicable")),
        ({"README.md": card("license: 3\n")}, ("pass", "fail", "not_applicable")),
        ({"README.md": card("license: no\n")}, ("pass", "fail", "not_applicable")),
        ({"README.md": card("license: ''\n")}, ("fail", "fail", "not_applicable")),
        ({"README.md": card("license:\n")}, ("fail", "not_applicable", "not_applicable")),
        ({"README.md": card("license: other\n")}, ("fail", "unknown", "not_applicable")),
        ({"README.md": card("license: unknown\n")}, ("fail", "unknown", "not_applicable")),
        ({"README.md": card("license: gpl\n")}, ("fail", "unknown", "not_applicable")),
        (
            {"README.md": card("license: other\nlicense_name: x\nlicense_link: LICENSE\n"),
             "LICENSE": APACHE},
            ("pass", "pass", "not_applicable"),
        ),
        (
            {"README.md": card("license: other\nlicense_name: x\nlicense_link: TERMS.txt\n"),
             "TERMS.txt": b"some terms of our own"},
            ("pass", "unknown", "not_applicable"),
        ),
        ({"README.md": card("license: mit\n"), "LICENSE": b"our own terms"},
         ("pass", "unknown", "unknown")),
        ({"README.md": card("license: LicenseRef-x\n"), "LICENSE": b"our own terms"},
         ("pass", "unknown", "not_applicable")),
        ({"README.md": b"# Model", "LICENSE": APACHE}, ("pass", "pass", "not_applicable")),
        ({"README.md": b"# Model", "LICENSE": b""}, ("fail", "not_applicable", "not_applicable")),
        ({"README.md": b"# Model", "NOTICE": b"by us"},
         ("fail", "not_applicable", "not_applicable")),
        ({"README.md": card("license: mit\n"), "LICENSE": b"\0\1\2"},
         ("pass", "unknown", "unknown")),
        ({"README.md": b"# Model", "LICENSE": b"a\0b"}, ("unknown", "unknown", "not_applicable")),
        ({"model.bin": b"x"}, ("fail", "not_applicable", "not_applicable")),
        (
            {"README.md": card("license: mit\n"), "LICENSE-CODE": APACHE},
            ("pass", "pass", "manual"),
        ),
        (
            {"README.md": card("license: Apache-2.0 OR MIT\n"), "LICENSE": APACHE},
            ("pass", "pass", "pass"),
        ),
        (
            {"README.md": card("license: [mit, other]\n"), "LICENSE": APACHE},
            ("pass", "pass", "pass"),
        ),
        ({"README.md": card("license: cc\n"), "LICENSE": APACHE}, ("pass", "pass", "fail")),
    ],
)  # fmt: skip
def test_what_the_rules_conclude(files: dict[str, bytes], expected: tuple[str, str, str]) -> None:
    assert judged(files) == expected


def test_nothing_collected_is_no_pass() -> None:
    assert outcomes(()) == ("unknown",) * 3


def test_evidence_survives_the_record() -> None:
    files = {"README.md": card("license: [mit, apache2]\n"), "LICENSE": APACHE, "NOTICE": b"by us"}
    for evidence in collect(files):
        again = from_json(Evidence, to_json(evidence))
        assert again.digest == evidence.digest
        assert not any(isinstance(v, float) for v in evidence.data.values())


def test_an_escaping_link_is_unavailable() -> None:
    problem = Problem("LICENSE", ProblemKind.SYMLINK_ESCAPE, "it leaves the subject")
    evidence = collect({"README.md": b"# Model"}, problems=[problem])
    assert [(e.about, e.state) for e in evidence] == [("LICENSE", EvidenceState.UNAVAILABLE)]
    assert outcomes(evidence)[0] == "unknown"


def test_pointers_are_unavailable() -> None:
    evidence = collect({"README.md": b"# Model"}, pointers={"LICENSE": Digest("sha256", "0" * 64)})
    assert evidence[0].state is EvidenceState.UNAVAILABLE


def test_a_broken_card_keeps_its_line() -> None:
    (evidence,) = collect({"README.md": card("a: 1\nlicense: [mit\n")})
    assert evidence.state is EvidenceState.UNAVAILABLE
    assert evidence.data["line"] > 1
    found = missing_license.check(
        Case(snapshot_of({"x": b""}).subject, dt.date(2026, 11, 20), (evidence,))
    )
    assert found.outcome is Outcome.UNKNOWN
    assert found.findings[0].location is not None
    assert found.findings[0].location.path == "README.md"


def test_many_and_large_license_files_are_bounded() -> None:
    many = {f"LICENSE-{i:03}": b"x" for i in range(70)}
    evidence = collect(many)
    assert len(evidence) == 65
    assert "70" in evidence[-1].reason
    large = {f"LICENSE-{i}": b"word" + b"\n" * 900_000 for i in range(7)}
    states = [e.state for e in collect(large)]
    assert states.count(EvidenceState.UNAVAILABLE) == 3


def test_a_link_never_leaves_the_subject() -> None:
    for link in ("../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "https://e.org/L", ".."):
        front = f"license: other\nlicense_link: {link}\n"
        declared = collect({"README.md": card(front)})[0]
        assert declared.data["link_state"] in ("missing", "url"), link


def test_lesser_licenses_and_later_versions_agree_with_their_texts() -> None:
    def detected(license_id: str, also: list[str]) -> Evidence:
        text = next(e for e in collect({"LICENSE": APACHE}))
        body = to_json(text)
        assert isinstance(body, dict)
        body["data"].update(id=license_id, symbols=[license_id], also=also)  # type: ignore[union-attr]
        return from_json(Evidence, body)

    gpl = detected("GPL-3.0-only", ["GPL-3.0-or-later"])
    for declared in ("gpl-3.0", "GPL-3.0-or-later", "gpl", "lgpl-3.0", "GPL-3.0-only OR MIT"):
        evidence = (*collect({"README.md": card(f"license: {declared}\n")}), gpl)
        assert outcomes(evidence)[2] == "pass", declared
    for declared in ("gpl-2.0", "agpl-3.0", "lgpl", "lgpl-2.1", "mit"):
        evidence = (*collect({"README.md": card(f"license: {declared}\n")}), gpl)
        assert outcomes(evidence)[2] == "fail", declared


def test_texts_of_an_attacker_stay_short() -> None:
    evidence = collect({"README.md": card(f"license: {'x' * 100_000}\n")})
    assert len(evidence[0].data["raw"]) <= 500


def test_a_notice_is_no_license() -> None:
    evidence = collect({"README.md": b"# Model", "NOTICE": b"by us"})
    assert [(e.about, e.state) for e in evidence] == [
        ("NOTICE", EvidenceState.OBSERVED),
        ("", EvidenceState.ABSENT),
    ]
    assert "README.md" in evidence[1].reason
