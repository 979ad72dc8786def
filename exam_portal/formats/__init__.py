"""How dates are written, by language: Django's own formats are American or have no weekday."""
