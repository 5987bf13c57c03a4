"""A stand-in for a package index's JSON API on the loopback interface.

    with FakeIndex({("torch", "2.1.0"): [weakness("PYSEC-0000-1", fixed_in=["2.1.1"])]}) as index:
        audit(..., services=Services(package_index=index.simple_url))

It speaks ``GET /pypi/<name>/<version>/json`` and ``GET /pypi/<name>/json``. Ids are synthetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from weighbridge.testing.failing_http import FailingService, Mode

__all__ = ["FakeIndex", "Mode", "weakness"]


def weakness(
    identifier: str,
    *,
    aliases: Iterable[str] = (),
    fixed_in: Iterable[str] = (),
    summary: str = "A made-up weakness",
    withdrawn: str | None = None,
) -> dict[str, Any]:
    """One entry of a release's ``vulnerabilities``."""
    return {
        "id": identifier,
        "aliases": sorted(aliases),
        "fixed_in": list(fixed_in),
        "summary": None,
        "details": summary,
        "link": f"https://osv.example/{identifier}",
        "source": "osv",
        "withdrawn": withdrawn,
    }


class FakeIndex(FailingService):
    """The index, a context manager.

    Args:
        releases: the vulnerabilities of each release, by name and version. The last release of a
            name is the one that its project page is about.
        by_release: whether it has pages of single releases; many mirrors have none.
        told: whether its pages have a list of vulnerabilities at all.
    """

    def __init__(
        self,
        releases: Mapping[tuple[str, str], list[dict[str, Any]]],
        *,
        mode: Mode = Mode.HONEST,
        delay_seconds: float = 1.0,
        by_release: bool = True,
        told: bool = True,
    ) -> None:
        super().__init__(mode=mode, delay_seconds=delay_seconds)
        self.releases = dict(releases)
        self.by_release = by_release
        self.told = told

    @property
    def simple_url(self) -> str:
        """The address of its simple API, as pip is given it."""
        return f"{self.url}/simple/"

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """The honest answer to one request: status and JSON."""
        parts = path.removeprefix("/pypi/").removesuffix("/json").split("/")
        if method != "GET" or not path.startswith("/pypi/") or not path.endswith("/json"):
            return 404, {"message": "Not Found"}
        if len(parts) == 2 and self.by_release and (parts[0], parts[1]) in self.releases:
            return 200, self._page(parts[0], parts[1])
        versions = [version for name, version in self.releases if name == parts[0]]
        if len(parts) == 1 and versions:
            return 200, self._page(parts[0], versions[-1])
        return 404, {"message": "Not Found"}

    def _page(self, name: str, version: str) -> dict[str, Any]:
        page: dict[str, Any] = {"info": {"name": name, "version": version}, "urls": []}
        if self.told:
            page["vulnerabilities"] = self.releases[name, version]
        return page
