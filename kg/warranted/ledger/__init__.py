"""The system of record: versions, who may do what, reviews, and the audit log, in one database."""

from warranted.ledger.versions import WRITES, Ledger, Version, moment, opened

__all__ = ["WRITES", "Ledger", "Version", "moment", "opened"]
