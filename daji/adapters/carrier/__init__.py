"""Ways to send a parcel: one package per carrier."""
