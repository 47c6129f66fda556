"""How functions that ask a book are called: who calls one wrongly is told how, in one sentence."""

from collections.abc import Callable, Iterable
from functools import wraps
from inspect import Parameter, isfunction, signature
from typing import Any, ParamSpec, TypeVar

from salestrack.book import Book
from salestrack.errors import CallError, suggestion

P = ParamSpec("P")
T = TypeVar("T")


def of_a_book(function: Callable[P, T]) -> Callable[P, T]:
    """Return a function whose first parameter is a book, that says what it wants when it is called without it or wrongly.

    Parameters
    ----------
    function : callable
        Its first parameter is ``book``.
    """
    called_well = well_called(function)
    called = _called(function)

    @wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        _assert_known(function, kwargs)
        given = args[0] if args else kwargs.get("book", Parameter.empty)
        if not isinstance(given, Book):
            raise CallError(f"{called} wants a book first{_got(given)}. {_OPEN}")
        return called_well(*args, **kwargs)

    return asked


def well_called(function: Callable[P, T]) -> Callable[P, T]:
    """Return a function that says in one sentence what it is called with, when it is called otherwise.

    Parameters
    ----------
    function : callable
        Any.
    """

    @wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        _assert_known(function, kwargs)
        try:
            signature(function).bind(*args, **kwargs)
        except TypeError as error:
            raise CallError(f"{_called(function)}: {error}.{_HINTS.get(_missing(str(error)), '')}") from None
        return function(*args, **kwargs)

    return asked


def _assert_known(function: Callable[..., object], given: Iterable[str]) -> None:
    parameters = signature(function).parameters
    anything = any(each.kind is Parameter.VAR_KEYWORD for each in parameters.values())
    if not anything and (strange := [name for name in given if name not in parameters]):
        raise CallError(f"{_called(function)} has no parameter {strange[0]!r}.{suggestion(strange[0], parameters)}")


def _called(function: Callable[..., object]) -> str:
    written = ", ".join(_written(each) for each in signature(function).parameters.values())
    return f"{getattr(function, '__name__', 'it')}({written})"


def say_how_to_call(names: dict[str, Any]) -> None:
    """Replace each function of the package by one that says how it is called; most are called with a book.

    Parameters
    ----------
    names : dict of str to object
        The names of a module, changed in place.
    """
    for name, each in list(names.items()):
        if not isfunction(each) or name.startswith("_") or not each.__module__.startswith("salestrack."):
            continue
        of_book = next(iter(signature(each).parameters), "") == "book"
        names[name] = of_a_book(each) if of_book else well_called(each)


_OPEN = 'Open one: book = st.open_book("book.yaml", as_of="2026-09-30").'
_HINTS = {
    "metrics": " Name one or more, such as st.win_rate.",
    "as_of": ' Name the day on which the book is read, such as as_of="2026-09-30".',
    "during": ' Name a period, such as during="2026-Q3".',
}


def _written(parameter: Parameter) -> str:
    return parameter.name if parameter.default is Parameter.empty else f"{parameter.name}=..."


def _got(given: object) -> str:
    if given is Parameter.empty:
        return ""
    return f" and got {given!r}" if isinstance(given, str | int | float | None) else f" and got a {type(given).__name__}"


def _missing(message: str) -> str:
    return message.rpartition("'")[0].rpartition("'")[2]
