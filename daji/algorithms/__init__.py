"""Pure optimisation and statistics: numbers in, a decision out. No database, no clock, no business object."""
