"""Rules on credentials that lie in a subject."""
