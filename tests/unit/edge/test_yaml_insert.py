"""Adding to YAML that people wrote: every byte of theirs stays, or nothing is done."""

import pytest

from weighbridge.edge.yaml import load_yaml
from weighbridge.edge.yaml_insert import Insertion, NotInserted, insert
from weighbridge.edge.yaml_text import comment, quoted, scalar
from weighbridge.model.errors import HostileInput

NEW = Insertion(("id: new", "# license:", "doi: 10.5555/n"))
KEY = Insertion(("url: y",), entry=0, key="url")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "in brackets"),
        ("[{id: a}]", "in brackets"),
        ("id: a\n", "no list"),
        ("null\n", "no list"),
        ("- id: a\n...\n", "cannot be added to"),
        ("- id: a\n  citation: >-\n      x\n   \n  # tail\n...\n# c\n", "cannot be added to"),
    ],
)
def test_what_cannot_be_added_to_is_left(text: str, says: str) -> None:
    with pytest.raises(NotInserted, match=says):
        insert(text, [NEW], source="datasets.yaml")


def test_an_entry_in_braces_takes_no_key() -> None:
    for text in ("- {id: a}\n", "- &x {id: a}\n"):
        with pytest.raises(NotInserted, match="by hand: url: y"):
            insert(text, [KEY], source="datasets.yaml")
        assert insert(text, [NEW], source="datasets.yaml").startswith(text)


@pytest.mark.parametrize("text", ["- id: !!python/object:os.x {}\n", "- id: a\n  id: b\n", "- [\n"])
def test_broken_yaml_is_refused(text: str) -> None:
    with pytest.raises(HostileInput):
        insert(text, [NEW], source="datasets.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment\n",
        "# no newline",
        "---\n",
        "- id: a # why\n\n\n# tail\n",
        "- id: a\n  license: MIT",
        "- id: &x 'a'\n  license: *x\n",
        "  - id: a\n    doi: 10.5555/a\n",
        "-   id: a\n    citation: |+\n      x\n\n\n",
        "- license: |\n    two\n    lines\n\n  id: a\n",
        "- id: >-\n    a\n  purpose: training\n",
        '- "id": "a\n    b"\n  purpose: training\n',
        "- id:\n    a\n  license: b\n- id: b\n",
    ],
)
def test_what_people_wrote_stays(text: str) -> None:
    before = load_yaml(text, source="x").value or []
    insertions = [NEW, *([KEY] if before else [])]
    result = insert(text, insertions, source="datasets.yaml")
    for line in text.splitlines():
        assert line in result.splitlines()
    left = result.replace("url: y\n", "", 1)
    kept = "".join(left.split())
    assert kept.startswith("".join(text.split()))
    now = load_yaml(result, source="x").value
    assert now[-1] == {"id": "new", "doi": "10.5555/n"}
    assert now[:-1] == [{**row, "url": "y"} if i == 0 else row for i, row in enumerate(before)]


def test_line_ends_stay_as_they_are() -> None:
    text = "- id: a\r\n  license: MIT"
    result = insert(text, [KEY, NEW], source="datasets.yaml")
    assert result.startswith("- id: a\r\n  url: y\r\n  license: MIT\r\n- id: new\r\n")
    assert result.count("\n") == result.count("\r\n")


@pytest.mark.parametrize(
    "text",
    ["yes", "NO", "null", "~", "1:30", "0x1F", "1e3", ".inf", "2026-11-20", "a: b", "- a", "# c",
     "a #b", "'x'", '"', "\\", "", " a ", "a\nb", "\x00\x1b[31m", "\x85\u2028\u2029", "\ufeff",
     "\U0001f600", "\U000e0041", "{{x}}", "*a", "&a", "!!python/name:os", "%YAML", "@x", "`x`",
     "café/ß", "=", "<<", "...", "---"],
)  # fmt: skip
def test_any_text_is_read_back_as_it_was(text: str) -> None:
    for written in (scalar(text), quoted(text)):
        assert "\n" not in written
        assert load_yaml(f"- k: {written}\n", source="x").value == [{"k": text}]


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(HostileInput):
        scalar("a\ud800")


def test_a_comment_stays_one() -> None:
    evil = "x\n- id: evil\r\x85\u2028\u2029\x00\ufffe"
    text = f"- id: a\n  # {comment(evil)}\n"
    assert load_yaml(text, source="x").value == [{"id": "a"}]
