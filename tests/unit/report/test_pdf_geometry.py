"""What poppler sees on the pages: no word outside of the margins, no two words on each other.

The check reads the finished file, so that it holds for what is drawn and not for what was planned.
"""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
from xml.etree import ElementTree

import pytest
from tests.unit.model.hijack import projects
from tests.unit.model.license_graphs import edge, evidence, facts, node

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.policy import RuleSetting
from weighbridge.report import pdf
from weighbridge.rules.maintainers import hijack_score

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
LEFT, RIGHT, TOP, BOTTOM = 51.5, 543.8, 30.0, 818.0
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def pages(data, first=1, last=0):
    """Of each page its words: left, top, right, bottom in points, and the text."""
    done = subprocess.run(
        ["pdftotext", "-bbox", "-f", str(first), *(["-l", str(last)] if last else []), "-", "-"],
        input=data, capture_output=True, check=True,
    )  # fmt: skip
    tree = ElementTree.fromstring(_CONTROLS.sub("", done.stdout.decode()))
    space = "{http://www.w3.org/1999/xhtml}"
    return [
        [(*(float(word.get(side)) for side in ("xMin", "yMin", "xMax", "yMax")), word.text or "")
         for word in page.iter(f"{space}word")]
        for page in tree.iter(f"{space}page")
    ]  # fmt: skip


def wrong(words):
    """Words that leave the margins, and pairs that lie on each other.

    A box of poppler is as high as the font's whole line, so that lines close to each other touch:
    what counts is the middle part, where the letters are.
    """
    boxes = sorted(
        (top + 0.3 * (bottom - top), bottom - 0.3 * (bottom - top), left, right, text)
        for left, top, right, bottom, text in words
    )
    bad = [(text, "outside") for left, top, right, bottom, text in words
           if left < LEFT or right > RIGHT or top < TOP or bottom > BOTTOM]  # fmt: skip
    for number, (_, low, left, right, text) in enumerate(boxes):
        for top, _, other_left, other_right, other in boxes[number + 1 :]:
            if top >= low:
                break
            if left < other_right - 0.2 and other_left < right - 0.2:
                bad.append((text, other))
    return bad


def lineage_record(factory, parents):
    """A record whose lineage has that many parents, chains, packages and hostile names."""
    hostile = factory.HOSTILE_NAMES
    nodes, edges = [], []
    for number in range(parents):
        name = f"model:{hostile[number % len(hostile)]}/base-{number}"
        nodes.append(node(name, *(["Apache-2.0"] if number % 2 else [])))
        child = "subject" if number % 3 == 0 else nodes[number - 1]["key"]
        edges.append(edge(child, "distilled-from-outputs", name))
    for number in range(parents):
        nodes.append(node(f"package:p{number}==1.0"))
        edges.append(edge("subject", "links", f"package:p{number}==1.0"))
    if parents:
        edges.append(edge(nodes[-1]["key"], "finetune", "subject"))
    found = evidence(facts(nodes, edges), "Apache-2.0")
    word = Evidence(
        EvidenceKind.ATTESTATION, hostile[3], EvidenceState.OBSERVED, "file:x", "t@1",
        data={"person": {"name": hostile[0], "role": hostile[2], "email": "a@example.org" * 20},
              "control": hostile[1], "statement": hostile[5] * 30, "made": "2026-01-01",
              "expires": "2026-02-01", "signature_state": "untrusted", "bound": "another",
              "reason": hostile[3]},
    )  # fmt: skip
    people = Evidence(
        EvidenceKind.COMMIT, "", EvidenceState.OBSERVED, "git:x", "t@1",
        data={"authors": [{"name": name, "email": name, "first_date": "2026-01-01T00:00:00Z",
                           "commits": 3, "weight_commits": 1} for name in hostile]},
    )  # fmt: skip
    packages = Evidence(
        EvidenceKind.PACKAGES, hostile[3], EvidenceState.OBSERVED, "file:x", "t@1",
        data={"format": "requirements", "packages": [
            {"name": name, "version": "1", "purl": "", "license": name * 3, "spdx": "",
             "hashes": [], "pinned": True} for name in hostile]},
    )  # fmt: skip
    taken = tuple(
        Evidence(EvidenceKind.PROJECT, f"pkg:pypi/{name}", EvidenceState.OBSERVED, "index", "t@1",
                 data={**projects.project(name=name, release=name, malicious=[name],
                                          releases=[projects.release(name, patterns=[name])])})
        for name in hostile
    )  # fmt: skip
    base = factory.hostile_record()
    meta = hijack_score.META
    setting = RuleSetting(meta.id, meta.severity, params=meta.defaults)
    policy = dataclasses.replace(base.policy, rules=(*base.policy.rules, setting))
    everything = (*base.evidence, *found, word, people, packages, *taken)
    return dataclasses.replace(base, policy=policy, evidence=everything)


def test_the_check_can_fail():
    word = (100.0, 100.0, 140.0, 110.0, "one")
    assert wrong([word]) == []
    assert wrong([word, (100.0, 111.0, 140.0, 121.0, "below")]) == []
    assert wrong([word, (139.0, 101.0, 150.0, 111.0, "over")]) == [("one", "over")]
    assert wrong([(40.0, 100.0, 60.0, 110.0, "left")]) == [("left", "outside")]
    assert wrong([(500.0, 100.0, 560.0, 110.0, "right")]) == [("right", "outside")]
    assert wrong([(100.0, 810.0, 140.0, 820.0, "low")]) == [("low", "outside")]


@pytest.mark.parametrize("make", ["make_record", "holding_record", "hostile_record"])
def test_every_page(make, factory):
    for number, words in enumerate(pages(pdf.render(getattr(factory, make)())), 1):
        assert words, number
        assert wrong(words) == [], number


def test_the_first_pages_and_the_last_of_5000_findings(factory):
    data = pdf.render(factory.large_record(5000))
    for number, words in enumerate(pages(data, 1, 12), 1):
        assert wrong(words) == [], number
    assert wrong(pages(data, 300, 301)[0]) == []


@pytest.mark.parametrize("parents", [1, 5, 40])
def test_lineage_people_and_materials_with_hostile_names(parents, factory):
    data = pdf.render(lineage_record(factory, parents))
    drawn = pages(data)
    for number, words in enumerate(drawn, 1):
        assert wrong(words) == [], number
    said = " ".join(text for words in drawn for *_, text in words)
    assert ("not drawn." in said) == (parents > 5)
    assert "evil.example" in said
