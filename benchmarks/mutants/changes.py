"""Small changes of the code: what mutmut would change, one at a time, each put into the running process.

The operators are mutmut's. Its own runner is not used: it leaves out whatever is decorated (every metric, every property), runs
the whole suite in the process that it then forks, with an engine's threads in it, and chooses tests by function instead of line.
Left out are its changes of texts and of whole assignments, which every test notices: the score is of numbers and of arguments.
"""

import ast
import random
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

from benchmarks.mutants.rooms import ROOT, files_of

_LEFT_OUT = {"operator_string", "operator_assignment", "operator_dict_arguments"}
# What is said and shown is read by people, not added up.
_NO_NUMBERS = ("say", "Answer", "Table", "_table", "label_of", "Sentences")


@dataclass(frozen=True)
class Change:
    """One change of one place.

    Parameters
    ----------
    file : str
        Path below the root.
    line : int
        First line of what is changed.
    before, after : str
        The code there.
    source : str
        The whole file, changed.
    """

    file: str
    line: int
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}  {' '.join(self.before.split())[:90]}  ->  {' '.join(self.after.split())[:90]}"


def changes_of(room: str, sample: int | None, seed: int) -> list[Change]:
    """Return the changes of a room, or so many of them drawn by chance; the same seed gives the same ones."""
    every = [(path, i) for path in files_of(room) for i in range(len(_spots(path)))]
    drawn = every if sample is None or sample >= len(every) else random.Random(seed).sample(every, sample)
    return [_made(path, i) for path, i in drawn]


def apply(change: Change) -> bool:
    """Put a change into the modules that are loaded; False where it is of no function that can be exchanged."""
    name = change.file.removesuffix(".py").replace("/", ".")
    module, fresh = sys.modules[name], types.ModuleType(name)
    fresh.__dict__["__file__"] = module.__file__
    sys.modules[name] = fresh
    try:
        exec(compile(change.source, str(module.__file__), "exec"), fresh.__dict__)
    finally:
        sys.modules[name] = module
    old, new = dict(_functions(module)), dict(_functions(fresh))
    done = False
    for key, function in old.items():
        one, other = function, new.get(key)
        if other is None:
            continue
        if _text(one) != _text(other) and one.__code__.co_freevars == other.__code__.co_freevars:
            one.__code__, done = other.__code__, True
        if (one.__defaults__, one.__kwdefaults__) != (other.__defaults__, other.__kwdefaults__):
            one.__defaults__, one.__kwdefaults__, done = other.__defaults__, other.__kwdefaults__, True
    for key, value in vars(module).items():
        # A number that stands by itself; whoever imported it by name has the old one still.
        if isinstance(value, int | float | tuple) and key in vars(fresh) and vars(fresh)[key] != value:
            setattr(module, key, vars(fresh)[key])
            done = True
    return done


def _text(function: types.FunctionType) -> bytes:
    code = function.__code__
    return code.co_code + repr([_plain(each) for each in code.co_consts]).encode() + repr(code.co_names).encode()


def _plain(value: object) -> object:
    if isinstance(value, types.CodeType):
        return (value.co_code, [_plain(each) for each in value.co_consts], value.co_names)
    return value


def _functions(module: types.ModuleType) -> Iterator[tuple[str, types.FunctionType]]:
    for holder in (module, *(each for each in vars(module).values() if isinstance(each, type))):
        if holder.__dict__.get("__module__", module.__name__) != module.__name__:
            continue
        for value in list(vars(holder).values()):
            for name in ("__wrapped__", "fget", "func", "function", "__func__"):
                value = getattr(value, name, value) if not isinstance(value, types.FunctionType) or name == "__wrapped__" else value  # noqa: PLW2901
            if isinstance(value, types.FunctionType) and value.__module__ == module.__name__:
                yield value.__qualname__, value


_FOUND: dict[str, list[tuple[cst.CSTNode, cst.CSTNode, int]]] = {}
_TREES: dict[str, cst.Module] = {}


def _spots(path: str) -> list[tuple[cst.CSTNode, cst.CSTNode, int]]:
    """Return what may be changed in a file: a node, what stands for it instead, and its line."""
    if path not in _FOUND:
        wrapper = MetadataWrapper(cst.parse_module((ROOT / path).read_text(encoding="utf-8")))
        seen = _Spots()
        wrapper.visit(seen)
        _FOUND[path], _TREES[path] = seen.found, wrapper.module
    return _FOUND[path]


def _made(path: str, number: int) -> Change:
    node, instead, line = _spots(path)[number]
    tree = _TREES[path]
    source = tree.deep_replace(node, instead).code
    ast.parse(source)
    return Change(path, line, tree.code_for_node(node), tree.code_for_node(instead), source)


class _Spots(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[cst.CSTNode, cst.CSTNode, int]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        # Neither types nor decorators nor what is read by people.
        if isinstance(node, cst.Annotation | cst.Decorator | cst.Import | cst.ImportFrom) or _is_for_people(node):
            return False
        for kind, operator in mutation_operators:
            if isinstance(node, kind) and operator.__name__ not in _LEFT_OUT:
                place = self.get_metadata(PositionProvider, node, None)
                if place is not None:
                    self.found += [(node, each, place.start.line) for each in operator(node)]
        return True


def _is_for_people(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.FunctionDef):
        return node.name.value.startswith(("_sentences", "_table", "_sentence", "sentences_of", "table_of", "__str__", "_repr"))
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in _NO_NUMBERS
