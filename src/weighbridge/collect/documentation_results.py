"""Results of evaluations with their harness and date, as a card declares them.

In the front matter: ``model-index`` (the Hub's ``modelcard.md`` specification: a result has a
``source`` with ``name`` and ``url``; it has no date, and people write ``date`` beside it). In the
text: sections that are about evaluation and give figures.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from weighbridge.collect.card import ModelCard
from weighbridge.collect.model_ledger import shown, word
from weighbridge.edge.yaml import KeyPath
from weighbridge.model.facts.documentation import EvaluationFacts

MAX_RESULTS = 1_000

# Programs that evaluations are run with, as people write them.
_HARNESSES = re.compile(
    r"\b(?:lm[-_ ]?eval(?:uation)?(?:[-_ ]?harness)?|language model evaluation harness"
    r"|bigcode[-_ ]?eval(?:uation)?[-_ ]?harness|lighteval|stanford helm|HELM|opencompass"
    r"|vlm ?eval ?kit|lmms[-_]eval|evalplus|simple[-_]evals|inspect[-_ ](?:ai|evals)|big[-_]?bench"
    r"|alpaca[-_ ]?eval|mt[-_ ]bench|arena[-_ ]hard|mteb|beir|seqeval|sacrebleu|jiwer|torchmetrics"
    r"|scikit[-_ ]learn|pycocotools|codecarbon eval|promptfoo|deepeval|ragas|garak|llm[-_ ]?foundry"
    r"|olmes|oe[-_]eval|open llm leaderboard|eleuther ?ai(?:'s)? (?:evaluation )?harness"
    r"|(?:\w{1,40})?evaluator|evaluation harness|trainer\.evaluate|evaluate library)\b"
    r"(?:[ ,(]{1,2}(?:version |v|commit )?\d[\w.+-]{0,40})?",
    re.IGNORECASE,
)
_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE = re.compile(
    rf"\b(?:(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTHS},? (?:19|20)\d\d"
    rf"|{_MONTHS} (?:\d{{1,2}}(?:st|nd|rd|th)?,? )?(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\b\d+(?:\.\d+)?\s?%|(?<![\d.])\d{1,4}\.\d{1,6}(?![\d.])|\|\s*\*{0,2}\d")
_HUB_ID = re.compile(r"(?<![\w/.:-])[A-Za-z0-9][\w.-]{1,60}/[A-Za-z0-9][\w.-]{1,95}(?![\w/])")
_DATASETS = re.compile(
    r"\b(?:MMLU(?:-Pro)?|GSM8K|HellaSwag|ARC(?:-[A-Za-z]+)?|TruthfulQA|Wino[Gg]rande|HumanEval\+?"
    r"|MBPP\+?|BBH|GPQA|IFEval|MATH(?:-500)?|AIME|LiveCodeBench|SWE-bench|DROP|BoolQ|PIQA|SQuAD"
    r"|(?:Super)?GLUE|MNLI|QNLI|SST-?2|CoNLL-?\d{2,4}|WikiText(?:-\d+)?|LAMBADA|C-?Eval|CMMLU|FLORES"
    r"|WMT ?\d\d|LibriSpeech|Common ?Voice|FLEURS|ImageNet|CIFAR-?\d+|MNIST|COCO|VQAv2|MMMU|DocVQA"
    r"|STS ?[Bb](?:enchmark)?|MS ?MARCO|BEIR|MTEB|BBQ|RealToxicityPrompts|Wino[Bb]ias)\b"
    r"|\b(?:the |our |an? )?[\w-]{1,40} (?:test|evaluation|validation|dev(?:elopment)?|held[- ]out)"
    r"[- ](?:set|split|data(?:set)?)\b"
    r"|\b(?:test|evaluation|validation|held[- ]out) (?:set|split)\b"
)  # fmt: skip
_MAX_TEXT = 40_000  # characters of a section that are looked through


def declared(card: ModelCard) -> Iterator[EvaluationFacts]:
    """Each result of ``model-index``. What does not have its shape is passed over."""
    if card.front is None:
        return
    count = 0
    for m, model in enumerate(_list(card.front.value.get("model-index"))):
        results = _list(model.get("results")) if isinstance(model, dict) else []
        for r, result in enumerate(results):
            if not isinstance(result, dict):
                continue
            path: KeyPath = ("model-index", m, "results", r)
            for k, metric in enumerate(_list(result.get("metrics"))):
                if not isinstance(metric, dict) or not word(metric.get("value")):
                    continue
                if count == MAX_RESULTS:
                    return
                count += 1
                line = card.front.line((*path, "metrics", k))
                yield _result(card.path, result, metric, line)


def _result(
    path: str, result: dict[str, Any], metric: dict[str, Any], line: int
) -> EvaluationFacts:
    dataset, source, task = (_table(result.get(key)) for key in ("dataset", "source", "task"))
    named = word(dataset.get("name")) or word(dataset.get("type"))
    what = [word(metric.get("name")) or word(metric.get("type")), word(task.get("type"))]
    dates = (word(table.get("date")) for table in (result, source, metric, dataset))
    said = " ".join(word(source.get(key)) for key in ("name", "url"))
    tool = _HARNESSES.search(f"{said} {word(metric.get('name'))}")
    return {
        "origin": "model-index",
        "result": shown(" ".join(filter(None, what)), 200),
        "harness": shown(word(source.get("name")) or (tool[0] if tool else ""), 200),
        "date": shown(next((date for text in dates if (date := date_in(text))), ""), 40),
        "dataset": shown(named, 200),
        "path": path,
        "line": line,
    }


def told(heading: str, text: str, path: str, line: int) -> EvaluationFacts | None:
    """What a section about evaluation says; None where it gives no figures."""
    looked_at = text[:_MAX_TEXT]
    if not _FIGURE.search(looked_at):
        return None
    harness = _HARNESSES.search(looked_at)
    dataset = _DATASETS.search(looked_at) or _HUB_ID.search(looked_at)
    return {
        "origin": "text",
        "result": shown(heading, 200),
        "harness": shown(harness[0], 200) if harness else "",
        "date": shown(date_in(looked_at), 40),
        "dataset": shown(dataset[0], 200) if dataset else "",
        "path": path,
        "line": line,
    }


def date_in(text: str) -> str:
    """The first date in a text, as written; a day that no calendar has is none."""
    for found in _DATE.finditer(text):
        if len(found[0]) == 10 and found[0][4] == "-":
            try:
                dt.date.fromisoformat(found[0])
            except ValueError:
                continue
        return found[0]
    return ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
