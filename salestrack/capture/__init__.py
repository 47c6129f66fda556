"""Capturing calendars and mail: recording made automatic, with every entry accounted for and no more kept of people than needed."""

from salestrack.capture.capturing import Captured, Manner, capture
from salestrack.capture.placing import Privacy, pseudonym, read_key
from salestrack.capture.rules import Rules, read_rules

__all__ = ["Captured", "Manner", "Privacy", "Rules", "capture", "pseudonym", "read_key", "read_rules"]
