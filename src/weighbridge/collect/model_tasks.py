"""What goes into a model and what comes out of it, by its task.

Source: the Hub's pipeline tags (``huggingface.js``, ``packages/tasks``), whose names say it; a task
that is not here has inputs and outputs that its name does not tell (``other``, ``robotics``).
"""

from __future__ import annotations

_TABLE = """
    text-generation                  | text            | text
    text2text-generation             | text            | text
    summarization                    | text            | text
    translation                      | text            | text
    conversational                   | text            | text
    question-answering               | text            | text
    fill-mask                        | text            | text
    text-classification              | text            | labels
    token-classification             | text            | labels
    zero-shot-classification         | text            | labels
    multiple-choice                  | text            | labels
    text-ranking                     | text            | scores
    sentence-similarity              | text            | scores
    feature-extraction               | text            | embeddings
    text-retrieval                   | text            | embeddings
    table-question-answering         | table, text     | text
    table-to-text                    | table           | text
    text-to-image                    | text            | image
    text-to-video                    | text            | video
    text-to-speech                   | text            | audio
    text-to-audio                    | text            | audio
    text-to-3d                       | text            | 3d
    image-classification             | image           | labels
    zero-shot-image-classification   | image, text     | labels
    object-detection                 | image           | bounding boxes
    zero-shot-object-detection       | image, text     | bounding boxes
    image-segmentation               | image           | masks
    mask-generation                  | image           | masks
    depth-estimation                 | image           | depth map
    keypoint-detection               | image           | keypoints
    image-feature-extraction         | image           | embeddings
    image-to-text                    | image           | text
    image-to-image                   | image           | image
    image-text-to-image              | image, text     | image
    image-to-video                   | image           | video
    image-text-to-video              | image, text     | video
    image-to-3d                      | image           | 3d
    unconditional-image-generation   | noise           | image
    image-text-to-text               | image, text     | text
    visual-question-answering        | image, text     | text
    document-question-answering      | image, text     | text
    visual-document-retrieval        | image, text     | embeddings
    video-classification             | video           | labels
    video-text-to-text               | video, text     | text
    video-to-video                   | video           | video
    automatic-speech-recognition     | audio           | text
    audio-classification             | audio           | labels
    audio-to-audio                   | audio           | audio
    audio-text-to-text               | audio, text     | text
    voice-activity-detection         | audio           | time ranges
    any-to-any                       | several         | several
    tabular-classification           | table           | labels
    tabular-regression               | table           | numbers
    tabular-to-text                  | table           | text
    time-series-forecasting          | time series     | numbers
    graph-ml                         | graph           | labels
    reinforcement-learning           | observations    | actions
"""


def _read(table: str) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    tasks = {}
    for line in table.strip().splitlines():
        task, inputs, outputs = (cell.strip() for cell in line.split("|"))
        tasks[task] = (tuple(inputs.split(", ")), tuple(outputs.split(", ")))
    return tasks


TASKS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = _read(_TABLE)
"""Pipeline tag -> what goes in, what comes out."""

# The ends of transformers' class names, and PEFT's task types: each stands for one task alone.
_CLASSES = (
    ("ForCausalLM", "text-generation"),
    ("LMHeadModel", "text-generation"),
    ("ForMaskedLM", "fill-mask"),
    ("ForSequenceClassification", "text-classification"),
    ("ForTokenClassification", "token-classification"),
    ("ForQuestionAnswering", "question-answering"),
    ("ForMultipleChoice", "multiple-choice"),
    ("ForImageClassification", "image-classification"),
    ("ForObjectDetection", "object-detection"),
    ("ForDepthEstimation", "depth-estimation"),
    ("ForCTC", "automatic-speech-recognition"),
    ("ForSpeechSeq2Seq", "automatic-speech-recognition"),
    ("ForAudioClassification", "audio-classification"),
    ("ForVideoClassification", "video-classification"),
)
_PEFT = {
    "CAUSAL_LM": "text-generation",
    "SEQ_2_SEQ_LM": "text2text-generation",
    "SEQ_CLS": "text-classification",
    "TOKEN_CLS": "token-classification",
    "QUESTION_ANS": "question-answering",
    "FEATURE_EXTRACTION": "feature-extraction",
}


def task_of_class(name: str) -> str:
    """The task that a class of transformers is for; empty where its name does not tell."""
    return next((task for end, task in _CLASSES if name.endswith(end)), "")


def task_of_adapter(name: str) -> str:
    """The task that PEFT's ``task_type`` stands for; empty for what it does not know."""
    return _PEFT.get(name, "")
