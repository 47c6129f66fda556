"""The one catalogue of labels and sentences; what people read is written here and nowhere else.

`locale/en.ftl` holds the words in the Fluent syntax. A further language is one more file; no metric and no analysis changes.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource

from salestrack.errors import unknown

FOLDER = Path(__file__).parent / "locale"
LANGUAGE = "en"


@cache
def catalogue(language: str = LANGUAGE) -> FluentBundle:
    """Return the catalogue of a language.

    Raises
    ------
    UnknownNameError
        There is no such catalogue.
    """
    path = FOLDER / f"{language}.ftl"
    if not path.exists():
        raise unknown("language", language, [each.stem for each in FOLDER.glob("*.ftl")])
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(FluentResource(path.read_text(encoding="utf-8")))
    return bundle


def say(key: str, values: Mapping[str, object] | None = None, language: str = LANGUAGE) -> str:
    """Return a label or a sentence with its values filled in.

    Parameters
    ----------
    key : str
        Name in the catalogue.
    values : mapping, optional
        Texts already written (numbers by `salestrack.formats`), or numbers that choose a plural.
    language : str
        Which catalogue.

    Raises
    ------
    UnknownNameError
        The catalogue has no such key, or a value that the sentence needs is missing.
    """
    bundle = catalogue(language)
    pattern = bundle.get_message(key).value if bundle.has_message(key) else None
    if pattern is None:
        raise unknown("sentence", key, bundle._messages, f"in the catalogue {language!r}")
    text, faults = bundle.format_pattern(pattern, dict(values or {}))
    if faults:
        raise unknown("value", str(faults[0]), values or {}, f"for the sentence {key!r}")
    return str(text)


def has_word(key: str, language: str = LANGUAGE) -> bool:
    """Return whether the catalogue has a name."""
    return bool(catalogue(language).has_message(key))


def label_of(name: str, own: str = "", language: str = LANGUAGE) -> str:
    """Return how to head a metric, a column or a category: its own label, the catalogue's, or its name in plain words.

    Examples
    --------
    >>> label_of("win_rate"), label_of("big_win_share")
    ('Win rate', 'Big win share')
    """
    if own:
        return own
    key = f"label-{name.replace('_', '-').replace('.', '-')}"
    return (
        say(key, None, language) if catalogue(language).has_message(key) else name.replace("_", " ").replace(".", " ").capitalize()
    )


def mid_sentence(label: str) -> str:
    """Return a label as it stands inside a sentence: its first letter small, unless it begins with an abbreviation.

    Examples
    --------
    >>> mid_sentence("Win rate"), mid_sentence("MQL to SQL")
    ('win rate', 'MQL to SQL')
    """
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
