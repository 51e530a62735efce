"""All SQL of the catalogue, by table."""
