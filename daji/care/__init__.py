"""The people we serve: addresses, after-sales, the service desk."""
