"""What a SKU costs, where, and since when."""
