"""Pairing a box with a gateway of ours: the messages go through the laptop, which is not trusted.

The box and the gateway are the ends (firmware/lib/pairing); here is what carries between them, and
the talk with the person at the box.
"""
