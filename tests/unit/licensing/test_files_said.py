"""Attributions, use policies taken in by address, territories: told by wording in general."""

import time
from pathlib import Path

import pytest

from weighbridge.licensing.files import is_license_path, is_policy_path
from weighbridge.licensing.files_said import (
    MAX_FOUND,
    policy_licenses,
    policy_links,
    said_in_notice,
    territories,
)

APACHE = (Path(__file__).parents[3] / "LICENSE").read_text()


@pytest.mark.parametrize(
    ("text", "excluded", "models"),
    [
        (("For multimodal models, no rights are granted to anybody who is domiciled in, or has its "
         "principal place of business in, the European\nUnion."), ["EU"], ["multimodal"]),
        ("These terms do not apply in the European Union, the United Kingdom or South Korea.",
         ["EU", "GB", "KR"], []),
        ("“Territory” means worldwide, excluding the territory of the European Union.",
         ["EU"], []),
        ("You must not use the model if you are resident in the United Kingdom.", ["GB"], []),
    ],
)  # fmt: skip
def test_rights_kept_from_a_territory(text: str, excluded: list[str], models: list[str]) -> None:
    (found,) = territories(f"# Policy\n\nSome words.\n\n{text}\n")
    assert list(found.excluded) == excluded
    assert list(found.models) == models
    assert found.line == 5


@pytest.mark.parametrize(
    "text",
    [
        "This agreement is governed by the laws of the European Union and not by others.",
        "The right to export to the United States is not granted where law forbids it.",
        "The model was made in the European Union.",
        "Users in the European Union are granted all rights.",
        "No rights are granted to anybody who frightens birds.",
        APACHE,
    ],
    ids=lambda text: text[:30],
)
def test_these_keep_nothing_from_a_territory(text: str) -> None:
    assert territories(text) == []


@pytest.mark.parametrize(
    ("text", "what", "address"),
    [
        ("Use must follow the Acceptable Use Policy, found at https://heron.example/use-policy.",
         "policy-link", "https://heron.example/use-policy"),
        ("The Prohibited Use Policy at heron.dev/prohibited_use is part of this agreement.",
         "policy-link", "heron.dev/prohibited_use"),
        ("You follow the latest version of the Acceptable Use Policy.", "latest", ""),
        ("The use policy (https://heron.example/aup) may be changed from time to time.", "latest",
         "https://heron.example/aup"),
    ],
)  # fmt: skip
def test_a_policy_that_may_change_without_the_file(text: str, what: str, address: str) -> None:
    (found,) = policy_links(f"Terms.\n\n{text}")
    assert (found.what, found.address, found.line) == (what, address, 3)


def test_a_policy_that_stands_in_the_text_is_no_link() -> None:
    assert policy_links("Acceptable use policy. You follow what stands here.") == []
    assert policy_links("See https://heron.example/about for birds.") == []
    assert policy_links(APACHE) == []


def test_what_a_notice_holds() -> None:
    found = said_in_notice(
        "Heron\nCopyright 2026 The Heron Authors\n\nThis product includes software developed at\n"
        "the Example Institute (https://example.org/).\n\nBuilt with Gull\n"
    )
    assert [(s.what, s.line) for s in found] == [
        ("copyright", 2),
        ("attribution", 4),
        ("attribution", 7),
    ]
    assert any("Example Institute" in s.words for s in found)
    assert any(s.words.startswith("Built with") for s in found)


def test_a_notice_of_many_lines_is_bounded() -> None:
    text = "\n\n".join(f"Copyright {year} Somebody." for year in range(1000, 1000 + 3 * MAX_FOUND))
    assert len(said_in_notice(text)) == MAX_FOUND


@pytest.mark.parametrize(
    ("title", "begins"),
    [
        ("# Llama 3.2 Acceptable Use Policy", "LicenseRef-scancode-llama-3.2"),
        ("**Gemma Prohibited Use Policy**", "LicenseRef-scancode-gemma"),
        ("Attachment A\nUse Restrictions of the BigScience OpenRAIL-M", "LicenseRef-scancode-big"),
    ],
)
def test_whose_policy_it_is_by_its_title(title: str, begins: str) -> None:
    assert policy_licenses(f"{title}\n\nThe Apache License is something else.")[0].startswith(
        begins
    )


def test_a_title_that_names_nothing() -> None:
    assert policy_licenses("# Use policy\n\nDo no harm. Llama 3.1 Community License.") == ()
    assert policy_licenses("") == ()


@pytest.mark.parametrize(
    "path",
    ["USE_POLICY.md", "ACCEPTABLE_USE_POLICY.txt", "Acceptable Use Policy.md", "use-policy",
     "USAGE_POLICY.md", "Prohibited_Use_Policy.pdf", "usage_guidelines.md", "docs/USE_POLICY.md",
     "llama_use_policy.md", "use_restrictions.txt"],
)  # fmt: skip
def test_use_policies_by_name(path: str) -> None:
    assert is_policy_path(path)
    assert not is_license_path(path)


@pytest.mark.parametrize(
    "path", ["a/b/USE_POLICY.md", "use_policy.py", "usage.md", "policy.md", "house.md", "reuse.txt",
             "USE_POLICY.json", "pause_policy.md"],
)  # fmt: skip
def test_these_are_no_use_policies(path: str) -> None:
    assert not is_policy_path(path)


@pytest.mark.parametrize(
    "text",
    ["a. " * 300_000, "\n" * 900_000, "European Union " * 60_000, "https://" * 100_000,
     "use policy " * 80_000, "(c) " * 200_000, "a-" * 400_000 + ".com/", "." * 900_000],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_hostile_texts_end(text: str) -> None:
    started = time.process_time()
    said_in_notice(text), policy_links(text), territories(text), policy_licenses(text)
    is_policy_path(text.replace("/", "")[:4096])
    assert time.process_time() - started < 10
