"""TensorFlow: SavedModel, graphs, ``.meta`` files, checkpoints, Keras metadata.

``saved_model`` and ``checkpoint`` are the doors; ``formats.tensorflow_start`` says which file is
which.
"""

from __future__ import annotations

from weighbridge.weights.tensorflow.checkpoint import inspect_checkpoint_index
from weighbridge.weights.tensorflow.keras_metadata import inspect_keras_metadata
from weighbridge.weights.tensorflow.saved_model import (
    inspect_graph,
    inspect_meta_graph,
    inspect_saved_model,
)

__all__ = [
    "inspect_checkpoint_index",
    "inspect_graph",
    "inspect_keras_metadata",
    "inspect_meta_graph",
    "inspect_saved_model",
]
