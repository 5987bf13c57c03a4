"""The graph of what a model was made from, drawn: text, JSON, Mermaid, DOT, SVG.

Every name in it was written by strangers. Each view escapes all that its language could take for
its own, and shows control characters and those that turn text around as escapes.
"""
