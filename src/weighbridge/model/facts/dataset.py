"""Evidence of the kind ``dataset``: each dataset that a card or code names, or a record holds.

One piece of evidence a dataset (``about`` is its id). A place that could not be read (a broken card
or record, code whose dataset is computed when it runs) is ``unavailable``, ``about`` being
``path:line``, and holds :class:`DatasetPlace`. Where nothing names a dataset the whole is
``absent`` with an empty ``about``.
"""

from __future__ import annotations

from typing import Literal, TypedDict


class DatasetUseFacts(TypedDict):
    """One place that names the dataset.

    ``member``: the notebook's cell (``cell 3``), in which ``line`` counts; empty otherwise.
    ``revision``: what the place asks for, empty where it asks for none. ``kind``: a model card's
    ``datasets`` or ``model-index``; code; a trainer's configuration; ``tracked`` by DVC, Git LFS or
    Quilt; ``described`` by a Croissant file.
    """

    path: str
    member: str
    line: int
    kind: Literal["card", "code", "model-index", "config", "tracked", "described"]
    revision: str


class DatasetFacts(TypedDict):
    """What is known of one dataset; texts are empty where nobody recorded them.

    ``license`` as recorded, ``license_id`` the SPDX expression or LicenseRef that it was resolved
    to, ``license_status`` as in :class:`~weighbridge.model.facts.license.LicenseFacts`, empty where
    none is recorded. ``citation`` is text or BibTeX. ``pin`` is what fixes the content: a full
    commit id, the SHA-256 of the data, or DVC's hash; ``pin_kind`` says which, and
    ``branch-or-tag`` that something movable is recorded. ``recorded_in``, ``recorded_line``: the
    file that holds the record. ``license_file``: where the record says that the license's text
    lies, ``license_sha256`` its digest, ``license_text`` the licenses whose whole text it is
    (``A OR B`` where the same words stand for several), empty where it is none that is known.
    """

    id: str
    used_in: list[DatasetUseFacts]
    license: str
    license_id: str
    license_status: Literal["", "known", "family", "other", "unknown"]
    citation: str
    doi: str
    url: str
    accessed: str
    purpose: str
    pin: str
    pin_kind: Literal["", "commit", "sha256", "dvc", "branch-or-tag"]
    recorded_in: str
    recorded_line: int
    license_file: str
    license_sha256: str
    license_text: str


class DatasetPlace(TypedDict):
    """Where reading stopped. ``part``: what kind of place it is."""

    part: Literal["card", "code", "config", "record"]
    path: str
    member: str
    line: int
