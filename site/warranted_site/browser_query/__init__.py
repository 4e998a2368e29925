"""SPARQL in the browser: a page that asks the release's graph with no server, from a file too.

    query/index.html            the page; its template is `query.html`
    query/data/<slug>.js        a package's graph, and where its records are shown: `write_slice`
    query/all.js | summary.js   the whole release, or what `summary/` keeps of a large one
    query/words.js              ontology, schemes, the release's description: beside every slice
    query/slices.js             which slices there are, how large they are
    query/questions.js          texts of the competency questions
    query/terms.js              what the editor completes names from
    assets/query/               engine, editor, charts, our scripts; see `engine`

Everything a page opened as a file needs is in scripts: such a page may fetch nothing.
"""

from warranted_site.browser_query import engine
from warranted_site.browser_query.page import values, write_all, write_data, write_fixed
from warranted_site.browser_query.slices import write_slice
from warranted_site.browser_query.summarising import Answers, answers

__all__ = [
    "Answers",
    "answers",
    "engine",
    "values",
    "write_all",
    "write_data",
    "write_fixed",
    "write_slice",
]
