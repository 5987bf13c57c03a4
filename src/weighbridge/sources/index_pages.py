"""What a package index's two pages about a project say, taken apart.

The JSON API (``/pypi/<name>/json``) holds the owners (``ownership``, since February 2026), the
latest release's metadata and every file; the Simple API in JSON (PEP 691, 700, 708, 740, 792) the
files once more, whether each has provenance, and the project's status. Mirrors leave much of it
out: ``None`` means everywhere that a page does not tell.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import getaddresses
from typing import Any

from weighbridge.sources.questions import words

MAX_FILES = 200_000  # of all releases of a project
MAX_OWNERS = 200
MAX_EMAILS = 20
MAX_REQUIRES = 1_000
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(?:Z|\+00:00)?\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}\Z")
_STATUS = ("active", "archived", "quarantined", "deprecated")
# the labels under which a project gives its source, the surest first (PEP 753, well-known labels)
_SOURCE_LABELS = ("source", "sourcecode", "repository", "github", "code", "homepage")


@dataclass(frozen=True, slots=True)
class IndexFile:
    """One file. ``uploaded`` is RFC 3339, empty where untold; ``size`` in bytes, -1 then.

    ``provenance``: whether the index says that it has any for the file.
    """

    name: str
    version: str
    sha256: str = ""
    size: int = -1
    uploaded: str = ""
    yanked: bool | None = None
    provenance: bool | None = None


@dataclass(frozen=True, slots=True)
class IndexPage:
    """The JSON page. ``owners`` are (account, role); ``requires`` that of the version named.

    ``homes`` are the addresses under which the project says that its source lies, the surest first;
    ``mails`` domains of the addresses in author and maintainer.
    """

    name: str
    version: str
    owners: tuple[tuple[str, str], ...] | None
    organization: str
    mails: tuple[str, ...] | None
    homes: tuple[str, ...]
    requires: tuple[str, ...] | None
    files: tuple[IndexFile, ...] | None


@dataclass(frozen=True, slots=True)
class IndexListing:
    """The Simple page. ``status`` is empty where it has none."""

    status: str
    status_reason: str
    files: tuple[IndexFile, ...]


def json_page(body: object, name: str) -> IndexPage | str:
    """The project's JSON page, or why it is none."""
    info = body.get("info") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(info, dict):
        return "the package index's page does not say which package it is about"
    if not _same_name(info.get("name"), name):
        return "the package index answered with another package"
    owners, organization = _ownership(body.get("ownership"))
    return IndexPage(
        name,
        words(info.get("version")),
        owners,
        organization,
        _mails(info),
        tuple(_homes(info)),
        requirements(info),
        _releases(body.get("releases")),
    )


def simple_page(body: object, name: str) -> IndexListing | str:
    """The project's Simple page, or why it is none."""
    if not isinstance(body, dict) or not _same_name(body.get("name"), name):
        return "the package index answered with another package's files"
    listed = body.get("files")
    if not isinstance(listed, list) or len(listed) > MAX_FILES:
        return f"the package index gives no list of at most {MAX_FILES} files"
    status = body.get("project-status")
    status = status if isinstance(status, dict) else {}
    called = words(status.get("status"), 40)
    return IndexListing(
        # a word that the specification does not have is not passed off as one that it has
        called if called in _STATUS else "",
        words(status.get("reason"), 400),
        tuple(_simple_files(listed)),
    )


def requirements(info: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The normalized names that a release depends on without an extra; None where untold."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    if "requires_dist" not in info:
        return None
    listed = info["requires_dist"]
    if listed is None:
        return ()
    if not isinstance(listed, list) or len(listed) > MAX_REQUIRES:
        return None
    found: set[str] = set()
    for text in listed:
        try:
            one = Requirement(text if isinstance(text, str) and len(text) < 2_000 else "")
        except (InvalidRequirement, RecursionError):
            return None  # what cannot be read could be any package
        if one.marker is None or not re.search(r"\bextra\b", str(one.marker)):
            found.add(canonicalize_name(one.name))
    return tuple(sorted(found))


def moment(value: object) -> str:
    """A time to the second in UTC; empty where it is none."""
    match = _TIME.match(value) if isinstance(value, str) else None
    if match is None:
        return ""
    try:
        dt.datetime.fromisoformat(match.group(1))
    except ValueError:  # the 31st of February
        return ""
    return f"{match.group(1)}Z"


def mail_domains(*texts: object) -> tuple[str, ...]:
    """The domains of the addresses in fields such as ``Ann <ann@corp.example>, b@c.example``."""
    given = [text[:2_000] for text in texts if isinstance(text, str)]
    found = {address.rpartition("@")[2].lower() for _, address in getaddresses(given)[:MAX_EMAILS]}
    return tuple(sorted(domain for domain in found if len(domain) < 254 and _HOST.match(domain)))


def _same_name(value: object, name: str) -> bool:
    from packaging.utils import canonicalize_name

    return isinstance(value, str) and len(value) < 500 and canonicalize_name(value) == name


def _ownership(value: object) -> tuple[tuple[tuple[str, str], ...] | None, str]:
    if not isinstance(value, dict) or not isinstance(value.get("roles"), list):
        return None, ""
    roles = value["roles"]
    if len(roles) > MAX_OWNERS:
        return None, ""
    found = []
    for one in roles:
        user = words(one.get("user")) if isinstance(one, dict) else ""
        if not user:
            return None, ""  # a list of which one entry cannot be read says not who all are
        found.append((user, words(one.get("role"), 40)))
    return tuple(sorted(set(found))), words(value.get("organization"))


def _mails(info: Mapping[str, Any]) -> tuple[str, ...] | None:
    fields = ("author_email", "maintainer_email")
    if not any(field in info for field in fields):
        return None
    return mail_domains(*(info.get(field) for field in fields))


def _homes(info: Mapping[str, Any]) -> Iterator[str]:
    given = info.get("project_urls")
    labelled: dict[str, str] = {}
    for label, url in given.items() if isinstance(given, dict) and len(given) <= 100 else ():
        if isinstance(label, str) and isinstance(url, str):
            labelled.setdefault(re.sub(r"[\W_]+", "", label).lower(), url[:500])
    seen: dict[str, None] = {}
    for label in _SOURCE_LABELS:
        seen.update(dict.fromkeys(u for key, u in labelled.items() if key == label))
    home = info.get("home_page")
    seen.update(dict.fromkeys([home[:500]] if isinstance(home, str) else []))
    seen.update(dict.fromkeys(labelled.values()))
    yield from seen


def _releases(value: object) -> tuple[IndexFile, ...] | None:
    if not isinstance(value, dict):
        return None
    found: list[IndexFile] = []
    for version, files in value.items():
        for one in files if isinstance(files, list) else ():
            if len(found) >= MAX_FILES:
                return None
            if isinstance(one, dict) and isinstance(one.get("filename"), str):
                digests = one.get("digests")
                found.append(
                    IndexFile(
                        words(one["filename"]),
                        words(version),
                        _sha256(digests),
                        _size(one.get("size")),
                        moment(one.get("upload_time_iso_8601")),
                        one["yanked"] if isinstance(one.get("yanked"), bool) else None,
                    )
                )
    return tuple(found)


def _simple_files(listed: list[Any]) -> Iterator[IndexFile]:
    # an index that knows of provenance may leave the key out where there is none; a mirror always
    tells = any(isinstance(one, dict) and "provenance" in one for one in listed)
    for one in listed:
        if not isinstance(one, dict) or not isinstance(one.get("filename"), str):
            continue
        version = version_of(one["filename"][:500])
        if version:
            # PEP 592 and 691: a reason in place of true
            yanked, provenance = one.get("yanked"), one.get("provenance")
            yield IndexFile(
                words(one["filename"]),
                version,
                _sha256(one.get("hashes")),
                _size(one.get("size")),
                moment(one.get("upload-time")),
                None if yanked is None else bool(yanked),
                isinstance(provenance, str) if tells else None,
            )


def version_of(filename: str) -> str:
    """The version in a distribution's file name; empty where it is not named as one."""
    from packaging.utils import (
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )

    try:
        if filename.endswith(".whl"):
            return str(parse_wheel_filename(filename)[1])
        return str(parse_sdist_filename(filename)[1])
    except (InvalidWheelFilename, InvalidSdistFilename, ValueError):
        return ""


def _sha256(value: object) -> str:
    digest = value.get("sha256") if isinstance(value, dict) else None
    return digest if isinstance(digest, str) and _SHA256.match(digest) else ""


def _size(value: object) -> int:
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
    return value if known and isinstance(value, int) else -1
