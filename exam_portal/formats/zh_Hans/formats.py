"""2026年11月30日（周一）18:00. The weekday is short by a translation of our own ("Mon": 周一)."""

DATE_FORMAT = "Y年n月j日（D）"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "Y年n月j日（D）H:i"
