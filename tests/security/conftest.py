"""The house and the site of the contract tests serve here too."""

from tests.contract.conftest import database, house, restaurant, site, storage

__all__ = ["database", "house", "restaurant", "site", "storage"]
