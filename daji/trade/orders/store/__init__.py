"""All SQL of orders.

`axes` moves states, `payment` and `units` derive the two summarising ones, `write` adds rows, `read` reads facts.
"""
