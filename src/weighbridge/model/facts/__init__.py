"""The shapes of evidence payloads, one module a family: the contract of collectors and rules.

They are ``TypedDict``s: a payload is JSON in the record, and the type checker holds both sides to
it. A rule reads one with ``cast(WeightFacts, evidence.data)``; sequences arrive as tuples.
"""
