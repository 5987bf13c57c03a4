"""Statements in the text of model cards: what is said, and of what. Cards in our own words."""

from dataclasses import dataclass, field

import pytest

from weighbridge.licensing.prose import statements
from weighbridge.licensing.prose_covers import Names

LLAMA2 = "LicenseRef-scancode-llama-2-license-2023"
LLAMA31 = "LicenseRef-scancode-llama-3.1-license-2024"
LLAMA32 = "LicenseRef-scancode-llama-3.2-license-2024"
GEMMA = "LicenseRef-scancode-gemma-tou-2025-03-24"


@dataclass(frozen=True)
class Card:
    """A card's text and the statements that a reader finds: (id or family or ``?``, of what)."""

    name: str
    body: str
    expected: tuple[tuple[str, str], ...]
    names: Names = field(default_factory=Names)


CARDS = (
    Card("section-id", "# Heron\n\n## License\n\nMIT\n", (("MIT", ""),)),
    Card("section-sentence", "## License\nThis model is licensed under the Apache"
         " License, Version\n"
         "2.0. See the LICENSE file.\n", (("Apache-2.0", "model"),)),
    Card("originally", "### 7. License\nThe code repository and the model weights are"
         " licensed under"
         " the [MIT License](LICENSE). Note that:\n- Heron-Small-Qwen comes from the"
         " Qwen-2.5 series,"
         " which are originally licensed under the Apache 2.0 License, and is now tuned further.\n"
         "- Heron-Small-Llama is derived from Llama3.1-8B-Base and is originally licensed under the"
         " llama3.1 license.\n",
         (("MIT", "model"), ("Apache-2.0", "base"), (LLAMA31, "origin"))),
    Card("prose-against-tag", "# Pear-13B\n\nOur chat model is released under the MIT"
         " license and may"
         " be used freely.\n", (("MIT", "model"),)),
    Card("code-and-weights", "## License\nThe code is released under Apache 2.0, while the model"
         " weights are distributed under CC-BY-NC 4.0.\n",
         (("Apache-2.0", "code"), ("CC-BY-NC-4.0", "model"))),
    Card("dataset", "## Training data\n\nThe corpus is available under the Creative Commons"
         " Attribution-ShareAlike 3.0 license.\n", (("CC-BY-SA-3.0", "data"),)),
    Card("badge", "#"
         " Finch\n[![License](https://img.shields.io/badge/License-Apache%202.0-blue.svg)]"
         "(https://opensource.org/licenses/Apache-2.0)\n\nA small model.\n", (("Apache-2.0", ""),)),
    Card("badges-of-parts", "[![Code License](https://img.shields.io/badge/Code%20License-MIT-"
         "green)](x)\n[![Data](https://img.shields.io/badge/Data%20License-CC%20By%20NC%204.0-red.svg)](y)\n",
         (("MIT", "code"), ("CC-BY-NC-4.0", "data"))),
    Card("base-relative", "This model was fine-tuned from Heron-7B, which is licensed"
         " under the Llama"
         " 2 Community License.\n", ((LLAMA2, "base"),)),
    Card("base-noun", "The base model is released under the Apache 2.0 license.\n",
         (("Apache-2.0", "base"),)),
    Card("based-on-and-is", "Finch is based on Llama 3.1 8B and is licensed under the Llama 3.1"
         " Community License Agreement.\n", ((LLAMA31, "model"),), Names(own=("org/Finch",))),
    Card("subject-to", "Use of this model is subject to the Llama 3.1 Community License.\n",
         ((LLAMA31, "model"),)),
    Card("gemma-terms", "## License\nThis model is governed by the Gemma Terms of Use.\n",
         ((GEMMA, "model"),)),
    Card("list-label", "- **Developed by:** somebody\n- **Model type:** decoder\n"
         "- **License:** apache-2.0\n- **Finetuned from model:** org/base\n",
         (("Apache-2.0", ""),)),
    Card("template", "- **License:** [More Information Needed]\n\n## License\n\nSee the"
         " LICENSE.\n", ()),
    Card("table", "| Property | Value |\n|---|---|\n| License | CC BY-SA 4.0 |\n| Size | 7B |\n",
         (("CC-BY-SA-4.0", ""),)),
    Card("spdx", "<!-- hidden -->\nSPDX-License-Identifier: Apache-2.0 OR MIT\n",
         (("Apache-2.0 OR MIT", ""),)),
    Card("dual", "This model is dual-licensed under MIT or Apache-2.0.\n",
         (("MIT OR Apache-2.0", "model"),)),
    Card("modified", "## License\nThe model is released under a Modified MIT License.\n",
         (("?", "model"),)),
    Card("added", "This model is licensed under Apache 2.0 with additional restrictions on use.\n",
         (("?", "model"),)),
    Card("link-only", "## License\nSee [the"
         " terms](https://www.llama.com/llama3_2/license/) here.\n",
         ((LLAMA32, ""),)),
    Card("required-notice", "Llama 2 is licensed under the LLAMA 2 Community License, Copyright (c)"
         " Meta Platforms, Inc. All Rights Reserved.\n", ((LLAMA2, "base"),)),
    Card("named-base", "Our model is good. Heron-7B is released under Apache 2.0.\n",
         (("Apache-2.0", "base"),), Names(own=("me/finch",), bases=("org/Heron-7B",))),
    Card("family", "## License\nThis model is released under the OpenRAIL-M license.\n",
         (("~LicenseRef-scancode-bigcode-open-rail", "model"),)),
    Card("mentions", "We compare with MIT-licensed tools. Apache 2.0 models are popular."
         " MIT students"
         " and the Apache Spark team helped. Llama 3.1 is strong.\n", ()),
    Card("denied", "This model is not licensed under the MIT license. It was previously released"
         " under GPL-3.0. The weights will be released under Apache 2.0.\n", ()),
    Card("fenced", "```yaml\nlicense: mit\n# This model is licensed under MIT\n```\n", ()),
    Card("quoted-original", "# Original model card: Heron\n\n## License\n\nThis model is licensed"
         " under CC-BY-NC-4.0.\n", (("CC-BY-NC-4.0", "base"),)),
    Card("parts", "**License:** MIT (code), CC-BY-NC-4.0 (weights)\n",
         (("MIT", "code"), ("CC-BY-NC-4.0", "model"))),
    Card("training-code-of", "The training code of this model is available under the BSD 3-Clause"
         " license.\n", (("BSD-3-Clause", "code"),)),
    Card("heading-inline", "## License: CC-BY-4.0\n\nPlease cite us.\n", (("CC-BY-4.0", ""),)),
    Card("html", "<p align='center'><img alt='license'"
         " src='https://img.shields.io/badge/license-MIT"
         "-blue'/></p>\n<b>License</b>: MIT<br>\n", (("MIT", ""), ("MIT", ""))),
)  # fmt: skip


def read(card: Card) -> tuple[tuple[str, str], ...]:
    found = []
    for s in statements(card.body, 1, card.names):
        joined = f" {s.joined} ".join(s.ids) if s.joined else s.ids[0] if s.ids else ""
        found.append((joined or (f"~{s.family[0]}" if s.family else "?"), s.covers))
    return tuple(found)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_cards(card: Card) -> None:
    assert read(card) == card.expected
