"""The outside world behind ports; only `boot`, the command line and tests import from here."""
