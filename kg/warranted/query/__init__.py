"""SPARQL over a release, where a query cannot hurt."""
