"""Fixtures: an office at a desk of its own."""

from datetime import date

import pytest

from tests.capture.desk import Desk, small_office_book


@pytest.fixture(scope="session")
def office_book():
    return small_office_book(date(2026, 6, 30))


@pytest.fixture
def desk(tmp_path, office_book):
    return Desk(tmp_path, office_book)
