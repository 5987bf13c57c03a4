"""Bytes in and out, safely: bounded YAML and JSON reading, atomic writing, text for people.

A leaf room: it knows ``model`` and nothing else. ``rules`` may not use it.
"""
