"""One file per verb: load under the lock, decide by rules, write. None commits."""
