"""Rules: each answers one question from evidence alone. Pure; they know ``model`` only."""
