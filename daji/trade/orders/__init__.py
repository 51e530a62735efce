"""The promise: what was sold to whom, at which frozen price, and how far it has come."""
