"""Mon 30 Nov 2026, 18:00: short, for the columns of lists."""

DATE_FORMAT = "D j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "D j M Y, H:i"
