"""The 83 license ids that a model card on the Hugging Face Hub may name, and what each stands for.

Source: the license table of the Hub's documentation (hub-docs, ``repositories-licenses``, commit
242f4a1 of 2026-08-22). SPDX ids are used where the SPDX License List has the text; a LicenseRef of
ScanCode's where that is in circulation; a LicenseRef of the hub id otherwise.

Two traps: ``bsl-1.0`` is the Boost Software License and not the Business Source License (BUSL); and
a GNU id without ``-or-later`` says that version only, which is how the Hub words it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HubId:
    """What one hub id stands for.

    ``ids``: SPDX ids or LicenseRefs, the newest wording first; empty where the id names no text.
    ``family``: how the ids begin that a family id may stand for; empty for an id that names a text.
    """

    ids: tuple[str, ...] = ()
    family: tuple[str, ...] = ()


def _one(*ids: str) -> HubId:
    return HubId(ids)


def _family(*prefixes: str) -> HubId:
    return HubId((), prefixes)


_SCANCODE = "LicenseRef-scancode-"

HUB_IDS: dict[str, HubId] = {
    # software licenses
    "afl-3.0": _one("AFL-3.0"),
    "agpl-3.0": _one("AGPL-3.0-only"),
    "apache-2.0": _one("Apache-2.0"),
    "artistic-2.0": _one("Artistic-2.0"),
    "bsd-2-clause": _one("BSD-2-Clause"),
    "bsd-3-clause": _one("BSD-3-Clause"),
    "bsd-3-clause-clear": _one("BSD-3-Clause-Clear"),
    "bsl-1.0": _one("BSL-1.0"),
    "ecl-2.0": _one("ECL-2.0"),
    "epl-1.0": _one("EPL-1.0"),
    "epl-2.0": _one("EPL-2.0"),
    "eupl-1.1": _one("EUPL-1.1"),
    "eupl-1.2": _one("EUPL-1.2"),
    "gpl-2.0": _one("GPL-2.0-only"),
    "gpl-3.0": _one("GPL-3.0-only"),
    "isc": _one("ISC"),
    "lgpl-2.1": _one("LGPL-2.1-only"),
    "lgpl-3.0": _one("LGPL-3.0-only"),
    "lgpl-lr": _one("LGPLLR"),
    "lppl-1.3c": _one("LPPL-1.3c"),
    "mit": _one("MIT"),
    "mpl-2.0": _one("MPL-2.0"),
    "ms-pl": _one("MS-PL"),
    "ncsa": _one("NCSA"),
    "ofl-1.1": _one("OFL-1.1"),
    "osl-3.0": _one("OSL-3.0"),
    "postgresql": _one("PostgreSQL"),
    "unlicense": _one("Unlicense"),
    "wtfpl": _one("WTFPL"),
    "zlib": _one("Zlib"),
    # licenses for data and works
    "c-uda": _one("C-UDA-1.0"),
    "cc-by-2.0": _one("CC-BY-2.0"),
    "cc-by-2.5": _one("CC-BY-2.5"),
    "cc-by-3.0": _one("CC-BY-3.0"),
    "cc-by-4.0": _one("CC-BY-4.0"),
    "cc-by-nc-2.0": _one("CC-BY-NC-2.0"),
    "cc-by-nc-3.0": _one("CC-BY-NC-3.0"),
    "cc-by-nc-4.0": _one("CC-BY-NC-4.0"),
    "cc-by-nc-nd-3.0": _one("CC-BY-NC-ND-3.0"),
    "cc-by-nc-nd-4.0": _one("CC-BY-NC-ND-4.0"),
    "cc-by-nc-sa-2.0": _one("CC-BY-NC-SA-2.0"),
    "cc-by-nc-sa-3.0": _one("CC-BY-NC-SA-3.0"),
    "cc-by-nc-sa-4.0": _one("CC-BY-NC-SA-4.0"),
    "cc-by-nd-4.0": _one("CC-BY-ND-4.0"),
    "cc-by-sa-3.0": _one("CC-BY-SA-3.0"),
    "cc-by-sa-4.0": _one("CC-BY-SA-4.0"),
    "cc0-1.0": _one("CC0-1.0"),
    "cdla-permissive-1.0": _one("CDLA-Permissive-1.0"),
    "cdla-permissive-2.0": _one("CDLA-Permissive-2.0"),
    "cdla-sharing-1.0": _one("CDLA-Sharing-1.0"),
    "etalab-2.0": _one("etalab-2.0"),
    "odbl": _one("ODbL-1.0"),
    "odc-by": _one("ODC-By-1.0"),
    "pddl": _one("PDDL-1.0"),
    # licenses for models
    "apple-amlr": _one("LicenseRef-apple-amlr"),
    "apple-ascl": _one("LicenseRef-apple-ascl"),
    "bigcode-openrail-m": _one(f"{_SCANCODE}bigcode-open-rail-m-v1"),
    "bigscience-bloom-rail-1.0": _one(f"{_SCANCODE}bigscience-rail-1.0"),
    "bigscience-openrail-m": _one(f"{_SCANCODE}bigscience-open-rail-m"),
    "creativeml-openrail-m": _one(f"{_SCANCODE}stable-diffusion-2022-08-22"),
    "deepfloyd-if-license": _one("LicenseRef-deepfloyd-if-license"),
    "fair-noncommercial-research-license": _one("LicenseRef-fair-noncommercial-research-license"),
    "gemma": _one(f"{_SCANCODE}gemma-tou-2025-03-24", f"{_SCANCODE}gemma-tou-2024-04-01"),
    "grok2-community": _one("LicenseRef-grok2-community"),
    "h-research": _one("LicenseRef-h-research"),
    "intel-research": _one("LicenseRef-intel-research"),
    "llama2": _one(f"{_SCANCODE}llama-2-license-2023"),
    "llama3": _one("LicenseRef-llama3"),
    "llama3.1": _one(f"{_SCANCODE}llama-3.1-license-2024"),
    "llama3.2": _one(f"{_SCANCODE}llama-3.2-license-2024"),
    "llama3.3": _one(f"{_SCANCODE}llama-3.3-license-2024"),
    "llama4": _one(f"{_SCANCODE}llama-4-cla-2025", f"{_SCANCODE}llama-4-license-2025"),
    "openmdw-1.0": _one("OpenMDW-1.0"),
    "openmdw-1.1": _one("LicenseRef-OpenMDW-1.1"),
    "openrail++": _one(f"{_SCANCODE}bigscience-open-rail-m2"),
    # names of families: which license it is, they do not say
    "bsd": _family("0BSD", "BSD-"),
    "cc": _family("CC-", "CC0-"),
    "gfdl": _family("GFDL-"),
    "gpl": _family("GPL-"),
    "lgpl": _family("LGPL-"),
    "openrail": _family(
        f"{_SCANCODE}bigcode-open-rail",
        f"{_SCANCODE}bigscience-open-rail",
        f"{_SCANCODE}bigscience-rail",
        f"{_SCANCODE}stable-diffusion",
    ),
    # no license at all, by their own word
    "other": HubId(),
    "unknown": HubId(),
}

# Ids without an SPDX entry in license-expression's own list that stand in the table above.
EXTRA_SPDX_IDS = frozenset({"OpenMDW-1.0"})
