"""Keeping the place running: backup, restore, verification, upgrades of the ledger."""
