"""The goods move: stock, warehouse work, parcels."""
