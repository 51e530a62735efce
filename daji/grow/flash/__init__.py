"""Flash sales: few pieces, many people, one moment."""
