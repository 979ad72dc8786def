"""The only writers of this app: one module per subject, one function per act."""
