"""Open, honest sales tracking."""

__version__ = "0.1.0"
