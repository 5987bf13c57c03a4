"""The outside world, behind one HTTP client: the only room that opens a socket."""
