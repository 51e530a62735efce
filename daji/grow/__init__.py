"""Why they come back: what a shop does so that people return."""
