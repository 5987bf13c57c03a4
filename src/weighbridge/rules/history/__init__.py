"""What git's own records say against themselves: dates, signing keys, pointers."""
