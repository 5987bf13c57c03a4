"""What the views share."""

from __future__ import annotations

from dataclasses import replace

from weighbridge.model.digest import sha256
from weighbridge.model.finding import Finding, Location, Outcome
from weighbridge.model.record import TimestampNote, TimestampState
from weighbridge.report import summary


def test_not_checked_names_every_gap(factory):
    kinds = {item.kind for item in summary.not_checked(factory.make_record())}
    assert kinds == {"error", "unknown", "manual", "rule-off", "crashed-collector", "evidence",
                     "problem", "pointer"}  # fmt: skip


def test_nothing_is_unchecked_when_all_was(factory):
    assert summary.not_checked(factory.holding_record()) == []


def test_absent_evidence_is_not_a_gap(factory):
    items = summary.not_checked(factory.make_record())
    assert not any("There is no signature" in item.reason for item in items)


def test_unknown_findings_of_a_failing_rule_are_listed(factory):
    record = factory.make_record()
    failing = record.results[1]
    unknown = Finding(Outcome.UNKNOWN, "One part could not be read.", "Fetch it.")
    mixed = replace(failing, findings=(*failing.findings, unknown))
    items = summary.not_checked(replace(record, results=(mixed,)))
    assert [i.reason for i in items if i.kind == "unknown"] == ["One part could not be read."]


def test_equal_reasons_are_counted_once(factory):
    record = factory.make_record()
    evidence = tuple(
        factory.evidence_of(factory.EvidenceKind.VULNERABILITY, f"package-{n}==1",
                            factory.EvidenceState.UNAVAILABLE, "The run is offline.")
        for n in range(5)
    )  # fmt: skip
    items = [i for i in summary.not_checked(replace(record, evidence=evidence))
             if i.kind == "evidence"]  # fmt: skip
    assert len(items) == 1
    assert items[0].count == 5
    assert items[0].what.endswith("(and 2 more)")


def test_fingerprint_rests_on_place_and_key_alone():
    def mark(message: str = "m", path: str = "a", key: str = "k", member: str = "") -> str:
        place = Location(path, line=3, member=member)
        return summary.fingerprint(
            "rule", Finding(Outcome.FAIL, message, "r", place, key, evidence=(sha256(b"x"),))
        )

    assert mark("one") == mark("two")
    assert len({mark(), mark(path="b"), mark(key="l"), mark(member="m")}) == 4
    assert mark(path="a", member="bk", key="") != mark(path="ab", member="k", key="")


def test_a_loosened_parameter_is_named(factory):
    record = factory.make_record()
    assert summary.loosened_params(record, record.clauses[0].broken[0]) == "min_signers"
    assert summary.loosened_params(record, record.clauses[0].links[0]) == ""


def test_a_lost_link_is_no_link(factory):
    assert "unsigned-weights" not in summary.links_by_rule(factory.make_record())


def test_what_the_policy_loosens_is_told_with_its_reason(factory):
    record = factory.make_record()
    assert summary.loosened(record) == [
        ("rule unsigned-commit", "Commits are signed by the forge.")
    ]
    policy = replace(record.policy, timestamp_because="No network.",
                     gate=replace(record.policy.gate, because="A pilot."))  # fmt: skip
    told = summary.loosened(replace(record, policy=policy))
    assert [because for _, because in told][1:] == ["A pilot.", "No network."]
    off = next(i for i in summary.not_checked(record) if i.kind == "rule-off")
    assert off.reason.endswith("Commits are signed by the forge.")


def test_a_rule_without_summary_has_no_sentence(factory):
    result = factory.make_record().results[0]
    assert summary.checks(result) == "Checks that every weight file is covered by a signature."
    assert summary.checks(replace(result, summary="")) == ""


def test_timestamp_words_never_hide_a_missing_one(factory):
    record = factory.make_record()
    for state, start in (
        (TimestampState.NOT_REQUESTED, "No timestamp"),
        (TimestampState.UNAVAILABLE, "No timestamp"),
        (TimestampState.STAMPED, "RFC 3161 timestamp by"),
    ):
        words = summary.timestamp_words(replace(record, timestamp=TimestampNote(state, "x")))
        assert words.startswith(start)


def test_sizes():
    assert summary.size_words(0) == "0 B"
    assert summary.size_words(999) == "999 B"
    assert summary.size_words(4_976_698_672) == "5.0 GB"
    assert summary.size_words(5 * 10**15) == "5000.0 TB"


def test_shorten_keeps_both_ends():
    path = "start/" + "x" * 1000 + "/model.bin"
    short = summary.shorten(path)
    assert short.startswith("start/")
    assert short.endswith("/model.bin")
    assert "(756 characters)" in short
    assert summary.shorten("short") == "short"
