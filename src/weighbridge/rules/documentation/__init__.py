"""Rules on what is written down about a model."""
