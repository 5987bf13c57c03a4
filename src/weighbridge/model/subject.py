"""What is audited."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from weighbridge.model.digest import Digest


class SubjectKind(enum.StrEnum):
    """Where the subject's files come from."""

    DIRECTORY = "directory"
    GIT_REVISION = "git-revision"
    HUB_CACHE = "hub-cache"
    HUB_REPO = "hub-repo"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject's identity. It holds no path of the machine, so records compare across machines.

    ``name`` is the folder's or repository's own name; ``revision`` a full commit id where there is
    one; ``digest`` the ``dirHash1`` over every file's path and SHA-256. A file that could not be
    read is not in the digest, and the snapshot lists it as a problem.
    """

    kind: SubjectKind
    name: str
    digest: Digest
    revision: str = ""
