"""Jinja templates, read as text: tokens, expressions, and what they would reach. Nothing here
renders a template, and no template engine is used."""
