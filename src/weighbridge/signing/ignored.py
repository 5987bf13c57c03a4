"""Files that no signature covers, and which of them a loader might run nevertheless."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from weighbridge.signing.manifest import GIT_PATHS, Manifest

# Names that loaders run, or let shape the prompt, when they lie beside the weights.
CODE_SUFFIXES = (".py", ".pyc", ".pyd", ".so", ".dll", ".dylib", ".jinja")


@dataclass(frozen=True, slots=True, order=True)
class Ignored:
    """A file that lies in the model, is not signed, and that the format leaves out, and why.

    ``code`` says that it is one a loader may run, or that shapes a prompt.
    """

    path: str
    reason: str
    code: bool = False


def why_ignored(path: str, manifest: Manifest, signature_paths: Collection[str]) -> str:
    """Why the format leaves a path out; empty where it must be signed."""
    if path in signature_paths:
        return "a signature file"
    if path.split("/", 1)[0] in GIT_PATHS:
        return "a git path, which the format leaves out"
    for ignored in manifest.ignore_paths:
        if path == ignored or path.startswith(f"{ignored}/"):
            return f"left out by the signer ({ignored})"
    return ""


def is_code(path: str) -> bool:
    """Whether a name is one that loaders run, or that shapes a prompt."""
    return path.lower().endswith(CODE_SUFFIXES)
