"""`python -m daji` is the command line."""

from __future__ import annotations

from daji.faces.cli import main

main()
