"""Whether a model's folder fulfills what the licenses of its ancestors demand of a release.

Files can show that a text, a sentence, a badge or a name is there. Whether changes are stated well
enough, a source offer stands, or somebody has registered, only a person can say.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from weighbridge.model.facts.release import PhraseFacts
from weighbridge.model.finding import Location
from weighbridge.model.licensing.obligations import Demands, Due, Obligation, Part, Source
from weighbridge.model.licensing.phrases import alternatives, begins_with
from weighbridge.model.licensing.released import Release
from weighbridge.model.licensing.terms import Basis
from weighbridge.model.licensing.terms import Obligation as Word
from weighbridge.model.licensing.use import Activity

_SCHEME = re.compile(r"https?://(?:www\.)?")
_LEGAL_CODE = re.compile(r"/legalcode[a-z.]*\Z")  # the same license, with or without it
# Section 3(a)(1)(C) of CC 4.0 and 4.2(b) of the ODC licenses: the address will do.
_BY_ADDRESS = ("CC-BY", "ODbL-", "ODC-By-")
_SHOWN = frozenset({"readme", "attribution"})
_CREDITS = frozenset({"readme", "attribution", "notice"})
_BY_PHRASE = frozenset(
    {
        Word.NOTICE_SENTENCE,
        Word.BADGE,
        Word.ATTRIBUTION,
        Word.USE_POLICY_FLOW_DOWN,
        Word.LICENSE_COPY,
    }
)


class Status(enum.StrEnum):
    """``manual``: only a person can say. ``unknown``: a file that may hold it was not read."""

    MET = "met"
    UNMET = "unmet"
    MANUAL = "manual"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fulfillment:
    """What the folder shows of one obligation.

    ``found`` is half a sentence on what was found; ``remedy`` a sentence. ``location`` is where the
    fulfillment stands, or where it should.
    """

    obligation: Obligation
    status: Status
    found: str
    remedy: str = ""
    location: Location | None = None


def phrases_of(found: Demands) -> tuple[str, ...]:
    """The phrases that decide these obligations, as :func:`fulfillments` looks them up."""
    wanted: dict[str, None] = {}
    for duty in found.obligations:
        if duty.word in (Word.NOTICE_SENTENCE, Word.BADGE):
            wanted |= dict.fromkeys(alternatives(duty.value))
        elif duty.word in (Word.USE_POLICY_FLOW_DOWN, Word.LICENSE_COPY):
            wanted |= dict.fromkeys(_address(duty))
        elif duty.word is Word.ATTRIBUTION:
            wanted |= dict.fromkeys(alternatives(duty.value))
            wanted |= dict.fromkeys(_license_names(duty))
            wanted |= dict.fromkeys(name for s in duty.sources for name in _names(s))
    return tuple(wanted)


def fulfillments(found: Demands, release: Release) -> tuple[Fulfillment, ...]:
    """What the folder shows of each obligation, in their order."""
    return tuple(_judge(duty, release) for duty in found.obligations)


def _judge(duty: Obligation, release: Release) -> Fulfillment:
    result = _CHECKS[duty.word](duty, release)
    if result.status is Status.UNMET and release.facts["cut"] and duty.word in _BY_PHRASE:
        found = f"{release.facts['cut']} phrases were not looked for, as there are too many"
        return Fulfillment(duty, Status.UNKNOWN, found, result.remedy)
    if result.status is Status.UNMET and _doubt(duty):
        remedy = f"{result.remedy} {_doubt(duty)}".strip()
        return Fulfillment(duty, Status.MANUAL, result.found, remedy, result.location)
    return result


def _doubt(duty: Obligation) -> str:
    """Why the duty may not bind, as a sentence; empty where it does."""
    if duty.due is Due.ON_RELEASE:
        return "It is due once others get the model or use it; state the use to have it judged."
    if duty.basis is Basis.UNSETTLED:
        return "Whether it binds here is unsettled; decide it, or fulfill it to be safe."
    if duty.either:
        return "The work is offered under another license too; say which one you have taken."
    return f"Find out whether it binds: {duty.depends}." if duty.depends else ""


def _license_copy(duty: Obligation, release: Release) -> Fulfillment:
    if path := release.text_of(duty):
        return _met(duty, f"'{path}' is its text", Location(path))
    if duty.license.startswith(_BY_ADDRESS):
        for place in release.holds(_address(duty)):
            return _met(duty, f"'{place['path']}' gives its address", _at(place))
    remedy = f"Add the text of {duty.license_name} as a file of its own, word for word."
    if path := release.variant_of(duty):
        found = f"'{path}' is near its text and differs from it"
        return Fulfillment(duty, Status.MANUAL, found, remedy, Location(path))
    if unread := release.unread("license"):
        return Fulfillment(duty, Status.UNKNOWN, unread, remedy)
    return Fulfillment(duty, Status.UNMET, "no file is its text", remedy)


def _copyright(duty: Obligation, release: Release) -> Fulfillment:
    if lines := release.facts["copyright"]:
        place = Location(lines[0]["path"], line=lines[0]["line"])
        return _met(duty, f"'{place.path}' names a holder of copyright", place)
    remedy = "Copy the copyright notices of the work into NOTICE or beside the license's text."
    if unread := release.unread("license", "notice"):
        return Fulfillment(duty, Status.UNKNOWN, unread, remedy)
    return Fulfillment(duty, Status.UNMET, "no license or notice file says who holds it", remedy)


def _notice_sentence(duty: Obligation, release: Release) -> Fulfillment:
    wanted = alternatives(duty.value)
    notices = [f["path"] for f in release.facts["files"] if f["role"] == "notice"]
    if not wanted:
        if notices:
            return _met(duty, f"there is '{notices[0]}'", Location(notices[0]))
        remedy = "If the work comes with a NOTICE file, add what it says to a NOTICE of this model."
        return Fulfillment(duty, Status.MANUAL, "there is no NOTICE file", remedy)
    places = release.holds(wanted)
    for place in places:
        if place["role"] == "notice":
            return _met(duty, f"'{place['path']}' holds it", _at(place))
    remedy = f'Write into NOTICE: "{wanted[0]}"'
    if unread := release.unread("notice"):
        return Fulfillment(duty, Status.UNKNOWN, unread, remedy)
    if places:
        found = f"it stands in '{places[0]['path']}' and in no NOTICE file"
        return Fulfillment(duty, Status.UNMET, found, remedy, _at(places[0]))
    where = f"'{notices[0]}' does not hold" if notices else "there is no NOTICE file with"
    file = Location(notices[0]) if notices else None
    return Fulfillment(duty, Status.UNMET, f'{where} "{wanted[0].rstrip(".")}"', remedy, file)


def _badge(duty: Obligation, release: Release) -> Fulfillment:
    wanted = alternatives(duty.value)
    places = release.holds(wanted)
    for place in places:
        if place["role"] in _SHOWN:
            return _met(duty, f"'{place['path']}' shows it", _at(place))
    shown = " or ".join(f'"{phrase}"' for phrase in wanted) or "what the license wants shown"
    remedy = f"Show {shown} in README.md, where readers see it."
    if unread := release.unread(*_SHOWN):
        return Fulfillment(duty, Status.UNKNOWN, unread, remedy)
    where = f"only '{places[0]['path']}' says" if places else "the readme does not show"
    # a service or an application has pages of its own, which are not in this folder
    here = Activity.WEIGHTS in duty.activities and bool(wanted)
    status = Status.UNMET if here else Status.MANUAL
    readme = next((f["path"] for f in release.facts["files"] if f["role"] == "readme"), "")
    return Fulfillment(
        duty, status, f"{where} {shown}", remedy, Location(readme) if readme else None
    )


def _name_prefix(duty: Obligation, release: Release) -> Fulfillment:
    facts = release.facts
    name, wanted = facts["name"], alternatives(duty.value)
    place = Location(facts["name_path"], line=facts["name_line"]) if facts["name_path"] else None
    if any(begins_with(name, prefix) for prefix in wanted):
        return _met(duty, f"the model is named '{name}'", place)
    shown = " or ".join(f"'{prefix}'" for prefix in wanted)
    remedy = f"Give the model a name that begins with {shown}."
    if place is None:
        found = f"no file names the model; its folder is called '{name}'"
        return Fulfillment(duty, Status.MANUAL, found, remedy)
    found = f"the model is named '{name}', which does not begin with {shown}"
    return Fulfillment(duty, Status.UNMET, found, remedy, place)


def _use_policy(duty: Obligation, release: Release) -> Fulfillment:
    ids = {duty.license, *duty.also}
    files = [f for f in release.facts["files"] if f["role"] == "policy"]
    for file in files:
        if duty.text_sha256 and file["words"] == duty.text_sha256:
            return _met(duty, f"'{file['path']}' is its use policy", Location(file["path"]))
    for path, facts in release.texts:
        if facts["role"] == "use-policy" and ids & {*facts["symbols"], *facts["family"]}:
            return _met(duty, f"'{path}' is a use policy of that license", Location(path))
    license_text = release.text_of(duty)
    if license_text and duty.text == "license":
        found = f"'{license_text}' holds the restrictions"
        return _met(duty, found, Location(license_text))
    for place in release.holds(_address(duty)):
        return _met(duty, f"'{place['path']}' gives its address", _at(place))
    remedy = "Add the use policy as a file, and bind whoever gets the model to it."
    if files:
        found = f"whether '{files[0]['path']}' holds all its restrictions was not compared"
        return Fulfillment(duty, Status.MANUAL, found, remedy, Location(files[0]["path"]))
    if unread := release.unread("policy", "license"):
        return Fulfillment(duty, Status.UNKNOWN, unread, remedy)
    if license_text:
        found = f"'{license_text}' may take the policy in by its address; no file holds it"
        return Fulfillment(duty, Status.MANUAL, found, remedy, Location(license_text))
    return Fulfillment(duty, Status.UNMET, "no file passes its restrictions on", remedy)


def _attribution(duty: Obligation, release: Release) -> Fulfillment:
    """Credit: the words that the license gives, or title, author and license."""
    if wanted := alternatives(duty.value):
        if places := _credits(release, wanted):
            return _met(duty, f"'{places[0]['path']}' says it", _at(places[0]))
        remedy = f'Write in README.md or NOTICE: "{wanted[0]}"'
        if unread := release.unread(*_CREDITS):
            return Fulfillment(duty, Status.UNKNOWN, unread, remedy)
        return Fulfillment(duty, Status.UNMET, f'nowhere stands "{wanted[0]}"', remedy)
    missing = [s for s in duty.sources if not _credits(release, _names(s))]
    of_license = _credits(release, _license_names(duty))
    if not missing and of_license:
        return _met(duty, f"'{of_license[0]['path']}' credits it", _at(of_license[0]))
    lacks = [f"the credit of {s.id}" for s in missing[:3]]
    if len(missing) > len(lacks):
        lacks.append(f"{len(missing) - len(lacks)} more")
    if not of_license:
        lacks.append(f"the name or address of {duty.license_name}")
    remedy = "Name title, author, source and license in README.md, NOTICE or ATTRIBUTION."
    if unread := release.unread(*_CREDITS):
        return Fulfillment(duty, Status.UNKNOWN, unread, remedy)
    # Other licenses mean notices of the work, or publications on it, which are not in this folder.
    status = Status.UNMET if duty.license_kind in ("data", "content") else Status.MANUAL
    return Fulfillment(duty, status, f"nowhere stands {', '.join(lacks)}", remedy)


def _credits(release: Release, names: Iterable[str]) -> tuple[PhraseFacts, ...]:
    return tuple(place for place in release.holds(names) if place["role"] in _CREDITS)


def _person(found: str, remedy: str) -> Callable[[Obligation, Release], Fulfillment]:
    def check(duty: Obligation, _: Release) -> Fulfillment:
        return Fulfillment(duty, Status.MANUAL, found, remedy)

    return check


_CHECKS: dict[Word, Callable[[Obligation, Release], Fulfillment]] = {
    Word.LICENSE_COPY: _license_copy,
    Word.COPYRIGHT_NOTICE: _copyright,
    Word.NOTICE_SENTENCE: _notice_sentence,
    Word.BADGE: _badge,
    Word.NAME_PREFIX: _name_prefix,
    Word.USE_POLICY_FLOW_DOWN: _use_policy,
    Word.ATTRIBUTION: _attribution,
    Word.STATE_CHANGES: _person(
        "whether your changes are stated well enough, only a person can say",
        "Say in README.md or NOTICE what was changed, by whom and when.",
    ),
    Word.SOURCE: _person(
        "whether the source is offered, files cannot show",
        "Ship the corresponding source, or offer it in writing.",
    ),
    Word.NETWORK_SOURCE: _person(
        "whether users of a service are offered the source, files cannot show",
        "Offer the corresponding source to whoever uses the service.",
    ),
    Word.REGISTER: _person(
        "whether somebody has registered with the licensor, files cannot show",
        "Register with the licensor, and keep the proof.",
    ),
}


def _met(duty: Obligation, found: str, location: Location | None) -> Fulfillment:
    return Fulfillment(duty, Status.MET, found, "", location)


def _at(place: PhraseFacts) -> Location:
    return Location(place["path"], line=place["line"])


def _address(duty: Obligation) -> tuple[str, ...]:
    """The address of the document without its scheme, which texts write in several ways."""
    bare = _LEGAL_CODE.sub("", _SCHEME.sub("", duty.text_source.strip()))
    return (bare,) if bare else ()


def _license_names(duty: Obligation) -> tuple[str, ...]:
    return tuple(dict.fromkeys((duty.license, duty.license_name, *duty.also, *_address(duty))))


def _names(source: Source) -> tuple[str, ...]:
    """What a credit may call an ancestor: its id, and of data the id without its owner too."""
    short = source.id.rpartition("/")[2]
    return (source.id, short) if source.part is Part.DATA and len(short) > 3 else (source.id,)
