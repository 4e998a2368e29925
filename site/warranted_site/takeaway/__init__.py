"""What readers take away of a package: a report, cards and forms as PDF/UA, a table, a crate."""

from warranted_site.takeaway.folder import Earlier, Edition, Taken, is_told_in, write
from warranted_site.takeaway.forms import asked
from warranted_site.takeaway.offers import Offer, of_idea, of_package

__all__ = [
    "Earlier",
    "Edition",
    "Offer",
    "Taken",
    "asked",
    "is_told_in",
    "of_idea",
    "of_package",
    "write",
]
