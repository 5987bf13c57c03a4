"""Stand-ins for the outside world, for tests and the demo: nothing they sign proves anything."""
