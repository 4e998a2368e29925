"""Find: the catalogue behind the search page, and the index of all words of the pages.

`rows` gathers from one or more packages' views, `write` merges rows into what the browser loads,
`indexing` has Pagefind index the words of what changed (see `kept_words`), `page` gives the template what it needs.
"""

from warranted_site.find.catalogue import Row, page, rows, sources, write
from warranted_site.find.kept_words import Earlier, Indexed, Written, indexing
from warranted_site.find.words import Stub, described, index_words
from warranted_site.find.words import write as write_stub

__all__ = [
    "Earlier",
    "Indexed",
    "Row",
    "Stub",
    "Written",
    "described",
    "index_words",
    "indexing",
    "page",
    "rows",
    "sources",
    "write",
    "write_stub",
]
