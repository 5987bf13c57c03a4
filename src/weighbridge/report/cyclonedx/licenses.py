"""Licenses in the document's three forms: an SPDX id, an SPDX expression, or a name.

CycloneDX tells a ``declared`` license (its author's word) from a ``concluded`` one (somebody
worked it out). A text that was resolved to SPDX is concluded, and the text itself is kept.
"""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any, Literal

from weighbridge.report.cyclonedx.part import SpecVersion, view
from weighbridge.report.cyclonedx.values import clean

if TYPE_CHECKING:
    from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression

    License = DisjunctiveLicense | LicenseExpression

Word = Literal["declared", "concluded"]

MAX_LICENSE = 500

_LICENSE_REF = re.compile(r"\b(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")


@functools.lru_cache(maxsize=10_000)
def license_of(spdx: str, text: str, word: Word) -> License | None:
    """The license for an SPDX expression, else for a text taken as a name; of nothing, None.

    Args:
        spdx: an SPDX id or expression, or what may be one; empty where there is none.
        text: the license as somebody wrote it.
        word: who says that ``spdx`` holds. A name is always ``declared``.
    """
    from cyclonedx.model.license import DisjunctiveLicense, LicenseAcknowledgement

    name = clean(text, MAX_LICENSE).strip()
    if spdx and len(spdx) <= MAX_LICENSE:
        found = _spdx(spdx, word)
        if found is not None:
            return found
    if not name:
        return None
    return DisjunctiveLicense(name=name, acknowledgement=LicenseAcknowledgement.DECLARED)


def alone(spdx: str, text: str) -> License | None:
    """The only license that something declares."""
    return license_of(spdx, text or spdx, "declared")


def beside_others(spdx: str, text: str) -> License | None:
    """A declared license beside others: an id or a name, as 1.6 lets an expression stand alone."""
    from cyclonedx.spdx import is_supported_id

    return license_of(spdx if is_supported_id(spdx) else "", spdx or text, "declared")


def _spdx(text: str, word: Word) -> License | None:
    from cyclonedx.model.license import (
        DisjunctiveLicense,
        LicenseAcknowledgement,
        LicenseExpression,
    )
    from cyclonedx.spdx import is_expression, is_supported_id

    acknowledgement = LicenseAcknowledgement(word)
    if is_supported_id(text):
        return DisjunctiveLicense(id=text, acknowledgement=acknowledgement)
    # The library knows the ids of the license list only; a LicenseRef is as valid (SPDX annex D).
    known = _LICENSE_REF.sub("MIT", text)
    if clean(text, MAX_LICENSE) == text and is_expression(known):
        return LicenseExpression(text, acknowledgement=acknowledgement)
    return None


@functools.lru_cache(maxsize=10_000)
def licenses_as_json(found: License, version: SpecVersion) -> list[dict[str, Any]]:
    """A license in JSON, as the library writes it in a component. Shared: not to be changed."""
    from cyclonedx.model.component import Component

    holder: Any = Component(name="x", licenses=[found])
    written: list[dict[str, Any]] = json.loads(holder.as_json(view_=view(version)))["licenses"]
    return written
