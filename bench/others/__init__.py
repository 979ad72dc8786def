"""The portal beside others, in one run and on one PostgreSQL cluster: a part of ``make bench``, alone ``ARGS="--only others"``."""
