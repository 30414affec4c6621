"""Pure: the house rules that no linter can express, each a function from a file's path and text to complaints."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 70
MAX_POSITIONAL = 3

Rule = Callable[[str, str], list[str]]
"""Takes a path below the project's root, with slashes, and the file's text; gives one sentence for each offence."""

GIVEN_BY_OTHERS = frozenset(["paint", "flags", "index", "data", "settings_customise_sources"])
CLOCK_READS = frozenset(
    [
        *(f"time.{name}" for name in ("time", "monotonic", "perf_counter", "process_time", "clock_gettime", "sleep")),
        *(f"time.{name}_ns" for name in ("time", "monotonic", "perf_counter", "process_time", "clock_gettime")),
        *(f"time.{name}" for name in ("localtime", "gmtime", "ctime", "strftime")),
        *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
        "datetime.date.today",
        *(f"PySide6.QtCore.QDateTime.{name}" for name in ("currentDateTime", "currentDateTimeUtc")),
        *(f"PySide6.QtCore.QDateTime.{name}" for name in ("currentMSecsSinceEpoch", "currentSecsSinceEpoch")),
        "PySide6.QtCore.QTime.currentTime",
        "PySide6.QtCore.QDate.currentDate",
        "PySide6.QtCore.QElapsedTimer",
    ]
)
CATCH_ALL_ALLOWED = frozenset(
    [
        "shared/group_commit.py",  # the writer's thread hands what a piece of work raised to the one who asked for it
        "reference_server/shell.py",  # one request is over: its mistake is logged under the id that its caller is told
        "tests/simulation/devices.py",  # the same in a simulated device, which stands in for that thread
        "shared/sync/worker.py",  # the worker's loop: one mistake must not end the replay
        "shared/qt/last_resort.py",  # behind it is only the person
    ]
)
PRESSED_BY_CODE = frozenset(["click", "animateClick", "trigger", "toggle"])
SIGNALS_OF_A_FINGER = frozenset(["clicked", "pressed", "released", "triggered", "toggled", "activated"])
WAITS = frozenset(["time.sleep", "PySide6.QtTest.QTest.qWait", "PySide6.QtTest.QTest.qSleep", "trio.sleep"])
NOT_RUN = frozenset(
    f"pytest.{name}" for name in ("skip", "xfail", "importorskip", "mark.skip", "mark.skipif", "mark.xfail")
)
IMPURE = frozenset(
    [
        "PySide6",
        "apsw",
        "asyncio",
        "concurrent",
        "fastapi",
        "httpx",
        "io",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "queue",
        "random",
        "secrets",
        "shutil",
        "signal",
        "socket",
        "sqlite3",
        "starlette",
        "structlog",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "ulid",
        "uuid",
    ]
)
# Joined, here and below, so that this file does not complain about itself.
UNFINISHED = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "pragma: no " + "cover", "NotImplemented" + "Error")))
REGISTRY_HOSTS = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("npmjs", "org"),
            ("deb", "debian", "org"),
            ("security", "debian", "org"),
            ("proxy", "golang", "org"),
            ("crates", "io"),
        )
    )
)


@cache
def _parsed(text: str) -> ast.Module:
    """The tree of a file, which one rule after the other asks for."""
    return ast.parse(text)


@cache
def _nodes(text: str) -> tuple[ast.AST, ...]:
    """All that is in this tree."""
    return tuple(ast.walk(_parsed(text)))


@cache
def _imported_names(text: str) -> dict[str, str]:
    """What each imported name stands for: `{"t": "time", "now": "datetime.datetime.now"}`."""
    names: dict[str, str] = {}
    for node in _nodes(text):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _dotted(node: ast.expr) -> str:
    """`a.b.c` for a chain of names, else nothing."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


@cache
def _references(text: str) -> tuple[tuple[int, str], ...]:
    """Each use of an imported thing, as line and full dotted name, whatever it was renamed to."""
    names = _imported_names(text)
    found = []
    for node in _nodes(text):
        if isinstance(node, ast.Name | ast.Attribute):
            first, _, rest = _dotted(node).partition(".")
            if first in names:
                found.append((node.lineno, f"{names[first]}.{rest}" if rest else names[first]))
    return tuple(found)


def has_a_first_sentence(path: str, text: str) -> list[str]:
    """The first line of each file is a docstring that says in one sentence what the file is."""
    docstring = ast.get_docstring(_parsed(text), clean=False) or ""
    first = docstring.splitlines()[0].strip() if docstring else ""
    if text.startswith('"""') and first.endswith(".") and len(first.split()) >= 3:
        return []
    return [f"{path}:1 the first line is no docstring of one sentence"]


def is_as_pure_as_it_says(path: str, text: str) -> list[str]:
    """A file that begins with `Pure:` does no I/O, reads no clock and rolls no dice."""
    if not (ast.get_docstring(_parsed(text)) or "").startswith("Pure:"):
        return []
    used = {name.split(".")[0] for name in _imported_names(text).values()}
    return [f"{path} calls itself pure and imports {name}" for name in sorted(used & IMPURE)]


def is_not_too_long(path: str, text: str) -> list[str]:
    """A file that outgrew its limit has two subjects."""
    lines = len(text.splitlines())
    return [f"{path} has {lines} lines, over {MAX_FILE_LINES}"] if lines > MAX_FILE_LINES else []


def has_short_functions(path: str, text: str) -> list[str]:
    """A function is read at one glance."""
    complaints = []
    for node in _nodes(text):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                complaints.append(f"{path}:{node.lineno} {node.name} has {lines} lines, over {MAX_FUNCTION_LINES}")
    return complaints


def asks_for_keywords(path: str, text: str) -> list[str]:
    """A row of values is only readable with names (where Qt calls, in camelCase, Qt decides)."""
    complaints = []
    for node in _nodes(text):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        positional = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
        if positional[:1] in (["self"], ["cls"]):
            positional = positional[1:]
        given_by_others = node.name in GIVEN_BY_OTHERS or re.search(r"[a-z][A-Z]|^__", node.name)
        if len(positional) > MAX_POSITIONAL and not given_by_others:
            complaints.append(f"{path}:{node.lineno} {node.name} takes {len(positional)} arguments by position")
    return complaints


def leaves_the_clock_alone(path: str, text: str) -> list[str]:
    """Only shared/clock.py reads the machine's clock; everybody else is handed one."""
    if path == "shared/clock.py":
        return []
    return [f"{path}:{line} reads the clock: {name}" for line, name in _references(text) if name in CLOCK_READS]


def catches_what_it_knows(path: str, text: str) -> list[str]:
    """A handler for everything hides mistakes, unless it raises them again; the places listed above have one."""
    if path in CATCH_ALL_ALLOWED:
        return []
    complaints = []
    for node in _nodes(text):
        if isinstance(node, ast.ExceptHandler) and not _raises_again(node):
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(kind is None or _dotted(kind).split(".")[-1] in ("Exception", "BaseException") for kind in kinds):
                complaints.append(f"{path}:{node.lineno} catches everything")
    return complaints


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Whether the handler's last word is a bare `raise`."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def is_finished(path: str, text: str) -> list[str]:
    """Nothing lands with a note that it is not done."""
    return [f"{path}:{n} {m.group()}" for n, line in enumerate(text.splitlines(), 1) for m in UNFINISHED.finditer(line)]


def presses_like_a_finger(path: str, text: str) -> list[str]:
    """A test of a window presses and releases on it; what calls the button's code has not shown that a person could."""
    complaints = []
    for node in _nodes(text):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            method, owner = node.func.attr, _dotted(node.func.value).split(".")[-1]
            signalled = method == "emit" and owner in SIGNALS_OF_A_FINGER
            if method in PRESSED_BY_CODE or signalled or re.match(r"_?on_[a-z]", method):
                complaints.append(f"{path}:{node.lineno} calls {method}, which no finger does")
    return complaints


def waits_for_events(path: str, text: str) -> list[str]:
    """A test waits until something is so; a fixed wait is too long or too short. In virtual time it costs nothing."""
    complaints = [f"{path}:{line} {name}" for line, name in _references(text) if name in WAITS]
    names = _imported_names(text)
    waiting = ("qtbot.wait",) if path.startswith("tests/simulation/") else ("qtbot.wait", "asyncio.sleep")
    for node in _nodes(text):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            first, _, rest = _dotted(node.func).partition(".")
            called = f"{names.get(first, first)}.{rest}".rstrip(".")
            if called in waiting and not _is_short(node.args):
                complaints.append(f"{path}:{node.lineno} {called}")
    return complaints


def _is_short(args: list[ast.expr]) -> bool:
    """Whether a wait only lets others have their turn: a literal zero."""
    return bool(args) and isinstance(args[0], ast.Constant) and args[0].value == 0


def runs_always(path: str, text: str) -> list[str]:
    """A test that does not run proves nothing, and says so to nobody."""
    return [f"{path}:{line} {name}" for line, name in _references(text) if name in NOT_RUN]


def names_no_registry(path: str, text: str) -> list[str]:
    """Where packages come from is the machine's business: no file of ours knows an address."""
    return [f"{path} names {found}" for found in sorted(set(REGISTRY_HOSTS.findall(text)))]


def is_no_lock_file(path: str, _text: str) -> list[str]:
    """Lock files record a registry's addresses; requirements.txt pins with hashes and without."""
    name = path.rsplit("/", 1)[-1]
    locks = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "package-lock.json", "yarn.lock")
    return [f"{path} is a lock file"] if name in locks or re.fullmatch(r"pylock(\..+)?\.toml", name) else []


def is_no_package_of_packaging(path: str, _text: str) -> list[str]:
    """An `__init__.py` in packaging/ would hide the library `packaging`, which pip and pytest import."""
    if path.startswith("packaging/") and path.endswith("__init__.py"):
        return [f"{path} would hide the library `packaging`"]
    return []
