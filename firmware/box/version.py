"""The version of the firmware, for every port."""

VERSION = "0.1.0"
