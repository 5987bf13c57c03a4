"""Git commits that touched weights, and their signatures. Reads only; starts no program."""
