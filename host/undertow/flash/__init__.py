"""Flashing a real board: its port, its chip, its images, releases of them.

`command.main` is `undertow flash`; `ports.main` and `release_command.main` are the other two.
esptool runs as a program of its own (it is GPL) and is never imported.
"""
