"""The controls that no machine can check, and the question that a person answers for each.

A rule of the family ``controls`` stands behind each one; ``weighbridge attest`` takes no others.
"""

from __future__ import annotations

from dataclasses import dataclass

# A statement that nobody has looked at for more than a year, and a month to renew it in, is none.
MAX_DAYS = 400


@dataclass(frozen=True, slots=True)
class Control:
    """``id`` is the rule's; ``question`` is what the person's statement answers.

    ``max_days`` is how long a statement may hold from the day it was made, unless a policy says
    otherwise.
    """

    id: str
    question: str
    max_days: int = MAX_DAYS


CONTROLS: tuple[Control, ...] = (
    Control(
        "consent-for-training-data",
        "On which legal ground were the data of people used for training, and how was it shown?",
    ),
    Control(
        "data-residency",
        "In which countries do the training data, the weights and the requests of users lie?",
    ),
    Control(
        "bias-testing",
        "For which groups was the model's behavior compared, with which tests and which result?",
    ),
    Control(
        "right-to-explanation",
        "How does a person about whom the model helped to decide get an explanation of it?",
    ),
    Control(
        "third-party-audit",
        "Who outside of the organization examined the model, what, when, and with which result?",
    ),
    Control(
        "kill-switch-rehearsed",
        "When was switching the model off last rehearsed, by whom, and how long did it take?",
    ),
    Control(
        "human-oversight",
        "Who watches over what the model does, and how can they stop or overrule it?",
    ),
    Control(
        "incident-response-plan",
        "Who does what, in which time, when the model does harm, and when was that last tried?",
    ),
    Control(
        "acceptable-use-review",
        "Was the use that is planned compared with the license and the use policy, and by whom?",
    ),
)


def control(identifier: str) -> Control | None:
    """The control of that id, None where there is none."""
    return next((one for one in CONTROLS if one.id == identifier), None)
