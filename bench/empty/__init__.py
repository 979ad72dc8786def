"""The portal with two pages more that have nothing on them: what any page of this application costs at least."""
