"""The recorded datasets as Croissant descriptions (MLCommons Croissant 1.0, JSON-LD).

One dataset makes one description. Several make a graph of them: Croissant itself describes one
dataset a file, so a tool that validates takes them one by one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.model.facts.dataset import DatasetFacts
from weighbridge.report.citations_cff import is_hub_id

# The names that the specification's own context gives (Croissant 1.0, appendix 1).
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{
        name: f"cr:{name}"
        for name in (
            "citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty",
            "fileObject", "fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key",
            "md5", "parentField", "path", "recordSet", "references", "regex", "repeated", "replace",
            "samplingRate", "separator", "source", "subField", "transform",
        )
    },
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "sc": "https://schema.org/",
}  # fmt: skip
_SPDX = re.compile(r"(?!LicenseRef-)[A-Za-z0-9][A-Za-z0-9.+-]*\Z")
_DEMANDED = ("description", "license", "url", "creator", "datePublished")


def render(datasets: Sequence[DatasetFacts]) -> bytes:
    """JSON-LD in ASCII."""
    found = [_dataset(facts) for facts in datasets]
    document: dict[str, Any] = {"@context": CONTEXT}
    if len(found) == 1:
        document |= found[0]
    else:
        document["@graph"] = found
    text = json.dumps(document, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f")
    return text.encode() + b"\n"


def unfilled(facts: DatasetFacts) -> tuple[str, ...]:
    """What the specification demands of a description and the record does not give."""
    given = _dataset(facts)
    return tuple(name for name in _DEMANDED if name not in given)


def _dataset(facts: DatasetFacts) -> dict[str, Any]:
    hub = f"https://huggingface.co/datasets/{facts['id']}" if is_hub_id(facts) else ""
    license_id = facts["license_id"]
    if _SPDX.match(license_id) and facts["license_status"] == "known":
        license_id = f"https://spdx.org/licenses/{license_id}.html"
    fields = {
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": visible(facts["id"]),
        "url": visible(facts["url"] or hub),
        "license": visible(license_id or facts["license"], 5_000),
        "citeAs": visible(" ".join(facts["citation"].split()), 20_000),
        "identifier": f"https://doi.org/{visible(facts['doi'])}" if facts["doi"] else "",
        "version": visible(facts["pin"]),
    }
    return {name: text for name, text in fields.items() if text}
