"""What we offer: the goods, their prices and what buyers say of them."""
