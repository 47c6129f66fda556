"""One family of errors. Each says what was asked, what was found and what to do.

Every class is also the standard error that a caller would expect (`ValueError`, `KeyError`, ...), so ``except ValueError``
keeps working for people who do not know this module.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches


class SalestrackError(Exception):
    """Anything that salestrack refuses to do, with the reason and the way out."""

    def __str__(self) -> str:
        # KeyError would print the repr of its message: quotes around a sentence.
        return masked(str(self.args[0])) if self.args else self.__class__.__name__

    def _render_traceback_(self) -> list[str]:
        # IPython shows these lines in place of a traceback: what is wrong is in the cell, and not in the kit.
        return [f"{self.__class__.__name__}: {self}"]


_PASSWORD = re.compile(r"\b([a-z][a-z0-9+.-]*:/{1,2}[^\s:/@?#'\"]*):[^\s'\"]*@", re.IGNORECASE)
_SECRET = re.compile(r"\b(password|passwd|pwd|token|secret|api_?key|access_?key)=[^\s&;'\"]+", re.IGNORECASE)


def masked(text: str) -> str:
    """Return a text without the passwords of the addresses in it.

    Examples
    --------
    >>> masked("no file postgres://ann:s3cret@crm/sales?sslmode=on&password=x")
    'no file postgres://ann:***@crm/sales?sslmode=on&password=***'
    """
    return _SECRET.sub(r"\1=***", _PASSWORD.sub(r"\1:***@", text))


class PeriodError(SalestrackError, ValueError):
    """A period or a day that cannot be read, or that lies outside the data."""


class BookError(SalestrackError, ValueError):
    """A book that cannot be opened: a missing file, a typo in the book file, an ambiguous date format.

    Parameters
    ----------
    message : str
        One sentence: what was asked and what was found.
    faults : iterable of str, optional
        All faults found at once, one line each.
    """

    def __init__(self, message: str, faults: Iterable[str] = ()) -> None:
        self.faults = tuple(masked(fault) for fault in faults)
        super().__init__("\n".join([message, *(f"  - {fault}" for fault in self.faults)]))


class GoalError(SalestrackError, ValueError):
    """A goal sheet that cannot be used."""


class CaptureError(SalestrackError, ValueError):
    """Calendars and mail that cannot be captured: no files, rules that make no sense, an earlier capture that is not one."""


class DefinitionError(SalestrackError, TypeError):
    """A metric whose definition does not say what is needed to measure it."""


class UnknownNameError(SalestrackError, KeyError):
    """A column, metric, table, stage or parameter that does not exist; the message offers the nearest names."""


class UnknownAttributeError(SalestrackError, AttributeError):
    """A name that a module of the kit does not have; the message offers the nearest names."""


class CallError(SalestrackError, TypeError):
    """A function that was called without what it needs, or with what it does not know; the message says how it is called."""


class MissingTableError(SalestrackError, LookupError):
    """A metric or an analysis needs a table that this book does not have."""


class ParameterError(SalestrackError, ValueError):
    """Parameters of a report or a notebook that are unknown or badly typed."""


class StatisticsError(SalestrackError, ValueError):
    """Numbers that no statistic can be made of: more won than closed, a confidence of 95 instead of 0.95."""


class RunError(SalestrackError, RuntimeError):
    """A notebook that failed while a report was run; the published report is left as it was."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return a sentence that offers the nearest known names, or lists them when nothing is near.

    Parameters
    ----------
    name : str
        What was asked for.
    known : iterable of str
        What exists.

    Returns
    -------
    str
        `` Did you mean 'close_date'?`` or `` Known: a, b, c.``, with a leading space; empty when nothing is known.

    Examples
    --------
    >>> suggestion("closedate", ["close_date", "amount"])
    " Did you mean 'close_date'?"
    """
    # Whoever asked for a name is not helped by the same name.
    names = sorted({str(each) for each in known} - {str(name)})
    near = get_close_matches(str(name), names, n=3, cutoff=0.6) or [
        each for each in names if each.casefold() == str(name).casefold()
    ]
    if near:
        return " Did you mean " + " or ".join(repr(each) for each in near) + "?"
    return f" Known: {', '.join(names)}." if names else ""


def unknown(kind: str, name: str, known: Iterable[str], where: str = "") -> UnknownNameError:
    """Return the error for a name that does not exist, ready to raise.

    Parameters
    ----------
    kind : str
        What sort of name it is: ``"column"``, ``"metric"``, ...
    name : str
        What was asked for.
    known : iterable of str
        What exists.
    where : str, optional
        Where it was looked for, as in ``"in opportunities"``.

    Examples
    --------
    >>> print(unknown("column", "closedate", ["close_date"], "in opportunities"))
    No column 'closedate' in opportunities. Did you mean 'close_date'?
    """
    place = f" {where}" if where else ""
    return UnknownNameError(f"No {kind} {name!r}{place}.{suggestion(name, known)}")


def no_attribute(module: str, name: str, known: Iterable[str]) -> UnknownAttributeError:
    """Return the error for a name that a module does not have, ready to raise.

    Parameters
    ----------
    module : str
        The module's own name.
    name : str
        What was asked for.
    known : iterable of str
        What is there for people to use.

    Examples
    --------
    >>> print(no_attribute("salestrack", "win_rte", ["win_rate", "measure"]))
    module 'salestrack' has no attribute 'win_rte'. Did you mean 'win_rate'?
    """
    near = suggestion(name, known)
    # All names of a module are too many to read.
    told = near if near.startswith(" Did") else ""
    return UnknownAttributeError(f"module {module!r} has no attribute {name!r}.{told}", name=name)
