"""The portal beside others, in one run and on one PostgreSQL cluster: the part of ``make bench`` named ``others``."""
