"""What a model's documentation has sections on, and which of them a framework asks for.

Sources of the lists: the Hub's model card template (huggingface_hub ``modelcard_template.md``), the
EU AI Act's Annex XI Section 1 and the Model Documentation Form of the General-Purpose AI Code of
Practice (10 July 2025), NIST AI RMF 1.0 (GOVERN 4.2, MAP 1 and 2, MEASURE 2, MANAGE 2.4 and 4.1).
The frameworks do not speak of headings: which sections serve a demand is this project's reading,
and that a section is there does not say that what stands in it is enough.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to be documented. ``write`` says what to write, in the imperative."""

    id: str
    title: str
    write: str


TOPICS: tuple[Topic, ...] = (
    Topic("description", "Description", "Say in a paragraph what the model is and what it does."),
    Topic("intended-use", "Intended use", "Say which uses, users and systems the model is for."),
    Topic(
        "out-of-scope-use",
        "Out-of-scope use",
        "Say which uses the model is not for, and which are not allowed.",
    ),
    Topic("limitations", "Limitations", "Say where the model is known or likely to fail."),
    Topic(
        "bias-and-fairness",
        "Bias and fairness",
        "Say for which groups its behavior was compared, how, and what was found.",
    ),
    Topic(
        "explainability",
        "Explainability",
        "Say how an output can be explained to a person, or that it cannot.",
    ),
    Topic(
        "robustness",
        "Robustness",
        "Say how it was tested against attacks and unusual input, and with which result.",
    ),
    Topic(
        "training-data",
        "Training data",
        "Say which data it was trained on, where they come from and how they were selected.",
    ),
    Topic(
        "training-procedure",
        "Training procedure",
        "Say how it was trained: method, main choices and hyperparameters.",
    ),
    Topic(
        "evaluation",
        "Evaluation results",
        "Give results with data, metric, the harness with its version, and the date.",
    ),
    Topic(
        "environmental-impact",
        "Environmental impact",
        "Give the energy used in kWh, or the carbon emitted, and how that was measured.",
    ),
    Topic(
        "architecture",
        "Architecture",
        "Say which architecture it has and why, and how large it is.",
    ),
    Topic(
        "compute",
        "Computational resources",
        "Give hardware, training time and the amount of computation in FLOP.",
    ),
    Topic(
        "usage",
        "How to use it",
        "Say how to run the model, with which software and hardware.",
    ),
    Topic(
        "human-oversight",
        "Human oversight",
        "Say who watches over what it does, and how they can stop or overrule it.",
    ),
    Topic("release", "Release", "Give the day of release, and where the model can be had."),
    Topic("contact", "Contact", "Name who answers questions, with an address."),
    Topic("changelog", "Changes", "List the versions and what changed in each."),
    Topic(
        "rollback",
        "Rollback plan",
        "Say to which version to go back when this one fails, who decides it, and how.",
    ),
    Topic(
        "end-of-support",
        "End of support",
        "Say until when the model is supported, and what happens then.",
    ),
    Topic(
        "security-contact",
        "Security contact",
        "Add a SECURITY.md that says where weaknesses are reported.",
    ),
)
"""Every topic, in the order in which a card is best written."""

BY_ID: dict[str, Topic] = {topic.id: topic for topic in TOPICS}

PRESETS: dict[str, tuple[str, ...]] = {
    "basic": ("description", "intended-use", "limitations", "training-data", "evaluation"),
    "hub": (
        "description", "intended-use", "out-of-scope-use", "limitations", "bias-and-fairness",
        "usage", "training-data", "training-procedure", "evaluation", "environmental-impact",
        "contact",
    ),
    "annex-xi": (
        "intended-use", "out-of-scope-use", "release", "architecture", "usage",
        "training-procedure", "training-data", "bias-and-fairness", "compute",
        "environmental-impact", "evaluation",
    ),
    "gpai": (
        "description", "intended-use", "out-of-scope-use", "release", "architecture", "usage",
        "training-procedure", "training-data", "bias-and-fairness", "compute",
        "environmental-impact", "contact",
    ),
    "nist": (
        "intended-use", "out-of-scope-use", "limitations", "bias-and-fairness", "explainability",
        "robustness", "training-data", "evaluation", "environmental-impact", "human-oversight",
        "contact", "rollback", "end-of-support",
    ),
}  # fmt: skip
"""Topics by framework: what ``require:`` of a rule may name in place of single topics."""


def topics(names: tuple[str, ...]) -> tuple[Topic, ...]:
    """The topics that names of topics and of presets stand for, each once, in a fixed order.

    Raises:
        KeyError: a name is neither a topic's nor a preset's.
    """
    wanted: set[str] = set()
    for name in names:
        wanted |= set(PRESETS[name]) if name in PRESETS else {BY_ID[name].id}
    return tuple(topic for topic in TOPICS if topic.id in wanted)
