"""Other ways to write a period: spellings that have one meaning, and the kit's own for each."""

import re

RELATIVE = re.compile(r"(this|current|last|previous|next) ((?:fiscal )?(?:year|quarter)|month|week|day)")
BETWEEN = r"[\s/_.,-]*"
# Other ways to write a period, each of which has one meaning, and the kit's own; {0}, {1}, ... are the groups.
_SPELLINGS = (
    (rf"(FY)?\s*(\d{{4}}){BETWEEN}Q{BETWEEN}([1-4])", "{0}{1}-Q{2}"),
    (rf"Q{BETWEEN}([1-4]){BETWEEN}(FY)?\s*(\d{{4}})", "{1}{2}-Q{0}"),
    (r"(\d{4})\s*년\s*([1-4])\s*분기", "{0}-Q{1}"),
    (r"(\d{4})\s*년\s*(\d{1,2})\s*월", "{0}-{1:0>2}"),
    (r"(\d{4})\s*년", "{0}"),
    (r"FY[\s_-]+(\d{4})", "FY{0}"),
    (rf"(\d{{4}}){BETWEEN}(?:W|CW|KW|week){BETWEEN}(\d{{1,2}})", "{0}-W{1:0>2}"),
    (rf"(?:W|CW|KW|week){BETWEEN}(\d{{1,2}}){BETWEEN}(\d{{4}})", "{1}-W{0:0>2}"),
    (r"(\d{4})[/_.-](\d{1,2})[/_.-](\d{1,2})", "{0}-{1:0>2}-{2:0>2}"),
    (r"(\d{4})[\s/_.-](\d{1,2})", "{0}-{1:0>2}"),
    (r"(\d{1,2})[/_.-](\d{4})", "{1}-{0:0>2}"),
)
_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH_AND_YEAR = re.compile(rf"([a-z]{{3,9}}){BETWEEN}(\d{{4}})|(\d{{4}}){BETWEEN}([a-z]{{3,9}})", re.IGNORECASE)


def respelled(text: str) -> str:
    """Return a period as the kit writes it, where it is written in another way that has one meaning."""
    for pattern, written in _SPELLINGS:
        if found := re.fullmatch(pattern, text, re.IGNORECASE):
            return written.format(*(group.upper() if group else "" for group in found.groups()))
    if found := _MONTH_AND_YEAR.fullmatch(text):
        name, year = (found[1], found[2]) if found[1] else (found[4], found[3])
        months = [number for number, month in enumerate(_MONTH_NAMES, start=1) if month.startswith(name.casefold())]
        return f"{year}-{months[0]:02}" if len(months) == 1 else text
    return text


def plain(text: str) -> str:
    """Return a text in small letters with one space between its words."""
    return re.sub(r"[\s_-]+", " ", text).strip().casefold()


_HALF = re.compile(rf"(\d{{4}}){BETWEEN}H{BETWEEN}([12])|H{BETWEEN}([12]){BETWEEN}(\d{{4}})", re.IGNORECASE)


def otherwise(text: str) -> str:
    """Return how to write what was probably meant, as a sentence with a leading space; empty where that is not known."""
    if found := _HALF.fullmatch(text):
        year, half = int(found[1] or found[4]), found[2] or found[3]
        return f" Did you mean '{year}-01-01/{year}-07-01'?" if half == "1" else f" Did you mean '{year}-07-01/{year + 1}-01-01'?"
    if RELATIVE.fullmatch(plain(text)):
        return " Here it has no day to count from: name the period itself."
    other = respelled(text)
    return f" Did you mean {other!r}?" if other != text else ""
