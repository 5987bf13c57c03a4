"""What weight files hold: code, defects of structure, and what nobody could read."""
