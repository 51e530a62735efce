"""Where a shopper wants their things sent."""
