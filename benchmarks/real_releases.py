"""Release histories that happened, as far as this machine can read them: wheels and changelogs.

Wheels: consecutive versions of some pure-Python packages, downloaded once by pip as it is
configured. Each tells what it needs, what runs when Python starts, what in it nobody can read, and
its size; the newest time inside the archive is that of the build, which is minutes before the
upload. Who published a wheel, with what attestation and from which tag, it does not tell: those
facts are None.

Changelogs: those of installed Debian packages, where each release has the time of its signature.
They tell versions and times alone, of another world than an index; many packages, long histories.

Nothing here is drawn. Nothing of it is kept in the repository.
"""

from __future__ import annotations

import datetime as dt
import email.parser
import email.utils
import functools
import gzip
import itertools
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from benchmarks.inspection_peers import cache
from weighbridge.model.facts.project import BinaryFacts, ProjectFacts, ReleaseFacts

# Packages of the environment of ``benchmarks.sbom`` and of our own: small wheels, many builders.
PACKAGES = (
    "alembic", "anyio", "attrs", "certifi", "charset-normalizer", "click", "fastapi", "filelock",
    "flask", "fsspec", "gitpython", "gunicorn", "httpx", "huggingface-hub", "idna",
    "importlib-metadata", "jinja2", "jsonschema", "mako", "narwhals", "packaging", "platformdirs",
    "prompt-toolkit", "requests", "starlette", "tqdm", "typer", "urllib3", "uvicorn", "zipp",
)  # fmt: skip
ROUNDS = 9  # versions of each, the newest first
NO_TIME = ("1980-01-01", "2016-01-01", "2020-02-02")  # what builders write in the place of a time
LIBRARIES = (".so", ".pyd", ".dll", ".exe", ".dylib", ".bin", ".jar", ".node", ".wasm", ".min.js")
ENTRY = re.compile(r"^(\S+) \(([^)]+)\)[^;]*;", re.MULTILINE)
SIGNED = re.compile(r"^ -- .*<[^>]*>  (.*)$", re.MULTILINE)
DOCUMENTATION = Path("/usr/share/doc")
FEWEST = 5


class Wheel(NamedTuple):
    """A release, and the mail addresses of the people that it declares."""

    release: ReleaseFacts
    people: frozenset[str]


def of_wheels() -> list[ProjectFacts]:
    """One project for each package; its releases are oldest first."""
    return [
        project("pypi", name, [wheel.release for wheel in wheels])
        for name, wheels in sorted(_downloaded().items())
    ]


def declared_people_changed() -> tuple[int, int]:
    """How many wheels declare other people than the one before, and of how many.

    It stands in for changes of owners, which a wheel does not tell. Nothing is scored by it.
    """
    pairs = [pair for wheels in _downloaded().values() for pair in itertools.pairwise(wheels)]
    return sum(one.people != other.people for one, other in pairs), len(pairs)


def of_changelogs() -> list[ProjectFacts]:
    """One project for each source package that has enough releases with readable times."""
    found: dict[str, list[ReleaseFacts]] = {}
    for path in sorted(DOCUMENTATION.glob("*/changelog.Debian*.gz")):
        with gzip.open(path, "rt", errors="replace") as stream:
            text = stream.read(4 * 2**20)
        source, releases = _changelog(text)
        if len(releases) > max(FEWEST, len(found.get(source, ()))):
            found[source] = releases
    return [project("pypi", name, releases) for name, releases in sorted(found.items())]


def project(system: str, name: str, releases: list[ReleaseFacts], **more: object) -> ProjectFacts:
    """A project of which its releases are all that is known, unless ``more`` tells more."""
    facts: Any = {
        "system": system, "name": name, "release": releases[-1]["version"] if releases else "",
        "identity": "", "created": "", "status": "", "status_reason": "", "owner": "",
        "owner_id": "", "owner_created": "", "owners": None, "domains": None, "repository": None,
        "releases": releases, "order": "upload", "dependencies": None, "scorecard": None,
        "malicious": None, "resembles": None, "asked": [], **more,
    }  # fmt: skip
    return facts  # type: ignore[no-any-return]


def release(version: str, uploaded: str, **more: object) -> ReleaseFacts:
    """A release of which version and time are all that is known, unless ``more`` tells more."""
    facts: Any = {
        "version": version, "uploaded": uploaded, "final": True, "yanked": None, "publisher": None,
        "attested": None, "tag": None, "commit": "", "signed_by": None, "signing_key": "",
        "requires": None, "hooks": None, "size": None, "binaries": None, "differs": None,
        "patterns": None, "sha256": [], **more,
    }  # fmt: skip
    return facts  # type: ignore[no-any-return]


@functools.cache
def _downloaded() -> dict[str, list[Wheel]]:
    """Downloads what is not there yet: each round one pip, for the version before the last's."""
    folder = cache() / "releases"
    found: dict[str, list[Wheel]] = {}
    below = dict.fromkeys(PACKAGES, "")
    for number in range(ROUNDS):
        wheels = folder / f"round-{number}"
        if not (wheels / ".complete").exists():
            wanted = [name + (f"<{version}" if version else "") for name, version in below.items()]
            print(f"downloading {len(wanted)} wheels, round {number + 1} of {ROUNDS}", flush=True)
            if not _download(wheels, wanted):
                break
        below = {}
        for path in sorted(wheels.glob("*.whl")):
            name, one = _wheel(path)
            found.setdefault(name, []).insert(0, one)
            below[name] = one.release["version"]
    return found


def _download(folder: Path, wanted: list[str]) -> bool:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    flags = ["--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
    done = subprocess.run([*pip, *flags, *wanted], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"  pip gave up: {done.stderr.strip().splitlines()[-1][:200]}")
        return False
    (folder / ".complete").touch()
    return True


def _wheel(path: Path) -> tuple[str, Wheel]:
    try:
        name, version, _, _ = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        raise SystemExit(f"{path.name}: {error}") from error
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        (metadata,) = (m for m in members if m.filename.endswith(".dist-info/METADATA"))
        text = archive.read(metadata).decode(errors="replace")
    built = max(dt.datetime(*member.date_time, tzinfo=dt.UTC) for member in members)
    at = built.strftime("%Y-%m-%dT%H:%M:%SZ")
    binaries: list[BinaryFacts] = [
        {"path": member.filename, "size": member.file_size}
        for member in members
        if member.filename.endswith(LIBRARIES) or ".so." in member.filename
    ]
    facts = release(
        str(version), "" if at[:10] in NO_TIME else at,
        requires=sorted(_requires(text)), binaries=binaries, size=path.stat().st_size,
        hooks=sorted(m.filename for m in members if m.filename.endswith(".pth")),
    )  # fmt: skip
    headers = email.parser.HeaderParser().parsestr(text)
    declared = [headers.get(field, "") for field in ("Author-email", "Maintainer-email")]
    people = frozenset(address.casefold() for _, address in email.utils.getaddresses(declared))
    return name, Wheel(facts, people - {""})


def _requires(metadata: str) -> Iterator[str]:
    for line in email.parser.HeaderParser().parsestr(metadata).get_all("Requires-Dist") or ():
        try:
            one = Requirement(line)
        except InvalidRequirement:
            continue
        if one.marker is None or "extra" not in str(one.marker):
            yield canonicalize_name(one.name)


def _changelog(text: str) -> tuple[str, list[ReleaseFacts]]:
    """Source package and releases of a changelog (Debian policy 4.4), oldest first."""
    heads, times = ENTRY.findall(text), SIGNED.findall(text)
    releases: list[tuple[dt.datetime, str]] = []
    for (_, version), when in zip(heads, times, strict=False):
        try:
            at = email.utils.parsedate_to_datetime(when)
        except ValueError:
            continue
        if at.tzinfo is not None:
            releases.append((at.astimezone(dt.UTC), version))
    if len(heads) != len(times):  # an entry without its signature: no pairing can be trusted
        return heads[0][0] if heads else "", []
    first: dict[str, dt.datetime] = {}  # rebuilds keep the version
    for at, version in sorted(releases):
        first.setdefault(version, at)
    return heads[0][0] if heads else "", [
        release(version, at.strftime("%Y-%m-%dT%H:%M:%SZ")) for version, at in first.items()
    ]
