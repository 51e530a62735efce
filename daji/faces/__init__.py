"""Everything that enters the house: pages, APIs, hand-helds, webhooks, worker and command line."""
