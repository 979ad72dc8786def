"""The portal beside others, in one run and on one PostgreSQL cluster (``make bench``, or ``--only others``)."""
