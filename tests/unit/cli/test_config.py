"""The configuration file: whose it is, and what is wrong with it."""

import os
from pathlib import Path

import pytest

from weighbridge.cli.config import Config, load_config
from weighbridge.model.errors import ConfigurationError, WeighbridgeError

LOOSE = "policies: [./loose.yaml]\n"


def model(folder: Path) -> Path:
    """A stranger's model with a configuration of its own."""
    folder.mkdir()
    (folder / "weighbridge.yaml").write_text(LOOSE)
    return folder


def test_without_a_file_there_are_defaults(tmp_path) -> None:
    assert load_config(tmp_path, subject=tmp_path) == Config()


@pytest.mark.parametrize("spelling", [".", "./", "../model", "weights/.."])
def test_a_file_inside_the_subject_is_refused(tmp_path, monkeypatch, spelling: str) -> None:
    folder = model(tmp_path / "model")
    (folder / "weights").mkdir()
    monkeypatch.chdir(folder)
    with pytest.raises(ConfigurationError, match="inside of what is audited") as caught:
        load_config(Path(), subject=Path(spelling))
    assert "--config weighbridge.yaml" in caught.value.remedy


def test_a_table_in_pyproject_is_refused_there_too(tmp_path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.weighbridge]\noffline = false\n")
    with pytest.raises(ConfigurationError, match="inside of what is audited"):
        load_config(tmp_path, subject=tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert load_config(tmp_path, subject=tmp_path) == Config()


def test_a_link_to_or_from_the_inside_does_not_help(tmp_path) -> None:
    folder = model(tmp_path / "model")
    (tmp_path / "weighbridge.yaml").symlink_to(folder / "weighbridge.yaml")
    with pytest.raises(ConfigurationError, match="inside of what is audited"):
        load_config(tmp_path, subject=folder)
    (folder / "weighbridge.yaml").unlink()
    (tmp_path / "weighbridge.yaml").unlink()
    (tmp_path / "mine.yaml").write_text(LOOSE)
    (folder / "weighbridge.yaml").symlink_to(tmp_path / "mine.yaml")
    with pytest.raises(ConfigurationError, match="inside of what is audited"):
        load_config(folder, subject=folder)


def test_beside_a_single_file_counts_as_inside(tmp_path) -> None:
    folder = model(tmp_path / "model")
    (folder / "w.safetensors").write_bytes(b"")
    with pytest.raises(ConfigurationError, match="inside of what is audited"):
        load_config(folder, subject=folder / "w.safetensors")


def test_a_file_above_the_subject_and_a_named_one_are_the_users(tmp_path) -> None:
    folder = model(tmp_path / "model")
    (tmp_path / "weighbridge.yaml").write_text("offline: true\n")
    found = load_config(tmp_path, subject=folder)
    assert (found.offline, found.file) == (True, str(tmp_path / "weighbridge.yaml"))
    named = load_config(tmp_path, subject=folder, named=str(folder / "weighbridge.yaml"))
    assert named.policies == (str(folder / "loose.yaml"),)
    assert not named.offline


def test_a_named_file_must_be_there(tmp_path) -> None:
    with pytest.raises(ConfigurationError, match="no such file"):
        load_config(tmp_path, named=str(tmp_path / "nothing.yaml"))


def test_paths_stand_as_they_are_written_in_the_current_folder(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weighbridge.yaml").write_text("policies: [./team, strict, p/x.yaml]\n")
    assert load_config(Path()).policies == ("./team", "strict", "p/x.yaml")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("weighbridge.yaml", b"\xff\xfe"),
        ("weighbridge.yaml", b"[" * 100_000),
        ("weighbridge.yaml", b"- a\n"),
        ("weighbridge.yaml", b"0\n"),
        ("weighbridge.yaml", b"#" * (2**20 + 1)),
        ("weighbridge.yaml", b"file: x\n"),
        ("pyproject.toml", b"\xff\xfe"),
        ("pyproject.toml", b"a = " + b"[" * 100_000),
        ("pyproject.toml", b"[tool]\nweighbridge = 1\n"),
    ],
)
def test_what_cannot_be_read_is_an_error_of_ours(tmp_path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(WeighbridgeError):
        load_config(tmp_path)


def test_what_is_no_file_is_not_passed_over(tmp_path) -> None:
    path = tmp_path / "weighbridge.yaml"
    os.mkfifo(path)
    with pytest.raises(ConfigurationError, match="not a regular file"):
        load_config(tmp_path)
    path.unlink()
    path.symlink_to("gone.yaml")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_config(tmp_path)


def test_where_advisories_are_looked_up(tmp_path) -> None:
    (tmp_path / "weighbridge.yaml").write_text(
        "osv_database: db\nosv_database_days: 9\nindex_url: pip\nmodel_advisories: ours\n"
    )
    found = load_config(tmp_path)
    assert (found.osv_database, found.osv_database_days) == (str(tmp_path / "db"), 9)
    assert (found.index_url, found.model_advisories) == ("pip", str(tmp_path / "ours"))


@pytest.mark.parametrize(
    "value",
    ["openai/privacy-filter", "[privacy-filter]", "[a/b/c]", "['../x']", "[7]", "{a: b}", "[a/*]",
     "['a/b\\n']", f"['{'a' * 97}/b']"],
)  # fmt: skip
def test_known_models_are_names_of_a_hub(tmp_path, value: str) -> None:
    (tmp_path / "weighbridge.yaml").write_text(f"known_models: {value}\n")
    with pytest.raises(ConfigurationError, match="known_models must be a list"):
        load_config(tmp_path)


def test_known_models_reach_the_collectors(tmp_path) -> None:
    from weighbridge.cli.services import services

    (tmp_path / "weighbridge.yaml").write_text("known_models: [openai/privacy-filter, a/b.c_d]\n")
    settings = load_config(tmp_path)
    assert services(settings).known_models == ("openai/privacy-filter", "a/b.c_d")
    assert services(load_config(tmp_path / "none")).known_models == ()


@pytest.mark.parametrize("value", ["true", "-1", "'5'", "5.5"])
def test_days_are_a_whole_number(tmp_path, value: str) -> None:
    (tmp_path / "weighbridge.yaml").write_text(f"osv_database_days: {value}\n")
    with pytest.raises(ConfigurationError, match="osv_database_days must"):
        load_config(tmp_path)
