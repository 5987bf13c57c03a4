"""Asking a package index what it knows of single releases: its JSON API, beside the simple one.

``<index>/pypi/<name>/<version>/json`` holds a release's ``vulnerabilities``. Many mirrors have no
such page; then ``<index>/pypi/<name>/json`` tells whether the index knows the package, and the
advisories of the release that it is about, which is the latest one.

A 404 means that nobody looked, never that nothing is known: pip-audit passes such a package over,
and ends with 0. An answer without the list of vulnerabilities is as little an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest
from weighbridge.model.errors import ConfigurationError, HostileInput
from weighbridge.sources.http import HttpClient, SourceUnavailable
from weighbridge.sources.osv import PackageVersion
from weighbridge.sources.wording import shown

CONFIGURED = "pip"  # in place of an address: the index that pip is configured with
MAX_PACKAGES = 20_000
_MAX_ANSWER = 32 * 2**20  # of a project with thousands of releases
_WORKERS = 8
_GIVE_UP_AFTER = 3
_UNKNOWN_PACKAGE = "the package index does not know this package, so nobody was asked about it"


@dataclass(frozen=True, slots=True)
class IndexAnswer:
    """The ``vulnerabilities`` of one release as the index sent them, or why there are none.

    ``known``: whether the index has the package, None where it was not told.
    """

    vulnerabilities: tuple[Mapping[str, Any], ...] = ()
    raw: tuple[Digest, ...] = ()
    failure: str = ""
    known: bool | None = None


def configured_index() -> str:
    """The address that ``pip install`` would ask: environment, pip's files, pip's own default.

    Read with pip's own code, which starts no process and asks nobody.

    Raises:
        ConfigurationError: pip cannot read its configuration.
    """
    from pip._internal.configuration import Configuration
    from pip._internal.exceptions import PipError
    from pip._internal.models.index import PyPI

    configuration = Configuration(isolated=False)
    try:
        configuration.load()
    except (PipError, OSError, UnicodeError, ValueError) as error:
        raise ConfigurationError(
            "pip's configuration cannot be read",
            remedy="Repair it ('pip config debug' shows where it lies), or give --index-url URL.",
        ) from error
    # As pip has it: the variable first, then what is set for the command, then for all of them.
    # Of several files the later one counts.
    for key in (":env:.index-url", "install.index-url", "global.index-url"):
        found = ""
        for name, value in configuration.items():
            told = value.get(key) if isinstance(value, dict) else value if name == key else None
            found = told if isinstance(told, str) and told else found
        if found:
            return found
    return PyPI.simple_url


class PackageIndex:
    """One index. ``address`` is that of its simple API, as pip is given it."""

    def __init__(self, http: HttpClient, address: str) -> None:
        self._http = http
        self._base, self._headers = json_api(address)
        self.name = shown(self._base)

    def ask(self, packages: Iterable[PackageVersion]) -> dict[PackageVersion, IndexAnswer]:
        """An answer, or a failure, for every package; several are asked for at a time."""
        from concurrent.futures import ThreadPoolExecutor

        wanted = sorted(set(packages))
        if len(wanted) > MAX_PACKAGES:
            failure = f"more than {MAX_PACKAGES} packages are too many to ask the package index for"
            return dict.fromkeys(wanted, IndexAnswer(failure=failure))
        failures: list[str] = []

        def ask(package: PackageVersion) -> IndexAnswer:
            if len(failures) >= _GIVE_UP_AFTER:
                return IndexAnswer(failure=failures[0])
            try:
                return self._release(package)
            except SourceUnavailable as error:
                # The address in the message has the package's name; the reason must be one for all.
                message = error.message.replace(self._place(package), "")
                message = message.replace(self._place(package, project=True), "")
                failures.append(visible(message, 400))
                return IndexAnswer(failure=failures[-1])

        with ThreadPoolExecutor(_WORKERS) as pool:
            return dict(zip(wanted, pool.map(ask, wanted), strict=True))

    def _place(self, package: PackageVersion, *, project: bool = False) -> str:
        version = "" if project else f"/{quote(package.version, safe='')}"
        return f"/{quote(package.name, safe='')}{version}/json"

    def _release(self, package: PackageVersion) -> IndexAnswer:
        answer, body = self._page(self._place(package))
        if body is None and answer.known is False:
            return self._project(package, answer.raw)
        if body is None:
            return answer
        return _vulnerabilities(package, body, answer.raw, of_release=True)

    def _project(self, package: PackageVersion, before: tuple[Digest, ...]) -> IndexAnswer:
        answer, body = self._page(self._place(package, project=True))
        raw = tuple(sorted({*before, *answer.raw}))
        if body is None:
            failure = _UNKNOWN_PACKAGE if answer.known is False else answer.failure
            return IndexAnswer(raw=raw, failure=failure, known=answer.known)
        return _vulnerabilities(package, body, raw, of_release=False)

    def _page(self, place: str) -> tuple[IndexAnswer, Mapping[str, Any] | None]:
        """A page's JSON object; without one, the reason, with ``known`` False for a 404."""
        headers = {"Accept": "application/json", **self._headers}
        response = self._http.get(self._base + place, headers=headers, max_bytes=_MAX_ANSWER)
        raw = (response.digest,) if response.digest is not None else ()
        if response.status == 404:
            return IndexAnswer(raw=raw, failure=_UNKNOWN_PACKAGE, known=False), None
        if response.status != 200:
            failure = f"the package index answered with the status {response.status}"
            return IndexAnswer(raw=raw, failure=failure), None
        try:
            body = load_json(
                response.body, source="the package index's answer", max_bytes=_MAX_ANSWER
            )
        except HostileInput as error:
            return IndexAnswer(raw=raw, failure=visible(error.message, 400)), None
        if not isinstance(body, dict):
            failure = "the package index answered with no JSON object"
            return IndexAnswer(raw=raw, failure=failure), None
        return IndexAnswer(raw=raw), body


def _vulnerabilities(
    package: PackageVersion, body: Mapping[str, Any], raw: tuple[Digest, ...], *, of_release: bool
) -> IndexAnswer:
    """What a page says of the release, if it is about it."""
    info, listed = body.get("info"), body.get("vulnerabilities")
    if not isinstance(info, dict):
        failure = "the package index's page does not say which package it is about"
        return IndexAnswer(raw=raw, failure=failure)
    if not _same(info, package):
        if not of_release and _same_name(info, package):
            failure = "the package index knows the package, and tells nothing of single releases"
            return IndexAnswer(raw=raw, failure=failure, known=True)
        return IndexAnswer(raw=raw, failure="the package index answered with another package")
    if not isinstance(listed, list):
        failure = "the package index does not tell the vulnerabilities of a release"
        return IndexAnswer(raw=raw, failure=failure, known=True)
    if not all(isinstance(item, dict) for item in listed):
        failure = "the package index lists a vulnerability that is no object"
        return IndexAnswer(raw=raw, failure=failure, known=True)
    return IndexAnswer(tuple(listed), raw, known=True)


def _same_name(info: Mapping[str, Any], package: PackageVersion) -> bool:
    from packaging.utils import canonicalize_name

    name = info.get("name")
    return isinstance(name, str) and canonicalize_name(name) == package.name


def _same(info: Mapping[str, Any], package: PackageVersion) -> bool:
    from packaging.version import InvalidVersion, Version

    version = info.get("version")
    try:
        equal = isinstance(version, str) and Version(version) == Version(package.version)
    except InvalidVersion:
        return False
    return equal and _same_name(info, package)


def json_api(address: str) -> tuple[str, dict[str, str]]:
    """Where the JSON API lies beside a simple one, and the header that its password makes."""
    from base64 import b64encode

    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
        user, password = parts.username, parts.password
    except ValueError as error:
        raise ConfigurationError(
            "the package index's address is none", remedy="Give --index-url https://…/simple."
        ) from error
    path = parts.path.rstrip("/")
    for ending in ("/simple", "/+simple"):
        path = path.removesuffix(ending)
    base = urlunsplit((parts.scheme, host, f"{path}/pypi", "", ""))
    if not user:
        return base, {}
    secret = f"{unquote(user)}:{unquote(password or '')}".encode()
    return base, {"Authorization": f"Basic {b64encode(secret).decode()}"}
