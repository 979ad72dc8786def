"""A synthetic session of any size, for measuring: a few people served by the portal itself, then copies by SQL."""
