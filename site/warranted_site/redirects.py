"""Rules by which a static host leads the IRIs of records to their pages and data, as our server does.

    _redirects   Netlify, Cloudflare Pages, GitLab Pages: to the page
    .htaccess    Apache, w3id.org: to the page, or to its data by the Accept header

A record that has a page of its own has its data beside it; one that is shown within a page leads there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

_DATA = {"text/turtle": "ttl", "application/ld\\+json": "jsonld"}


def rules(pages: Mapping[str, str], base: str) -> dict[str, str]:
    """The files with the rules, by name.

    Args:
        pages: IRI of a record → path of its page, perhaps with a fragment. base: as in the settings.
    """
    paths = {
        iri.removeprefix(f"{base}/"): page
        for iri, page in sorted(pages.items())
        if iri.startswith(f"{base}/id/")
    }
    plain = [f"/{path} /{_short(page)} 303" for path, page in paths.items()]
    return {
        "_redirects": "\n".join(plain) + "\n",
        ".htaccess": "\n".join(_apache(paths)) + "\n",
    }


def _apache(paths: Mapping[str, str]) -> Iterator[str]:
    yield "AddType text/turtle .ttl"
    yield "AddType application/ld+json .jsonld"
    yield "RewriteEngine On"
    # BASE is the path below which the site stands, whatever it is.
    yield r"RewriteCond %{REQUEST_URI}::$1 ^(.*?/)(.*)::\2$"
    yield "RewriteRule ^(id/.*)$ - [E=BASE:%1]"
    own = {path: page for path, page in paths.items() if "#" not in page and _is_own(path, page)}
    for media, ending in _DATA.items():
        # All rules of a format are passed over at once where another one, or a page, is asked for.
        yield "RewriteCond %{HTTP_ACCEPT} text/html [OR]"
        yield f"RewriteCond %{{HTTP_ACCEPT}} !{media}"
        yield f"RewriteRule ^id/ - [S={len(own)}]"
        for path, page in own.items():
            data = page.removesuffix("html") + ending
            yield f"RewriteRule ^{path}$ %{{ENV:BASE}}{data} [R=303,L]"
    for path, page in paths.items():
        yield f"RewriteRule ^{path}$ %{{ENV:BASE}}{_short(page)} [R=303,L,NE]"


def _is_own(path: str, page: str) -> bool:
    """Whether a page is the record's own: it stands in a folder of that id, or is a package's."""
    kind, id_ = path.split("/")[1:3]
    return kind == "package" or page.split("/")[-2] == id_


def _short(page: str) -> str:
    return page.replace("index.html", "", 1)
