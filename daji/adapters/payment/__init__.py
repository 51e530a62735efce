"""Ways to be paid: one package per gateway, each with what it needs to be tried offline."""
