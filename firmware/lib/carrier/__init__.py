"""Ways to the other end where WireGuard alone does not pass: no I/O, no clock (README.md)."""
