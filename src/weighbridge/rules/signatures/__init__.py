"""Whether a model's weights are signed, by whom, and whether they still are what was signed."""
