"""The domain of an owner's mail can be had by anybody, or was registered again by somebody.

Whoever holds the domain receives the mail that resets the account's password. Seen in ctx (2022).
A registration is compared with what stood before it: the accepted state, or the releases before the
one in use. Compared with the newest release it would look old again as soon as the attacker has
published one.
"""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.facts.project import DomainFacts
from weighbridge.model.hijack.habits import accepted_times, time_of
from weighbridge.model.hijack.view import Reading, SignalState, View, moment

SIGNAL = "account-domain"


def read(view: View) -> Iterator[Reading]:
    """Each domain: does it exist, and is its registration older than what is trusted."""
    domains = view.now["domains"]
    if domains is None:
        said = "does not tell the mail domains of its owners, or nobody was asked about them"
        yield Reading(SIGNAL, SignalState.UNAVAILABLE, said)
        return
    if not domains:
        yield Reading(SIGNAL, SignalState.NOT_APPLICABLE, "names no mail domain of its owners")
        return
    stood = _Stood(view)
    for domain in domains:
        yield _judge(domain, stood)


class _Stood:
    """What stood before: the accepted domains, and when the trusted releases were uploaded.

    ``domains`` is None where the accepted state does not tell them. ``certain`` says whether the
    times are those of the uploads: a mirror's are later, so a registration before them may still be
    younger than the release.
    """

    def __init__(self, view: View) -> None:
        before = view.before
        self.domains: dict[str, DomainFacts] | None = None
        if before is not None and before["domains"] is not None:
            self.domains = {one["name"].casefold(): one for one in before["domains"]}
        if before is not None and before["releases"] is None:
            self.times, self.certain = [], False  # what is listed now may be the attacker's
        elif before is not None and before["releases"] is not None:
            found = (time_of(release["uploaded"]) for release in before["releases"])
            self.times = sorted(time for time in found if time is not None)
            self.certain = before["order"] == "upload"
        else:
            fresh = view.fresh()
            self.times = accepted_times(view, fresh[0]) if fresh else []
            self.certain = view.now["order"] == "upload"


def _judge(domain: DomainFacts, stood: _Stood) -> Reading:
    name = domain["name"]

    def reading(state: SignalState, what: str) -> Reading:
        return Reading(SIGNAL, state, what, key=name)

    if domain["exists"] is False:
        what = f"has an owner whose mail domain {name} nobody owns: whoever registers it gets it"
        return reading(SignalState.FIRED, what)
    if domain["exists"] is None:
        what = f"has an owner with mail at {name}, and whether anybody owns that is not known"
        return reading(SignalState.UNAVAILABLE, what)
    registered = moment(domain["registered"])
    if registered is None:
        what = f"has an owner with mail at {name}, and since when that is registered is not known"
        return reading(SignalState.UNAVAILABLE, what)
    day = registered.date().isoformat()
    known = (stood.domains or {}).get(name.casefold())
    was = moment(known["registered"]) if known is not None else None
    if (was is not None and registered > was) or (known is not None and known["exists"] is False):
        what = f"has an owner whose mail domain {name} was registered again on {day}"
        return reading(SignalState.FIRED, what)
    if stood.times and registered > stood.times[-1]:
        what = (
            f"has an owner whose mail domain {name} was registered on {day}, after its last "
            f"trusted release of {stood.times[-1].date().isoformat()}"
        )
        return reading(SignalState.FIRED, what)
    older = bool(stood.times) and stood.certain and registered <= stood.times[0]
    introduced = stood.domains is not None and known is None and bool(stood.times)
    if was is not None or older or (introduced and stood.certain):
        return reading(SignalState.CLEAR, f"has an owner with mail at {name}, registered on {day}")
    what = (
        f"has an owner with mail at {name}, registered on {day}, and whether that is younger than "
        "what was trusted cannot be said without a baseline that knows it"
    )
    return reading(SignalState.UNAVAILABLE, what)
