"""One file per verb; see `api`."""
