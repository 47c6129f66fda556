"""Sources: opening a book on files and databases, with every row accounted for."""

from salestrack.sources.first_book import new_book
from salestrack.sources.opening import open_book

__all__ = ["new_book", "open_book"]
