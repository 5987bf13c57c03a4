"""Dotted names that configuration files have a loader import and call.

Hydra's ``_target_`` (CVE-2025-23304: NeMo), hyperpyyaml's ``!new:`` and ``!apply:`` (SpeechBrain),
``class_path`` of LightningCLI, ``_component_`` of torchtune, ``target`` with ``params`` of latent
diffusion, ``type`` of sentence-transformers. Unlike a pickle's, such a name is always called by a
library that was installed on purpose, so whole packages of model parts are taken as data.
"""

from __future__ import annotations

import re

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.pickle.gadgets import gadget

# Packages whose classes are parts of models and of their training.
_PACKAGES = """
    apex audiocraft bitsandbytes datasets deepspeed diffusers einops espnet2 fairseq flash_attn
    hydra_plugins kornia lhotse lightning lightning_fabric megatron mlflow monai mup nemo
    nemo_text_processing numpy omegaconf open_clip peft pytorch_lightning sentence_transformers
    sklearn speechbrain timm tokenizers torch torch_geometric torchaudio torchmetrics torchtext
    torchao torchtune torchvision transformer_engine transformers xformers
"""
PACKAGES = frozenset(_PACKAGES.split())
# Listed with the pickle gadgets for what they do with arguments of a file's choosing; here they
# only join what the same file names anyway, which is judged by itself, or fetch a public data set.
_HARMLESS = """
    functools.partial
    os.path.join os.path.basename os.path.dirname os.path.expanduser os.path.abspath os.getcwd
    os.cpu_count os.getenv pathlib.Path collections.OrderedDict
    builtins.int builtins.float builtins.str builtins.bool builtins.list builtins.dict
    builtins.tuple builtins.set builtins.len builtins.sum builtins.min builtins.max builtins.range
    builtins.slice builtins.print builtins.round builtins.abs builtins.sorted
    torch.distributed.algorithms torch.distributed.fsdp torchvision.datasets datasets
    sklearn.datasets xgboost.Booster lightgbm.Booster PIL.Image
"""
HARMLESS = frozenset(_HARMLESS.split())
# Modules that another one hands over: ``lightning.fabric.subprocess.run``.
_HANDED = frozenset(
    {
        "os", "posix", "nt", "sys", "subprocess", "importlib", "builtins", "shutil", "runpy",
        "pty", "ctypes", "pickle", "marshal", "socket", "__builtins__",
    }
)  # fmt: skip
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*\Z")
_CALLS = "imports and calls a name that its configuration gives"


def is_dotted(name: str) -> bool:
    """Whether a text reads as a dotted Python name."""
    return len(name) <= 500 and _DOTTED.match(name) is not None


def rule_on_target(name: str) -> tuple[Verdict, str]:
    """What importing and calling a dotted name amounts to, and what it does."""
    parts = name.split(".")
    if any(name == known or name.startswith(known + ".") for known in HARMLESS):
        return Verdict.SAFE, ""
    module, _, last = name.rpartition(".")
    effect = gadget(module or "builtins", last)
    if effect:
        return Verdict.DANGEROUS, effect
    if any(part in _HANDED or part.startswith("__") for part in parts[:-1]):
        return Verdict.DANGEROUS, "hands over a module or function that can do anything"
    if parts[0] in PACKAGES or not module:
        return Verdict.SAFE, ""
    return Verdict.UNLISTED_CALL, _CALLS


def judge_target(name: str, how: str, log: Log, offset: int, *, known_only: bool = False) -> None:
    """Record a dotted name that a loader imports and calls.

    Args:
        name: as the file has it; text that is no dotted name calls nothing.
        how: the key or tag that makes a loader obey.
        known_only: record known gadgets only, where the key may also mean something else.
    """
    name = name.strip().lstrip("!")
    if not is_dotted(name):
        return
    verdict, effect = rule_on_target(name)
    if verdict is Verdict.SAFE:
        log.allow(name, 1)
        return
    if known_only and verdict is not Verdict.DANGEROUS:
        return
    log.operation(verdict, "call", name, f"{how}: {name}", effect, offset, how)
