"""The rules file: who is who, and which rule places what in which category."""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from salestrack.capture.entries import Entry, address_of
from salestrack.capture.letters import whole
from salestrack.errors import CaptureError, suggestion
from salestrack.tables import CATEGORIES

DEFAULT_RULES = Path(__file__).parent / "rules.yaml"
_STRICT = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))
# A rep's private address makes nobody else there a colleague.
_EVERYBODYS = {
    *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com", "aol.com"),
    *("proton.me", "protonmail.com", "gmx.de", "gmx.net", "web.de", "naver.com", "daum.net", "qq.com", "163.com", "mail.ru"),
}
_START = "docs/capture.md shows one to start from."
Side = Literal["client", "own", "none"]


def _as_tuple(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Return the expression that finds any of these words whole; ``*`` stands for any letters."""
    each = [r"\w*".join(re.escape(part) for part in whole(word).split("*")) for word in words]
    return re.compile("|".join(rf"(?<!\w){word}(?!\w)" for word in each), re.IGNORECASE)


Words = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class Rule(BaseModel):
    """One rule: all its conditions must hold; the first rule that fits places an entry."""

    model_config = _STRICT

    category: str | None = None
    leave_out: bool = False
    type: str | None = None
    minutes: float | None = Field(default=None, gt=0, le=24 * 60)
    kind: Literal["event", "mail"] | None = None
    attendees: Annotated[tuple[Side, ...], BeforeValidator(_as_tuple)] = ()
    organiser: Annotated[tuple[Literal["self", "own", "client", "none"], ...], BeforeValidator(_as_tuple)] = ()
    domains: Words = ()
    title: Words = ()
    location: Words = ()
    at_least: int | None = Field(default=None, ge=1)
    at_most: int | None = Field(default=None, ge=1)
    online: bool | None = None
    all_day: bool = False

    @model_validator(mode="after")
    def _places(self) -> "Rule":
        if (self.category is None) != self.leave_out:
            raise ValueError("a rule says one of 'category' and 'leave_out: true'")
        if self.category is not None and self.category not in CATEGORIES:
            raise ValueError(f"there is no category {self.category!r}.{suggestion(self.category, CATEGORIES)}")
        if self.all_day and not self.leave_out and self.minutes is None:
            raise ValueError("a rule for whole days says how many 'minutes' of a day were worked")
        if self.minutes is not None and not self.all_day and self.kind != "mail":
            raise ValueError("'minutes' is for whole days (all_day: true) and mail (kind: mail); events have their own")
        return self

    @cached_property
    def _in_title(self) -> re.Pattern[str]:
        return _pattern(self.title)

    @cached_property
    def _in_location(self) -> re.Pattern[str]:
        return _pattern(self.location)

    def fits(self, entry: Entry, seen: "Seen") -> bool:
        """Return whether all conditions hold for an entry as its rep sees it."""
        return (
            self.all_day == entry.all_day
            and self.kind in (None, entry.kind)
            and (not self.attendees or seen.attendees in self.attendees)
            and (not self.organiser or seen.organiser in self.organiser)
            and (self.online is None or self.online == entry.online)
            and (self.at_least or 0) <= seen.people <= (self.at_most or seen.people)
            and (not self.domains or any(_under(address, self.domains) for address in seen.outside))
            and (not self.title or bool(self._in_title.search(entry.title)))
            and (not self.location or bool(entry.location.strip() and self._fits_location(entry.location)))
        )

    def _fits_location(self, location: str) -> bool:
        return "*" in self.location or bool(self._in_location.search(location))


@dataclass(frozen=True)
class Seen:
    """Who is in an entry, as its rep sees it: the sort of the others and of the organiser, all people, and outside addresses."""

    attendees: Side
    organiser: Literal["self", "own", "client", "none"]
    people: int
    outside: tuple[str, ...]


def _table(value: Any, info: ValidationInfo) -> Any:
    """Read a mapping that may also be a CSV file of two columns, beside the rules file."""
    if not isinstance(value, str):
        return value
    path = (info.context or {}).get("folder", Path()) / value
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = [row for row in csv.reader(lines) if any(cell.strip() for cell in row)][1:]
    if wrong := [number for number, row in enumerate(rows, start=2) if len(row) < 2 or not all(cell.strip() for cell in row[:2])]:
        raise ValueError(f"{path.name}: line {wrong[0]} does not have the two values of its header")
    return {row[0].strip(): row[1].strip() for row in rows}


def _keys_in_small_letters(value: Mapping[str, str]) -> dict[str, str]:
    return {key.strip().casefold(): each for key, each in value.items()}


Table = Annotated[dict[str, str], BeforeValidator(_table)]


class Rules(BaseModel):
    """Who is who, and the rules. Read by `read_rules`.

    Parameters
    ----------
    reps : dict of str to str
        Own address to rep_id; a rep may have several addresses.
    domains : dict of str to str
        Domain or address of a client to account_id; the longest one that fits holds.
    own_domains : tuple of str
        Domains of colleagues; empty: those of the reps' addresses, but for those where anybody can have one.
    ignored : tuple of str
        Domains and addresses that are nobody: rooms, recorders, newsletters.
    calendars : dict of str to str
        File name to the address of the calendar's owner, where neither the calendar nor the file name says it.
    rules : tuple of Rule
        In order; the first that fits holds.
    """

    model_config = _STRICT

    reps: Table = {}
    domains: Table = {}
    own_domains: Words = ()
    ignored: Words = ()
    calendars: dict[str, str] = {}
    rules: tuple[Rule, ...] = ()

    @field_validator("reps", "domains")
    @classmethod
    def _small(cls, value: dict[str, str]) -> dict[str, str]:
        return _keys_in_small_letters(value)

    @field_validator("reps")
    @classmethod
    def _are_addresses(cls, value: dict[str, str]) -> dict[str, str]:
        if strange := [each for each in value if not address_of(each)]:
            raise ValueError(f"{strange[0]!r} is no address; it goes from address to rep, as in ada@nordquill.example: R1")
        if not value:
            raise ValueError("nobody is listed; say whose calendars these are, as in ada@nordquill.example: R1")
        return value

    @cached_property
    def _own(self) -> tuple[str, ...]:
        return self.own_domains or tuple({address.partition("@")[2] for address in self.reps} - _EVERYBODYS)

    def rep_of(self, address: str) -> str | None:
        """Return the rep behind an address; None where it is nobody's."""
        return self.reps.get(address)

    def is_own(self, address: str) -> bool:
        """Return whether an address is a colleague's."""
        return address in self.reps or _under(address, self._own)

    def is_ignored(self, address: str) -> bool:
        """Return whether an address stands for nobody."""
        return bool(self.ignored) and _under(address, self.ignored)

    def account_of(self, address: str) -> str | None:
        """Return the account of a client's address: by the address itself, else by the longest domain that it ends in."""
        if address in self.domains:
            return self.domains[address]
        labels = address.partition("@")[2].split(".")
        domains = (".".join(labels[each:]) for each in range(len(labels)))
        return next((self.domains[domain] for domain in domains if domain in self.domains), None)

    def owner_of(self, path: Path, calendar_name: str) -> str:
        """Return the address of a calendar's owner: as the rules say, or as the calendar, its file or folder is called."""
        said = [self.calendars[name] for name in (path.name, path.stem) if name in self.calendars]
        names = [address_of(each) for each in (*said, calendar_name, path.stem, path.parent.name)]
        return next((name for name in names if name in self.reps), "")


def _under(address: str, domains: Iterable[str]) -> bool:
    """Return whether an address is one of these, or ends in one of these domains."""
    domain = address.partition("@")[2]
    return any(each in (address, domain) or domain.endswith(f".{each}") for each in map(str.casefold, domains))


def read_rules(path: str | Path) -> Rules:
    """Read a rules file; where it has no ``rules``, those of the kit hold.

    Parameters
    ----------
    path : str or Path
        YAML, see ``docs/capture.md``.

    Raises
    ------
    CaptureError
        The file is missing or no YAML, or says something that makes no sense; all faults are told at once.
    """
    place = Path(path)
    if not place.is_file():
        near = [each.name for each in place.parent.glob("*.y*ml")] if place.parent.is_dir() else []
        raise CaptureError(f"There is no rules file {place}.{suggestion(place.name, near) or ' ' + _START}")
    data = _load(place)
    if not isinstance(data, dict):
        raise CaptureError(f"The rules file {place} says nothing. {_START}")
    if data.get("rules") is None:
        data["rules"] = _load(DEFAULT_RULES)["rules"]
    data.setdefault("reps", {})
    try:
        return Rules.model_validate(data, context={"folder": place.parent})
    except ValidationError as error:
        told = "\n".join(f"  - {_explained(fault)}" for fault in error.errors())
        raise CaptureError(f"The rules file {place} cannot be used:\n{told}") from error


def _load(place: Path) -> Any:
    try:
        return yaml.safe_load(place.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CaptureError(f"The rules file {place} is not UTF-8 text. Save it as UTF-8.") from error
    except yaml.YAMLError as error:
        raise CaptureError(f"The rules file {place} is not YAML: {' '.join(str(error).split())}") from error


def _explained(error: Any) -> str:
    # People count from one.
    parts = [f"rule {part + 1}" if isinstance(part, int) else str(part) for part in error["loc"]]
    where = ", ".join(part for part in parts if part != "rules" or len(parts) == 1)
    if error["type"] == "extra_forbidden":
        known = Rule.model_fields if "rules" in error["loc"] else Rules.model_fields
        return f"{where}: there is no such setting.{suggestion(parts[-1], known)}"
    return f"{where}: {error['msg'].removeprefix('Value error, ')}"
