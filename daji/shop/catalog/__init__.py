"""Categories, brands, products and the SKUs that are sold of them."""
