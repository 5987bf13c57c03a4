"""The fields of the Model Documentation Form and of Annex XI, and what of a record fills each.

Sources: the form in the Transparency chapter of the General-Purpose AI Code of Practice (10 July
2025), and Annex XI of Regulation (EU) 2024/1689; names of fields in this project's own words. A
field is filled where a file says something for it or its value was computed: whether what is said
is true and enough is for a person. Most dates, amounts of computation and reasons stand in no file
format, so these stay gaps until somebody writes them into the form itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from weighbridge.model.record import AuditRecord
from weighbridge.report.documentation.values import Known, Value

Find = Callable[[Known], tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form: ``write`` says what belongs there, in the imperative."""

    group: str
    id: str
    name: str
    write: str
    find: Find


@dataclass(frozen=True, slots=True)
class Filled:
    """A field with its values; none make it a gap."""

    field: Field
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """A point of Annex XI: the fields that its demands are read from. ``note`` may be empty."""

    id: str
    name: str
    fields: tuple[str, ...]
    note: str = ""


def filled(record: AuditRecord) -> dict[str, Filled]:
    """Every field of the form, by id and in the form's order."""
    known = Known(record)
    return {field.id: Filled(field, field.find(known)) for field in FIELDS}


def standing(point: Point, form: dict[str, Filled]) -> tuple[str, tuple[str, ...]]:
    """``filled``, ``partly`` or ``gap``, and what to write for the fields that are gaps."""
    missing = [form[name] for name in point.fields if not form[name].values]
    state = "filled" if not missing else "gap" if len(missing) == len(point.fields) else "partly"
    return state, tuple(one.field.write for one in missing)


def _topic(name: str) -> Find:
    return lambda known: known.topic(name)


def _claims(*fields: str) -> Find:
    return lambda known: known.claims(*fields)


def _either(*finders: Find) -> Find:
    """The values of the first that has any."""
    return lambda known: next((found for find in finders if (found := find(known))), ())


def _nothing(_: Known) -> tuple[Value, ...]:
    """No file of a model has a place for it."""
    return ()


FIELDS: tuple[Field, ...] = (
    Field("General", "provider", "Provider's legal name",
          "Write the legal name of whoever provides the model.", _claims("producer", "author")),
    Field("General", "name", "Model name",
          "Write the model's unique name and those of its public versions.", Known.name),
    Field("General", "authenticity", "Authenticity",
          "Distribute the weights with a hash of each file, or give the service's address.",
          Known.hashes),
    Field("General", "release-date", "Release date",
          "Write the day on which the model was first released, through any channel.",
          _topic("release")),
    Field("General", "union-date", "Day of placing on the Union's market",
          "Write the day on which the model was placed on the market of the European Union.",
          _nothing),
    Field("General", "dependencies", "Models it was made from",
          "List the general-purpose models it was made from with their versions, or 'N/A'.",
          Known.bases),
    Field("Properties", "architecture", "Architecture",
          "Describe the architecture in about twenty words.",
          _either(_topic("architecture"), _claims("architecture", "architecture_family"))),
    Field("Properties", "design", "Design and its reasons",
          "Describe the main choices of the design, the reasons for them and what was assumed.",
          _topic("architecture")),
    Field("Properties", "inputs", "Kinds of input", "Name every kind of input.", _claims("input")),
    Field("Properties", "input-size", "Largest input",
          "Give the largest size of each kind of input, or 'N/A'.",
          _claims("max_input_tokens", "context_length", "input_detail")),
    Field("Properties", "outputs", "Kinds of output", "Name every kind of output.",
          _claims("output")),
    Field("Properties", "output-size", "Largest output",
          "Give the largest size of each kind of output, or 'N/A'.", _nothing),
    Field("Properties", "parameters", "Number of parameters",
          "Give the total number of parameters with two significant figures at least.",
          Known.parameters),
    Field("Distribution", "channels", "Channels of distribution",
          "List how the model can be had, and how open each of these ways is.", _topic("release")),
    Field("Distribution", "license", "License",
          "Give the license with its address, or say that there is none.",
          _claims("license", "license_name", "license_link")),
    Field("Use", "acceptable-use", "Acceptable use policy",
          "Give the address of the acceptable use policy, or say that there is none.",
          Known.use_policy),
    Field("Use", "intended-use", "Intended uses",
          "Describe the uses that are intended, or those that are not allowed.",
          lambda known: (*known.topic("intended-use"), *known.topic("out-of-scope-use"))),
    Field("Use", "systems", "Systems it may be built into",
          "List kinds of systems that the model may be built into, and into which not.", _nothing),
    Field("Use", "integration", "Means of integration",
          "Describe what is needed to build the model into a system: instructions, tools.",
          _topic("usage")),
    Field("Use", "hardware", "Hardware it needs",
          "Say which hardware the model needs when used, or 'N/A'.", _nothing),
    Field("Use", "software", "Software it needs",
          "Say which software the model needs, with versions, or 'N/A'.",
          _claims("software", "library")),
    Field("Training", "training", "Training process",
          "Describe the stages of training, its methods and what it optimizes for.",
          _topic("training-procedure")),
    Field("Training", "rationale", "Reasons for choices in training",
          "Say how and why the main choices of training were made.", _nothing),
    Field("Data", "data-kinds", "Kinds of data",
          "Name the kinds of data used in training, testing and validation.", _nothing),
    Field("Data", "data-origin", "Origin of the data",
          "Say where the data come from: crawled, licensed, from users, synthetic, public sets.",
          _either(_topic("training-data"), _claims("dataset"))),
    Field("Data", "data-selection", "How the data were obtained and selected",
          "Describe for each origin how the data were obtained and chosen.",
          _topic("training-data")),
    Field("Data", "data-count", "Number of data points",
          "Give the number of data points with its unit (tokens, images, hours), by stage.",
          _nothing),
    Field("Data", "data-scope", "Scope and characteristics of the data",
          "Describe domains, languages, regions and time span of the data.",
          _topic("training-data")),
    Field("Data", "curation", "Curation of the data",
          "Describe cleaning, filtering, annotation and augmentation.", _claims("preprocessing")),
    Field("Data", "unsuitable", "Unsuitable sources",
          "Describe how unsuitable sources were found and left out.", _nothing),
    Field("Data", "data-bias", "Biases in the data",
          "Describe how biases in the data were looked for.", _topic("bias-and-fairness")),
    Field("Computation", "training-time", "Training time",
          "Give the time of training in days, and in hours of hardware.", _nothing),
    Field("Computation", "flop", "Computation used for training",
          "Give the amount in FLOP with two significant figures, estimated if not measured.",
          _nothing),
    Field("Computation", "compute", "How computation was measured",
          "Name the hardware, and describe how the amount of computation was measured.",
          _topic("compute")),
    Field("Energy", "energy", "Energy used for training",
          "Give the energy in MWh with two significant figures, estimated if not measured.",
          Known.energy),
    Field("Energy", "energy-method", "How energy was measured",
          "Describe how the energy was measured, or why it is not known.", Known.energy_method),
    Field("Energy", "inference", "Computation of an inference benchmark",
          "Give the computation of a stated benchmark of inference in FLOP, and how it was "
          "measured.", _nothing),
    Field("Evaluation", "evaluation", "Evaluation results",
          "Give results with data, metric, harness and date (Annex XI Section 2; not in the form).",
          Known.evaluations),
    Field("Evaluation", "adversarial", "Adversarial testing",
          "Describe attacks that were tried, by whom, and what was changed after (Section 2).",
          _topic("robustness")),
)  # fmt: skip

_RISK = "only for models with systemic risk"
POINTS: tuple[Point, ...] = (
    Point("1(1)(a)", "Tasks, and systems it can be built into", ("intended-use", "systems")),
    Point("1(1)(b)", "Acceptable use policies", ("acceptable-use",)),
    Point("1(1)(c)", "Day of release, methods of distribution", ("release-date", "channels")),
    Point("1(1)(d)", "Architecture, number of parameters", ("architecture", "parameters")),
    Point("1(1)(e)", "Modality and format of input and output", ("inputs", "outputs")),
    Point("1(1)(f)", "License", ("license",)),
    Point("1(2)(a)", "Technical means of integration", ("integration", "hardware", "software")),
    Point("1(2)(b)", "Design and training process", ("design", "training", "rationale")),
    Point("1(2)(c)", "Data for training, testing and validation",
          ("data-kinds", "data-origin", "data-selection", "data-count", "data-scope", "curation",
           "unsuitable", "data-bias")),
    Point("1(2)(d)", "Computational resources", ("flop", "training-time", "compute")),
    Point("1(2)(e)", "Energy consumption", ("energy", "energy-method"),
          "where it is not known, it may be estimated from the computation used"),
    Point("2(1)", "Evaluation strategies and results", ("evaluation",), _RISK),
    Point("2(2)", "Adversarial testing and adaptations", ("adversarial",), _RISK),
    Point("2(3)", "System architecture", ("design",), _RISK),
)  # fmt: skip
