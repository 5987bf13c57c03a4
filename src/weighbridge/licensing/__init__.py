"""License ids and license texts: what an id names, and which license a text is.

Nothing here reads the network, and no license text is shipped: texts are recognized by digests of
their words.
"""
