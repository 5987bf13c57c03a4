"""Datasets named outside of ``load_dataset``: other readers, configurations, tracked data."""

import hashlib
import json

import pytest

from weighbridge.collect.dataset_files import license_id
from weighbridge.collect.datasets import evidence_of, find_uses
from weighbridge.model.digest import sha256
from weighbridge.model.evidence import EvidenceState
from weighbridge.testing.memory import snapshot_of

MD5 = "0123456789abcdef0123456789abcdef"
SHA = "ab" * 32


def found(files: dict[str, str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Ids with the revision asked for, and the reasons of what could not be read."""
    uses = find_uses(snapshot_of({path: text.encode() for path, text in files.items()}))
    return [(u.id, u.revision) for u in uses.uses], [u.reason for u in uses.unread]


def code(source: str) -> tuple[list[tuple[str, str]], list[str]]:
    return found({"train.py": source})


def config(text: str, **beside: str) -> tuple[list[tuple[str, str]], list[str]]:
    return found({"train.yaml": text, **beside})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('import pandas as pd\npd.read_csv("s3://b/x.csv")', ("s3://b/x.csv", "")),
        ('import pandas as pd\npd.read_parquet("hf://datasets/a/b@v1/x.parquet")', ("a/b", "v1")),
        ('import polars as pl\npl.scan_parquet("gs://b/x/*.parquet")', ("gs://b/x/*.parquet", "")),
        ('import pyarrow.parquet as pq\npq.read_table("s3://b/t")', ("s3://b/t", "")),
        ('from dask import dataframe as dd\ndd.read_csv(["https://h.org/a.csv"])',
         ("https://h.org/a.csv", "")),
        ('URL = "https://h.org/a.jsonl"\nimport pandas\npandas.read_json(URL)',
         ("https://h.org/a.jsonl", "")),
        ('from torchvision import datasets\ndatasets.CIFAR10("d")', ("torchvision:CIFAR10", "")),
        ('import torchvision\ntorchvision.datasets.MNIST("d")', ("torchvision:MNIST", "")),
        ('import tensorflow_datasets as tfds\ntfds.load("mnist:3.0.1")', ("tfds:mnist", "3.0.1")),
        ("from tensorflow import keras\nkeras.datasets.imdb.load_data()", ("keras:imdb", "")),
        ("from sklearn.datasets import fetch_20newsgroups\nfetch_20newsgroups()",
         ("sklearn:20newsgroups", "")),
        ('import sklearn.datasets as d\nd.fetch_openml(data_id=61, version=1)', ("openml:61", "1")),
        ('import kagglehub\nkagglehub.dataset_download("a/b/versions/3")', ("kaggle:a/b", "3")),
        ('import quilt3\nquilt3.Package.browse("a/b", top_hash="12ab")', ("quilt:a/b", "12ab")),
        ('from urllib.request import urlretrieve\nurlretrieve("https://h.org/x.zip", "x")',
         ("https://h.org/x.zip", "")),
        ('import tensorflow as tf\ntf.keras.utils.get_file("x", "https://h.org/x.tar.gz")',
         ("https://h.org/x.tar.gz", "")),
    ],
)  # fmt: skip
def test_a_reader_of_a_known_library(source: str, expected: tuple[str, str]) -> None:
    assert code(source) == ([expected], [])


@pytest.mark.parametrize(
    "source",
    [
        'import pandas as pd\npd.read_csv("data/x.csv")  # https://h.org',
        'import pandas as pd\npd.read_csv(args.path)  # s3://',
        'import requests\nrequests.get("https://h.org/api/v1/me")',
        'from sklearn.datasets import load_iris, make_blobs\nload_iris()',
        'from torchvision import datasets, transforms\ndatasets.ImageFolder("d")',
        'from mylib import datasets\ndatasets.CIFAR10("d")',
        '# pd.read_csv("s3://b/x.csv")',
        'import datasets\nx.startswith("hf://datasets/")',
    ],
)  # fmt: skip
def test_what_names_no_dataset(source: str) -> None:
    assert code(source) == ([], [])


@pytest.mark.parametrize(
    "source",
    [
        'import pandas as pd\npd.read_csv(f"s3://bucket/{name}.csv")',
        'import pandas as pd\npd.read_csv("s3://bucket/" + name)',
        'import polars as pl\npl.read_parquet("hf://datasets/{}/x".format(name))',
    ],
)
def test_a_computed_address_is_told_with_its_place(source: str) -> None:
    uses = find_uses(snapshot_of({"train.py": source.encode()}))
    assert (uses.uses, [(u.line, u.part) for u in uses.unread]) == ((), [(2, "code")])


def test_a_computed_entry_of_a_catalog_is_told() -> None:
    assert code("import tensorflow_datasets as tfds\ntfds.load(args.name)")[1] == [
        "which dataset of the catalog is loaded is computed when the code runs"
    ]


AXOLOTL = """
base_model: o/m
datasets:
  - path: a/b
    type: alpaca
    revision: v2
  - path: json
    data_files: [https://h.org/x.jsonl, local.jsonl]
  - path: ./mine.jsonl
    ds_type: json
  - path: data/here
test_datasets:
  - path: a/c
pretraining_dataset: a/d
"""


def test_axolotl() -> None:
    uses, unread = config(AXOLOTL, **{"data/here/x.txt": "."})
    assert uses == [("a/b", "v2"), ("https://h.org/x.jsonl", ""), ("a/c", ""), ("a/d", "")]
    assert unread == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dataset_name: trl-lib/Capybara\ndataset_revision: abc\n", [("trl-lib/Capybara", "abc")]),
        ("model_name_or_path: o/m\ndataset_mixer:\n  a/b: 1.0\n  c/d: 0.5\n",
         [("a/b", ""), ("c/d", "")]),
        ("data:\n  dataset_name: imdb\n", [("imdb", "")]),
        ("dataset:\n  _component_: torchtune.datasets.alpaca_dataset\n  source: a/b\n",
         [("a/b", "")]),
        ("ds:\n  _target_: datasets.load_dataset\n  path: a/b\n  revision: r\n", [("a/b", "r")]),
        ("train_set:\n  _target_: torchvision.datasets.MNIST\n", [("torchvision:MNIST", "")]),
        ("mine: {path: a/b, source: hf_hub}\nother: {path: c/d, converter: pair}\nown: {path: x}",
         [("a/b", ""), ("c/d", "")]),
        ("lr: 1e-4\ndataset:\n  repo_id: lerobot/pusht\n", [("lerobot/pusht", "")]),
    ],
)  # fmt: skip
def test_other_trainers(text: str, expected: list[tuple[str, str]]) -> None:
    assert config(text) == (expected, [])


INFO = json.dumps(
    {"alpaca": {"hf_hub_url": "t/alpaca"}, "mine": {"file_name": "mine.json"},
     "old": {"script_url": "o/script", "revision": "r"}}
)  # fmt: skip


def test_llama_factory_names_are_looked_up() -> None:
    uses, unread = config(
        "stage: sft\ndataset: alpaca,mine,lost\n", **{"data/dataset_info.json": INFO}
    )
    assert uses == [("o/script", "r"), ("t/alpaca", ""), ("t/alpaca", "")]
    assert unread == ["'lost' is looked up in dataset_info.json, which has no entry of it"]
    assert config("stage: sft\ndataset: alpaca\n")[1] == [
        "'alpaca' is looked up in dataset_info.json, which is not here"
    ]


@pytest.mark.parametrize("name", ["${oc.env:DATA}", "{{ data }}", "$DATA", "<your_dataset>"])
def test_a_value_put_in_later_is_told(name: str) -> None:
    assert config(f'dataset_name: "{name}"\n')[1] == [
        "the dataset's name is put in when the program starts"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  dataset: {image: a/b}\n",
        "datasets: [a/b]\n",  # a list of names beside nothing that trains
        "openapi: 3.0.0\npaths: {/dataset: {}}\n",
        "on: push\njobs: {dataset: {runs-on: x}}\n",
        "lr: 1\ndataset: mine\n",
    ],
)
def test_what_is_no_configuration_of_training(text: str) -> None:
    assert config(text) == ([], [])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("datasets:\n  - path: !!python/object/apply:os.system [x]\n", "tag"),
        ("dataset_name: a/b\ndataset_name: c/d\n", "twice"),
        ("dataset_name: [\n", "train.yaml:2"),
        ("dataset_name: &a [*a]\n", ""),
    ],
)
def test_a_broken_configuration_is_unknown_and_not_silence(text: str, says: str) -> None:
    uses, unread = config(text)
    assert uses == []
    assert len(unread) == 1
    assert says in unread[0]


def test_a_broken_file_of_something_else_is_passed_over() -> None:
    assert config("{{- if .Values.dataset }}\n  x: [\n{{- end }}\n") == ([], [])


def pins(files: dict[str, str]) -> dict[str, tuple[str, str]]:
    evidence = evidence_of(snapshot_of({path: text.encode() for path, text in files.items()}))
    observed = [e for e in evidence if e.state is EvidenceState.OBSERVED]
    return {e.about: (e.data["pin_kind"], e.data["pin"]) for e in observed}


def test_dvc_files_pin_what_they_track() -> None:
    text = f"outs:\n- md5: {MD5}.dir\n  path: corpus\n- md5: {MD5}\n  path: model.bin\n"
    assert pins({"data/x.dvc": text}) == {"data/corpus": ("dvc", f"{MD5}.dir")}


def test_a_dvc_lock_names_what_stages_read_and_nothing_that_they_make() -> None:
    lock = (
        "schema: '2.0'\nstages:\n  clean:\n    deps:\n"
        f"    - {{path: raw.csv, md5: {MD5}}}\n    - {{path: clean.py, md5: {MD5}}}\n"
        f"    outs:\n    - {{path: clean.csv, md5: {MD5}}}\n"
        f"  train:\n    deps:\n    - {{path: clean.csv, md5: {MD5}}}\n"
    )
    assert pins({"dvc.lock": lock}) == {"raw.csv": ("dvc", MD5)}


@pytest.mark.parametrize("text", ["- 1\n", "outs: [", "outs:\n- md5: x\n  md5: y\n"])
def test_a_broken_dvc_file_is_told(text: str) -> None:
    assert len(found({"x.dvc": text})[1]) == 1


def test_lfs_pointers_of_data_are_pinned_by_folder() -> None:
    one, two = sha256(b"1"), sha256(b"2")
    pointers = {
        "data/b.parquet": two, "data/a.parquet": one, "top.csv": one, "model.safetensors": one,
    }  # fmt: skip
    observed = evidence_of(snapshot_of({}, pointers=pointers))
    text = f"{one.value}  data/a.parquet\n{two.value}  data/b.parquet\n"
    listed = hashlib.sha256(text.encode()).hexdigest()
    assert {e.about: e.data["pin"] for e in observed} == {"data": listed, "top.csv": one.value}


CROISSANT = {
    "@context": {"sc": "https://schema.org/"},
    "@type": "sc:Dataset",
    "conformsTo": "http://mlcommons.org/croissant/1.0",
    "name": "corpus",
    "url": "https://huggingface.co/datasets/a/corpus",
    "license": "https://creativecommons.org/licenses/by-sa/4.0/",
    "citeAs": "@misc{x, doi={10.5555/abc}}",
    "distribution": [
        {"@type": "cr:FileObject", "name": "x", "sha256": SHA},
        {"@type": "cr:FileSet", "name": "all"},
    ],
}


def test_croissant_is_a_record_and_needs_no_language() -> None:
    evidence = evidence_of(snapshot_of({"croissant.json": json.dumps(CROISSANT).encode()}))
    facts = evidence[0].data
    assert facts["id"] == "a/corpus"
    assert facts["license_id"] == "CC-BY-SA-4.0"
    assert facts["doi"] == "10.5555/abc"
    assert (facts["pin_kind"], facts["pin"]) == ("sha256", SHA)


def test_a_live_croissant_dataset_is_pinned_by_nothing() -> None:
    text = json.dumps({**CROISSANT, "isLiveDataset": True, "version": "1.2"})
    assert pins({"croissant.json": text}) == {"a/corpus": ("branch-or-tag", "1.2")}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://spdx.org/licenses/MIT.html", "MIT"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ({"@type": "CreativeWork", "url": "https://spdx.org/licenses/CC-BY-4.0"}, "CC-BY-4.0"),
        (["MIT", {"name": "Apache-2.0"}], "MIT AND Apache-2.0"),
        (7, ""),
    ],
)
def test_a_license_as_croissant_spells_it(value: object, expected: str) -> None:
    assert license_id(value) == expected


def test_a_broken_croissant_is_told() -> None:
    assert len(found({"croissant.json": '{"conformsTo": "mlcommons.org/croissant",'})[1]) == 1


def test_quilt_manifests_are_pinned_by_their_top_hash() -> None:
    header = json.dumps({"version": "v0", "message": "", "user_meta": {"name": "team/corpus"}})
    assert pins({f".quilt/packages/{SHA}": header + "\n"}) == {"team/corpus": ("sha256", SHA)}
    assert len(found({f".quilt/packages/{SHA}": "nonsense"})[1]) == 1
