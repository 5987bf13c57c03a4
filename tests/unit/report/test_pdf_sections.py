"""The sections on licenses, lineage, people and materials: what they say, and of odd evidence."""

from __future__ import annotations

import dataclasses

import pytest
from tests.unit.model.hijack import projects
from tests.unit.model.license_graphs import LLAMA_31, edge, evidence, facts, node

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.policy import RuleSetting
from weighbridge.report import pdf
from weighbridge.report.pdf.lineage import choose
from weighbridge.rules.maintainers import hijack_score


def shown(record):
    flow = pdf.lay_out(record, record.digest)
    return " ".join(line.shown for page in flow.pages for line in page.lines)


def seen(kind, about="", state=EvidenceState.OBSERVED, reason="", **data):
    return Evidence(kind, about, state, f"file:{about}", "test@1", reason, data)


def having(factory, *found):
    base = factory.make_record()
    return dataclasses.replace(base, evidence=(*base.evidence, *found))


ODD = ({}, {"nodes": 3}, {"nodes": [], "edges": []}, {"nodes": [{}], "edges": [{}]},
       {"nodes": [{"key": "subject"}, {"key": 7}], "edges": [], "cut": ""})  # fmt: skip


@pytest.mark.parametrize("data", ODD)
@pytest.mark.parametrize("kind", list(EvidenceKind))
def test_evidence_of_another_shape_breaks_nothing(kind, data, factory):
    said = shown(scoring(having(factory, seen(kind, "odd", **data))))
    assert "Sign-off" in said
    if kind is EvidenceKind.LINEAGE:
        assert "not of its shape" in said


def test_obligations_without_and_with_the_release(factory):
    drawn = facts(
        [node("model:meta-llama/Llama-3.1-8B", LLAMA_31), node("model:acme/dark")],
        [edge("subject", "finetune", "model:meta-llama/Llama-3.1-8B"),
         edge("subject", "merge", "model:acme/dark")],
    )  # fmt: skip
    found = evidence(drawn, LLAMA_31)
    said = shown(having(factory, *found))
    for part in ("2 ancestors in the release", "obligations: not compared", "notice sentence",
                 "badge",
                 "Built with Llama", "name prefix", "on release", "acme/dark",
                 "Its license is not known", "no legal advice"):  # fmt: skip
        assert part in said, part
    release = seen(
        EvidenceKind.RELEASE, name="Llama-tiny", name_path="README.md", name_line=2,
        files=[{"path": "README.md", "role": "readme", "words": ""}],
        phrases=[{"phrase": "Built with Llama", "path": "README.md", "role": "readme", "line": 9}],
        copyright=[], unread=[], asked=3, cut=0,
    )  # fmt: skip
    said = shown(having(factory, *found, release))
    assert "'README.md' shows it." in said
    assert "The model is named 'Llama-tiny'." in said
    assert "met" in said
    assert "obligations: not compared" not in said


def test_nothing_demanded_says_so(factory):
    said = shown(having(factory, *evidence(facts([], []))))
    assert "demands anything of the release" in " ".join(said.split())
    assert "Nothing says that the model was made from another work." in said


def test_the_lineage_is_drawn_and_listed(factory):
    drawn = facts(
        [node("model:acme/base", "Apache-2.0"), node("dataset:acme/data", state="vanished",
                                                     why="nobody has it")],
        [edge("subject", "finetune", "model:acme/base"),
         edge("model:acme/base", "trained-on", "dataset:acme/data")],
    )  # fmt: skip
    record = having(factory, *evidence(drawn, "Apache-2.0"))
    flow = pdf.lay_out(record, record.digest)
    page = flow.pages[next(m.page for m in flow.marks if m.title.endswith("Lineage"))]
    figure = {line.shown: line for line in page.lines if line.element.role == "Figure"}
    assert {"model, finetune", "acme/base", "dataset, trained-on", "acme/data"} <= set(figure)
    assert figure["acme/base"].x < figure["acme/data"].x
    alt = figure["acme/base"].element.alt
    assert alt == ("What the model was made from: this model finetune acme/base; "
                   "acme/base trained-on acme/data")  # fmt: skip
    said = shown(record)
    assert "acme/base: trained-on (declared)" in said
    assert "vanished: nobody has it" in said


def test_what_does_not_fit_the_drawing_is_counted(factory):
    many = [node(f"model:acme/m{n}") for n in range(90)]
    drawn = facts(many, [edge("subject", "merge", one["key"]) for one in many])
    places, _ = choose(drawn)
    assert len(places) <= 15
    assert f"{91 - len(places)} more nodes not drawn." in shown(having(factory, *evidence(drawn)))
    chain = facts(many, [edge("subject" if not n else many[n - 1]["key"], "finetune", one["key"])
                         for n, one in enumerate(many)])  # fmt: skip
    places, _ = choose(chain)
    assert sorted(column for column, _ in places.values()) == [0, 1, 2, 3]


def test_the_heading_stays_with_the_drawing(factory):
    many = [node(f"model:acme/m{n}") for n in range(90)]
    drawn = facts(many, [edge("subject", "merge", one["key"]) for one in many])
    for findings in (0, 5, 9):
        base = factory.large_record(findings)
        record = dataclasses.replace(base, evidence=(*base.evidence, *evidence(drawn)))
        flow = pdf.lay_out(record, record.digest)
        page = flow.pages[next(m.page for m in flow.marks if m.title.endswith("Lineage"))]
        assert any(line.element.role == "Figure" for line in page.lines)


def test_a_long_name_keeps_its_end_in_the_drawing(factory):
    long = "model:acme/" + "very-" * 30 + "v2"
    drawn = facts([node(long)], [edge("subject", "merge", long)])
    record = having(factory, *evidence(drawn))
    flow = pdf.lay_out(record, record.digest)
    figure = [line.shown for page in flow.pages for line in page.lines
              if line.element.role == "Figure"]  # fmt: skip
    assert any(shown.startswith("acme/") and shown.endswith("-v2") for shown in figure)


def test_packages_give_way_to_models(factory):
    many = [node(f"package:p{n}==1") for n in range(50)]
    base = node("model:acme/base")
    drawn = facts([*many, base], [
        *(edge("subject", "links", one["key"]) for one in many),
        edge("subject", "finetune", "model:acme/base"),
    ])  # fmt: skip
    places, _ = choose(drawn)
    assert set(places) == {"subject", "model:acme/base"}


def test_attestations_say_who_what_and_until_when(factory):
    word = seen(EvidenceKind.ATTESTATION, "a.json", control="bias-testing", statement="Compared.",
                person={"name": "Ann Example", "role": "Lead", "email": "ann@example.org"},
                made="2026-01-02", expires="2026-02-03", signature_state="untrusted",
                bound="another", reason="The key is not trusted.")  # fmt: skip
    broken = seen(EvidenceKind.ATTESTATION, "b.json", EvidenceState.UNAVAILABLE, "It is no JSON.")
    absent = seen(EvidenceKind.ATTESTATION, "", EvidenceState.ABSENT, "There is none.")
    said = shown(having(factory, word, broken))
    for part in ("bias-testing", "Ann Example", "Lead", "ann@example.org", "2026-02-03", "expired",
                 "made 2026-01-02", "untrusted", "bound to another subject",
                 "The key is not trusted.", "unavailable: It is no JSON."):  # fmt: skip
        assert part in said, part
    assert "Nobody attests to anything." in shown(having(factory, absent))


def test_people_and_points(factory):
    history = seen(EvidenceKind.COMMIT, "", authors=[
        {"name": "Bo", "email": "bo@example.org", "first_date": "2025-03-04T00:00:00Z",
         "commits": 12, "weight_commits": 3}])  # fmt: skip
    before = projects.project(name="demo")
    now = projects.project(name="demo", owners=[*before["owners"], projects.owner("mallory", "9")])
    taken = seen(EvidenceKind.PROJECT, "pkg:pypi/demo", **now)
    quiet = seen(EvidenceKind.PROJECT, "pkg:pypi/quiet", **projects.project(name="quiet"))
    accepted = seen(EvidenceKind.BASELINE, "pkg:pypi/demo", **before)
    record = scoring(having(factory, history, taken, quiet, accepted))
    said = shown(record)
    for part in ("Bo <bo@example.org>", "2025-03-04", "Signals and their points", "pkg:pypi/demo",
                 "changed-owner", "mallory", "+12", "4 of 20 incidents", "was accepted before",
                 "first-time-weight-author"):  # fmt: skip
        assert part in said, part
    assert "pkg:pypi/quiet" not in said.partition("Signals and their points")[2][:600]
    off = dataclasses.replace(record, policy=dataclasses.replace(record.policy, rules=()))
    assert "Signals and their points" not in shown(off)


def scoring(record):
    """The record under a policy that has the score on."""
    meta = hijack_score.META
    setting = RuleSetting(meta.id, meta.severity, params=meta.defaults)
    rules = (*record.policy.rules, setting)
    return dataclasses.replace(record, policy=dataclasses.replace(record.policy, rules=rules))


def test_the_bill_of_materials_in_short(factory):
    packages = [
        {"name": "a", "version": "1", "purl": "pkg:pypi/a@1", "spdx": "MIT", "license": "MIT",
         "hashes": ["sha256:00"], "pinned": True},
        {"name": "b", "version": "", "purl": "", "spdx": "", "license": "", "hashes": [],
         "pinned": False},
    ]  # fmt: skip
    first = seen(EvidenceKind.PACKAGES, "requirements.txt", format="requirements",
                 packages=packages)  # fmt: skip
    again = seen(EvidenceKind.PACKAGES, "uv.lock", format="uv.lock", packages=packages[:1])
    hit = seen(EvidenceKind.VULNERABILITY, "a==1", advisories=[{"id": "X-1"}])
    clean = seen(EvidenceKind.VULNERABILITY, "b==2", advisories=[])
    silent = seen(EvidenceKind.VULNERABILITY, "c==3", EvidenceState.UNAVAILABLE, "No answer.")
    said = shown(having(factory, first, again, hit, clean, silent))
    for part in ("packages, by name and version 2 1 with one exact version, 1 with a hash",
                 "Advisories were asked for 3 parts: 1 has some, for 1 no answer could be had.",
                 "MIT 1", "not stated 1", "requirements.txt requirements 2",
                 "uv.lock"):  # fmt: skip
        assert part in said, part
    assert "Nobody was asked for advisories on any part." in shown(factory.make_record())
