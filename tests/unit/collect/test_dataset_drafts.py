"""Drafting entries of datasets.yaml: nothing is invented, and nothing people wrote changes."""

import codecs

import pytest

from weighbridge.collect.dataset_drafts import drafts
from weighbridge.collect.dataset_records import parse_datasets_yaml
from weighbridge.collect.datasets import evidence_of
from weighbridge.model.digest import Digest
from weighbridge.testing.memory import snapshot_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = "89abcdef0123456789abcdef0123456789abcdef"
IMPORT = "from datasets import load_dataset\n"
PINNED = f'{IMPORT}load_dataset("o/n", revision="{COMMIT}")\n'
CROISSANT = (
    '{"@context": {}, "@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.0",'
    '"name": "o/n", "url": "https://huggingface.co/datasets/o/n", "citeAs": %s,'
    '"license": "https://spdx.org/licenses/CC-BY-4.0.html"}'
)


def drafted(files: dict[str, str | bytes], **kwargs):
    snapshot = snapshot_of(
        {p: d if isinstance(d, bytes) else d.encode() for p, d in files.items()}, **kwargs
    )
    return drafts(snapshot, evidence_of(snapshot))


def text(files: dict[str, str | bytes], **kwargs) -> str:
    (draft,) = drafted(files, **kwargs)
    return draft.after.decode()


@pytest.mark.parametrize(
    "name",
    ["o/n\n- id: evil", "https://x.org/\x1b[31m", "https://x.org/\u202eabc", "s3://b/'\"{}[]#&*!|>%@`",
     "https://x.org/\u2028y", "https://x.org/\U000e0041"],
)  # fmt: skip
def test_an_id_of_any_characters_stays_one_id(name: str) -> None:
    card = '---\ndatasets:\n- "' + name.replace("\\", "\\\\").replace('"', '\\"').replace(
        "\n", "\\n").replace("\x1b", "\\e") + '"\n---\n'  # fmt: skip
    (draft,) = drafted({"README.md": card})
    records = parse_datasets_yaml(draft.after.decode(), source="datasets.yaml")
    assert [record.id for record in records] == list(draft.entries) == [name]


def test_an_id_that_yaml_cannot_hold_is_told() -> None:
    cells = (
        '{"cells": [{"cell_type": "code", "source": "from datasets import load_dataset\\n'
        "load_dataset('s3://b/\\ud800')\"}]}"
    )
    files = {"n.ipynb": cells, "train.py": PINNED}
    found = drafted(files)
    for draft in found:
        assert "ud800" not in draft.after.decode()


def test_a_place_with_line_breaks_stays_a_comment() -> None:
    result = text({"a\n- id: evil\x85/train.py": PINNED})
    assert [r.id for r in parse_datasets_yaml(result, source="d")] == ["o/n"]


def test_ten_thousand_datasets_are_bounded_and_quick() -> None:
    names = "".join(f"- o/n{i}\n" for i in range(4_900))
    card = f"---\ndatasets:\n{names}---\n"
    record = "".join(f"- id: p/n{i}\n" for i in range(4_900))
    (draft,) = drafted({"README.md": card, "datasets.yaml": record})
    assert len(draft.entries) == 100
    assert len(draft.left) == 4_800
    assert "5000 datasets" in draft.left[0]
    assert len(parse_datasets_yaml(draft.after.decode(), source="d")) == 5_000


def test_what_is_not_known_stays_a_comment() -> None:
    result = text({"train.py": f'{IMPORT}load_dataset("o/n")\n'})
    (record,) = parse_datasets_yaml(result, source="datasets.yaml")
    assert (record.license, record.pin, record.doi, record.citation) == ("", "", "", "")
    for key in ("license", "revision", "doi", "citation", "accessed", "purpose"):
        assert f"\n  # {key}:\n" in result
    assert "# named in train.py:2" in result


def test_the_revision_that_all_code_asks_for_is_known() -> None:
    assert f'  revision: "{COMMIT}"\n' in text({"train.py": PINNED})
    for other in (OTHER, "main", COMMIT[:12]):
        files = {"train.py": PINNED, "eval.py": PINNED.replace(COMMIT, other)}
        assert "  # revision:\n" in text(files)
    assert "  # revision:\n" in text({"train.py": PINNED, "a.py": f'{IMPORT}load_dataset("o/n")'})


def test_the_dvc_file_is_named_and_its_hash_not_copied() -> None:
    files = {"data/c.csv.dvc": f"outs:\n- md5: {'b' * 32}\n  path: c.csv\n"}
    result = text(files)
    assert "  dvc: data/c.csv.dvc\n" in result
    assert "b" * 32 not in result
    again = drafted({**files, "datasets.yaml": result})
    assert again == ()
    several = f"outs:\n- md5: {'b' * 32}\n  path: c\n- md5: {'c' * 32}\n  path: d\n"
    assert "  dvc:" not in text({"data/c.dvc": several})


def test_a_hash_that_a_pointer_keeps_is_not_copied() -> None:
    digest = Digest("sha256", "a" * 64)
    result = text({"x.txt": "x"}, pointers={"data/train.parquet": digest})
    assert "a" * 64 not in result
    assert "pinned by the hash" in result
    assert "revision" not in result


def test_what_croissant_says_is_taken() -> None:
    result = text({"train.py": PINNED, "croissant.json": CROISSANT % '"Doe (2020). N."'})
    assert "  license: CC-BY-4.0\n" in result
    assert '  citation: "Doe (2020). N."\n' in result
    assert "url:" not in result  # the Hub's own page says no more than the id


def test_a_broken_citation_of_another_file_is_not_taken() -> None:
    result = text({"train.py": PINNED, "croissant.json": CROISSANT % '"@misc{a, title={x}"'})
    assert "  # citation:\n" in result
    assert "@misc" not in result


def test_an_entry_gets_only_keys_that_it_lacks() -> None:
    record = "# mine\n- id: o/n   # the corpus\n  license: 'MIT'\n  doi:\n"
    files = {"train.py": PINNED, "datasets.yaml": record,
             "croissant.json": CROISSANT % '"See doi 10.5555/n"'}  # fmt: skip
    (draft,) = drafted(files)
    assert draft.entries == ()
    assert draft.keys == (("o/n", "citation"), ("o/n", "revision"))
    assert draft.after.decode() == (
        '# mine\n- id: o/n   # the corpus\n  citation: "See doi 10.5555/n"\n'
        f"  revision: \"{COMMIT}\"\n  license: 'MIT'\n  doi:\n"
    )


def test_a_pin_that_people_wrote_stays_the_only_one() -> None:
    for pin in ("revision: main", f"sha256: {'a' * 64}"):
        assert drafted({"train.py": PINNED, "datasets.yaml": f"- id: o/n\n  {pin}\n"}) == ()


def test_an_entry_in_braces_is_told_and_others_are_drafted() -> None:
    files = {"train.py": PINNED, "README.md": "---\ndatasets: p/q\n---\n",
             "datasets.yaml": "- {id: o/n}\n"}  # fmt: skip
    (draft,) = drafted(files)
    assert (draft.entries, draft.keys) == (("p/q",), ())
    assert "by hand" in draft.left[0]
    assert draft.after.startswith(b"- {id: o/n}\n- id: p/q\n")


def test_a_list_in_brackets_is_left_alone() -> None:
    (draft,) = drafted({"train.py": PINNED, "datasets.yaml": "[]"})
    assert (draft.entries, draft.after) == ((), b"[]")
    assert "in brackets" in draft.left[0]


def test_a_byte_order_mark_and_line_ends_stay() -> None:
    record = codecs.BOM_UTF8 + b"- id: a/b\r\n  license: MIT"
    (draft,) = drafted({"train.py": PINNED, "datasets.yaml": record})
    assert draft.after.startswith(record + b"\r\n- id: o/n\r\n")
    assert draft.after.count(b"\n") == draft.after.count(b"\r\n")


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({"a/train.py": PINNED}, "datasets.yaml"),
        ({"a/train.py": PINNED, "a/datasets.yml": "- id: x/y\n"}, "a/datasets.yml"),
        ({"a/b/train.py": PINNED, "a/datasets.yaml": "", "datasets.yaml": ""}, "a/datasets.yaml"),
        ({"a/train.py": PINNED, "b/train.py": PINNED, "a/datasets.yaml": "- id: x/y\n"},
         "datasets.yaml"),
        ({"a/train.py": PINNED, "c/datasets.yaml": "- id: x/y\n"}, "datasets.yaml"),
    ],
)  # fmt: skip
def test_where_an_entry_goes(files: dict[str, str], path: str) -> None:
    assert [draft.path for draft in drafted(files)] == [path]


def test_drafting_again_changes_nothing() -> None:
    files = {"train.py": PINNED, "README.md": "---\ndatasets: [p/q, 'r/s']\n---\n"}
    result = text(files)
    assert drafted({**files, "datasets.yaml": result}) == ()
