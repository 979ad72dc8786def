"""How Django writes dates by itself, in the admin's lists: its own English is American, and it knows no weekdays.

What the portal writes, for candidates and in sentences, is written by candidates/dates.py.
"""
