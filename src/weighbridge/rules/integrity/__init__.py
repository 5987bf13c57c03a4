"""Whether the subject could be read whole, and whether all of it is here."""
