"""The base score of a CVSS v3.x vector (FIRST, CVSS v3.1 specification, section 7.1)."""

from __future__ import annotations

import math

_ATTACK_VECTOR = {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2}
_COMPLEXITY = {"L": 0.77, "H": 0.44}
_PRIVILEGES = {"U": {"N": 0.85, "L": 0.62, "H": 0.27}, "C": {"N": 0.85, "L": 0.68, "H": 0.5}}
_INTERACTION = {"N": 0.85, "R": 0.62}
_IMPACT = {"H": 0.56, "L": 0.22, "N": 0.0}


def base_score(vector: str) -> float | None:
    """0.0 to 10.0, or None where it is no complete v3.0 or v3.1 vector."""
    prefix, *metrics = vector.strip().split("/")
    if prefix not in ("CVSS:3.0", "CVSS:3.1") or len(metrics) > 40:
        return None
    values = dict(metric.split(":", 1) for metric in metrics if ":" in metric)
    try:
        changed = {"U": False, "C": True}[values["S"]]
        exploitability = (
            8.22
            * _ATTACK_VECTOR[values["AV"]]
            * _COMPLEXITY[values["AC"]]
            * _PRIVILEGES[values["S"]][values["PR"]]
            * _INTERACTION[values["UI"]]
        )
        left = [1 - _IMPACT[values[name]] for name in ("C", "I", "A")]
    except KeyError:
        return None
    sub_score = 1 - left[0] * left[1] * left[2]
    impact = 6.42 * sub_score
    if changed:
        impact = 7.52 * (sub_score - 0.029) - 3.25 * (sub_score - 0.02) ** 15
    if impact <= 0:
        return 0.0
    return _round_up(min((1.08 if changed else 1.0) * (impact + exploitability), 10))


def rating(score: float) -> str:
    """The qualitative severity of a score (section 5); empty for 0.0."""
    for threshold, name in ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low")):
        if score >= threshold:
            return name
    return ""


def _round_up(value: float) -> float:
    """Up to one decimal, in whole numbers, as appendix A gives it against binary fractions."""
    scaled = round(value * 100_000)
    if scaled % 10_000 == 0:
        return scaled / 100_000
    return (math.floor(scaled / 10_000) + 1) / 10
