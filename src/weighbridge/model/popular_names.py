"""Popular package names of the AI field, and real packages whose names are like one of them.

Chosen by hand from the 15,000 most downloaded Python packages as of November 2026, and looked up
there one by one: 545 popular ones, 98 neighbors. A name that is popular only because people
mistype another one (``pytorch``, ``panda``) is in neither list.
"""

from __future__ import annotations

_POPULAR = """
    absl-py accelerate adapters aiobotocore aiofiles aiohttp aiosignal albumentations alembic
    altair annotated-types annoy anthropic anyio apache-airflow apache-beam argon2-cffi arrow
    asgiref assemblyai astropy asttokens asyncpg attrs auto-gptq autoawq autogen-agentchat
    autogluon av awscli azure-identity azure-storage-blob backoff basicsr bcrypt beautifulsoup4
    bentoml bertopic bitsandbytes black bleach blinker blosc2 bokeh boto3 botocore build
    cachetools catboost celery certifi cffi chardet charset-normalizer chromadb clearml click
    clip-interrogator cloudpathlib cloudpickle cohere colorama comet-ml compressed-tensors
    contourpy controlnet-aux coremltools coverage crewai cryptography ctranslate2 cuda-python
    cupy-cuda12x cycler cython dask databricks-sdk dataclasses-json datasets datasketch deap
    debugpy decorator decord deepdiff deepeval deepgram-sdk deepspeed defusedxml detoxify
    diffusers dill distro django dlib dnspython docker docling docutils dspy duckdb dvc easyocr
    einops elasticsearch elevenlabs email-validator emoji evaluate evidently execnet executing
    executorch face-recognition facexlib fairscale faiss-cpu faiss-gpu fastapi fastavro
    fastembed fasttext fasttext-langdetect feast ffmpeg-python filelock fire fireworks-ai flair
    flash-attn flask flatbuffers flax fonttools frozenlist fsspec ftfy fugashi fvcore gensim
    gfpgan gguf gitpython google-api-core google-auth google-cloud-aiplatform
    google-cloud-storage google-genai google-generativeai gpytorch gradio gradio-client
    graphviz greenlet groq grpcio guardrails-ai guidance gunicorn gymnasium h5py haystack-ai
    hf-transfer hf-xet hnswlib httpcore httptools httpx huggingface-hub hydra-core hypothesis
    idna imageio imbalanced-learn imgaug importlib-metadata imutils insightface instructor
    invisible-watermark iopath ipdb ipykernel ipython ipywidgets isort itsdangerous janome jax
    jaxlib jedi jieba jinja2 jiter jiwer jmespath joblib json5 jsonlines jsonpatch jsonschema
    jupyter jupyter-client jupyter-core jupyter-server jupyterlab kaggle kedro keras keyring
    kfp kiwisolver konlpy kornia kubernetes label-studio lancedb langchain langchain-community
    langchain-core langchain-openai langchain-text-splitters langdetect langfuse langgraph
    langid langsmith librosa lightgbm lightning lightning-utilities lime
    lingua-language-detector litellm llama-cpp-python llama-index llama-index-core llguidance
    llm-guard llvmlite lm-eval loguru loralib lpips lxml lz4 mako markdown markdown-it-py
    markupsafe marshmallow matplotlib mcp mediapipe mem0ai mistral-common mistralai ml-dtypes
    mlflow mlflow-skinny mlx mlx-lm modelscope monai mosaicml-streaming moviepy mpmath msgpack
    multidict multiprocess mypy narwhals natsort nbconvert nbformat nemo-toolkit nemoguardrails
    neptune nest-asyncio networkx nibabel ninja nltk notebook numba numexpr numpy numpyro
    nvidia-ml-py oauthlib ollama omegaconf onnx onnxconverter-common onnxruntime
    onnxruntime-gpu onnxscript open-clip-torch open3d openai openai-agents openai-whisper
    opencv-contrib-python opencv-python opencv-python-headless openpyxl opentelemetry-api
    opentelemetry-sdk openvino optimum optuna orbax-checkpoint orjson outlines packaging
    paddleocr paddlepaddle pandas papermill paramiko peft pendulum pennylane pexpect pgvector
    pillow pinecone pipenv platformdirs plotly pluggy poetry polars pooch portalocker
    pre-commit prefect presidio-analyzer presidio-anonymizer prometheus-client prompt-toolkit
    promptflow prophet protobuf psutil psycopg2 psycopg2-binary pyannote-audio pyarrow
    pyautogen pycocotools pycryptodome pydantic pydantic-ai pydantic-core pydantic-settings
    pydicom pydub pygments pyjwt pylint pymc pymilvus pymongo pymupdf pymysql pynacl pynvml
    pyod pyopenssl pyparsing pypdf pypinyin pyrender pyro-ppl pyspark pytesseract pytest
    pytest-asyncio pytest-cov python-dateutil python-dotenv python-multipart
    pytorch-forecasting pytorch-lightning pytorch-metric-learning pytorch-tabnet pytz pyyaml
    pyzmq qdrant-client ragas rasa ray realesrgan redis referencing regex rembg replicate
    reportlab requests requests-oauthlib requests-toolbelt rich river rouge-score ruamel-yaml
    ruff s3fs s3transfer sacrebleu sacremoses safetensors sagemaker scikit-image scikit-learn
    scipy seaborn segment-anything selenium sentence-transformers sentencepiece sentry-sdk
    seqeval setuptools sglang shap shapely simpleitk simplejson simpletransformers six skl2onnx
    skops skorch sktime smart-open smolagents sniffio soundfile spacy spacy-legacy speechbrain
    sphinx sqlalchemy sqlparse stable-baselines3 stanza starlette statsmodels streamlit
    structlog sudachipy supervision sympy tabulate tenacity tensorboard tensorboardx tensordict
    tensorflow tensorflow-cpu tensorflow-datasets tensorflow-hub tensorflow-probability
    tensorflow-text tensorrt termcolor textblob tf-keras tf2onnx thinc thop threadpoolctl
    tifffile tiktoken timm together tokenizers toml tomli tomlkit torch torch-audiomentations
    torch-geometric torchao torchaudio torchdata torchdiffeq torchinfo torchmetrics torchsde
    torchsummary torchtext torchtune torchvision tornado tqdm traitlets transformers
    tree-sitter treelite trimesh triton tritonclient trl tslearn tweepy typer typing-extensions
    tzdata ultralytics umap-learn unidecode unsloth unstructured urllib3 uvicorn uvloop
    vector-quantize-pytorch virtualenv vllm wandb watchfiles weaviate-client webdataset
    websocket-client websockets werkzeug wheel whisperx wrapt x-transformers xarray xformers
    xgboost xlrd xlsxwriter xxhash yarl yt-dlp zarr zipp zstandard
"""

# One edit, affix or look from a popular name, and a project in its own right.
_NEIGHBORS = """
    aiofile aiopath antropy astrapy authlib autogen beautifulsoup blosc boto bpython cattrs
    cchardet crick ctransformers dataset datazets decord2 deepdiff6 demoji djongo docker-py
    dydantic ecoji elasticsearch5 elasticsearch6 elasticsearch7 elasticsearch8 elasticsearch9
    fastai ffmpeg grequests gsutil httpcore2 httpr httpx2 hyper ipytest jaxlie jsonpath jsons
    markdown2 mlx-vlm msgpack-python multipart mysql mysql-python nest-asyncio2 ngboost
    nvidia-ml-py3 openvino-dev pbspark psycopg psycopg-binary py-bcrypt py3nvml pyaml
    pycryptodomex pycuda pygraphviz pyjson5 pylink pymantic pymssql pymupdfb pypd pypdf2 pypdf3
    pypdf4 pyshark pytest-csv python-backoff python-ffmpeg pytoml pytzdata retworkx rjieba
    scapy scipp scrypt simpy slack sops spython tombi torch-summary torchax torchio torchx
    tree-sitter-python unicorn usort vbuild vedro vyper wand whisper willow xoto3
"""

POPULAR = frozenset(_POPULAR.split())
KNOWN_NEIGHBORS = frozenset(_NEIGHBORS.split())
