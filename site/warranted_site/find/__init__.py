"""Find: the catalogue behind the search page, and the index of all words of the pages.

`rows` gathers from one or more packages' views, `write` merges rows into what the browser loads,
`index_words` runs Pagefind, `page` gives the template what it needs.
"""

from warranted_site.find.catalogue import Row, page, rows, write
from warranted_site.find.words import Stub, index_words

__all__ = ["Row", "Stub", "index_words", "page", "rows", "write"]
