"""What whoever runs the shop may change while it runs."""
