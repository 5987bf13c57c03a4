"""The command: one module a verb, imported when it is called."""
