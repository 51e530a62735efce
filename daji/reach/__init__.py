"""Other ways of selling: the marketplace of many sellers."""
