"""Which license a model's name says it stands under."""

import pytest

from weighbridge.licensing import knowledge
from weighbridge.licensing.families import all_families, family_license

SCANCODE = "LicenseRef-scancode-"


@pytest.mark.parametrize(
    "odd",
    [
        "", "/", "gemma-4-31b", "a/google/gemma-4-31b", "google/gemma-4", "google/gemma-5-2b",
        "someone/gemma-4-31b", "google/medgemma-4b-it", "google/" + "gemma-4-" * 99, "*/*",
        "[!x]/*", "meta-llama/Llama-5-8B", "deepseek-ai/DeepSeek-R1-Distill-Llama-8B",
        "Qwen/Qwen2.5",
        "Qwen/Qwen2.5-Coder-72B", "tiiuae/falcon-7b-something", "black-forest-labs/FLUX.1-dev-x",
    ],
)  # fmt: skip
def test_a_name_that_nothing_is_known_of_has_no_answer(odd: str) -> None:
    assert family_license(odd) is None


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("google/gemma-4-31B-it", "Apache-2.0"),
        ("google/gemma-3-27b-it", f"{SCANCODE}gemma-tou-2025-03-24"),
        ("google/gemma-3n-E4B-it", f"{SCANCODE}gemma-tou-2025-03-24"),
        ("google/gemma-2-9b", f"{SCANCODE}gemma-tou-2025-03-24"),
        ("google/gemma-2b", f"{SCANCODE}gemma-tou-2025-03-24"),
        ("meta-llama/Llama-2-7b-chat-hf", f"{SCANCODE}llama-2-license-2023"),
        ("meta-llama/Meta-Llama-3-8B", "LicenseRef-llama3"),
        ("meta-llama/Meta-Llama-3.1-8B", f"{SCANCODE}llama-3.1-license-2024"),
        ("meta-llama/Llama-3.1-8B", f"{SCANCODE}llama-3.1-license-2024"),
        ("meta-llama/Llama-3.2-1B", f"{SCANCODE}llama-3.2-license-2024"),
        ("meta-llama/Llama-3.3-70B-Instruct", f"{SCANCODE}llama-3.3-license-2024"),
        ("meta-llama/Llama-4-Scout-17B-16E", f"{SCANCODE}llama-4-cla-2025"),
        ("meta-llama/Llama-Guard-3-8B", f"{SCANCODE}llama-3.1-license-2024"),
        ("meta-llama/Llama-Guard-3-1B", f"{SCANCODE}llama-3.2-license-2024"),
        ("black-forest-labs/FLUX.1-schnell", "Apache-2.0"),
        ("black-forest-labs/FLUX.1-dev", "LicenseRef-flux-1-dev-nc-1.1.1"),
        ("Qwen/Qwen2.5-7B-Instruct", "Apache-2.0"),
        ("Qwen/Qwen2.5-3B-Instruct", "LicenseRef-qwen-research"),
        ("Qwen/Qwen2.5-72B", f"{SCANCODE}qwen-2024"),
        ("Qwen/Qwen2-72B-Instruct", f"{SCANCODE}tongyi-qianwen-2023"),
        ("Qwen/Qwen3-235B-A22B", "Apache-2.0"),
        ("deepseek-ai/DeepSeek-V2-Chat", f"{SCANCODE}deepseek-la-1.0"),
        ("deepseek-ai/DeepSeek-V3", f"{SCANCODE}deepseek-la-1.0"),
        ("deepseek-ai/DeepSeek-V3-0324", "MIT"),
        ("deepseek-ai/DeepSeek-R1", "MIT"),
        ("mistralai/Mistral-7B-v0.1", "Apache-2.0"),
        ("mistralai/Codestral-22B-v0.1", "LicenseRef-MNPL-0.1"),
        ("mistralai/Mistral-Large-Instruct-2411", "LicenseRef-MRL-0.1"),
        ("tiiuae/falcon-40b", "Apache-2.0"),
        ("tiiuae/falcon-180B-chat", "LicenseRef-falcon-180b-tii"),
        ("tiiuae/falcon-11B", f"{SCANCODE}falcon-2-11b-1.0"),
        ("bigscience/bloomz-7b1", f"{SCANCODE}bigscience-rail-1.0"),
        ("bigcode/starcoder2-15b", f"{SCANCODE}bigcode-open-rail-m-v1"),
        ("CompVis/stable-diffusion-v1-4", f"{SCANCODE}stable-diffusion-2022-08-22"),
        ("stabilityai/stable-diffusion-2-1", f"{SCANCODE}bigscience-open-rail-m2"),
        ("stabilityai/stable-diffusion-3.5-large", f"{SCANCODE}stability-ai-community-2024"),
        ("LGAI-EXAONE/EXAONE-3.5-7.8B-Instruct", f"{SCANCODE}exaone-ai-model-1.1-nc"),
        ("mosaicml/mpt-7b", "Apache-2.0"),
        ("mosaicml/mpt-7b-chat", "CC-BY-NC-SA-4.0"),
    ],
)
def test_the_version_and_size_decide(model: str, expected: str) -> None:
    found = family_license(model)
    assert found is not None
    assert found.license == expected
    assert expected in found.why


def test_every_row_names_a_license_that_the_knowledge_base_has() -> None:
    rows = all_families()
    assert len(rows) >= 100
    for row in rows:
        assert knowledge.terms(row.license) is not None, row
        assert row.source.startswith("https://")
        assert row.basis in ("known", "secondary")


def test_no_two_rows_with_other_licenses_take_in_one_name() -> None:
    rows = all_families()
    patterns = [row.pattern for row in rows]
    assert len(set(patterns)) == len(patterns)
    for row in rows:  # a pattern, read as a name, is taken in by itself first
        found = family_license(row.pattern.replace("*", ""))
        assert found is None or found.license == row.license, row
