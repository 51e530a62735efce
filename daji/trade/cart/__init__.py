"""What somebody wants to buy, and the offer that they were shown for it."""
