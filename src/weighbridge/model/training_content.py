"""Training-content records: the keys of ``training-content.yaml``, and who asks for which.

Three frameworks ask for a summary of what a model was trained on; one file answers them. The labels
are our own words. Sources, as of 2026-11-20 (secondary copies; none is legal advice):

- ``eu-ai-act``: Regulation (EU) 2024/1689 Art. 53(1)(d), the AI Office's template of 2025-07-24
  (C(2025) 8311); section numbers are the template's;
- ``ab-2013``: California AB 2013 (2024), twelve items; copies disagree on the section of the code;
- ``data-provenance``: Data & Trust Alliance, Data Provenance Standards 1.0.0, 22 fields. Mandatory
  here are those that the OASIS contribution's schema requires.
"""

from __future__ import annotations

from dataclasses import dataclass

NAME = "training-content.yaml"
FRAMEWORKS: tuple[str, ...] = ("eu-ai-act", "ab-2013", "data-provenance")

# section -> key -> what a value must be: text, texts (a list), yes (yes or no), date, month
# (2026-05, or a day).
SECTIONS: dict[str, dict[str, str]] = {
    "summary": {"version": "text", "updated": "date", "link": "text"},
    "provider": {"name": "text", "contact": "text", "representative": "text"},
    "model": {"names": "texts", "depends_on": "texts", "eu_market_date": "date"},
    "data": {
        "modalities": "texts", "sizes": "texts", "content": "text", "latest_acquisition": "month",
        "languages": "text", "characteristics": "text",
    },
    "public": {"used": "yes", "modalities": "texts", "others": "text"},
    "licensed": {"used": "yes", "modalities": "texts"},
    "private": {"used": "yes", "modalities": "texts", "names": "texts", "description": "text"},
    "crawled": {
        "used": "yes", "crawlers": "texts", "purposes": "text", "behavior": "text", "from": "month",
        "to": "month", "content": "text", "modalities": "texts", "domains": "text",
    },
    "user_data": {
        "from_model": "yes", "from_services": "yes", "services": "text", "modalities": "texts",
    },
    "synthetic": {
        "used": "yes", "modalities": "texts", "models": "texts", "other_models": "text",
    },
    "other": {"used": "yes", "description": "text"},
    "processing": {
        "code_of_practice": "yes", "opt_outs": "text", "illegal_content": "text",
        "comments": "text",
    },
}  # fmt: skip

SOURCES: tuple[str, ...] = (
    "public", "licensed", "private", "crawled", "user", "synthetic", "other",
)  # fmt: skip
DATASET_KEYS: dict[str, str] = {
    "source": "source", "title": "text", "identifier": "text", "description": "text",
    "issuer": "text", "owner": "text", "link": "text", "points": "text", "types": "text",
    "ip": "text", "acquired": "text", "personal": "yes", "consumer": "yes", "cleaning": "text",
    "collected_from": "month", "collected_to": "month", "continues": "yes", "first_used": "date",
    "synthetic": "yes", "source_metadata": "text", "origin": "texts", "issued": "date",
    "previously_issued": "date", "method": "text", "format": "text", "confidentiality": "text",
    "consent": "text", "privacy": "text", "processing": "text", "storage": "text",
    "license": "text", "intended_use": "text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One field that a framework asks for.

    ``keys``: any of them answers; a key of a section (``provider.name``), or of a dataset where
    ``each`` is set. ``when``: keys with yes or no; the field applies where one of them says yes.
    ``optional``: an empty field is listed, and is no gap.
    """

    number: str
    label: str
    keys: tuple[str, ...]
    when: tuple[str, ...] = ()
    each: bool = False
    optional: bool = False


def _asked(number: str, label: str, *keys: str, when: str = "", optional: bool = False) -> Asked:
    return Asked(number, label, keys, tuple(when.split()), optional=optional)


def _each(number: str, label: str, *keys: str, optional: bool = False) -> Asked:
    return Asked(number, label, keys, each=True, optional=optional)


_EU = (
    _asked("0", "Version of the summary", "summary.version"),
    _asked("0", "Last update of the summary", "summary.updated"),
    _asked("1.1", "Provider: name", "provider.name"),
    _asked("1.1", "Provider: contact", "provider.contact"),
    _asked("1.1", "Authorized representative", "provider.representative", optional=True),
    _asked("1.2", "Model names with versions", "model.names"),
    _asked("1.2", "Models it was made from", "model.depends_on"),
    _asked("1.2", "Placed on the Union market on", "model.eu_market_date"),
    _asked("1.3", "Modalities of the training data", "data.modalities"),
    _asked("1.3", "Size of the training data, a band for each modality", "data.sizes"),
    _asked("1.3", "Types of content", "data.content"),
    _asked("1.3", "Latest acquisition of data", "data.latest_acquisition"),
    _asked("1.3", "Languages of the training data", "data.languages"),
    _asked("1.3", "Other characteristics", "data.characteristics", optional=True),
    _each("2", "Which kind of source each dataset is", "source"),
    _asked("2.1", "Publicly available datasets used", "public.used"),
    _asked("2.1", "Their modalities", "public.modalities", when="public.used"),
    _asked("2.1", "The large ones, by name and link", "datasets.public", when="public.used"),
    _asked("2.1", "The others, in general", "public.others", when="public.used", optional=True),
    _asked("2.2.1", "Data licensed from rightsholders", "licensed.used"),
    _asked("2.2.1", "Their modalities", "licensed.modalities", when="licensed.used"),
    _asked("2.2.2", "Private data of other third parties", "private.used"),
    _asked("2.2.2", "Their modalities", "private.modalities", when="private.used"),
    _asked("2.2.2", "Those publicly known, by name", "private.names", when="private.used",
           optional=True),
    _asked("2.2.2", "The others, in general", "private.description", when="private.used"),
    _asked("2.3", "Data crawled by the provider or for it", "crawled.used"),
    _asked("2.3", "Names of the crawlers", "crawled.crawlers", when="crawled.used"),
    _asked("2.3", "What they were for", "crawled.purposes", when="crawled.used"),
    _asked("2.3", "How they behave", "crawled.behavior", when="crawled.used"),
    _asked("2.3", "First month of collection", "crawled.from", when="crawled.used"),
    _asked("2.3", "Last month of collection", "crawled.to", when="crawled.used"),
    _asked("2.3", "Kinds of content and of sources", "crawled.content", when="crawled.used"),
    _asked("2.3", "Their modalities", "crawled.modalities", when="crawled.used"),
    _asked("2.3", "Domains that gave most", "crawled.domains", when="crawled.used"),
    _asked("2.4", "Data of people's use of the model", "user_data.from_model"),
    _asked("2.4", "Data of people's use of other services", "user_data.from_services"),
    _asked("2.4", "Which services", "user_data.services", when="user_data.from_services"),
    _asked("2.4", "Their modalities", "user_data.modalities",
           when="user_data.from_model user_data.from_services"),
    _asked("2.5", "Synthetic data made by the provider or for it", "synthetic.used"),
    _asked("2.5", "Their modalities", "synthetic.modalities", when="synthetic.used"),
    _asked("2.5", "Models on the market that made them", "synthetic.models",
           when="synthetic.used"),
    _asked("2.5", "Other models that made them", "synthetic.other_models", when="synthetic.used",
           optional=True),
    _asked("2.6", "Data of other sources", "other.used"),
    _asked("2.6", "What they are", "other.description", when="other.used"),
    _asked("3.1", "Signatory of the code of practice", "processing.code_of_practice"),
    _asked("3.1", "Measures to respect reservations of rights", "processing.opt_outs"),
    _asked("3.2", "Measures against illegal content", "processing.illegal_content"),
    _asked("3.3", "Anything else on processing", "processing.comments", optional=True),
)  # fmt: skip

_AB_2013 = (
    _each("1", "Source or owner", "owner", "issuer", "link"),
    _each("2", "How it serves the purpose of the system", "intended_use"),
    _each("3", "Number of data points", "points"),
    _each("4", "Types of data points or labels", "types"),
    _each("5", "Copyright, trademark or patent, or public domain", "ip"),
    _each("6", "Purchased or licensed", "acquired"),
    _each("7", "Personal information", "personal"),
    _each("8", "Aggregate consumer information", "consumer"),
    _each("9", "Cleaning or other modification, and what for", "cleaning"),
    _each("10", "Collected from", "collected_from"),
    _each("10", "Collected until", "collected_to", "continues"),
    _each("11", "First used in development", "first_used"),
    _each("12", "Synthetic data", "synthetic"),
)

_DATA_PROVENANCE = (
    _each("1", "Version of the standards", "standards"),
    _each("2", "Title", "title"),
    _each("3", "Unique identifier of the metadata", "identifier"),
    _each("4", "Location of the metadata", "link", optional=True),
    _each("5", "Issuer", "issuer"),
    _each("6", "Description", "description"),
    _each("7", "Metadata of what it was made from", "source_metadata", optional=True),
    _each("8", "Source, where it is not the issuer", "owner", optional=True),
    _each("9", "Geography of origin", "origin"),
    _each("10", "Date of issue", "issued"),
    _each("11", "Date of the issue before", "previously_issued", optional=True),
    _each("12", "Data made or collected from", "collected_from", optional=True),
    _each("12", "Data made or collected until", "collected_to", optional=True),
    _each("13", "Method", "method"),
    _each("14", "Format", "format", optional=True),
    _each("15", "Confidentiality", "confidentiality", optional=True),
    _each("16", "Location of the documents of consent", "consent", optional=True),
    _each("17", "Privacy-enhancing techniques", "privacy", optional=True),
    _each("18", "Where it may and may not be processed", "processing", optional=True),
    _each("19", "Where it may and may not be stored", "storage", optional=True),
    _each("20", "License to use", "license", optional=True),
    _each("21", "Intended use", "intended_use"),
    _each("22", "Copyright, patent or trademark in it", "ip", optional=True),
)

FIELDS: dict[str, tuple[Asked, ...]] = {
    "eu-ai-act": _EU,
    "ab-2013": _AB_2013,
    "data-provenance": _DATA_PROVENANCE,
}
