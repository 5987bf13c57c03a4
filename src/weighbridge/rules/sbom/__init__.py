"""Rules on what the model stands on: its recorded Python packages."""
