"""Inputs that are made up: how long one takes is not judged, on a machine that may be busy."""

from hypothesis import HealthCheck, settings

settings.register_profile("box", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("box")
