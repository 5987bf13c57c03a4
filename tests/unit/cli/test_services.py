"""Where projects are looked up: from flags and the configuration, the flag first."""

import pytest

from weighbridge.cli.config import Config, load_config
from weighbridge.cli.services import services
from weighbridge.model.errors import ConfigurationError, UsageError

KEYS = {
    "forge_url": "forge",
    "scorecard_url": "scorecards",
    "deps_dev_url": "deps_dev",
    "rdap_url": "rdap",
}


@pytest.mark.parametrize(("key", "field"), KEYS.items())
def test_nothing_is_asked_unless_it_is_named(key: str, field: str, tmp_path) -> None:
    assert getattr(services(Config()), field) == ""
    (tmp_path / "weighbridge.yaml").write_text(f"{key}: https://service.example\n")
    settings = load_config(tmp_path)
    assert getattr(services(settings), field) == "https://service.example"
    flagged = services(settings, **{key: "https://other.example"})
    assert getattr(flagged, field) == "https://other.example"


@pytest.mark.parametrize("key", KEYS)
def test_an_address_that_is_no_text_is_refused(key: str, tmp_path) -> None:
    (tmp_path / "weighbridge.yaml").write_text(f"{key}: [a]\n")
    with pytest.raises(ConfigurationError, match=f"{key} must be a str"):
        load_config(tmp_path)


def test_a_baseline_lies_beside_the_configuration(tmp_path) -> None:
    folder = tmp_path / "settings"
    folder.mkdir()
    (folder / "weighbridge.yaml").write_text("baseline: projects.json\n")
    with pytest.raises(UsageError, match="--baseline"):
        services(load_config(folder))
    (folder / "projects.json").write_text("{}")
    assert services(load_config(folder)).baseline == folder / "projects.json"


def test_a_named_baseline_must_be_a_file(tmp_path) -> None:
    with pytest.raises(UsageError, match="is not a file"):
        services(Config(), baseline=str(tmp_path))
    assert services(Config()).baseline is None


def test_answers_are_kept_but_in_ci(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("WEIGHBRIDGE_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    assert services(Config()).answers == tmp_path / "http-1"
    monkeypatch.setenv("CI", "true")
    assert services(Config()).answers is None
