"""How functions that ask a book are called: who calls one wrongly is told how, in one sentence."""

from collections.abc import Callable
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
    parameters = signature(function).parameters
    anything = any(each.kind is Parameter.VAR_KEYWORD for each in parameters.values())
    called = f"{function.__name__}({', '.join(_written(each) for each in parameters.values())})"

    @wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        if not anything and (strange := [name for name in kwargs if name not in parameters]):
            raise CallError(f"{called} has no parameter {strange[0]!r}.{suggestion(strange[0], parameters)}")
        given = args[0] if args else kwargs.get("book", Parameter.empty)
        if not isinstance(given, Book):
            raise CallError(f"{called} wants a book first{_got(given)}. {_OPEN}")
        try:
            signature(function).bind(*args, **kwargs)
        except TypeError as error:
            raise CallError(f"{called}: {error}.{_HINTS.get(_missing(str(error)), '')}") from None
        return function(*args, **kwargs)

    return asked


def say_how_to_call(names: dict[str, Any]) -> None:
    """Replace each function whose first parameter is a book by one that says how it is called.

    Parameters
    ----------
    names : dict of str to object
        The names of a module, changed in place.
    """
    for name, each in list(names.items()):
        if isfunction(each) and next(iter(signature(each).parameters), "") == "book":
            names[name] = of_a_book(each)


_OPEN = 'Open one: book = st.open_book("book.yaml", as_of="2026-09-30").'
_HINTS = {
    "metrics": " Name one or more, such as st.win_rate.",
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
