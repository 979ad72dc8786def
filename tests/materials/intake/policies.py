"""The policies that these tests take pictures under."""

from dataclasses import replace

from materials.intake import Policy

FITTING = Policy(formats=frozenset({"jpeg", "png", "heic"}), max_bytes=204_800, fit_oversized=True)
STRICT = replace(FITTING, fit_oversized=False)
