"""Measurements: they report, and never fail because something is slow."""
