"""What pages tell machines: `<head>`, schema.org, sitemap, feed of changes, citations.

Pure functions over what is published: no module here reads a store, a clock or the network.
"""

from warranted_site.machine.pages import Download, Page, Site, address

__all__ = ["Download", "Page", "Site", "address"]
