"""The source repository of each project is the accepted one, in the same hands."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.hijack.changed_repository import SIGNAL, read
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, judge

META = RuleMeta(
    id=SIGNAL,
    family="maintainers",
    since="0.1",
    severity=Severity.LOW,
    summary=(
        "the source repository of each project was not transferred, archived, disabled, turned "
        "into a fork or exchanged since it was accepted"
    ),
    why=(
        "Releases are made from the repository: who has it has them. A transfer hands it to "
        "others, an archived one gets no repairs any more, and a project that points to another "
        "repository shows its readers other code. Repositories are compared by the forge's "
        "number, so a new name alone is no change. Each of these is mostly benign, and counts for "
        "little in hijack-score."
    ),
    remedy=(
        "Read what the project says of the change; once it is explained, accept the state with "
        "'weighbridge maintainers snapshot'."
    ),
    example="'pkg:pypi/demo' has a repository that was transferred from alice to a-new-company.",
    needs=NEEDS,
    references=(
        "https://docs.github.com/en/repositories/creating-and-managing-repositories/transferring-a-repository",
        "https://peps.python.org/pep-0792/",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Compare the repository of each project with the accepted one."""
    return judge(case, META, read)
