"""One stock ledger for every place that keeps goods."""
