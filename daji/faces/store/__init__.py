"""Where shoppers and guests come in: the JSON API `/store/v1` and the pages under `/zh/` and `/en/`."""
