"""From ancestor to ancestor: hostile cards and bounds first, then what folder and hub tell."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.unit.collect.lineage_build import COMMIT, card, draw, write

from weighbridge.collect.lineage_graph import MAX_EDGES
from weighbridge.model.digest import sha256
from weighbridge.model.facts.lineage import MAX_NODES
from weighbridge.model.licensing.graph import MAX_DEPTH, Lineage
from weighbridge.sources import hub as hub_source
from weighbridge.testing.hub import FakeHub, Mode

MIT = card(license="mit")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr("weighbridge.sources.http._BACKOFF_SECONDS", 0.001)


@pytest.fixture
def subject(tmp_path: Path) -> Path:
    """A model whose card names ``o/base``."""
    return write(tmp_path / "m", {"README.md": card(license="mit", base_model="o/base")})


def bomb() -> str:
    rows = ["a: &a [x,x,x,x,x,x,x,x,x,x]"]
    rows += [f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]" for a, b in zip("abcdefg", "bcdefgh",
                                                                       strict=True)]  # fmt: skip
    return "---\n" + "\n".join(rows) + "\n---\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("---\n[a, b]\n---\n", "a list"),
        (bomb(), "aliases"),
        ("---\nlicense: mit\n" + "# x\n" * 15_000_000, "front matter"),
        ("---\nlicense: [\n---\n", "could not be read"),
        (b"\xff\xfe---", "UTF-16"),
        (b"\0" * 100, "NUL"),
        (f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 9\n", "LFS"),
    ],
    ids=["list", "bomb", "60 MB", "yaml", "utf-16", "nul", "pointer"],
)
def test_a_hostile_card_is_a_card_that_could_not_be_read(
    text: str | bytes, says: str, subject: Path, tmp_path: Path
) -> None:
    started = time.process_time()
    drawn = draw(subject, cards=write(tmp_path / "cards", {"o/base/README.md": text}))
    node = drawn.node("model:o/base")
    assert node["state"] == "unavailable"
    assert says in node["why"]
    assert node["licenses"] == []
    assert time.process_time() - started < 5


def test_a_card_of_fifty_megabytes_after_its_front_matter_is_read_at_its_head(
    subject: Path, tmp_path: Path
) -> None:
    cards = write(tmp_path / "cards", {"o/base/README.md": MIT + "word " * 10_000_000})
    drawn = draw(subject, cards=cards)
    assert drawn.node("model:o/base")["state"] == "read"
    assert drawn.licenses("model:o/base") == [("declared", "MIT")]


def test_a_chain_of_ten_thousand_models_is_cut_and_said(tmp_path: Path) -> None:
    subject = write(tmp_path / "m", {"README.md": card(base_model="o/n0")})
    files = {f"o/n{n}/README.md": card(base_model=f"o/n{n + 1}") for n in range(10_000)}
    drawn = draw(subject, cards=write(tmp_path / "cards", files))
    assert f"more than {MAX_DEPTH} generations" in drawn.facts["cut"]
    assert len(drawn.facts["nodes"]) == MAX_DEPTH + 2
    assert drawn.facts["nodes"][-1]["state"] == "cut"
    assert max(len(path.edges) for path in Lineage.of(drawn.facts).paths()) == MAX_DEPTH


def test_a_graph_that_grows_without_end_is_cut_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weighbridge.collect.lineage_graph.MAX_NODES", 50)
    subject = write(tmp_path / "m", {"README.md": card(base_model="o/n0")})
    files = {
        f"o/n{n}/README.md": card(base_model=[f"o/n{m}" for m in range(n * 20, n * 20 + 20)])
        for n in range(30)
    }
    drawn = draw(subject, cards=write(tmp_path / "cards", files))
    assert drawn.facts["cut"] == "more than 20000 nodes".replace(str(MAX_NODES), "50")
    assert len(drawn.facts["nodes"]) == 50
    assert len(drawn.facts["edges"]) < MAX_EDGES


def test_cycles_end_and_are_disputed(subject: Path, tmp_path: Path) -> None:
    files = {
        "o/base/README.md": card(base_model=["o/a", "o/base"]),
        "o/a/README.md": card(base_model="o/b"),
        "o/b/README.md": card(base_model="O/Base"),
    }
    drawn = draw(subject, cards=write(tmp_path / "cards", files))
    (dispute,) = drawn.facts["disputes"]
    assert (dispute["kind"], dispute["keys"]) == (
        "cycle", ["model:o/base", "model:o/a", "model:o/b"],
    )  # fmt: skip
    assert len(drawn.facts["nodes"]) == 4


def test_an_ancestor_that_names_the_subject_as_its_base_is_a_cycle(tmp_path: Path) -> None:
    cache = tmp_path / "models--me--mine"
    snapshot = write(cache / "snapshots" / COMMIT, {"README.md": card(base_model="o/base")})
    (cache / "blobs").mkdir()
    cards = write(tmp_path / "cards", {"o/base/README.md": card(base_model="me/mine")})
    drawn = draw(snapshot, cards=cards)
    assert drawn.node("subject")["id"] == "me/mine"
    assert [d["keys"] for d in drawn.facts["disputes"]] == [["subject", "model:o/base"]]


def test_what_nobody_was_asked_about_is_named_and_not_without_a_license(subject: Path) -> None:
    drawn = draw(subject)
    node = drawn.node("model:o/base")
    assert (node["state"], node["why"], node["licenses"]) == ("named", "", [])
    assert drawn.facts["asked"] == []


def test_three_hops_with_licenses_and_kinds(subject: Path, tmp_path: Path) -> None:
    files = {
        "o/base/README.md": card(license="apache-2.0", base_model="o/lora", library_name="x"),
        "o/lora/README.md": card(license=["llama3.1", "mit"], datasets=["o/d"]),
        "o/lora/adapter_config.json": {"base_model_name_or_path": "o/root", "revision": COMMIT},
        f"models--o--root/snapshots/{COMMIT}/README.md": card(
            license="other", license_name="llama-3.1-community", pipeline_tag="image-text-to-text"
        ),
        "datasets/o/d/README.md": card(license="cc-by-nc-4.0", source_datasets=["original", "o/e"]),
    }
    drawn = draw(subject, cards=write(tmp_path / "cards", files))
    states = {n["key"]: n["state"] for n in drawn.facts["nodes"]}
    root = f"model:o/root@{COMMIT}"
    assert states == {
        "subject": "read", "model:o/base": "read", "model:o/lora": "read", root: "read",
        "dataset:o/d": "read", "dataset:o/e": "named",
    }  # fmt: skip
    assert drawn.edges("model:o/lora") == [
        ("adapter", root, "computed"), ("trained-on", "dataset:o/d", "declared"),
    ]  # fmt: skip
    assert drawn.edges("dataset:o/d") == [("bundles", "dataset:o/e", "declared")]
    assert drawn.node(root)["multimodal"] is True
    assert [one["id"] for one in drawn.node("model:o/lora")["licenses"]] == [
        "LicenseRef-scancode-llama-3.1-license-2024", "MIT",
    ]  # fmt: skip
    assert drawn.licenses(root) == [("declared", "LicenseRef-scancode-llama-3.1-license-2024")]
    (edge,) = [e for e in drawn.facts["edges"] if e["parent"] == root]
    assert edge["pinned"]
    assert edge["place"]["path"] == "cards:o/lora/adapter_config.json"


def test_what_came_is_kept_before_it_is_read(subject: Path, tmp_path: Path) -> None:
    drawn = draw(subject, cards=write(tmp_path / "cards", {"o/base/README.md": MIT}))
    assert drawn.graph.raw == (sha256(MIT.encode()),)
    assert drawn.store.blobs[sha256(MIT.encode())] == MIT.encode()


def test_the_hub_is_asked_where_the_folder_has_nothing(subject: Path, tmp_path: Path) -> None:
    cards = write(tmp_path / "cards", {"o/base/README.md": card(base_model=["o/a", "o/gone"])})
    with FakeHub({"o/a": MIT, "o/base": "other"}) as hub:
        drawn = draw(subject, offline=False, cards=cards, hub=hub.url)
        assert not any("o/base" in path for _, path in hub.requests)
        assert drawn.facts["asked"] == ["folder of cards", hub.url]
        commit = hub.commit("o/a")
    assert drawn.node("model:o/a")["state"] == "read"
    place = drawn.node("model:o/a")["licenses"][0]["place"]["path"]
    assert place == f"hf://o/a@{commit[:12]}/README.md"
    assert drawn.node("model:o/gone")["state"] == "vanished"


def test_offline_asks_no_hub(subject: Path) -> None:
    with FakeHub({"o/base": MIT}) as hub:
        drawn = draw(subject, offline=True, hub=hub.url)
        assert hub.requests == []
    assert drawn.node("model:o/base")["state"] == "named"


def test_no_hub_is_known(subject: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    monkeypatch.setattr(hub_source, "_CLIENT", "no_such_client.constants")
    node = draw(subject, offline=False, hub="hub").node("model:o/base")
    assert node["state"] == "unavailable"
    assert "HF_ENDPOINT" in node["why"]


@pytest.mark.parametrize("mode", [Mode.HTML, Mode.HALF, Mode.REDIRECT, Mode.ERROR, Mode.EMPTY])
def test_a_hub_that_lies_makes_no_license(mode: Mode, subject: Path) -> None:
    with FakeHub({"o/base": MIT}, mode=mode) as hub:
        drawn = draw(subject, offline=False, hub=hub.url, timeout_seconds=0.5)
    node = drawn.node("model:o/base")
    assert (node["state"], node["licenses"]) == ("unavailable", [])
    assert node["why"]


def test_a_gated_base_is_unavailable_and_its_public_tags_count(subject: Path) -> None:
    tags = {"o/base": ["license:llama3.1", "base_model:finetune:o/root"]}
    with FakeHub({"o/base": MIT}, gated=("o/base",), tags=tags) as hub:
        drawn = draw(subject, offline=False, hub=hub.url)
    node = drawn.node("model:o/base")
    assert node["state"] == "unavailable"
    assert node["why"].startswith("gated")
    assert [one["raw"] for one in node["licenses"]] == ["llama3.1"]
    assert drawn.edges("model:o/base") == [("finetune", "model:o/root", "declared")]


def test_the_weights_are_asked_for_first_where_requests_are_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_source, "MAX_REQUESTS", 2)
    subject = write(tmp_path / "m", {"README.md": card(datasets=["o/d"], base_model="o/base")})
    with FakeHub({"o/base": MIT, "datasets/o/d": MIT}) as hub:
        drawn = draw(subject, offline=False, hub=hub.url)
    assert drawn.node("model:o/base")["state"] == "read"
    assert drawn.node("dataset:o/d")["state"] == "cut"
    assert "asked 2 times" in drawn.facts["cut"]
