"""Sealing a record into an audit pack, and verifying a pack or a PDF with no network."""
