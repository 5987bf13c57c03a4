"""Declared, detected and stated in prose: three facts, and what the rules make of them."""

import datetime as dt
import time
from pathlib import Path
from typing import Any

import pytest

from weighbridge.collect import licenses
from weighbridge.collect.context import CollectContext
from weighbridge.model.artifact import Problem, ProblemKind
from weighbridge.model.codec import from_json, to_json
from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.rule import Case
from weighbridge.rules.licenses import contradicting_license, missing_license, unknown_license
from weighbridge.testing.memory import snapshot_of

APACHE = (Path(__file__).parents[3] / "LICENSE").read_bytes()
DAY = dt.date(2026, 11, 20)
LLAMA31 = "LicenseRef-scancode-llama-3.1-license-2024"


def collect(files: dict[str, bytes], **kwargs: Any) -> tuple[Evidence, ...]:
    snapshot = snapshot_of(files, **kwargs)
    return licenses.collect(CollectContext(snapshot, DAY, offline=True))


def card(tag: str, body: str) -> bytes:
    front = f"---\nlicense: {tag}\n---\n" if tag else ""
    return f"{front}{body}\n".encode()


def contradicts(files: dict[str, bytes], **kwargs: Any) -> str:
    case = Case(snapshot_of({"x": b""}).subject, DAY, collect(files, **kwargs))
    return str(contradicting_license.check(case).outcome)


def of_role(evidence: tuple[Evidence, ...], role: str) -> list[dict[str, Any]]:
    return [e.data for e in evidence if e.data.get("role") == role]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("tag", "body", "expected"),
    [
        # the tag is MIT, and the card says what the model came under first
        ("mit", ("## License\nThe code and weights are licensed under the MIT License.\n\n- Heron"
         " is derived from Llama3.1-8B and is originally licensed under the llama3.1 license."),
         "unknown"),
        # the tag is Llama 3, the sentence MIT; the tag Apache, the sentence non-commercial
        ("llama3", "This model is released under the MIT license.", "fail"),
        ("apache-2.0", "## License\n\nThe model is released under CC-BY-NC-SA-4.0.", "fail"),
        ("mit", "# Model\n**License:** apache-2.0", "unknown"),
        ("mit", "The model is released under a Modified MIT License.", "unknown"),
        ("apache-2.0", "This model is licensed under Apache 2.0 with additional restrictions.",
         "unknown"),
        # the same license in other words
        ("apache-2.0", "This model is licensed under the Apache License, Version 2.0.", "pass"),
        ("llama3.1", "Use of this model is subject to the Llama 3.1 Community License.", "pass"),
        ("llama3.1", "This model is under the Llama Community License.", "pass"),
        ("gpl-3.0", "This model is released under the GNU GPL v3 or later.", "pass"),
        ("mit", "This model is dual-licensed under MIT or Apache-2.0.", "pass"),
        ("openrail", "This model is released under the CreativeML OpenRAIL-M license.", "pass"),
        # other licenses of other things are no contradiction
        ("mit", "The base model was released under Apache 2.0.", "not_applicable"),
        ("apache-2.0", "## Data\nThe dataset is licensed under CC-BY-SA-4.0.", "not_applicable"),
        ("apache-2.0", "The training code is released under the MIT license.", "not_applicable"),
        ("apache-2.0", "This model was trained on Foo, which is licensed under CC-BY-NC 4.0.",
         "not_applicable"),
        ("apache-2.0", "[![Code License](https://img.shields.io/badge/Code%20License-MIT-x)](y)",
         "not_applicable"),
        ("apache-2.0", "We compare with the MIT-licensed Foo and with Llama 3.1.",
         "not_applicable"),
        ("apache-2.0", "It is not released under the GPL-3.0 license.", "not_applicable"),
        ("apache-2.0", ("This model is fine-tuned from Gull, which is originally licensed under the"
         " MIT license."), "not_applicable"),
        # what the base asks is for a person
        ("apache-2.0", ("Llama 3.1 is licensed under the Llama 3.1 Community License, Copyright (c)"
         " Meta Platforms, Inc."), "manual"),
        ("cc-by-4.0", "The base model is released under the CC-BY-NC-4.0 license.", "manual"),
        ("other", "This model is released under the MIT license.", "not_applicable"),
    ],
)  # fmt: skip
def test_tag_and_sentence(tag: str, body: str, expected: str) -> None:
    assert contradicts({"README.md": card(tag, body)}) == expected


def test_the_text_and_a_sentence_without_a_tag() -> None:
    files = {"README.md": card("", "This model is released under the MIT license."),
             "LICENSE": APACHE}  # fmt: skip
    assert contradicts(files) == "fail"
    files["README.md"] = card("", "This model is released under the Apache 2.0 license.")
    assert contradicts(files) == "pass"


def test_one_sentence_that_agrees_weighs_against_one_that_does_not() -> None:
    body = "This model is licensed under Apache 2.0.\n\nThis model is released under MIT."
    assert contradicts({"README.md": card("apache-2.0", body)}) == "unknown"
    body = "This model is licensed under Apache 2.0.\n\n[![License](https://img.shields.io/badge/"
    assert contradicts({"README.md": card("apache-2.0", body + "license-MIT-x)](y)")}) == "manual"


def test_a_license_in_prose_alone_is_for_a_person() -> None:
    evidence = collect({"README.md": card("", "# Heron\n\nThis model is MIT licensed.")})
    case = Case(snapshot_of({"x": b""}).subject, DAY, evidence)
    found = missing_license.check(case)
    assert str(found.outcome) == "manual"
    assert found.findings[0].location is not None
    assert (found.findings[0].location.path, found.findings[0].location.line) == ("README.md", 3)
    about_data = collect({"README.md": card("", "The dataset is MIT licensed.")})
    assert str(missing_license.check(Case(case.subject, DAY, about_data)).outcome) == "fail"


def test_the_facts_of_a_sentence() -> None:
    body = (
        "# Heron\n\nHeron is distributed\nunder the Llama 3.1 Community\nLicense. More\x1b[31m.\n"
    )
    (facts,) = of_role(collect({"README.md": card("mit", body)}), "prose")
    assert facts["id"] == LLAMA31
    assert facts["line"] == 7
    assert facts["covers"] == "model"
    assert facts["words"] == ("Heron is distributed under the Llama 3.1 Community License.")
    assert not facts["component"]
    assert from_json(Evidence, to_json(collect({"README.md": card("mit", body)})[1]))


def test_an_expression_in_the_text() -> None:
    body = "SPDX-License-Identifier: (MIT OR Apache-2.0) AND CC-BY-4.0"
    (facts,) = of_role(collect({"README.md": card("mit", body)}), "prose")
    assert facts["id"] == "(MIT OR Apache-2.0) AND CC-BY-4.0"
    assert list(facts["symbols"]) == ["Apache-2.0", "CC-BY-4.0", "MIT"]


def test_hostile_cards_cost_little_and_say_so() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
    )
    for front in ("- mit\n- apache-2.0\n", bomb, "license: &x [*x]\n"):
        (evidence,) = collect({"README.md": f"---\n{front}---\ntext".encode()})
        assert evidence.state is EvidenceState.UNAVAILABLE
    started = time.process_time()
    line = "This model is licensed under the MIT license and [x](y) ![z](z) **License:** MIT | a\n"
    evidence = collect({"README.md": card("mit", line * (50 * 2**20 // len(line)))})
    assert time.process_time() - started < 20
    assert evidence[-1].state is EvidenceState.UNAVAILABLE
    assert "2097152" in evidence[-1].reason
    assert contradicts({"README.md": card("mit", "word\n" * 500_000)}) == "unknown"


@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, "<a " * 100_000, "![x](" * 60_000, "License: " * 50_000, "- " * 200_000,
     "licensed under " * 40_000, "which is licensed under MIT and " * 20_000,
     "|license:MIT" * 40_000,
     "https://img.shields.io/badge/license-" * 8_000, "SPDX-License-Identifier: (((" * 10_000,
     "*_`" * 200_000, "cc by nc " * 60_000, "the model is " * 50_000 + "under MIT", "# " * 150_000,
     "<!--" * 100_000, "&amp;" * 100_000, "a" * 500_000, "\u0130 license " * 60_000],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_hostile_text_ends(text: str) -> None:
    started = time.process_time()
    for body in (text, text.replace(" ", "\n"), "## License\n" + text):
        collect({"README.md": card("mit", body)})
    assert time.process_time() - started < 20


def test_a_card_that_names_too_many() -> None:
    names = [
        f"CC-BY{k}-{v}" for k in ("", "-SA", "-NC", "-ND") for v in ("1.0", "2.0", "3.0", "4.0")
    ]
    body = "\n\n".join(
        f"The {what} is licensed under {name}."
        for name in names
        for what in ("model", "dataset", "code", "base model")
    )
    evidence = collect({"README.md": card("mit", body)})
    assert len(of_role(evidence, "prose")) == 60
    assert "more than 60" in evidence[-1].reason


def test_licenses_that_are_no_id() -> None:
    for front in ("license: [mit, [apache-2.0]]\n", "license: {name: mit}\n",
                  "license: free for all good people\n"):  # fmt: skip
        evidence = collect({"README.md": f"---\n{front}---\ntext".encode()})
        case = Case(snapshot_of({"x": b""}).subject, DAY, evidence)
        assert "fail" in str(unknown_license.check(case).outcome), front


def test_license_files_that_are_links() -> None:
    inside = collect(
        {"README.md": card("apache-2.0", ""), "LICENSE": APACHE, "docs/terms.txt": APACHE},
        links={"LICENSE": "docs/terms.txt"},
    )
    assert of_role(inside, "detected")[0]["id"] == "Apache-2.0"
    problem = Problem("USE_POLICY.md", ProblemKind.SYMLINK_ESCAPE, "it leaves the subject")
    outside = collect({"README.md": card("mit", "")}, problems=[problem])
    assert ("USE_POLICY.md", EvidenceState.UNAVAILABLE) in [(e.about, e.state) for e in outside]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig", "utf-16-be"])
def test_texts_in_other_encodings(encoding: str) -> None:
    text = APACHE.decode()
    data = ("\ufeff" if encoding == "utf-16-be" else "") + text
    (facts,) = of_role(collect({"LICENSE": data.encode(encoding)}), "detected")
    assert facts["id"] == "Apache-2.0"


def test_a_page_and_a_folder() -> None:
    page = (
        "<!DOCTYPE html>\n<html><head><title>L</title><style>p {}</style></head><body>\n"
        + "".join(
            f"<p>{part.replace('&', '&amp;')}</p>\n" for part in APACHE.decode().split("\n\n")
        )
    )
    (facts,) = of_role(collect({"LICENSE.html": page.encode()}), "detected")
    assert facts["id"] == "Apache-2.0"
    (facts,) = of_role(collect({"LICENSE/Apache.txt": APACHE}), "detected")
    assert (facts["id"], facts["nested"]) == ("Apache-2.0", True)
    (evidence,) = collect({"LICENSE.rtf": b"{\\rtf1 Permission is granted}"})
    assert "RTF" in evidence.reason


def test_two_hundred_license_files() -> None:
    evidence = collect({f"LICENSE-{n:03}": b"our terms %d" % n for n in range(200)})
    assert len(of_role(evidence, "detected")) == 64
    assert "200" in evidence[-1].reason


def test_use_policies_notices_and_headers_are_facts() -> None:
    policy = (
        "# Llama 3.2 Use Policy\n\nFor multimodal models no rights are granted to anybody domiciled"
        " in the European Union.\n"
    )
    evidence = collect(
        {
            "README.md": card("mit", "# Heron"),
            "USE_POLICY.md": policy.encode(),
            "NOTICE": b"Copyright 2026 The Heron Authors\n\nBuilt with Gull\n",
            "a.py": b"# SPDX-License-Identifier: AGPL-3.0-only\n",
            "b.py": b"# SPDX-License-Identifier: AGPL-3.0-only\n",
        }
    )
    (use,) = of_role(evidence, "use-policy")
    assert list(use["family"]) == ["LicenseRef-scancode-llama-3.2-license-2024"]
    assert [(t["line"], list(t["excluded"]), list(t["models"])) for t in use["territory"]] == [
        (3, ["EU"], ["multimodal"])
    ]
    assert len(use["file_digest"]) == 64
    (notice,) = of_role(evidence, "notice")
    assert [s["what"] for s in notice["sentences"]] == ["copyright", "attribution"]
    (header,) = of_role(evidence, "header")
    assert (header["id"], list(header["files"]), header["file_count"]) == (
        "AGPL-3.0-only",
        ["a.py", "b.py"],
        2,
    )
    # none of these is the model's own license
    alone = collect({"USE_POLICY.md": policy.encode(), "a.py": b"# SPDX-License-Identifier: MIT\n"})
    case = Case(snapshot_of({"x": b""}).subject, DAY, alone)
    assert str(missing_license.check(case).outcome) == "fail"


def test_the_report_shows_the_words_that_differ() -> None:
    text = APACHE.replace(b"irrevocable", b"revocable", 1)
    evidence = collect({"README.md": card("apache-2.0", ""), "LICENSE": text})
    (facts,) = of_role(evidence, "detected")
    assert [(d["words"], d["section"]) for d in facts["differences"]] == [("revocable", "2")]
    case = Case(snapshot_of({"x": b""}).subject, DAY, evidence)
    (finding,) = unknown_license.check(case).findings
    assert "(section 2) adds 'revocable'" in finding.message
