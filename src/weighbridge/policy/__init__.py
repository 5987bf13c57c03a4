"""What must hold: YAML to the effective policy and the clauses, and evaluation, which is pure."""
