"""Asking an OSV service (https://google.github.io/osv.dev/api/) for many packages at once.

One ``querybatch`` gives the ids for hundreds of packages, then each advisory is fetched once. Every
answer is stored before it is parsed. An answer that is not exactly what the interface promises is a
failure of its packages: an error page, half an answer or a missing row never reads as "nothing
known".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest
from weighbridge.model.errors import HostileInput
from weighbridge.sources.http import HttpClient, Response, SourceUnavailable

ECOSYSTEM = "PyPI"  # how the OSV schema names the ecosystem of Python packages
BATCH = 500  # the service takes 1,000
MAX_PAGES = 50
MAX_ADVISORIES = 5_000
_MAX_ANSWER = 32 * 2**20
_MAX_ADVISORY = 8 * 2**20
_WORKERS = 8
_GIVE_UP_AFTER = 3
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}\Z")
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


@dataclass(frozen=True, slots=True, order=True)
class PackageVersion:
    """What a service is asked for: a normalized name and a public PEP 440 version.

    With a ``purl`` (without a version) it is a package of another ecosystem, whose name and version
    are as that ecosystem writes them (:mod:`weighbridge.sources.purls`).
    """

    name: str
    version: str
    purl: str = ""


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """The advisories of one package as the service sent them, or why there is no answer."""

    advisories: tuple[Mapping[str, Any], ...] = ()
    raw: tuple[Digest, ...] = ()
    failure: str = ""


class _BadAnswer(HostileInput):
    """An answer came and is not what the interface promises; ``raw`` is where it is stored."""

    def __init__(self, message: str, raw: tuple[Digest, ...] = ()) -> None:
        super().__init__(message)
        self.raw = raw


class OsvClient:
    """One OSV service. ``base_url`` may end in ``/v1`` or ``/v1/query``, or in neither."""

    def __init__(self, http: HttpClient, base_url: str) -> None:
        self._http = http
        base = base_url.rstrip("/")
        for ending in ("/query", "/querybatch", "/v1"):
            base = base.removesuffix(ending)
        self.base_url = base

    def ask(self, packages: Iterable[PackageVersion]) -> dict[PackageVersion, RawAnswer]:
        """An answer, or a failure, for every package."""
        wanted = sorted(set(packages))
        named: dict[PackageVersion, _Named] = {}
        down = ""
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            if not down:
                try:
                    named.update(self._names(batch))
                    continue
                except SourceUnavailable as error:
                    down = error.message
                except _BadAnswer as error:
                    failed = _Named(raw=error.raw, failure=error.message)
                    named.update(dict.fromkeys(batch, failed))
                    continue
            named.update(dict.fromkeys(batch, _Named(failure=down)))
        details = self._details({i for found in named.values() for i in found.ids})
        return {package: _answer(named[package], details) for package in wanted}

    def _names(self, batch: Sequence[PackageVersion]) -> dict[PackageVersion, _Named]:
        """The ids of the advisories of each package, every page of them."""
        ids: dict[PackageVersion, list[str]] = {package: [] for package in batch}
        raw: dict[PackageVersion, list[Digest]] = {package: [] for package in batch}
        waiting: list[tuple[PackageVersion, str]] = [(package, "") for package in batch]
        for _ in range(MAX_PAGES):
            if not waiting:
                break
            rows, digests = self._page(waiting)
            following: list[tuple[PackageVersion, str]] = []
            for (package, _token), row in zip(waiting, rows, strict=True):
                ids[package] += row.ids
                raw[package] += digests
                if row.next_page:
                    following.append((package, row.next_page))
            waiting = following
        if waiting:
            raise _BadAnswer(f"{self.base_url} answered with more than {MAX_PAGES} pages")
        return {
            package: _Named(tuple(sorted(set(ids[package]))), tuple(raw[package]))
            for package in batch
        }

    def _page(
        self, waiting: Sequence[tuple[PackageVersion, str]]
    ) -> tuple[list[_Row], tuple[Digest, ...]]:
        queries = [
            {
                "package": _asked_by(package),
                "version": package.version,
                **({"page_token": token} if token else {}),
            }
            for package, token in waiting
        ]
        body = json.dumps({"queries": queries}, sort_keys=True, separators=(",", ":")).encode()
        response = self._http.post(
            f"{self.base_url}/v1/querybatch", body,
            headers=_JSON, max_bytes=_MAX_ANSWER, idempotent=True,
        )  # fmt: skip
        answer = self._object(response, "the batch query")
        results = answer.get("results")
        if not isinstance(results, list) or len(results) != len(queries):
            raise _BadAnswer(
                f"{self.base_url} did not answer each of the {len(queries)} packages asked for",
                _digests(response),
            )
        return [self._row(item, _digests(response)) for item in results], _digests(response)

    def _row(self, item: Any, raw: tuple[Digest, ...]) -> _Row:
        if not isinstance(item, dict):
            raise _BadAnswer(f"{self.base_url} answered with a row that is no object", raw)
        vulns, token = item.get("vulns", []), item.get("next_page_token", "")
        if not isinstance(vulns, list) or not isinstance(token, str):
            raise _BadAnswer(f"{self.base_url} answered with a row of another shape", raw)
        ids = [vuln.get("id") if isinstance(vuln, dict) else None for vuln in vulns]
        if not all(isinstance(i, str) and _ID.match(i) for i in ids):
            raise _BadAnswer(f"{self.base_url} named an advisory without a valid id", raw)
        return _Row([str(i) for i in ids], token)

    def _details(self, ids: set[str]) -> dict[str, RawAnswer]:
        """Each advisory, fetched once, several at a time."""
        from concurrent.futures import ThreadPoolExecutor

        if len(ids) > MAX_ADVISORIES:
            failure = f"{self.base_url} named more than {MAX_ADVISORIES} advisories"
            return {i: RawAnswer(failure=failure) for i in ids}
        failures: list[str] = []

        def fetch(identifier: str) -> RawAnswer:
            if len(failures) >= _GIVE_UP_AFTER:
                return RawAnswer(failure=failures[0])
            try:
                return self._detail(identifier)
            except SourceUnavailable as error:
                failures.append(error.message)
                return RawAnswer(failure=error.message)
            except _BadAnswer as error:
                return RawAnswer(raw=error.raw, failure=error.message)

        ordered = sorted(ids)
        with ThreadPoolExecutor(_WORKERS) as pool:
            return dict(zip(ordered, pool.map(fetch, ordered), strict=True))

    def _detail(self, identifier: str) -> RawAnswer:
        url = f"{self.base_url}/v1/vulns/{quote(identifier, safe='')}"
        response = self._http.get(
            url, headers={"Accept": "application/json"}, max_bytes=_MAX_ADVISORY
        )
        body = self._object(response, f"advisory {identifier}")
        if body.get("id") != identifier:
            raise _BadAnswer(
                f"{self.base_url} answered {identifier} with another advisory", _digests(response)
            )
        return RawAnswer((body,), _digests(response))

    def _object(self, response: Response, what: str) -> dict[str, Any]:
        raw = _digests(response)
        if response.status != 200:
            raise _BadAnswer(
                f"{self.base_url} answered {what} with the status {response.status}", raw
            )
        try:
            body = load_json(response.body, source=f"the answer of {self.base_url} to {what}")
        except HostileInput as error:
            raise _BadAnswer(error.message, raw) from error
        if not isinstance(body, dict):
            raise _BadAnswer(f"{self.base_url} answered {what} with no JSON object", raw)
        return body


@dataclass(frozen=True, slots=True)
class _Row:
    ids: list[str]
    next_page: str


@dataclass(frozen=True, slots=True)
class _Named:
    ids: tuple[str, ...] = ()
    raw: tuple[Digest, ...] = ()
    failure: str = ""


def _asked_by(package: PackageVersion) -> dict[str, str]:
    """A purl stands alone: the service refuses one beside a name (API, ``Package``)."""
    if package.purl:
        return {"purl": package.purl}
    return {"name": package.name, "ecosystem": ECOSYSTEM}


def _answer(named: _Named, details: Mapping[str, RawAnswer]) -> RawAnswer:
    found = [details[identifier] for identifier in named.ids]
    raw = tuple(sorted({*named.raw, *(d for answer in found for d in answer.raw)}))
    failure = named.failure or next((a.failure for a in found if a.failure), "")
    if failure:
        return RawAnswer(raw=raw, failure=visible(failure, 400))
    return RawAnswer(tuple(body for answer in found for body in answer.advisories), raw)


def _digests(response: Response) -> tuple[Digest, ...]:
    return (response.digest,) if response.digest is not None else ()
