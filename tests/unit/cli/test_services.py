"""Where projects are looked up: from flags and the configuration, the flag first."""

import inspect

import pytest

from weighbridge.cli.config import Config, load_config
from weighbridge.cli.services import services
from weighbridge.model.errors import ConfigurationError, UsageError
from weighbridge.testing.forge import FakeForge, repository
from weighbridge.testing.index_project import FakeProjectIndex, FakeRelease, Package
from weighbridge.testing.scorecards import FakeDepsDev, FakeScorecards

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


def test_an_audit_asks_whomever_maintainers_asks() -> None:
    from weighbridge.cli import audit, maintainers

    flags = set(inspect.signature(audit.audit).parameters)
    for verb in (maintainers.check, maintainers.snapshot):
        named = {name for name in inspect.signature(verb).parameters if name.endswith("_url")}
        assert set(KEYS) <= named <= flags, verb


def test_an_audit_asks_the_services_that_its_flags_name(call, tmp_path) -> None:
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "requirements.txt").write_text("alpha==1.0\n")
    package = Package({"1.0": FakeRelease(("alpha-1.0.tar.gz",), "2026-01-01T00:00:00Z")},
                      urls={"Source": "https://github.com/org/alpha"},
                      author_email="a@alpha.example")  # fmt: skip
    with (
        FakeProjectIndex({"alpha": package}) as index,
        FakeForge({"org/alpha": repository("org/alpha", 7, owner_id=1)}) as forge,
        FakeScorecards({}) as scorecards,
        FakeDepsDev() as deps_dev,
        FakeForge({}) as rdap,  # answers 404 to whatever is asked
    ):
        asked = ("--policy", "strict", "--osv-url", "none", "--index-url", index.simple_url)
        services_named = {
            "--forge-url": (forge, "/repos/org/alpha"),
            "--rdap-url": (rdap, "/domain/alpha.example"),
            "--scorecard-url": (scorecards, "/projects/github.com/org/alpha"),
            "--deps-dev-url": (deps_dev, "/v3/systems/pypi/packages/alpha"),
        }  # fmt: skip
        assert call("audit", "m", *asked)[0] in (0, 1, 3)
        assert not any(service.requests for service, _ in services_named.values())
        for flag, (service, _) in services_named.items():
            asked += (flag, service.url)
        code, _, err = call("audit", "m", *asked)
        assert code in (0, 1, 3), err
        for flag, (service, path) in services_named.items():
            paths = [seen for _, seen, _ in service.requests]
            assert any(seen.startswith(path) for seen in paths), (flag, paths)
