"""Asking when a domain was registered (RDAP: RFC 9082, RFC 9083).

``GET <service>/domain/<name>`` gives the registration's ``events``; 404 says that nobody has
registered the name, so that anybody may, and have its mail. The public entry is IANA's list of
which registry serves which top-level domain (RFC 9224); where an address is given, it is asked.

A registration's day is that of the present one: where a domain was let go and registered anew, it
is later than what was made under it before (ctx, 2022).
"""

from __future__ import annotations

import re
import threading
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.model.facts.project import AskedFacts, DomainFacts
from weighbridge.sources.http import HttpClient, Response
from weighbridge.sources.json_service import Answer, JsonService
from weighbridge.sources.questions import record
from weighbridge.sources.shapes import Misshapen, moment, rows, table, text

PUBLIC = "rdap"  # in place of an address: whichever service the registry has
BOOTSTRAP = "https://data.iana.org/rdap"
MAX_BYTES = 2**20
MAX_SERVICES = 2_000
MAX_EVENTS = 100
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}\Z")
# second labels under which registries of countries take names: example.co.uk
_SECOND = frozenset({"ac", "co", "com", "edu", "go", "gob", "gov", "gr", "ne", "net", "or", "org"})


class Rdap:
    """One service, or the registries' own."""

    def __init__(self, http: HttpClient, address: str) -> None:
        self._http = http
        self._given = None if address == PUBLIC else JsonService(http, address)
        self._by_top: dict[str, str] | None = None
        self._trouble = ""
        self._services: dict[str, JsonService] = {}
        self._lock = threading.Lock()

    def domain(self, name: str) -> tuple[DomainFacts, tuple[AskedFacts, ...]]:
        """A domain as it stands in the addresses of mail."""
        name = name.strip().rstrip(".").lower()
        asked: list[AskedFacts] = []
        unknown = DomainFacts(name=visible(name, 253), registered="", exists=None)
        if len(name) > 253 or not _NAME.match(name):
            return unknown, ()
        for candidate in _candidates(name):
            service = self._service(name.rpartition(".")[2])
            if service is None:
                reason = self._trouble or "no registry that answers is known for it"
                answer: Answer[str] = Answer("unavailable", reason, f"{BOOTSTRAP}/dns.json")
            else:
                answer = service.ask(f"/domain/{candidate}", _read(candidate), max_bytes=MAX_BYTES)
            asked.append(record("domain", answer))
            if answer.state == "unavailable":
                return unknown, tuple(asked)
            if answer.value is not None:
                found = DomainFacts(name=name, registered=answer.value, exists=True)
                return found, tuple(asked)
        return DomainFacts(name=name, registered="", exists=False), tuple(asked)

    def _service(self, top: str) -> JsonService | None:
        if self._given is not None:
            return self._given
        with self._lock:
            if self._by_top is None:
                list_of = JsonService(self._http, BOOTSTRAP)
                answer = list_of.ask("/dns.json", _registries, max_bytes=MAX_BYTES)
                self._by_top, self._trouble = answer.value or {}, answer.reason
            base = self._by_top.get(top, "")
            if base and base not in self._services:
                self._services[base] = JsonService(self._http, base)
            return self._services.get(base)


def _candidates(name: str) -> list[str]:
    """The name, and those above it that can be registered: mail.corp.example, corp.example."""
    labels = name.split(".")
    shortest = 3 if len(labels[-1]) == 2 and labels[-2] in _SECOND and len(labels) > 2 else 2
    return [".".join(labels[at:]) for at in range(len(labels) - shortest + 1)][-3:]


def _read(name: str) -> Any:
    def read(body: Any, _response: Response) -> str:
        entry = table(body, "its answer")
        if text(entry, "ldhName", 300).rstrip(".").lower() != name:
            raise Misshapen("it answered with another domain")
        days = [
            moment(event, "eventDate")
            for event in rows(entry.get("events"), "its events", MAX_EVENTS)
            if text(event, "eventAction", 60).lower() == "registration"
        ]
        return max(days, default="")

    return read


def _registries(body: Any, _response: Response) -> dict[str, str]:
    """RFC 9224, section 4: pairs of top-level domains and addresses; only https is taken."""
    services = table(body, "its answer").get("services")
    if not isinstance(services, list) or len(services) > MAX_SERVICES:
        raise Misshapen(f"its services are no list of at most {MAX_SERVICES}")
    found: dict[str, str] = {}
    for one in services:
        if not isinstance(one, list) or len(one) != 2 or not all(isinstance(x, list) for x in one):
            raise Misshapen("a service is no pair of lists")
        bases = [url for url in one[1] if isinstance(url, str) and url.startswith("https://")]
        for top in one[0]:
            if isinstance(top, str) and bases:
                found.setdefault(top.lower(), bases[0].rstrip("/"))
    return found
