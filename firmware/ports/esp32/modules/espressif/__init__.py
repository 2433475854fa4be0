"""What boards with an ESP32 need of Python beside the device program: links, store, light, button.

The modules network, esp32 and machine are MicroPython's own; where they are known to be wrong, the
file that uses them says so and how it does without.
"""
