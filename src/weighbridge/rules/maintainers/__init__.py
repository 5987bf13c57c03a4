"""Who changed the weights, and whether git can vouch for it."""
