"""The Python packages a model stands on, read statically: nothing of them is ever run."""
