"""The house and the site of the contract tests serve here too."""

from tests.contract.conftest import house, restaurant, site

__all__ = ["house", "restaurant", "site"]
