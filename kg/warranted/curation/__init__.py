"""What hubs do with records: write, review, compare, consolidate, import; each a transaction."""
