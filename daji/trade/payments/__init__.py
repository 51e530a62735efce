"""What is owed for a trade, what was paid, what went back, and the books that prove it."""
