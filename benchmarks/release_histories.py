"""Release histories that are drawn: projects nobody attacks, in which everything happens that does.

What is drawn is what maintainers do (they publish by hand once, hand a project on, rename a
workflow, split a dependency off, ship a bundle whose name holds a hash), never what a signal says.
How often is in :class:`Rates`. Those from the field research are marked *measured*: gaps, bursts,
silences, missing tags, the share of attested uploads. The others are *assumed*: nobody has
published them, so every result is shown for half and for twice of them too.

The seed is fixed: the same histories on every machine.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from benchmarks.real_releases import project, release
from weighbridge.model.facts.project import ProjectFacts, PublisherFacts, ReleaseFacts

SEED = 8
PROJECTS, RELEASES = 400, 24  # of each project so many, of which the first few are not judged
FIRST = 4


@dataclass(frozen=True, slots=True)
class Rates:
    """How often something happens, for each release unless it says otherwise."""

    # measured (820 releases of twelve repositories; 631 of nine packages; the index's own account)
    gap_sigma: float = 0.92  # of the logarithm of the gaps: 2.6 % come after a long silence
    quick_fix: float = 0.055  # a release hours after the last: 3.9 % within the hour
    another: float = 0.28  # and one more: 2.0 % are the third within a day
    no_tag: float = 0.0063  # 4 of 631; the other 7 are from before there was a habit
    trusted: float = 0.18  # of projects, at some time: makes 17 % of uploads to an index attested
    # assumed: how a project is published
    by_hand: float = 0.006  # of one with a trusted publisher (svglib#464, langchain#38822)
    by_hand_untagged: float = 0.1  # of those; whoever works around CI may forget the tag
    tried_once: float = 0.1  # of projects with tokens: one attested release, then none (svglib#464)
    token_with_provenance: float = 0.005  # pnpm#10622
    lost_attestation: float = 0.002  # the same workflow, without (uv#19278)
    renamed_workflow: float = 0.007
    moved_repository: float = 0.0015
    # assumed: who keeps it, a year. The wheels of ``real_releases`` declare other people about 0.05
    # times a year, which stands in for owners here; twice as much is among what is shown
    owner_joins: float = 0.035
    owner_leaves: float = 0.012
    handed_over: float = 0.003
    domain_lapsed: float = 0.001
    recreated: float = 0.0005  # a model deleted and made again by its own author
    archived: float = 0.01
    new_key: float = 0.1
    # assumed: what is in it
    new_dependency: float = 0.03
    split_off: float = 0.04  # of those: made by the same people days before
    new_hook: float = 0.0008
    new_binary: float = 0.003
    new_difference: float = 0.004
    new_pattern: float = 0.0005

    def assumed(self, factor: float) -> Rates:
        """All that is assumed, so many times as often."""
        names = [field.name for field in dataclasses.fields(self)]
        later = names[names.index("by_hand") :]
        return dataclasses.replace(self, **{n: min(1.0, getattr(self, n) * factor) for n in later})


class Step(NamedTuple):
    """A release: the project as it was, as it is with it, and what benign things happened."""

    before: ProjectFacts | None
    now: ProjectFacts
    causes: tuple[str, ...]


def histories(rates: Rates | None = None, seed: int = SEED) -> Iterator[list[Step]]:
    """One list for each project, oldest release first; the first :data:`FIRST` are left out."""
    for number in range(PROJECTS):
        life = _Life(number, random.Random(f"{seed}/{number}"), rates or Rates())
        states = [life.step() for _ in range(RELEASES)]
        pairs = itertools.pairwise(states)
        yield [Step(was, now, causes) for (was, _), (now, causes) in pairs][FIRST - 1 :]


class _Life:
    """One project that grows older."""

    def __init__(self, number: int, rng: random.Random, rates: Rates) -> None:
        self.rng, self.rates, self.name = rng, rates, f"project-{number:03}"
        self.system = rng.choices(("pypi", "npm", "huggingface"), (0.6, 0.28, 0.12))[0]
        if self.system == "huggingface":
            self.name = f"people-{number:03}/model"
        self.at = dt.datetime(2021, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=rng.uniform(0, 900))
        self.median_gap = rng.lognormvariate(3.4, 0.8)  # days; e**3.4 is a month
        self.major, self.minor, self.old_line = 1, 0, rng.random() < 0.15
        self.tags = rng.choices(("always", "never", "later"), (0.88, 0.07, 0.05))[0]
        self.releases: list[ReleaseFacts] = []
        self.repository = f"people-{number:03}/project"
        self.workflow = rng.choice(("release.yml", "publish.yml", "ci.yml"))
        self.trusted_since = rng.randrange(0, 8) if self.one(rates.trusted) else 10**6
        self.tries = rng.randrange(5, RELEASES) if self.one(rates.tried_once) else -1
        self.owners = [self.person() for _ in range(rng.choice((1, 1, 2, 2, 3, 5)))]
        self.domain = (f"d{number}.example", "2015-03-01T00:00:00Z") if self.one(0.3) else None
        self.identity, self.created, self.status = self.hex(24), self.at, "active"
        self.repository_id, self.organization = self.number(), self.number()
        self.requires = [f"needed-{rng.randrange(400)}" for _ in range(rng.randrange(0, 12))]
        self.ages = dict.fromkeys(self.requires, "2016-05-01T00:00:00Z")
        self.hooks = ["postinstall"] if self.system == "npm" and self.one(0.06) else []
        self.built = rng.choices(("none", "stable", "hashed"), (0.7, 0.2, 0.1))[0]
        self.binaries = 0 if self.built == "none" else rng.randrange(1, 6)
        self.generated = ["package/_version.py"] if self.one(0.4) else []
        self.compared = self.one(0.6)
        self.patterns = ["decodes-and-runs"] if self.one(0.002) else []  # none of 232 did
        self.signing = rng.choices(("web-flow", "author", "none"), (0.5, 0.2, 0.3))[0]
        self.key = self.hex(40)
        self.resembles = ["well-known"] if self.one(0.03) else []

    def step(self) -> tuple[ProjectFacts, tuple[str, ...]]:
        """The next release, what happened besides, and the project with both."""
        self.causes: list[str] = []
        gap = self.gap()
        self.at += gap
        self.people(gap.total_seconds() / 86400 / 365)
        self.contents()
        self.releases = [*self.releases, self.publish()]
        owners: list[Any] = [
            {"name": name, "role": "Owner", "id": number, "created": "2017-01-01T00:00:00Z"}
            for name, number in self.owners
        ]
        hub = self.system == "huggingface"
        facts = project(
            self.system, self.name, list(self.releases), status=self.status,
            identity=self.identity if hub else "", created=stamp(self.created), malicious=[],
            owner=self.owners[0][0] if hub else "", owner_id=self.owners[0][1] if hub else "",
            owners=None if hub else owners, resembles=self.resembles,
            domains=[{"name": self.domain[0], "registered": self.domain[1], "exists": True}]
            if self.domain else None,
            dependencies=[{"name": n, "created": self.ages[n]} for n in sorted(set(self.requires))],
            repository=None if hub else {
                "host": "github", "name": self.repository, "id": self.repository_id,
                "owner": self.repository.partition("/")[0], "owner_id": self.organization,
                "created": "2018-01-01T00:00:00Z", "pushed": stamp(self.at), "fork_of": "",
                "archived": self.status == "archived", "disabled": False,
            },
        )  # fmt: skip
        return facts, tuple(self.causes)

    def gap(self) -> dt.timedelta:
        """A quick fix, or the next time: the logarithm of gaps is about normal."""
        quick = self.rates.another if self.quick_before() else self.rates.quick_fix
        if self.releases and self.one(quick):
            self.causes.append("quick fix")
            return dt.timedelta(hours=min(20.0, self.rng.lognormvariate(-0.4, 1.5)))
        return dt.timedelta(days=self.median_gap * self.rng.lognormvariate(0, self.rates.gap_sigma))

    def quick_before(self) -> bool:
        if len(self.releases) < 2:
            return False
        one, other = (dt.datetime.fromisoformat(r["uploaded"]) for r in self.releases[-2:])
        return other - one < dt.timedelta(hours=20)

    def people(self, years: float) -> None:
        rates = self.rates
        if self.one(rates.owner_joins * years):
            self.owners = [*self.owners, self.person()]
            self.causes.append("an owner joined")
        if len(self.owners) > 1 and self.one(rates.owner_leaves * years):
            self.owners = self.owners[:-1]
            self.causes.append("an owner left")
        if self.one(rates.handed_over * years):
            self.owners = [self.person()]
            self.causes.append("handed over")
        if self.domain and self.one(rates.domain_lapsed * years):
            self.domain = (self.domain[0], stamp(self.at - dt.timedelta(days=3)))
            self.causes.append("an owner's domain bought back")
        if self.system == "huggingface" and self.one(rates.recreated * years):
            self.identity, self.created = self.hex(24), self.at
            self.causes.append("deleted and made again")
        if self.one(rates.archived * years):
            self.status = "archived"
            self.causes.append("archived")
        if self.one(rates.new_key * years):
            self.key = self.hex(40)
            self.causes.append("new signing key")

    def contents(self) -> None:
        rates = self.rates
        if self.one(rates.new_dependency):
            young = self.one(rates.split_off)
            name = f"{self.name}-core" if young else f"needed-{self.rng.randrange(400)}"
            age = dt.timedelta(days=self.rng.uniform(0, 20) if young else 1500)
            self.requires = [*self.requires, name]
            self.ages.setdefault(name, stamp(self.at - age))
            self.causes.append("a part split off" if young else "new dependency")
        if self.one(rates.new_hook):
            self.hooks = [*self.hooks, "preinstall" if self.system == "npm" else "package.pth"]
            self.causes.append("new hook")
        if self.one(rates.new_binary):
            self.binaries += 1
            self.built = "stable" if self.built == "none" else self.built
            self.causes.append("new binary")
        if self.one(rates.new_difference):
            self.generated = [*self.generated, f"package/_made{len(self.generated)}.py"]
            self.causes.append("newly generated code")
        if self.one(rates.new_pattern):
            self.patterns = sorted({*self.patterns, "downloads-and-runs"})
            self.causes.append("start-up code that looks bad")

    def publish(self) -> ReleaseFacts:
        number = len(self.releases)
        old = self.old_line and self.major > 1 and self.one(0.2)
        if self.one(0.04):
            self.major, self.minor = self.major + 1, -1
        self.minor += 1
        version = f"{self.major - 1}.99.{number}" if old else f"{self.major}.{self.minor}.0"
        hub = self.system == "huggingface"
        publisher, attested, tag = self.published(number, old, version)
        suffix = self.hex(8) if self.built == "hashed" else "main"
        return release(
            self.hex(40) if hub else version, stamp(self.at), yanked=False,
            publisher=None if hub else publisher, attested=None if hub else attested,
            tag=None if hub else tag, commit=self.hex(40), signed_by=self.signing,
            signing_key=self.key if self.signing == "author" else "",
            requires=None if hub else sorted(set(self.requires)), hooks=self.hooks,
            size=100_000 + 500 * number, patterns=self.patterns,
            binaries=[{"path": f"package/lib{n}.{suffix}.so", "size": 90_000}
                      for n in range(self.binaries)],
            differs=list(self.generated) if self.compared else None,
        )  # fmt: skip

    def published(self, number: int, old: bool, version: str) -> tuple[PublisherFacts, bool, str]:
        """How, whether attested, and from which tag."""
        rates, user = self.rates, self.rng.choice(self.owners)[0]
        habit = self.tags == "always" or (self.tags == "later" and number >= 5)
        tag = "v" + version if habit and not self.one(rates.no_tag) else ""
        if habit and not tag:
            self.causes.append("forgot the tag")
        if number == self.tries:
            self.causes.append("tried attestations once")
            return self.trusted(), True, tag
        if number < self.trusted_since:
            return token(user if self.system == "npm" else ""), False, tag
        if old:
            self.causes.append("old line, old ways")
            return token(user if self.system == "npm" else ""), False, tag
        if self.one(rates.renamed_workflow):
            self.workflow = f"{len(self.workflow)}-{self.workflow}"
            self.causes.append("renamed its workflow")
        if self.one(rates.moved_repository):
            self.repository, self.organization = f"moved-{self.repository}", self.number()
            self.causes.append("moved its repository")
        if self.one(rates.by_hand):
            self.causes.append("published by hand")
            forgotten = self.one(rates.by_hand_untagged)
            return token(user if self.system == "npm" else ""), False, "" if forgotten else tag
        if self.system == "npm" and self.one(rates.token_with_provenance):
            self.causes.append("a token in the workflow")
            return {**token(user), "repository": self.repository}, True, tag
        if self.one(rates.lost_attestation):
            self.causes.append("workflow without attestation")
            return self.trusted(), False, tag
        return self.trusted(), True, tag

    def trusted(self) -> PublisherFacts:
        return {"kind": "GitHub", "repository": self.repository, "workflow": self.workflow,
                "environment": "", "user": ""}  # fmt: skip

    def one(self, chance: float) -> bool:
        return self.rng.random() < chance

    def person(self) -> tuple[str, str]:
        number = self.number()
        return f"person-{number}", number

    def number(self) -> str:
        return str(self.rng.randrange(10**6, 10**8))

    def hex(self, length: int) -> str:
        return f"{self.rng.getrandbits(4 * length):0{length}x}"


def token(user: str) -> PublisherFacts:
    return {"kind": "token", "repository": "", "workflow": "", "environment": "", "user": user}


def stamp(at: dt.datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
