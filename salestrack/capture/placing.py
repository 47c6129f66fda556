"""From entries to rows: whose activity it is, in which category, for which account; or why it is none."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from salestrack.book import Weekday
from salestrack.capture.entries import Entry
from salestrack.capture.rules import Rule, Rules, Seen
from salestrack.errors import CaptureError

_WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHORTEST_KEY = 16


@dataclass(frozen=True)
class Privacy:
    """What is kept of people.

    Parameters
    ----------
    keep_titles : bool
        Whether titles, places and addresses are stored too. They are not unless asked for.
    key : bytes
        Secret with which reps are named by pseudonyms; empty: by their ids.

    Raises
    ------
    CaptureError
        Both are asked for: titles and addresses name people. Or the key is so short that it can be guessed.
    """

    keep_titles: bool = False
    key: bytes = b""

    def __post_init__(self) -> None:
        if self.keep_titles and self.key:
            raise CaptureError("Titles and addresses name people, and pseudonyms hide them. Choose one of the two.")
        if self.key and len(self.key) < _SHORTEST_KEY:
            raise CaptureError(f"The key for pseudonyms has {len(self.key)} characters; it needs {_SHORTEST_KEY} or more.")

    @property
    def mark(self) -> str:
        """What every id begins with, so that captures with different keys are not taken for one."""
        return f"{pseudonym(self.key, '')[:7]}-" if self.key else "c-"


def pseudonym(key: bytes, name: str) -> str:
    """Return the name under which a rep is stored: a keyed hash (HMAC with SHA-256), which nobody without the key can undo or make.

    Parameters
    ----------
    key : bytes
        The secret.
    name : str
        The rep's id.

    Returns
    -------
    str
        20 hexadecimal digits after ``P``.

    References
    ----------
    Krawczyk, H., Bellare, M. and Canetti, R. (1997). HMAC: Keyed-Hashing for Message Authentication. RFC 2104.
    """
    return f"P{hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:20]}"


def read_key(path: Path) -> bytes:
    """Return the secret in a file, without white space around it.

    Raises
    ------
    CaptureError
        There is no such file.
    """
    if not path.is_file():
        raise CaptureError(
            f"There is no file {path} with the secret for pseudonyms. Any {_SHORTEST_KEY} or more random letters will do."
        )
    return path.read_bytes().strip()


@dataclass(frozen=True)
class Row:
    """One entry as one rep's: an activity, or the reason why it is none.

    Parameters
    ----------
    activity_id, series_id : str
        Stable names: of this occurrence for this rep, and of the event with all its occurrences.
    entry : Entry
        What was read.
    rep_id : str, optional
        Whose it is; None where nobody's.
    reason : str
        Why it is no activity; empty: it is one.
    category, type : str, optional
        As the rule says.
    minutes : float, optional
        How long it took; None: not recorded.
    accounts : tuple of str
        Accounts of the outside people in it.
    outside : tuple of str
        Addresses of the outside people in it.
    """

    activity_id: str
    series_id: str
    entry: Entry
    rep_id: str | None = None
    reason: str = ""
    category: str | None = None
    type: str | None = None
    minutes: float | None = None
    accounts: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Placing:
    """Places entries by rules.

    Parameters
    ----------
    rules : Rules
        Who is who, and what goes where.
    working_days : sequence of str
        Days on which whole days count.
    privacy : Privacy
        Its key makes the ids, if there is one.
    """

    rules: Rules
    working_days: Sequence[Weekday]
    privacy: Privacy

    def rows(self, entries: Iterable[Entry]) -> Iterator[Row]:
        """Yield one row for each entry and each rep whose it is; one without a rep where it is nobody's."""
        for entry in entries:
            reps = self._reps(entry)
            for rep, declined in reps.items() or [(None, False)]:
                yield self._row(entry, rep, declined=declined)

    def _reps(self, entry: Entry) -> dict[str | None, bool]:
        """Return the reps whose entry it is, with whether each declined."""
        rules = self.rules
        if entry.owner or entry.kind == "mail":
            whose = rules.rep_of(entry.owner or entry.organiser)
            return {whose: any(each.declined and rules.rep_of(each.address) == whose for each in entry.people)} if whose else {}
        # Nobody owns the calendar: it tells of everybody in it.
        found: dict[str | None, bool] = {}
        for address, declined in ((entry.organiser, False), *((each.address, each.declined) for each in entry.people)):
            if rep := rules.rep_of(address):
                found[rep] = found.get(rep, False) or declined
        return dict(sorted(found.items(), key=lambda pair: str(pair[0])))

    def _row(self, entry: Entry, rep: str | None, *, declined: bool) -> Row:
        bare = Row(self._id(entry.uid, entry.instance, rep or ""), self._id(entry.uid), entry, rep, minutes=entry.minutes)
        if entry.fault:
            return replace(bare, reason=entry.fault)
        if rep is None:
            return replace(bare, reason=self._nobody(entry))
        if declined:
            return replace(bare, reason="declined")
        seen = self._seen(entry, rep)
        rule = next((each for each in self.rules.rules if each.fits(entry, seen)), None)
        return self._by_rule(replace(bare, outside=seen.outside, accounts=self._accounts(seen)), rule)

    def _nobody(self, entry: Entry) -> str:
        if entry.kind == "mail":
            return "received" if any(self.rules.rep_of(each.address) for each in entry.people) else "no-rep"
        return "no-rep"

    def _by_rule(self, row: Row, rule: Rule | None) -> Row:
        entry = row.entry
        if rule and rule.leave_out:
            return replace(row, reason="by-rule")
        if entry.all_day:
            if rule is None:
                return replace(row, reason="all-day")
            if entry.start and _WEEK[entry.start.weekday()] not in self.working_days:
                return replace(row, reason="not-working-day")
        if rule is None:
            return replace(row, category="unclassified", type=entry.kind)
        return replace(row, category=rule.category, type=rule.type or entry.kind, minutes=rule.minutes or row.minutes)

    def _seen(self, entry: Entry, rep: str) -> Seen:
        rules = self.rules
        everybody = dict.fromkeys(filter(None, (entry.organiser, *(each.address for each in entry.people))))
        others = [each for each in everybody if rules.rep_of(each) != rep and not rules.is_ignored(each)]
        outside = tuple(each for each in others if not rules.is_own(each))
        organiser = entry.organiser
        return Seen(
            attendees="client" if outside else "own" if others else "none",
            organiser="none" if not organiser else "self" if rules.rep_of(organiser) == rep else self._side(organiser),
            people=len(others) + 1,
            outside=outside,
        )

    def _side(self, address: str) -> Literal["own", "client"]:
        return "own" if self.rules.is_own(address) else "client"

    def _accounts(self, seen: Seen) -> tuple[str, ...]:
        return tuple(sorted({account for each in seen.outside if (account := self.rules.account_of(each))}))

    @cached_property
    def _digest(self) -> "hashlib._Hash | hmac.HMAC":
        return hmac.new(self.privacy.key, digestmod=hashlib.sha256) if self.privacy.key else hashlib.sha256()

    def _id(self, *parts: str) -> str:
        digest = self._digest.copy()
        # The lengths keep ("ab", "c") apart from ("a", "bc").
        digest.update("\n".join(f"{len(part)} {part}" for part in parts).encode(errors="surrogateescape"))
        return f"{self.privacy.mark}{digest.hexdigest()[:24]}"
