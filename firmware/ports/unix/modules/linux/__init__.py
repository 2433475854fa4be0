"""Undertow on Linux: interface, routes, names, and the socket of the configuration protocol."""
