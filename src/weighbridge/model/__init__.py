"""The vocabulary: frozen, slotted types that every other room speaks. No I/O, no clock.

Import from the submodules (``from weighbridge.model.evidence import Evidence``): a reader then
sees at the import where a word is defined.
"""
