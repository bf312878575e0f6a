"""Tests of a format save images of their own: ``root`` is empty here."""

from support.dataset_fixtures import root

__all__ = ["root"]
