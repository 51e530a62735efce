"""Copies of the database that outlive the machine: sealed, in several places, restorable to a moment."""
