"""What regional staff do with a session, below /admin/ (docs/product.md, "Regional staff")."""
