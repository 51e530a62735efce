"""One file per verb: check, write by one statement, announce. None commits."""
