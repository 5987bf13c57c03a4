"""Which license the models of a family stand under, by name: for a model whose card was not read.

One family holds several licenses: Gemma 3 has terms of its own and Gemma 4 is Apache-2.0, most
sizes of Qwen2.5 are Apache-2.0 and two are not. So a name decides only where the publisher's cards
are known to say the same for every name that the pattern takes in; a name that no pattern takes in
has no answer. A card, where it is read, goes before this table.

``known``: the publisher says so on the cards at ``source``; ``secondary``: others write so.
"""

from __future__ import annotations

import fnmatch
import functools
from dataclasses import dataclass

MAX_ID = 200  # characters; the Hub's own bound on owner and name together is below it

_S = "LicenseRef-scancode-"
_APACHE = "Apache-2.0"
_DEEPSEEK = f"{_S}deepseek-la-1.0"
_GEMMA = f"{_S}gemma-tou-2025-03-24"
_LLAMA2 = f"{_S}llama-2-license-2023"
_LLAMA3 = "LicenseRef-llama3"
_LLAMA31 = f"{_S}llama-3.1-license-2024"
_LLAMA32 = f"{_S}llama-3.2-license-2024"
_LLAMA33 = f"{_S}llama-3.3-license-2024"
_LLAMA4 = f"{_S}llama-4-cla-2025"
_MNPL = "LicenseRef-MNPL-0.1"
_MRL = "LicenseRef-MRL-0.1"
_OPENRAIL_PP = f"{_S}bigscience-open-rail-m2"
_QWEN = f"{_S}qwen-2024"
_QWEN_RESEARCH = "LicenseRef-qwen-research"
_STABILITY = f"{_S}stability-ai-community-2024"
_STABLE_DIFFUSION = f"{_S}stable-diffusion-2022-08-22"
_TONGYI = f"{_S}tongyi-qianwen-2023"

_HUB = "https://huggingface.co/"

# License, then names in lower case, where "*" is anything. A name that is listed without "*"
# outweighs every pattern; among patterns the first holds.
_TABLE: tuple[tuple[str, str], ...] = (
    (_APACHE, "google/gemma-4-*"),
    (_GEMMA, ("google/gemma-2b* google/gemma-7b* google/gemma-1.1-* google/gemma-2-*"
             " google/gemma-3-* google/gemma-3n-* google/codegemma-* google/recurrentgemma-*"
             " google/paligemma-* google/paligemma2-* google/shieldgemma-*"
             " google/embeddinggemma-*")),
    (_APACHE, "google/flan-t5-* google-t5/t5-* google-bert/bert-*"),
    # Llama: the number in the name is the license's, but for Guard models
    (_LLAMA2, ("meta-llama/llama-2-* meta-llama/codellama-* codellama/codellama-*"
              " meta-llama/llamaguard-7b lmsys/vicuna-7b-v1.5 lmsys/vicuna-13b-v1.5")),
    (_LLAMA3, "meta-llama/meta-llama-3-* meta-llama/meta-llama-guard-2-8b"),
    (_LLAMA31, ("meta-llama/llama-3.1-* meta-llama/meta-llama-3.1-*"
               " meta-llama/llama-guard-3-8b* meta-llama/prompt-guard-86m")),
    (_LLAMA32, ("meta-llama/llama-3.2-* meta-llama/llama-guard-3-1b*"
               " meta-llama/llama-guard-3-11b-vision")),
    (_LLAMA33, "meta-llama/llama-3.3-*"),
    (_LLAMA4, "meta-llama/llama-4-* meta-llama/llama-guard-4-*"),
    (f"{_S}llama-license-2023", "huggyllama/llama-*"),
    ("LicenseRef-opt-175b", "facebook/opt-*"),
    ("CC-BY-NC-4.0", ("facebook/galactica-* facebook/nllb-200-* facebook/musicgen-*"
                     " facebook/mms-* facebook/seamless-m4t-*")),
    # FLUX
    (_APACHE, "black-forest-labs/flux.1-schnell"),
    ("LicenseRef-flux-1-dev-nc-1.1.1", "black-forest-labs/flux.1-dev"),
    # Qwen: by generation and size
    ("LicenseRef-tongyi-qianwen-research", "qwen/qwen-1_8b*"),
    (_TONGYI, ("qwen/qwen-7b* qwen/qwen-14b* qwen/qwen-72b* qwen/qwen1.5-7b* qwen/qwen1.5-14b*"
              " qwen/qwen1.5-32b* qwen/qwen1.5-72b* qwen/qwen1.5-110b* qwen/qwen2-72b*"
              " qwen/qwen2-vl-72b* qwen/qwen2-math-72b*")),
    (_APACHE, ("qwen/qwen2-0.5b* qwen/qwen2-1.5b* qwen/qwen2-7b* qwen/qwen2-57b-a14b*"
              " qwen/qwen2-vl-2b* qwen/qwen2-vl-7b*")),
    (_QWEN_RESEARCH, "qwen/qwen2.5-3b* qwen/qwen2.5-coder-3b* qwen/qwen2.5-vl-3b*"),
    (_QWEN, "qwen/qwen2.5-72b* qwen/qwen2.5-math-72b* qwen/qwen2.5-vl-72b*"),
    (_APACHE, ("qwen/qwen2.5-0.5b* qwen/qwen2.5-1.5b* qwen/qwen2.5-7b* qwen/qwen2.5-14b*"
              " qwen/qwen2.5-32b* qwen/qwen2.5-coder-0.5b* qwen/qwen2.5-coder-1.5b*"
              " qwen/qwen2.5-coder-7b* qwen/qwen2.5-coder-14b* qwen/qwen2.5-coder-32b*"
              " qwen/qwen2.5-math-1.5b* qwen/qwen2.5-math-7b* qwen/qwen2.5-vl-7b*"
              " qwen/qwen2.5-vl-32b* qwen/qwq-32b* qwen/qwen3-*")),
    # DeepSeek: R1-Distill is left out, its bases have licenses of their own
    ("MIT", ("deepseek-ai/deepseek-r1 deepseek-ai/deepseek-r1-zero deepseek-ai/deepseek-r1-0528"
            " deepseek-ai/deepseek-v3-0324 deepseek-ai/deepseek-v3.1*"
            " deepseek-ai/deepseek-v3.2*")),
    (_DEEPSEEK, ("deepseek-ai/deepseek-v3 deepseek-ai/deepseek-v3-base deepseek-ai/deepseek-v2*"
                " deepseek-ai/deepseek-coder-* deepseek-ai/deepseek-llm-*"
                " deepseek-ai/deepseek-moe-* deepseek-ai/deepseek-math-7b-*")),
    # Mistral
    (_MNPL, "mistralai/codestral-22b-v0.1"),
    (_MRL, ("mistralai/mistral-large-instruct-2407 mistralai/mistral-large-instruct-2411"
           " mistralai/ministral-8b-instruct-2410 mistralai/mistral-small-instruct-2409"
           " mistralai/pixtral-large-instruct-2411")),
    (_APACHE, ("mistralai/mistral-7b-* mistralai/mixtral-8x7b-* mistralai/mixtral-8x22b-*"
              " mistralai/mistral-nemo-* mistralai/mistral-small-24b-*"
              " mistralai/mistral-small-3.1-* mistralai/mistral-small-3.2-*"
              " mistralai/pixtral-12b-* mistralai/mathstral-7b-* mistralai/magistral-small-*"
              " mistralai/mamba-codestral-7b-*")),
    # Falcon
    (_APACHE, ("tiiuae/falcon-7b tiiuae/falcon-7b-instruct tiiuae/falcon-40b"
              " tiiuae/falcon-40b-instruct tiiuae/falcon-rw-1b tiiuae/falcon-rw-7b")),
    ("LicenseRef-falcon-180b-tii", "tiiuae/falcon-180b*"),
    (f"{_S}falcon-2-11b-1.0", "tiiuae/falcon-11b*"),
    # Stable Diffusion
    (_STABLE_DIFFUSION, ("compvis/stable-diffusion-v1-* runwayml/stable-diffusion-v1-5"
                        " runwayml/stable-diffusion-inpainting"
                        " stable-diffusion-v1-5/stable-diffusion-v1-5"
                        " stable-diffusion-v1-5/stable-diffusion-inpainting")),
    (_OPENRAIL_PP, ("stabilityai/stable-diffusion-2 stabilityai/stable-diffusion-2-*"
                   " stabilityai/stable-diffusion-xl-base-1.0"
                   " stabilityai/stable-diffusion-xl-refiner-1.0")),
    (_STABILITY, "stabilityai/stable-diffusion-3-medium* stabilityai/stable-diffusion-3.5-*"),
    ("LicenseRef-deepfloyd-if-license", "deepfloyd/if-*"),
    # BigScience, BigCode
    (f"{_S}bigscience-rail-1.0", "bigscience/bloom bigscience/bloom-* bigscience/bloomz*"),
    (f"{_S}bigcode-open-rail-m-v1", ("bigcode/starcoder bigcode/starcoderbase*"
                                    " bigcode/starcoder2-* bigcode/starcoderplus")),
    # others with licenses of their own
    (f"{_S}exaone-ai-model-1.1-nc", "lgai-exaone/exaone-3.5-* lgai-exaone/exaone-deep-*"),
    (f"{_S}hyperclova-x-seed-2025", ("naver-hyperclovax/hyperclovax-seed-text-instruct-*"
                                    " naver-hyperclovax/hyperclovax-seed-vision-instruct-*")),
    (f"{_S}tencent-hunyuan-3d-2.0-cla", ("tencent/hunyuan3d-2 tencent/hunyuan3d-2mini"
                                        " tencent/hunyuan3d-2mv")),
    ("LicenseRef-grok2-community", "xai-org/grok-2"),
    ("CC-BY-NC-4.0", ("coherelabs/c4ai-command-r* cohereforai/c4ai-command-r* coherelabs/aya-23-*"
                     " cohereforai/aya-23-* coherelabs/aya-expanse-* cohereforai/aya-expanse-*")),
    ("CC-BY-NC-SA-4.0", "mosaicml/mpt-7b-chat mosaicml/mpt-30b-chat"),
    # common bases under software licenses
    (_APACHE, ("mosaicml/mpt-7b mosaicml/mpt-30b xai-org/grok-1 openai/gpt-oss-* openai/whisper-*"
              " eleutherai/pythia-* eleutherai/gpt-j-6b eleutherai/gpt-neox-20b allenai/olmo-*"
              " huggingfacetb/smollm* ibm-granite/granite-3.* ibm-granite/granite-4.*")),
    ("MIT", ("microsoft/phi-2 microsoft/phi-1_5 microsoft/phi-3-* microsoft/phi-3.5-*"
            " microsoft/phi-4* openai-community/gpt2* eleutherai/gpt-neo-* databricks/dolly-v2-*"
            " zai-org/glm-4.5*")),
)  # fmt: skip
_SECONDARY: tuple[tuple[str, str], ...] = (
    ("LicenseRef-falcon-llm-2.0", "tiiuae/falcon3-* tiiuae/falcon-mamba-7b*"),
)


@dataclass(frozen=True, slots=True)
class FamilyLicense:
    """What a model's name says of its license.

    ``license``: an SPDX id or LicenseRef. ``pattern``: the names it holds for. ``source``: where
    the publisher says so. ``basis``: ``known`` or ``secondary``. ``why``: a clause of a sentence.
    """

    license: str
    pattern: str
    source: str
    basis: str
    why: str


def family_license(model_id: str) -> FamilyLicense | None:
    """The license that a model of the Hub stands under by its name, ``owner/name`` in any case.

    None for names that no pattern takes in, and for what is no such name.
    """
    if len(model_id) > MAX_ID or model_id.count("/") != 1:
        return None
    name = model_id.strip().lower()
    exact, patterns = _rows()
    row = exact.get(name)
    if row is not None:
        return row
    return next((row for row in patterns if fnmatch.fnmatchcase(name, row.pattern)), None)


def all_families() -> tuple[FamilyLicense, ...]:
    """Every row, single names first."""
    exact, patterns = _rows()
    return (*exact.values(), *patterns)


@functools.cache
def _rows() -> tuple[dict[str, FamilyLicense], tuple[FamilyLicense, ...]]:
    rows = [
        _row(license_id, pattern, basis)
        for basis, table in (("known", _TABLE), ("secondary", _SECONDARY))
        for license_id, patterns in table
        for pattern in patterns.split()
    ]
    exact = {row.pattern: row for row in rows if "*" not in row.pattern}
    return exact, tuple(row for row in rows if "*" in row.pattern)


def _row(license_id: str, pattern: str, basis: str) -> FamilyLicense:
    owner = pattern.partition("/")[0]
    models = f"models named {pattern}" if "*" in pattern else "the model of this name"
    who = "the publisher's cards" if basis == "known" else "reports of the release"
    return FamilyLicense(
        license=license_id,
        pattern=pattern,
        source=f"{_HUB}{owner}",
        basis=basis,
        why=f"{who} put {models} under {license_id}",
    )
