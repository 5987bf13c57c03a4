"""Controls that no machine can check: whether somebody answers for them."""
