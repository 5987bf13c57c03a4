"""What start-up code does as miners and thieves of credentials do: the ids, one line each.

Start-up code runs without being asked: the lines of a ``.pth``, ``sitecustomize``, a package's
``__init__.py``, ``setup.py``, a script of npm. An id stands for a combination; one innocent trait
alone (it opens a connection, it decodes base64) is none. Each completes "its start-up code …".

Seen in: litellm 1.82.8 of March 2026 (PYSEC-2026-2: decodes and runs, steals, persists),
ultralytics 8.3.41 of 2024 (downloads and runs a miner), ctx of 2022 (sends the environment away),
lightning 2.6.2 of 2026 (downloads and runs at import).
"""

from __future__ import annotations

from collections.abc import Mapping

PATTERNS: Mapping[str, str] = {
    "mines": "names a mining pool or a miner, and starts or reaches it",
    "steals-credentials": "reads places of credentials and sends them away",
    "sends-environment": "sends all environment variables away",
    "decodes-and-runs": "runs code that it first decodes",
    "downloads-and-runs": "runs what it downloads",
    "persists": "makes itself start again: crontab, systemd, LaunchAgents, shell start-up files",
    "asks-cloud-metadata": "asks the cloud's metadata service for credentials",
    "runs-unverified": "turns off the verification of TLS and runs code or programs",
    "hides-code": "hides code that runs far to the right of a line",
}


def described(ids: tuple[str, ...] | list[str]) -> str:
    """The meanings of some ids, for a sentence; an id that is not known is shown as it is."""
    return "; ".join(PATTERNS.get(each, each) for each in ids)
