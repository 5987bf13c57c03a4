"""The services that are asked about projects: those whose addresses are configured."""

from __future__ import annotations

from dataclasses import dataclass

from weighbridge.collect.context import Services
from weighbridge.history.armored_key import armored_key
from weighbridge.model.errors import ConfigurationError
from weighbridge.sources.deps_dev import DEPS_DEV, DepsDev
from weighbridge.sources.forge import GITHUB, Forge
from weighbridge.sources.http import HttpClient
from weighbridge.sources.hub_accounts import HubAccounts
from weighbridge.sources.index_project import ProjectIndex
from weighbridge.sources.rdap import Rdap
from weighbridge.sources.scorecard import SCORECARD, ScorecardClient

NO_INDEX = "no package index is configured to be asked who keeps it (--index-url)"
NO_HUB = "no hub is configured to be asked who keeps it (--hub-url)"
# in place of an address: the public service
_FORGE, _SCORECARD, _DEPS_DEV = "github", "scorecard", "deps.dev"


@dataclass(frozen=True, slots=True)
class Clients:
    """Whom to ask; None for who is not configured. ``no_index``, ``no_hub``: why there is none."""

    index: ProjectIndex | None = None
    hub: HubAccounts | None = None
    forge: Forge | None = None
    scorecards: ScorecardClient | None = None
    deps_dev: DepsDev | None = None
    rdap: Rdap | None = None
    no_index: str = NO_INDEX
    no_hub: str = NO_HUB

    @classmethod
    def of(cls, services: Services, http: HttpClient) -> Clients:
        """The clients of the addresses that are configured."""
        index, no_index = None, NO_INDEX
        if services.package_index:
            try:
                index = ProjectIndex(http, services.package_index)
            except ConfigurationError as error:
                no_index = error.message
        hub, no_hub = None, NO_HUB
        if services.hub:
            try:
                hub = HubAccounts(http, services.hub)
            except ConfigurationError as error:
                no_hub = error.message
        forge = GITHUB if services.forge == _FORGE else services.forge
        scorecards = SCORECARD if services.scorecards == _SCORECARD else services.scorecards
        deps_dev = DEPS_DEV if services.deps_dev == _DEPS_DEV else services.deps_dev
        return cls(
            index,
            hub,
            Forge(http, forge, key_of=armored_key) if forge else None,
            ScorecardClient(http, scorecards) if scorecards else None,
            DepsDev(http, deps_dev) if deps_dev else None,
            Rdap(http, services.rdap) if services.rdap else None,
            no_index,
            no_hub,
        )
