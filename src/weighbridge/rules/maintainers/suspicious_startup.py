"""Nothing that runs by itself does as miners and thieves of credentials do."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.hijack.suspicious_startup import SIGNAL, read
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, judge

META = RuleMeta(
    id=SIGNAL,
    family="maintainers",
    since="0.1",
    severity=Severity.LOW,
    summary=(
        "no start-up code of a new release follows a pattern of miners or thieves: pools, "
        "credentials that are sent away, code that is decoded or downloaded and run, persistence"
    ),
    why=(
        "What a package runs at its installation, when Python starts or when it is imported runs "
        "everywhere it is installed. Its code is read, never run, for combinations that start-up "
        "code has no use for: reading credentials and sending them, decoding code and running it, "
        "naming a mining pool and starting a program. One such trait alone is common and no "
        "pattern. That none is found proves nothing: code can hide from any such look."
    ),
    remedy=(
        "Start nothing where it is installed; read the code, and treat every secret that was in "
        "reach as stolen."
    ),
    example="'pkg:pypi/litellm' has start-up code in 1.82.8 that runs code that it first decodes.",
    needs=NEEDS,
    references=(
        "PYSEC-2026-2",
        "https://attack.mitre.org/techniques/T1552/001/",
        "https://attack.mitre.org/techniques/T1496/",
        "https://attack.mitre.org/techniques/T1546/018/",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Look for the patterns that each new release has, and nobody accepted."""
    return judge(case, META, read)
