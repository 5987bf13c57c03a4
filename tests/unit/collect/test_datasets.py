"""Datasets: where they are named, what is recorded, and what the rules make of it."""

import datetime as dt
import json
import subprocess
import sys
import time

import pytest

from weighbridge.collect import datasets
from weighbridge.collect.context import CollectContext
from weighbridge.collect.dataset_ids import classify
from weighbridge.collect.dataset_records import parse_citation_cff, parse_datasets_yaml
from weighbridge.collect.datasets import evidence_of, find_uses
from weighbridge.edge.yaml import MalformedYaml
from weighbridge.model.artifact import Problem, ProblemKind
from weighbridge.model.codec import from_json, to_json
from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.rule import Case
from weighbridge.rules.citations import uncited_dataset, unlicensed_dataset, unpinned_dataset
from weighbridge.testing.memory import snapshot_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = "89abcdef0123456789abcdef0123456789abcdef"
RECORD = f'- id: o/n\n  license: CC-BY-4.0\n  revision: "{COMMIT}"\n  doi: 10.5555/n\n'
IMPORT = "from datasets import load_dataset\n"
PINNED = f'{IMPORT}load_dataset("o/n", revision="{COMMIT}")\n'


def uses(code: str | bytes, name: str = "train.py") -> list[tuple[str, str]]:
    data = code if isinstance(code, bytes) else code.encode()
    return [(u.id, u.revision) for u in find_uses(snapshot_of({name: data})).uses]


def reasons(code: str | bytes, name: str = "train.py") -> list[str]:
    data = code if isinstance(code, bytes) else code.encode()
    return [u.reason for u in find_uses(snapshot_of({name: data})).unread]


def notebook(*cells: str | list[str], **extra) -> bytes:
    body = {"cells": [{"cell_type": "code", "source": c} for c in cells], "nbformat": 4, **extra}
    return json.dumps(body).encode()


def judged(files: dict[str, str | bytes]) -> tuple[str, str, str]:
    """What the three rules conclude: uncited, unlicensed, unpinned."""
    snapshot = snapshot_of({p: d if isinstance(d, bytes) else d.encode() for p, d in files.items()})
    case = Case(snapshot.subject, dt.date(2026, 11, 20), evidence_of(snapshot))
    rules = (uncited_dataset, unlicensed_dataset, unpinned_dataset)
    return tuple(str(rule.check(case).outcome) for rule in rules)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (b"print 'x'\nload_dataset('a/b')\n", "not Python 3"),
        (b"load_dataset('caf\xe9')\n", "not UTF-8"),
        (b"\n\n\nload_dataset('caf\xe9')\n", "not utf-8"),
        (b"load_dataset('a/b')\0", "NUL"),
        (b"# coding: utf-7\nload_dataset('a/b')\n", "utf-7"),
        (b"# coding: no-such\nload_dataset('a/b')\n", "no encoding"),
        (b"load_dataset\n" + b"(" * 100_000, "not Python 3"),
        (b"load_dataset\nx = " + b"-" * 200_000 + b"1", "not Python 3"),
        (b"load_dataset\nx = 1" + b"+1" * 200_000, "not Python 3"),
        (b"load_dataset\nx = " + b"9" * 10_000, "not Python 3"),
        (b"#" + b"x" * (2 * 2**20), "2097152"),
    ],
    ids=["python-2", "latin-1", "late", "nul", "utf-7", "no-codec", "parens", "signs", "sum",
         "digits", "large"],
)  # fmt: skip
def test_a_script_that_cannot_be_read_says_so(code: bytes, says: str) -> None:
    assert uses(code) == []
    (reason,) = reasons(code)
    assert says in reason


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'{"cells": [load_dataset', "JSON"),
        (b'["load_dataset"]', "notebook"),
        (b'{"cells": 7, "x": "load_dataset"}', "notebook"),
        (b'{"cells": [], "cells": ["load_dataset"]}', "twice"),
        (b'{"x": ' * 5000 + b'"load_dataset"', "nesting"),
        (b'{"load_dataset": "' + b"x" * (16 * 2**20) + b'"}', "16777216"),
        (notebook("load_dataset('a/b'"), "not Python 3"),
        (notebook("%%bash\npython -c 'load_dataset(1)'"), "not Python 3"),
        (notebook("!python -c 'load_dataset(1)'"), "not Python 3"),
    ],
    ids=["json", "list", "number", "duplicate", "deep", "large", "syntax", "bash", "shell"],
)
def test_a_notebook_that_cannot_be_read_says_so(data: bytes, says: str) -> None:
    assert uses(data, "n.ipynb") == []
    assert any(says in reason for reason in reasons(data, "n.ipynb"))


def test_files_that_name_no_loader_are_left_alone() -> None:
    assert reasons("print 'Python 2'") == []
    assert reasons(notebook("print 'x'", "%%bash\nls"), "n.ipynb") == []
    assert reasons(b'{"broken', "n.ipynb") == []


@pytest.mark.parametrize(
    "code",
    [
        'from datasets import load_dataset\nload_dataset("o/n")',
        'from datasets import load_dataset as ld\nld("o/n")',
        'from datasets import load_dataset as ld\nother = ld\nother("o/n")',
        'import datasets\ndatasets.load_dataset("o/n")',
        'import datasets as d\nd.load_dataset(path="o/n")',
        'import datasets.load\ndatasets.load.load_dataset("o/n")',
        'from datasets import load\nload.load_dataset("o/n")',
        'from datasets.load import load_dataset\nload_dataset("o/n")',
        'from datasets import *\nload_dataset("o/n")',
        'from datasets import load_dataset_builder\nload_dataset_builder("o/n")',
        'try:\n  from datasets import load_dataset\nexcept E:\n  x = 1\nload_dataset("o/n")',
        'from datasets import load_dataset\ndef f():\n  return [load_dataset("o/n") for _ in x]',
        'from datasets import load_dataset\nload_dataset("o" "/n")',
        'from datasets import load_dataset\nload_dataset("o" + "/n")',
        'from datasets import load_dataset\nNAME = "o/n"\nload_dataset(NAME)',
        'from datasets import load_dataset\nfor n in ["o/n"]:\n  load_dataset(n)',
        'from datasets import load_dataset\nfunctools.partial(load_dataset, "o/n")',
        'from datasets import load_dataset\nload_dataset("https://huggingface.co/datasets/o/n")',
        'from datasets import load_dataset\nload_dataset("json", data_files="hf://datasets/o/n/x")',
        'import datasets\ndatasets.load_dataset("csv", data_files={"a": ["hf://datasets/o/n/x"]})',
        'import pandas\npandas.read_parquet("hf://datasets/o/n/x.parquet")',
        'from huggingface_hub import *\nsnapshot_download("o/n", repo_type="dataset")',
        'import huggingface_hub as h\nh.hf_hub_download(repo_id="o/n", repo_type="dataset")',
        'from huggingface_hub import HfApi\nHfApi().snapshot_download("o/n", repo_type="dataset")',
        'lo\uff41d_dataset("o/n")',
        '# coding: latin-1\nfrom datasets import load_dataset\nload_dataset("o/n")  # gut',
    ],
)  # fmt: skip
def test_every_way_to_name_a_dataset(code: str) -> None:
    assert uses(code) == [("o/n", "")]
    assert reasons(code) == []


@pytest.mark.parametrize(
    "call",
    [
        "load_dataset(args.name)", "load_dataset(f'o/{x}')", "load_dataset(*args)",
        "load_dataset()", "load_dataset(None)", "load_dataset(names[0])", "map(load_dataset, xs)",
        "x = {'a': load_dataset}", "load_dataset('json', data_files=args.file)",
        "load_dataset('o/n', revision=args.revision)", "load_dataset('o/n', **options)",
        "name = 'a/b'\nname = 'c/d'\nload_dataset(name)",
        "def f(name='a/b'):\n  load_dataset(name)",
        "api.snapshot_download(repo, repo_type='dataset')",
        "api.snapshot_download('o/n', repo_type=kind)",
        "api.snapshot_download('o/n', **options)",
        "partial(load_dataset)",
    ],
)  # fmt: skip
def test_what_is_computed_is_reported(call: str) -> None:
    assert len(reasons(IMPORT + call)) == 1


@pytest.mark.parametrize(
    "code",
    [
        'from mine import load_dataset\nload_dataset("o/n")',
        'def load_dataset(x): ...\nload_dataset("o/n")',
        'class T:\n  def load_dataset(self, x): ...\n  def f(self): self.load_dataset("o/n")',
        'from .datasets import load_dataset\nload_dataset("o/n")',
        'from datasets import load_dataset\nload_dataset("./data")',
        'from datasets import load_dataset\nload_dataset("/data/x")',
        'from datasets import load_dataset\nload_dataset("data/train.csv")',
        'from datasets import load_dataset\nload_dataset("json", data_files="train.json")',
        'from huggingface_hub import snapshot_download\nsnapshot_download("o/model")',
        'from huggingface_hub import *\nsnapshot_download("o/m", repo_type="model")',
        '"""load_dataset("o/n")"""',
        '# load_dataset("o/n")',
    ],
)
def test_what_names_no_dataset(code: str) -> None:
    assert uses(code) == []
    assert reasons(code) == []


def test_revisions() -> None:
    assert uses(PINNED) == [("o/n", COMMIT)]
    assert uses(f'{IMPORT}R = "v1"\nload_dataset("o/n", revision=R)') == [("o/n", "v1")]
    assert uses(f'{IMPORT}load_dataset("o/n", revision=None)') == [("o/n", "")]
    assert uses('x = "hf://datasets/o/n@refs%2Fpr%2F1/x"') == [("o/n", "refs/pr/1")]


def test_all_of_several_names() -> None:
    code = IMPORT + 'load_dataset("a/b" if x else "c/d")\nfor n in ("e/f", "g/h"): load_dataset(n)'
    assert sorted(i for i, _ in uses(code)) == ["a/b", "c/d", "e/f", "g/h"]


def test_names_that_lead_to_names_without_end_are_given_up() -> None:
    lists = "".join(
        f"for n{i} in [{','.join([f'n{i + 1}'] * 500)}]: pass\n" for i in range(4)
    ) + "for n4 in []: pass\n"  # fmt: skip
    started = time.process_time()
    assert len(reasons(IMPORT + lists + "load_dataset(n0)")) == 1
    assert time.process_time() - started < 5
    assert len(reasons(IMPORT + "a = b\nb = a\nload_dataset(a)")) == 1


def test_notebook_cells_share_names_and_magics_are_no_code() -> None:
    data = notebook(
        ["%pip install datasets\n", "from datasets import load_dataset as ld\n", "ld?\n"],
        "%%time\nx = ld('a/b')",
        "%time y = ld('c/d', revision='v1')",
        "if True:\n    !ls\nld('e/f')  # why?",
    )
    found = find_uses(snapshot_of({"n.ipynb": data})).uses
    assert [(u.id, u.member, u.line) for u in found] == [
        ("a/b", "cell 2", 2), ("c/d", "cell 3", 1), ("e/f", "cell 4", 3),
    ]  # fmt: skip


def test_notebooks_of_other_shapes() -> None:
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": 'load_dataset("o/n")'}]}]}
    assert uses(json.dumps(old).encode(), "n.ipynb") == [("o/n", "")]
    escaped = notebook('load_dataset("o/n")').replace(b"load", b"\\u006coad")
    assert uses(escaped, "n.ipynb") == [("o/n", "")]
    r = notebook('load_dataset("o/n")', metadata={"kernelspec": {"language": "R"}})
    assert uses(r, "n.ipynb") == []
    odd = {"cells": [7, None, {"cell_type": "code", "source": [1, "load_dataset('o/n')"]}]}
    assert uses(json.dumps(odd).encode(), "n.ipynb") == [("o/n", "")]


def test_cards_name_datasets() -> None:
    card = (
        b"---\ndatasets:\n- a/b\n- https://huggingface.co/datasets/c/d\n- 7\n- {e: f}\n"
        b"model-index:\n- results:\n  - dataset: {type: wikitext, revision: v1}\n---\n"
    )
    found = find_uses(snapshot_of({"README.md": card, "lora/README.md": card[:20] + b"---\n"}))
    assert [(u.path, u.id, u.kind, u.revision, u.line) for u in found.uses] == [
        ("README.md", "a/b", "card", "", 3),
        ("README.md", "c/d", "card", "", 4),
        ("README.md", "wikitext", "model-index", "v1", 9),
        ("lora/README.md", "a/b", "card", "", 3),
    ]
    assert len(found.unread) == 2


def test_a_broken_card_is_no_absence() -> None:
    files = {"README.md": b"---\ndatasets: [a/b\n---\n"}
    (evidence,) = evidence_of(snapshot_of(files))
    assert evidence.state is EvidenceState.UNAVAILABLE
    assert judged({**files}) == ("unknown",) * 3


def test_pointers_and_paths_that_could_not_be_taken() -> None:
    problem = Problem("a.py", ProblemKind.UNREADABLE, "permission denied")
    pointers = {"b.py": Digest("sha256", "0" * 64), "datasets.yaml": Digest("sha256", "0" * 64)}
    evidence = evidence_of(snapshot_of({"x": b""}, problems=[problem], pointers=pointers))
    assert [e.about for e in evidence] == ["a.py", "b.py", "datasets.yaml"]
    assert all(e.state is EvidenceState.UNAVAILABLE for e in evidence)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: b\n", 1, "list"),
        ("- o/n\n", 1, "keys and values"),
        ("- id: o/n\n  licence: MIT\n", 2, "license"),
        ("- license: MIT\n", 1, "id"),
        ("- id: o/n\n- id: p/q\n- id: o/n\n", 3, "twice"),
        ("- id: o/n\n  revision: 0123\n", 2, "quotes"),
        (f"- id: o/n\n  revision: {'1' * 40}\n", 2, "quotes"),
        ("- id: o/n\n  sha256: abc\n", 2, "64"),
        ("- id: o/n\n  doi: some doi\n", 2, "10.1234"),
        ("- id: o/n\n  accessed: yesterday\n", 2, "date"),
        ("- id: o/n\n  citation: [a]\n", 2, "text"),
        ("- id: !!python/name:os.system o/n\n", 1, "tag"),
        ("- id: o/n\n  id: p/q\n", 2, "twice"),
        ("- id: [\n", 2, "expected"),
    ],
)
def test_a_record_that_is_wrong_names_the_line(text: str, line: int, says: str) -> None:
    with pytest.raises(MalformedYaml, match=says) as caught:
        parse_datasets_yaml(text, source="datasets.yaml")
    assert caught.value.line == line


def test_a_whole_record() -> None:
    text = (
        "# datasets\n- id: https://huggingface.co/datasets/o/n\n  license: MIT\n"
        f"  revision: {COMMIT.upper()}\n  doi: https://doi.org/10.5555/x.y\n"
        "  accessed: 2026-11-02\n  purpose: training\n"
        f"- id: p/q\n  sha256: {'a' * 64}\n  revision: main\n- id: r/s\n  revision: v1.0\n"
    )
    first, second, third = parse_datasets_yaml(text, source="datasets.yaml")
    assert (first.id, first.line, first.pin, first.pin_kind) == ("o/n", 2, COMMIT, "commit")
    assert (first.doi, first.accessed) == ("10.5555/x.y", "2026-11-02")
    assert (second.pin, second.pin_kind) == ("a" * 64, "sha256")
    assert (third.pin, third.pin_kind) == ("v1.0", "branch-or-tag")
    assert parse_datasets_yaml("", source="datasets.yaml") == ()


CFF = f"""
cff-version: 1.2.0
title: A model
references:
- type: dataset
  title: The N corpus
  authors:
  - family-names: Doe
    given-names: Jo
  - name: Example Org
  year: 2025
  repository: https://huggingface.co/datasets/o/n
  license: [CC-BY-4.0, MIT]
  commit: {COMMIT}
  identifiers:
  - type: doi
    value: 10.5555/n
- type: article
  title: Not data
- type: data
  title: in-house
  version: "3"
- 7
"""


def test_citation_cff() -> None:
    first, second = parse_citation_cff(CFF, source="CITATION.cff")
    assert (first.id, first.doi, first.pin_kind) == ("o/n", "10.5555/n", "commit")
    assert first.citation == "Jo Doe, Example Org (2025). The N corpus."
    assert first.license == "CC-BY-4.0 OR MIT"
    assert (second.id, second.citation, second.pin_kind) == ("in-house", "", "branch-or-tag")
    itself = "type: dataset\ntitle: T\nauthors: [{name: A}]\ndate-released: 2026-01-02\n"
    assert parse_citation_cff(itself, source="CITATION.cff")[0].citation == "A (2026). T."


@pytest.mark.parametrize("text", ["- a\n", "x: [\n", "7\n", "a: !tag b\n"])
def test_a_broken_citation_cff(text: str) -> None:
    with pytest.raises(MalformedYaml):
        parse_citation_cff(text, source="CITATION.cff")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"train.py": PINNED, "datasets.yaml": RECORD}, ("pass", "pass", "pass")),
        ({"train.py": PINNED, "CITATION.cff": CFF}, ("pass", "pass", "pass")),
        ({"a/train.py": PINNED, "a/datasets.yaml": RECORD}, ("pass", "pass", "pass")),
        ({"a/b/train.py": PINNED, "a/datasets.yml": RECORD}, ("pass", "pass", "pass")),
        ({"a/train.py": PINNED, "b/datasets.yaml": RECORD}, ("fail", "fail", "pass")),
        ({"train.py": PINNED}, ("fail", "fail", "pass")),
        ({"train.py": PINNED.replace(COMMIT, OTHER), "datasets.yaml": RECORD},
         ("pass", "pass", "fail")),
        ({"train.py": PINNED.replace(COMMIT, "main"), "datasets.yaml": RECORD},
         ("pass", "pass", "fail")),
        ({"train.py": PINNED.replace(COMMIT, COMMIT[:12]), "datasets.yaml": RECORD},
         ("pass", "pass", "fail")),
        ({"train.py": IMPORT + 'load_dataset("o/n")', "datasets.yaml": RECORD},
         ("pass", "pass", "fail")),
        ({"train.py": PINNED, "eval.py": IMPORT + 'load_dataset("o/n")'},
         ("fail", "fail", "fail")),
        ({"README.md": "---\ndatasets: o/n\n---\n", "datasets.yaml": RECORD},
         ("pass", "pass", "pass")),
        ({"README.md": "---\ndatasets: o/n\n---\n", "datasets.yaml": "- id: o/n\n"},
         ("fail", "fail", "fail")),
        ({"train.py": PINNED, "datasets.yaml": "- id: o/n\n  licence: x\n"},
         ("unknown", "unknown", "unknown")),
        ({"train.py": PINNED, "datasets.yaml": RECORD.replace("CC-BY-4.0", "gpl")},
         ("pass", "unknown", "pass")),
        ({"train.py": PINNED, "datasets.yaml": RECORD.replace(COMMIT, "v2")},
         ("pass", "pass", "pass")),
        ({"train.py": IMPORT + "load_dataset(x)", "datasets.yaml": RECORD},
         ("unknown", "unknown", "unknown")),
        ({"datasets.yaml": RECORD}, ("pass", "pass", "pass")),
        ({"datasets.yaml": "- id: o/n\n"}, ("fail", "fail", "fail")),
        ({"model.bin": b"x"}, ("not_applicable",) * 3),
        (
            {"datasets.yaml": "- id: o/n\n  license: MIT\n  dvc: n.dvc\n  citation: C\n",
             "n.dvc": f"outs:\n- md5: {'b' * 32}.dir\n  path: n\n"},
            ("pass", "pass", "pass"),
        ),
        ({"datasets.yaml": "- id: o/n\n  license: MIT\n  dvc: n.dvc\n  citation: C\n"},
         ("unknown", "unknown", "unknown")),
        (
            {"datasets.yaml": "- id: o/n\n  url: https://huggingface.co/datasets/o/n\n"},
            ("fail", "fail", "fail"),
        ),
        (
            {"datasets.yaml": "- id: o/n\n  url: https://example.org/papers/n\n  license: MIT\n"},
            ("pass", "pass", "fail"),
        ),
    ],
)  # fmt: skip
def test_what_the_rules_conclude(
    files: dict[str, str | bytes], expected: tuple[str, str, str]
) -> None:
    assert judged(files) == expected


def test_nothing_collected_is_no_pass() -> None:
    case = Case(snapshot_of({"x": b""}).subject, dt.date(2026, 11, 20), ())
    for rule in (uncited_dataset, unlicensed_dataset, unpinned_dataset):
        assert rule.check(case).outcome == "unknown"


def test_datasets_yaml_goes_before_citation_cff() -> None:
    record = "- id: o/n\n  license: MIT\n  revision: main\n"
    files = {"train.py": PINNED.encode(), "datasets.yaml": record.encode(),
             "CITATION.cff": CFF.encode()}  # fmt: skip
    facts = evidence_of(snapshot_of(files))[0].data
    assert (facts["license"], facts["recorded_in"]) == ("MIT", "datasets.yaml")
    assert (facts["doi"], facts["pin"], facts["pin_kind"]) == ("10.5555/n", COMMIT, "commit")


def test_evidence_survives_the_record() -> None:
    files = {"train.py": PINNED.encode() + b"load_dataset(x)\n", "datasets.yaml": RECORD.encode()}
    context = CollectContext(snapshot_of(files), dt.date(2026, 11, 20), offline=True)
    evidence = datasets.collect(context)
    assert [e.about for e in evidence] == ["o/n", "train.py:3"]
    for item in evidence:
        assert from_json(Evidence, to_json(item)).digest == item.digest


@pytest.mark.parametrize(
    ("text", "kind", "name", "revision"),
    [
        ("squad", "dataset", "squad", ""),
        ("o/n", "dataset", "o/n", ""),
        ("https://hf.co/datasets/o/n/tree/v1", "dataset", "o/n", "v1"),
        ("hf://datasets/o/n@v1/x", "dataset", "o/n", "v1"),
        ("https://example.org/x.csv", "dataset", "https://example.org/x.csv", ""),
        ("s3://bucket/x", "dataset", "s3://bucket/x", ""),
        ("file:///x", "local", "", ""),
        ("parquet", "builder", "", ""),
        ("a/b/c", "local", "", ""),
        ("~/x", "local", "", ""),
        ("C:\\x", "local", "", ""),
        ("", "local", "", ""),
        ("x.jsonl", "local", "", ""),
    ],
)
def test_names(text: str, kind: str, name: str, revision: str) -> None:
    found = classify(text)
    assert (found.kind, found.id, found.revision) == (kind, name, revision)


def test_the_hook_imports_nothing_heavy() -> None:
    code = (
        "import sys; import weighbridge.collect.datasets as d; "
        "heavy = {'license_expression', 'pydantic', 'requests', 'cryptography', 'socket'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_thousand_scripts_are_quick() -> None:
    files = {f"s{i:04}.py": (PINNED * 3 + "x = 1\n" * 200).encode() for i in range(1000)}
    started = time.process_time()
    found = find_uses(snapshot_of(files))
    assert len(found.uses) == 3000
    assert time.process_time() - started < 20
