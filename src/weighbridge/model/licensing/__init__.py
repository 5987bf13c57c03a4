"""What a license asks, what a model was made from, and what follows for a stated use.

Pure reasoning over evidence, shared by the rules on licenses, the reports and the commands:
:mod:`terms` is the vocabulary of clauses, :mod:`graph` the lineage, :mod:`use` the stated use,
:mod:`verdict` what follows.
"""
