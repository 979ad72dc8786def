"""``make cluster``: the portal as a nation would run it, all on one machine, and what becomes of it when parts die."""
