"""The model card: hostile ones first."""

import time

import pytest

from weighbridge.collect.card import MAX_BODY, CardState, read_card, read_cards
from weighbridge.model.artifact import Problem, ProblemKind
from weighbridge.model.digest import Digest
from weighbridge.testing.memory import snapshot_of

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
)


def card(front: str | bytes, body: str = "# Model\n"):
    data = front if isinstance(front, bytes) else front.encode()
    return read_card(snapshot_of({"README.md": b"---\n" + data + b"---\n" + body.encode()}))


@pytest.mark.parametrize(
    ("front", "says"),
    [
        ("- license\n- mit\n", "a list"),
        ("just words\n", "one value"),
        ("license: [mit\n", "line"),
        ("license: mit\nlicense: gpl\n", "twice"),
        ("license: !!python/object:os.system x\n", "tag"),
        ("license: !custom x\n", "tag"),
        ("? [a]\n: b\n", "key"),
        (BOMB, "nodes"),
        ("[" * 5000 + "\n", "nesting"),
        ("a: \x01\n", "YAML"),
        (b"license: m\xeft\n", "UTF-8"),
        (b"a: b\nlicense: \xff\xfe\n", "UTF-8"),
        ("x: [" + "1," * 6000 + "1]\ntags: [" + "t," * 6000 + "t]\n", "5000"),
    ],
    ids=["list", "words", "unclosed", "duplicate", "python-tag", "tag", "key", "bomb", "nesting",
         "control", "latin-1", "invalid", "long-list"],
)  # fmt: skip
def test_a_broken_card_is_broken_and_says_why(front: str | bytes, says: str) -> None:
    found = card(front)
    assert found.state is CardState.BROKEN
    assert found.license == ()
    assert found.reason
    assert says in found.reason or says == "line"


def test_the_line_of_what_is_broken() -> None:
    assert card("a: 1\nb: 2\nlicense: mit\nlicense: gpl\n").line == 5
    assert card(b"a: b\nlicense: \xff\n").line == 3


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("---\nlicense: mit\n".encode("utf-16"), "UTF-16"),
        (b"---\nlicense: mit\0\n---\n", "NUL"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64, "pointer"),
        (b"---\nlicense: mit\n", "never closed"),
        (b"---\n" + b"x" * 2**21, "1048576"),
        (b"---\n" + b"# y\n" * 300_000 + b"---\n", "1048576"),
    ],
    ids=["utf-16", "nul", "pointer", "unclosed", "long", "far"],
)
def test_a_card_that_is_no_text_is_broken(content: bytes, says: str) -> None:
    found = read_card(snapshot_of({"README.md": content}))
    assert found.state is CardState.BROKEN
    assert says in found.reason


def test_a_pointer_and_a_path_that_could_not_be_taken() -> None:
    found = read_card(snapshot_of({}, pointers={"README.md": Digest("sha256", "0" * 64)}))
    assert found.state is CardState.BROKEN
    problem = Problem("README.md", ProblemKind.SYMLINK_ESCAPE, "it leaves the subject")
    found = read_card(snapshot_of({"x": b""}, problems=[problem]))
    assert (found.state, found.reason) == (CardState.BROKEN, "it leaves the subject")


def test_a_card_of_fifty_megabytes_is_read_at_its_beginning() -> None:
    data = b"---\nlicense: mit\n---\n" + b"word " * 10_000_000
    started = time.process_time()
    found = read_card(snapshot_of({"README.md": data}))
    assert [v.text for v in found.license] == ["mit"]
    assert len(found.body) == MAX_BODY
    assert time.process_time() - started < 5


def test_no_card_and_no_front_matter() -> None:
    assert read_card(snapshot_of({"x": b""})).state is CardState.ABSENT
    below = b"text\n---\nlicense: mit\n---\n"
    for content in (b"", b"# Model\n", b"\n\n", below, b"----\na\n----\n", b"caf\xe9\n"):
        found = read_card(snapshot_of({"README.md": content}))
        assert found.state is CardState.PRESENT
        assert not found.has_front_matter
        assert found.license == ()


@pytest.mark.parametrize("front", ["", "\n", "# only a comment\n", "~\n"])
def test_empty_front_matter_says_nothing(front: str) -> None:
    found = card(front)
    assert found.state is CardState.PRESENT
    assert found.has_front_matter
    assert found.lines == {}


@pytest.mark.parametrize(
    ("front", "texts", "plain"),
    [
        ("license: mit\n", ["mit"], True),
        ("license: [mit, apache-2.0]\n", ["mit", "apache-2.0"], True),
        ("license:\n", [], True),
        ("license: []\n", [], True),
        ("license: ''\n", [""], True),
        ("license: 2.0\n", ["2.0"], False),
        ("license: no\n", ["false"], False),
        ("license: 2026-11-20\n", ["2026-11-20"], False),
        ("license: {name: mit}\n", ["a mapping"], False),
        ("license: [[mit]]\n", ["a list"], False),
    ],
)
def test_licenses_of_every_shape(front: str, texts: list[str], plain: bool) -> None:
    found = card(front)
    assert [v.text for v in found.license] == texts
    assert all(v.plain is plain for v in found.license)


def test_a_whole_card() -> None:
    found = card(
        "license: other\nlicense_name: house\nlicense_link: LICENSE\nlicence: mit\n"
        "datasets:\n- a/b\n- c/d\nbase_model: x/y\npipeline_tag: text-generation\n"
        "library_name: transformers\ntags: [one, two]\nlanguage: [en, de]\n"
        "model-index:\n- name: m\n  results:\n  - dataset:\n      type: wikitext\n"
        "      revision: abc\n  - task: {}\n  - dataset: {type: [x]}\n  - 7\n- 8\n"
    )
    assert found.state is CardState.PRESENT
    assert [(v.text, v.line) for v in found.datasets] == [("a/b", 7), ("c/d", 8)]
    assert [(d.id, d.revision, d.line) for d in found.evaluated_on] == [("wikitext", "abc", 18)]
    assert (found.license_name, found.license_link) == ("house", "LICENSE")
    assert [v.text for v in found.licence] == ["mit"]
    assert found.tags == ("one", "two")
    assert found.language == ("en", "de")
    assert found.lines["license"] == 2
    assert found.body == "# Model\n"


def test_marks_line_ends_and_blank_lines_before() -> None:
    for content in (
        b"\xef\xbb\xbf---\nlicense: mit\n---\n",
        b"---\r\nlicense: mit\r\n---\r\nbody\r\n",
        b"\n\n---\nlicense: mit\n---\n",
        b"--- \nlicense: mit\n---",
    ):
        found = read_card(snapshot_of({"README.md": content}))
        assert [v.text for v in found.license] == ["mit"], content
    late = read_card(snapshot_of({"README.md": b"\n\n---\nlicense: mit\n---\n"}))
    assert late.license[0].line == 4


def test_of_several_spellings_the_first_counts() -> None:
    files = {"readme.md": b"---\nlicense: gpl\n---\n", "README.md": b"---\nlicense: mit\n---\n"}
    assert read_card(snapshot_of(files)).license[0].text == "mit"
    assert read_card(snapshot_of({"readme.md": files["readme.md"]})).license[0].text == "gpl"


def test_folders_have_cards_of_their_own() -> None:
    files = {"b/README.md": b"# b", "README.md": b"# top", "a/c/README.md": b"# c", "a/x.md": b""}
    cards = list(read_cards(snapshot_of(files)))
    assert [c.path for c in cards] == ["README.md", "b/README.md", "a/c/README.md"]
    only = {"b/README.md": b"# b"}
    assert read_card(snapshot_of(only)).state is CardState.ABSENT


def test_the_front_matter_and_the_line_of_the_text_are_kept() -> None:
    found = card("base_model: a/b\nmetrics: [f1]\n", "\n# Title\n")
    assert found.front is not None
    assert found.front.value["metrics"] == ["f1"]
    assert found.front.line(("metrics", 0)) == 3
    assert (found.body_line, found.body) == (5, "\n# Title\n")
    bare = read_card(snapshot_of({"README.md": b"# Title\n"}))
    assert (bare.front, bare.body_line) == (None, 1)


def test_a_number_of_thousands_of_digits_stays_text_and_ends_soon() -> None:
    started = time.process_time()
    for number in ("1" + ":1" * 200_000, "0x" + "f" * 200_000, "9" * 200_000):
        found = card(f"license: {number}\n")
        assert found.state is CardState.PRESENT
        assert number.startswith(found.license[0].text)
    assert time.process_time() - started < 5
