"""The promise and the money: carts, orders, payments."""
