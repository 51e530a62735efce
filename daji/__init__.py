"""Daji: a full-chain commerce engine."""
