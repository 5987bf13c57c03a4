"""Models of the Hugging Face Hub that others are taken for: names beyond those of the licenses.

Chosen by hand, one line an owner: what documentation and courses tell people to load. Nothing is
counted, so nobody gets onto the list, or off it, with downloads. A name that somebody misses is put
into ``known_models`` of the configuration.
"""

from __future__ import annotations

_NAMES = """
openai/ privacy-filter clip-vit-base-patch32 clip-vit-large-patch14
openai-community/ gpt2 gpt2-medium gpt2-large gpt2-xl
google-bert/ bert-base-uncased bert-base-cased bert-large-uncased bert-base-multilingual-cased
google/ vit-base-patch16-224 siglip-base-patch16-224 mt5-base mt5-small t5-v1_1-base
facebookai/ roberta-base roberta-large xlm-roberta-base xlm-roberta-large
facebook/ bart-base bart-large bart-large-cnn bart-large-mnli dinov2-base wav2vec2-base-960h
facebook/ sam-vit-huge detr-resnet-50 esm2_t33_650m_ur50d contriever
distilbert/ distilbert-base-uncased distilbert-base-uncased-finetuned-sst-2-english distilgpt2
sentence-transformers/ all-minilm-l6-v2 all-mpnet-base-v2 paraphrase-multilingual-minilm-l12-v2
baai/ bge-small-en-v1.5 bge-base-en-v1.5 bge-large-en-v1.5 bge-m3 bge-reranker-v2-m3
intfloat/ e5-base-v2 e5-large-v2 multilingual-e5-large
nomic-ai/ nomic-embed-text-v1 nomic-embed-text-v1.5
microsoft/ deberta-v3-base deberta-v3-large codebert-base trocr-base-printed layoutlmv3-base
microsoft/ florence-2-base florence-2-large
salesforce/ blip-image-captioning-base blip-image-captioning-large codet5-base
pyannote/ speaker-diarization-3.1 segmentation-3.0
prosusai/ finbert
coqui/ xtts-v2
hexgrad/ kokoro-82m
nvidia/ parakeet-tdt-0.6b-v2 canary-1b
jinaai/ jina-embeddings-v2-base-en jina-embeddings-v3
mixedbread-ai/ mxbai-embed-large-v1
laion/ clip-vit-h-14-laion2b-s32b-b79k
timm/ resnet50.a1_in1k
"""

KNOWN_MODELS: tuple[str, ...] = tuple(
    f"{owner}{name}"
    for owner, *names in (line.split() for line in _NAMES.split("\n") if line)
    for name in names
)
