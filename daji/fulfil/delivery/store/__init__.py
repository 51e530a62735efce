"""All SQL of delivery: `freight` keeps the templates, `parcels` the shipments and their events."""
