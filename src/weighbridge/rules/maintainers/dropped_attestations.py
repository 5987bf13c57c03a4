"""A project that attests its releases still does."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.hijack.dropped_attestations import SIGNAL, read
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, judge

META = RuleMeta(
    id=SIGNAL,
    family="maintainers",
    since="0.1",
    severity=Severity.LOW,
    summary=(
        "no new release lacks the provenance attestation that those before it on its major line had"
    ),
    why=(
        "An attestation says from which repository and workflow a file comes. Whoever publishes "
        "with a stolen token cannot make one in the project's name, and leaves it out. Only a "
        "habit can be broken: by the Beta-binomial with Jeffreys' prior, the next release lacks "
        "one with a probability of 25 % after one attested release, of 2.4 % after twenty, of 1 % "
        "after fifty; below 5 % this fires, and names the figure. A valid attestation is no proof "
        "of safety: a workflow that was taken over attests as well."
    ),
    remedy=(
        "Compare the release with the repository at its tag, or stay with the release before it."
    ),
    example=(
        "'pkg:npm/axios' published 1.14.1 without an attestation, where 40 of 40 releases had one."
    ),
    needs=NEEDS,
    references=(
        "https://peps.python.org/pep-0740/",
        "https://slsa.dev/spec/v1.2/provenance",
        "https://github.com/pnpm/pnpm/issues/10202",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Compare the attestations of each new release with those before it."""
    return judge(case, META, read)
