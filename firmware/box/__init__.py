"""The device program: what every port of it shares."""
