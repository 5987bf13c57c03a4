"""What somebody states when the document is made, as no file of the model says it.

It is told as theirs: a property ``weighbridge:stated`` names each such field, and so does the
source of the field. Nothing that the files say is replaced by it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from weighbridge.model.errors import UsageError
from weighbridge.report.cyclonedx.part import Part
from weighbridge.report.cyclonedx.sources import Sources
from weighbridge.report.cyclonedx.values import MAX_NAME, MAX_VERSION, clean

if TYPE_CHECKING:
    from cyclonedx.model.bom import Bom

_WORDS = "stated by whoever had this document made"


@dataclass(frozen=True, slots=True)
class Stated:
    """``author`` made the document (a name, or ``Name <address>``); the rest is of the model.

    ``released`` is the day that its weights were made public.
    """

    author: str = ""
    supplier: str = ""
    version: str = ""
    released: dt.date | None = None

    @property
    def digest(self) -> str:
        """Of all that is stated; empty where nothing is."""
        said = [str(field or "") for field in astuple(self)]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest() if any(said) else ""


def state(stated: Stated, model: Part, sources: Sources) -> None:
    """Put what is stated of the model into its component, which is not settled yet.

    Raises:
        UsageError: the files say another version.
    """
    from cyclonedx.model.contact import OrganizationalEntity

    component = model.component
    assert component is not None
    if stated.supplier:
        component.supplier = OrganizationalEntity(name=clean(stated.supplier, MAX_NAME))
        _tell(model, sources, "supplier")
    if stated.version:
        version = clean(stated.version, MAX_VERSION)
        if component.version and component.version != version:
            raise UsageError(
                f"the model is version {component.version!r} by its own files or its repository, "
                f"not {version!r}",
                remedy="Leave out --model-version, or correct what the files say.",
            )
        if not component.version:
            component.version = version
            _tell(model, sources, "version")
    if stated.released:
        model.note("released", stated.released.isoformat())
        model.note("stated", "released")


def sign(stated: Stated, bom: Bom) -> None:
    """Put the document's author into its metadata."""
    from email.utils import parseaddr

    from cyclonedx.model.contact import OrganizationalContact

    if stated.author:
        name, address = parseaddr(stated.author)
        if "@" not in address:
            name, address = stated.author, ""
        bom.metadata.authors.add(
            OrganizationalContact(
                name=clean(name, MAX_NAME) or None, email=clean(address, MAX_NAME) or None
            )
        )


def _tell(model: Part, sources: Sources, member: str) -> None:
    model.note("stated", member)
    sources.found(model.ref, (member,), member, "", _WORDS)
