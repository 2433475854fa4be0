"""Letting a box in by comparing a code (firmware/lib/pairing), over a network nobody trusts."""
