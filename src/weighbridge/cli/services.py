"""Where advisories and cards are looked up, from flags and the configuration: for verbs that do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.model.errors import UsageError

if TYPE_CHECKING:
    from weighbridge.cli.config import Config
    from weighbridge.collect.context import Services

OSV_URL = "The OSV service to ask for advisories; 'none' for no service."
OSV_DATABASE = "A folder with a local OSV database to read instead, offline too."
INDEX_URL = "Ask this package index as well; 'pip' for the one that pip is configured with."
MODEL_ADVISORIES = "A folder of your own advisories about models, in OSV form."
CARDS = "A folder with the cards of other models and datasets, read offline too."
ATTESTATIONS = "A folder with attestations that are kept outside of the model."
HUB_URL = "Ask this Hugging Face Hub for cards of ancestors; 'hub' for the default one."
FORGE_URL = "Ask this forge (GitHub's REST API) about source repositories; 'github' for GitHub."
SCORECARD_URL = "Ask this OpenSSF Scorecard service; 'scorecard' for the public one."
DEPS_DEV_URL = "Ask this Open Source Insights service; 'deps.dev' for the public one."
RDAP_URL = "Ask this RDAP service about the domains of owners' mail; 'rdap' for the public one."
_ANSWERS = "http-1"  # the cache's folder of answers, in its first form
BASELINE = "The projects as somebody accepted them: a file that 'maintainers snapshot' wrote."


def services(
    settings: Config,
    *,
    osv_url: str = "",
    osv_database: str = "",
    index_url: str = "",
    model_advisories: str = "",
    cards: str = "",
    hub_url: str = "",
    attestations: str = "",
    forge_url: str = "",
    scorecard_url: str = "",
    deps_dev_url: str = "",
    rdap_url: str = "",
    baseline: str = "",
) -> Services:
    """What flags say, and what the configuration says where they say nothing.

    Raises:
        UsageError: a folder, or the baseline's file, is not there.
    """
    from weighbridge.collect.context import Services
    from weighbridge.snapshot.cache import cache_allowed, cache_folder

    return Services(
        osv=osv_url or settings.osv_url,
        package_index=index_url or settings.index_url,
        osv_database=_folder("--osv-database", osv_database or settings.osv_database),
        database_days=settings.osv_database_days,
        model_advisories=_folder(
            "--model-advisories", model_advisories or settings.model_advisories
        ),
        cards=_folder("--cards", cards or settings.cards),
        hub=hub_url or settings.hub_url,
        attestations=_folder("--attestations", attestations or settings.attestations),
        license_lock=Path(settings.license_lock) if settings.license_lock else None,
        forge=forge_url or settings.forge_url,
        scorecards=scorecard_url or settings.scorecard_url,
        deps_dev=deps_dev_url or settings.deps_dev_url,
        rdap=rdap_url or settings.rdap_url,
        baseline=_file("--baseline", baseline or settings.baseline),
        known_models=settings.known_models,
        answers=cache_folder() / _ANSWERS if cache_allowed() else None,
    )


def _folder(flag: str, name: str) -> Path | None:
    if not name:
        return None
    if not Path(name).is_dir():
        raise UsageError(
            f"{flag}: {name} is not a folder",
            remedy="Name the folder itself, not an archive in it.",
        )
    return Path(name)


def _file(flag: str, name: str) -> Path | None:
    if not name:
        return None
    if not Path(name).is_file():
        raise UsageError(
            f"{flag}: {name} is not a file",
            remedy="Name the file that 'weighbridge maintainers snapshot' wrote.",
        )
    return Path(name)
