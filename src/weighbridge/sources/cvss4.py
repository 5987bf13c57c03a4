"""The score of a CVSS v4.0 vector (FIRST, CVSS v4.0 specification, section 8.2).

Every vector belongs to one of 270 groups (macro vectors), made of six equivalence sets EQ1 to EQ6.
A group's worst vector has the group's score, which experts gave; a vector that is less severe lies
below it, by the mean of what the next lower groups leave room for.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

_PREFIX = "CVSS:4.0/"
_MAX_METRICS = 40

# What each mandatory metric may be, from the worst to the least (section 2).
_BASE: Mapping[str, str] = {
    "AV": "NALP", "AC": "LH", "AT": "NP", "PR": "NLH", "UI": "NPA", "VC": "HLN", "VI": "HLN",
    "VA": "HLN", "SC": "HLN", "SI": "HLN", "SA": "HLN",
}  # fmt: skip
_MORE: Mapping[str, str] = {"E": "APU", "CR": "HML", "IR": "HML", "AR": "HML"}
_MODIFIED_SAFETY = ("SI", "SA")  # their modified form knows one value more: safety

# The scores of the groups in tenths. A row is named by EQ1, EQ2, EQ3 and EQ6 and holds EQ4 0 to 2,
# each with EQ5 0 to 2. Published with the specification as its look-up table.
_SCORES: Mapping[str, tuple[int, ...]] = {
    "0000": (100, 98, 95, 100, 93, 91, 93, 89, 81),
    "0001": (99, 95, 92, 96, 87, 81, 90, 80, 68),
    "0010": (98, 95, 90, 93, 89, 81, 88, 78, 69),
    "0011": (95, 92, 84, 92, 81, 65, 80, 70, 48),
    "0021": (92, 82, 72, 79, 69, 50, 69, 55, 27),
    "0100": (99, 95, 92, 95, 90, 84, 92, 82, 72),
    "0101": (97, 92, 85, 91, 83, 71, 81, 71, 53),
    "0110": (95, 92, 85, 92, 80, 70, 84, 71, 50),
    "0111": (93, 85, 73, 82, 72, 59, 70, 52, 30),
    "0121": (86, 75, 52, 71, 52, 29, 63, 29, 17),
    "1000": (98, 94, 91, 94, 86, 77, 87, 74, 63),
    "1001": (95, 87, 81, 89, 74, 64, 75, 63, 49),
    "1010": (94, 88, 76, 86, 74, 59, 72, 57, 52),
    "1011": (89, 77, 67, 76, 58, 50, 57, 52, 25),
    "1021": (83, 70, 54, 65, 58, 26, 53, 21, 13),
    "1100": (95, 88, 76, 90, 75, 61, 77, 68, 52),
    "1101": (90, 76, 70, 77, 62, 53, 66, 59, 30),
    "1110": (89, 76, 62, 74, 57, 47, 61, 57, 24),
    "1111": (78, 67, 58, 59, 57, 23, 52, 29, 16),
    "1121": (71, 59, 30, 58, 26, 15, 23, 13, 6),
    "2000": (93, 86, 75, 86, 74, 56, 70, 52, 40),
    "2001": (87, 72, 58, 74, 61, 34, 54, 40, 22),
    "2010": (85, 74, 62, 72, 55, 46, 53, 34, 19),
    "2011": (75, 55, 51, 57, 41, 19, 36, 19, 8),
    "2021": (64, 51, 20, 47, 21, 11, 24, 9, 4),
    "2100": (88, 73, 60, 73, 59, 41, 54, 45, 20),
    "2101": (75, 53, 50, 55, 40, 20, 43, 22, 11),
    "2110": (75, 58, 40, 61, 48, 20, 46, 17, 8),
    "2111": (55, 45, 21, 51, 18, 9, 18, 7, 2),
    "2121": (53, 24, 14, 24, 12, 5, 10, 3, 1),
}

# The worst vectors of each set (section 8.2, "highest severity vectors") and the depth of each.
_WORST_1 = {"0": ("NNN",), "1": ("ANN", "NLN", "NNP"), "2": ("PNN", "ALP")}  # AV PR UI
_WORST_2 = {"0": ("LN",), "1": ("HN", "LP")}  # AC AT
_WORST_36 = {  # VC VI VA CR IR AR
    "00": ("HHHHHH",),
    "01": ("HHLMMH", "HHHMMM"),
    "10": ("LHHHHH", "HLHHHH"),
    "11": ("LHLHMH", "LHHHMM", "HLHMHM", "HLLMHH", "LLHHHM"),
    "21": ("LLLHHH",),
}
_WORST_4 = {"0": ("HSS",), "1": ("HHH",), "2": ("LLL",)}  # SC SI SA
_DEPTHS: tuple[Mapping[str, int], ...] = (
    {"0": 1, "1": 4, "2": 5},
    {"0": 1, "1": 2},
    {"00": 7, "01": 6, "10": 8, "11": 8, "21": 10},
    {"0": 6, "1": 5, "2": 4},
)
_LEVELS: Mapping[str, str] = {**_BASE, **_MORE, "SC": "SHLN", "SI": "SHLN", "SA": "SHLN"}
_SETS: tuple[tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]], ...] = (
    (("AV", "PR", "UI"), _WORST_1),
    (("AC", "AT"), _WORST_2),
    (("VC", "VI", "VA", "CR", "IR", "AR"), _WORST_36),
    (("SC", "SI", "SA"), _WORST_4),
)


def score(vector: str) -> float | None:
    """0.0 to 10.0 with the threat and environmental metrics given, None if it is no v4.0 vector."""
    values = _read(vector)
    if values is None:
        return None
    if all(values[name] == "N" for name in ("VC", "VI", "VA", "SC", "SI", "SA")):
        return 0.0
    one, two, three_six, four, five = _group(values)
    top = _SCORES[one + two + three_six][3 * int(four) + int(five)]
    below: tuple[int | None, ...] = (
        _of(_next(one, "2"), two, three_six, four, five),
        _of(one, _next(two, "1"), three_six, four, five),
        _below_three_six(one, two, three_six, four, five),
        _of(one, two, three_six, _next(four, "2"), five),
    )
    shares = []
    for (names, worst), depth, group, lower in zip(
        _SETS, _DEPTHS, (one, two, three_six, four), below, strict=True
    ):
        if lower is not None:
            steps = _distance(values, names, worst[group])
            shares.append(Decimal(top - lower) * steps / depth[group])
    if _of(one, two, three_six, four, _next(five, "2")) is not None:
        shares.append(Decimal(0))  # a vector of EQ5 is always the worst of its set
    mean = sum(shares, Decimal(0)) / len(shares) if shares else Decimal(0)
    tenths = (Decimal(top) - mean + Decimal("0.00001")).quantize(Decimal(1), ROUND_HALF_UP)
    return float(max(Decimal(0), min(tenths, Decimal(100))) / 10)


def _read(vector: str) -> dict[str, str] | None:
    """The values that count: what is modified in place of what is not, the worst where unknown."""
    if not vector.startswith(_PREFIX):
        return None
    parts = vector.strip().removeprefix(_PREFIX).rstrip("/").split("/")
    pairs = [part.partition(":")[::2] for part in parts]
    given = dict(pairs)
    if len(parts) > _MAX_METRICS or len(given) != len(pairs):
        return None
    found: dict[str, str] = {}
    for name, allowed in (*_BASE.items(), *_MORE.items()):
        default = "" if name in _BASE else allowed[0]
        value = given.get(name, "X" if default else "")
        modified = given.get(f"M{name}", "X") if name in _BASE else "X"
        if len(value) != 1 or value not in (allowed + "X" if default else allowed):
            return None
        more = "S" if name in _MODIFIED_SAFETY else ""
        if len(modified) != 1 or modified not in f"{allowed}{more}X":
            return None
        effective = modified if modified != "X" else value
        found[name] = default if effective == "X" else effective
    return found


def _group(v: Mapping[str, str]) -> tuple[str, str, str, str, str]:
    """EQ1, EQ2, EQ3 with EQ6, EQ4, EQ5 (tables 24 to 29)."""
    easy = (v["AV"] == "N", v["PR"] == "N", v["UI"] == "N")
    one = "0" if all(easy) else "1" if any(easy) and v["AV"] != "P" else "2"
    two = "0" if (v["AC"], v["AT"]) == ("L", "N") else "1"
    high = [name for name in ("VC", "VI", "VA") if v[name] == "H"]
    three = "0" if high[:2] == ["VC", "VI"] else "1" if high else "2"
    six = "0" if any(v[f"{name[1]}R"] == "H" for name in high) else "1"
    later = (v["SC"], v["SI"], v["SA"])
    four = "0" if "S" in later else "1" if "H" in later else "2"
    return one, two, three + six, four, str("APU".index(v["E"]))


def _next(group: str, last: str) -> str:
    """The next lower group of a set, empty past the last one."""
    return str(int(group) + 1) if group != last else ""


def _of(one: str, two: str, three_six: str, four: str, five: str) -> int | None:
    if not (one and two and three_six and four and five):
        return None
    return _SCORES[one + two + three_six][3 * int(four) + int(five)]


def _below_three_six(one: str, two: str, three_six: str, four: str, five: str) -> int | None:
    """EQ3 and EQ6 depend on each other: from 00 two ways lead down, and the higher one counts."""
    ways = {"00": ("01", "10"), "01": ("11",), "10": ("11",), "11": ("21",), "21": ()}[three_six]
    scores = [_of(one, two, way, four, five) for way in ways]
    return max((found for found in scores if found is not None), default=None)


def _distance(v: Mapping[str, str], names: tuple[str, ...], worst: tuple[str, ...]) -> int:
    """How many steps below a worst vector of its set: below the first that is nowhere less."""
    for vector in worst:
        steps = [
            _LEVELS[name].index(v[name]) - _LEVELS[name].index(top)
            for name, top in zip(names, vector, strict=True)
        ]
        if min(steps) >= 0:
            return sum(steps)
    raise AssertionError("every vector lies below a worst one of its group")
