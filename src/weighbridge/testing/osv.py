"""A stand-in for an OSV service on the loopback interface, with the ways such a service fails.

    with FakeOsv([advisory("PYSEC-0000-1", "torch", fixed="2.1.1")]) as osv:
        audit(..., services=Services(osv=osv.url))

It speaks ``POST /v1/query``, ``POST /v1/querybatch`` and ``GET /v1/vulns/{id}``. Ids are synthetic:
no real advisory has the year 0000.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from weighbridge.testing.failing_http import FailingService, Mode

__all__ = ["FakeOsv", "Mode", "advisory"]

PAGE = 2  # ids in one page of a batch row, where pages are on


def advisory(
    identifier: str,
    package: str,
    *,
    introduced: str = "0",
    fixed: str = "",
    aliases: Iterable[str] = (),
    severity: str = "",
    summary: str = "A made-up weakness",
    withdrawn: str = "",
    ecosystem: str = "PyPI",
    **extra: Any,
) -> dict[str, Any]:
    """A record of the OSV schema 1.x about one package."""
    events = [{"introduced": introduced}, *([{"fixed": fixed}] if fixed else [])]
    record: dict[str, Any] = {
        "schema_version": "1.6.0",
        "id": identifier,
        "modified": "2026-01-01T00:00:00Z",
        "aliases": sorted(aliases),
        "summary": summary,
        "affected": [
            {
                "package": {"name": package, "ecosystem": ecosystem},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
            }
        ],
        **extra,
    }
    if severity:
        record["database_specific"] = {"severity": severity}
    if withdrawn:
        record["withdrawn"] = withdrawn
    return record


class FakeOsv(FailingService):
    """The service, a context manager. ``url`` is its address, ``requests`` what it was sent."""

    def __init__(
        self,
        records: Iterable[Mapping[str, Any]] = (),
        *,
        mode: Mode = Mode.HONEST,
        delay_seconds: float = 1.0,
        paginate: bool = False,
    ) -> None:
        super().__init__(mode=mode, delay_seconds=delay_seconds)
        self.records = {str(record["id"]): dict(record) for record in records}
        self.paginate = paginate

    def empty(self, path: str, body: Any) -> Any:
        """Nothing, in a row for each package that was asked for."""
        return {"results": [{}] * len(body["queries"])} if path == "/v1/querybatch" else {}

    def matching(self, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The records that affect a queried version, withdrawn ones too."""
        package = query.get("package", {})
        return [
            self.records[identifier]
            for identifier in sorted(self.records)
            if _affects(self.records[identifier], _named(package), str(query.get("version", "")))
        ]

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """The honest answer to one request: status and JSON."""
        if method == "POST" and path == "/v1/query":
            found = self.matching(body)
            return 200, {"vulns": found} if found else {}
        if method == "POST" and path == "/v1/querybatch":
            rows = [self._row(query) for query in body["queries"]]
            if self.mode is Mode.NO_ROWS:
                return 200, {"next_page_token": "more"}
            return 200, {"results": rows[:-1] if self.mode is Mode.SHORT else rows}
        if method == "GET" and path.startswith("/v1/vulns/"):
            record = self.records.get(path.removeprefix("/v1/vulns/"))
            if self.mode is Mode.WRONG_DETAIL and record:
                return 200, {**record, "id": "OTHER-0000-1"}
            if record and self.mode is not Mode.NO_DETAILS:
                return 200, record
        return 404, {"code": 5, "message": "Bug not found."}

    def _row(self, query: Mapping[str, Any]) -> dict[str, Any]:
        found = [
            {"id": record["id"], "modified": record.get("modified", "")}
            for record in self.matching(query)
        ]
        if self.mode is Mode.ENDLESS:
            return {"vulns": found, "next_page_token": "again"}
        if self.paginate:
            start = int(query.get("page_token") or 0)
            page = {"vulns": found[start : start + PAGE]}
            more = {"next_page_token": str(start + PAGE)} if found[start + PAGE :] else {}
            return {**page, **more}
        return {"vulns": found} if found else {}


def _named(package: Mapping[str, Any]) -> Mapping[str, Any]:
    """Name and ecosystem of what is asked for by a package URL of Rust or npm."""
    kind, _, name = str(package.get("purl", "")).removeprefix("pkg:").partition("/")
    ecosystem = {"cargo": "crates.io", "npm": "npm"}.get(kind)
    return {"name": name.replace("%40", "@"), "ecosystem": ecosystem} if ecosystem else package


def _affects(record: Mapping[str, Any], package: Mapping[str, Any], version: str) -> bool:
    """Whether the record's ranges or version lists hold the version (OSV schema, evaluation)."""
    from packaging.utils import canonicalize_name
    from packaging.version import Version

    for entry in record.get("affected", ()):
        named = entry.get("package", {})
        name = named.get("name", "")
        if package.get("name") not in (name, canonicalize_name(name)):
            continue
        if named.get("ecosystem") != package.get("ecosystem"):
            continue
        if version in entry.get("versions", ()):
            return True
        for item in entry.get("ranges", ()):
            affected = False
            for event in item.get("events", ()):
                if "introduced" in event and Version(version) >= Version(event["introduced"]):
                    affected = True
                elif "fixed" in event and Version(version) >= Version(event["fixed"]):
                    affected = False
            if affected:
                return True
    return False
