"""How packages lead to each other: who asks for a package, by which way, and how deep it lies.

Several versions of one name are one package here: what a package requires is recorded by name, and
does not tell which version is meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from weighbridge.model.facts.packages import PackageFact, PackagesFacts

ARROW = " > "  # between the names of a path, for people
MAX_SHOWN = 8  # names of a path that are shown; a hostile lock file has paths of thousands

_Edges = list[list[int]]  # by the number of a name in the alphabet, each list sorted


class Dependencies:
    """The packages of one source as a graph.

    What a source requires and does not list is left out, and so is a package that requires itself
    (``tool[all]`` requires ``tool[extra]``). ``roots`` are the names that are asked for directly:
    those that the source says so of. Where it does not tell, they are the names that nobody
    requires, or nobody but those that they themselves lead to (a circle that nothing leads into).

    Every answer depends on the set of facts and not on their order. Building takes time in
    proportion to packages and edges, but for the sorting of the names.
    """

    __slots__ = ("_before", "_circles", "_depth", "_names", "_number", "_requirers", "_start")

    def __init__(self, packages: Sequence[PackageFact]) -> None:
        self._names = sorted({package["name"] for package in packages})
        self._number = {name: number for number, name in enumerate(self._names)}
        requires = _edges(packages, self._number)
        self._requirers = _reversed(requires)
        circles = list(_circles(requires))
        self._circles = tuple(sorted(tuple(map(self._names.__getitem__, c)) for c in circles))
        roots = _roots(packages, self._number, self._requirers, circles)
        # Breadth first, names sorted: of several shortest paths, the first in the alphabet is kept.
        self._depth = [0] * len(self._names)
        self._before = [-1] * len(self._names)
        self._start = list(range(len(self._names)))
        for number in roots:
            self._depth[number] = 1
        queue = roots.copy()
        for number in queue:
            for required in requires[number]:
                if not self._depth[required]:
                    self._depth[required] = self._depth[number] + 1
                    self._before[required] = number
                    self._start[required] = self._start[number]
                    queue.append(required)

    @property
    def roots(self) -> tuple[str, ...]:
        """The names asked for directly, sorted."""
        return tuple(n for n, depth in zip(self._names, self._depth, strict=True) if depth == 1)

    def depth(self, name: str) -> int:
        """1 for what is asked for directly, 0 for what nobody asks for as far as known."""
        number = self._number.get(name)
        return 0 if number is None else self._depth[number]

    def path(self, name: str) -> tuple[str, ...]:
        """The shortest way, from a package that is asked for directly to ``name`` itself.

        Of several, the first in the alphabet. Empty where :meth:`depth` is 0. Takes time in
        proportion to its length, which :meth:`depth` tells beforehand.
        """
        if not self.depth(name):
            return ()
        return tuple(reversed(list(self._backwards(name))))

    def introducers(self, name: str) -> tuple[str, ...]:
        """The packages that require it, sorted."""
        number = self._number.get(name)
        return () if number is None else tuple(self._names[n] for n in self._requirers[number])

    def deepest(self) -> tuple[str, ...]:
        """The path to the package that lies deepest, the first in the alphabet of several."""
        if not self._names:
            return ()
        return self.path(self._names[self._depth.index(max(self._depth))])

    def circles(self) -> tuple[tuple[str, ...], ...]:
        """Groups of packages each of which leads to every other one; sorted, names sorted."""
        return self._circles

    def introduction(self, name: str, *, most: int = MAX_SHOWN) -> str:
        """The path for people: ``transformers > tokenizers > huggingface-hub``.

        A path of more than ``most`` names (at least 3) is shown by its first and last ones, with
        the number of those between. Empty where nobody asks for it as far as known.
        """
        depth = self.depth(name)
        if depth <= most:
            return ARROW.join(self.path(name))
        ending = [step for step, _ in zip(self._backwards(name), range(most - 2), strict=False)]
        first = self._names[self._start[self._number[name]]]
        return ARROW.join((first, f"({depth - most + 1} more)", *reversed(ending)))

    def _backwards(self, name: str) -> Iterator[str]:
        number = self._number[name]
        while number >= 0:
            yield self._names[number]
            number = self._before[number]


def introduction(facts: PackagesFacts, name: str) -> str:
    """How one source comes to a package, see :meth:`Dependencies.introduction`.

    Builds the graph anew: for many packages of one source, keep one :class:`Dependencies`.
    """
    return Dependencies(facts["packages"]).introduction(name)


def _edges(packages: Sequence[PackageFact], number: dict[str, int]) -> _Edges:
    """What each name requires of the others that are listed: sorted, each once, never itself."""
    found: list[set[int]] = [set() for _ in number]
    for package in packages:
        found[number[package["name"]]].update(
            number[required] for required in package["requires"] if required in number
        )
    return [sorted(required - {own}) for own, required in enumerate(found)]


def _reversed(requires: _Edges) -> _Edges:
    found: _Edges = [[] for _ in requires]
    for own, required in enumerate(requires):  # in order, and so each list is
        for other in required:
            found[other].append(own)
    return found


def _roots(
    packages: Sequence[PackageFact],
    number: dict[str, int],
    requirers: _Edges,
    circles: Sequence[Sequence[int]],
) -> list[int]:
    """Those asked for directly, sorted.

    One that a source says both of, for two versions of it, is asked for directly.
    """
    direct = {number[package["name"]] for package in packages if package["direct"]}
    untold = {number[package["name"]] for package in packages if package["direct"] is None}
    found = direct | {own for own in untold if not requirers[own]}
    for circle in circles:
        inside = set(circle)
        if inside.isdisjoint(direct) and all(inside.issuperset(requirers[own]) for own in circle):
            found |= inside & untold
    return sorted(found)


def _circles(requires: _Edges) -> Iterator[list[int]]:
    """Strongly connected components of more than one name, each sorted.

    Tarjan's algorithm (1972), with a stack of its own: a chain of thousands is no recursion.
    """
    visits = 0
    visit = [0] * len(requires)  # from 1; 0 for not visited
    lowest = [0] * len(requires)  # the earliest visit that it leads back to
    done = [False] * len(requires)
    waiting: list[int] = []  # visited, and their component is not known yet
    for start in range(len(requires)):
        way = [] if visit[start] else [(start, iter(requires[start]))]
        while way:
            own, rest = way[-1]
            if not visit[own]:
                visits += 1
                visit[own] = lowest[own] = visits
                waiting.append(own)
            for other in rest:
                if not visit[other]:
                    way.append((other, iter(requires[other])))
                    break
                if not done[other] and visit[other] < lowest[own]:
                    lowest[own] = visit[other]
            else:
                way.pop()
                if way:
                    before = way[-1][0]
                    lowest[before] = min(lowest[before], lowest[own])
                if lowest[own] == visit[own]:
                    component = _finished(own, waiting, done)
                    if len(component) > 1:
                        yield component


def _finished(own: int, waiting: list[int], done: list[bool]) -> list[int]:
    """Take a component off the stack: everything above and with the one visited first."""
    members: list[int] = []
    while not members or members[-1] != own:
        members.append(waiting.pop())
        done[members[-1]] = True
    return sorted(members)
