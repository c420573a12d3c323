"""IPython without a kernel: it formats, displays and describes errors as a kernel's shell does.

What it shows goes to ``Outputs``. A shell serves one notebook after another until a cell changes it.
"""

# mypy: allow-untyped-calls

from __future__ import annotations

import atexit
import builtins
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha1
from typing import Any, NoReturn

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.formatters import DisplayFormatter, FormatterABC
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from traitlets import Type
from traitlets.config import Config, SingletonConfigurable

from pamong.grading.execution import limits
from pamong.grading.execution.outputs import Outputs, Stream

ENVIRONMENT = {
    "TERM": "xterm-color",
    "CLICOLOR": "1",
    "FORCE_COLOR": "1",
    "CLICOLOR_FORCE": "1",
    "PAGER": "cat",
    "GIT_PAGER": "cat",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}
"""What a kernel adds to its environment."""
_CONFIG = Config({"HistoryManager": {"enabled": False, "hist_file": ":memory:"}})
_INLINE = "matplotlib_inline.backend_inline"
_SETTINGS = (
    *(
        [
            "ast_node_interactivity",
            "autoawait",
            "autocall",
            "automagic",
            "cache_size",
            "colors",
            "debug",
            "display_formatter",
        ]
    ),
    *(
        [
            "display_page",
            "history_manager",
            "loop_runner_map",
            "pdb",
            "quiet",
            "show_rewritten_input",
        ]
    ),
    *(["sphinxify_docstring", "system_raise_on_error", "wildcards_case_sensitive", "xmode"]),
)
"""What a cell may configure in a shell."""


def code_name(source: str) -> str:
    """The file name under which the code of a cell is known; equal cells have equal names.

    It ends as a kernel's does: of a file that is not there IPython describes an error more briefly.
    """
    digest = sha1(source.encode(errors="replace"), usedforsecurity=False).hexdigest()
    return f"<cell {digest[:12]}>.py"


class _Compiler(CachingCompiler):
    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:  # noqa: ARG002
        return code_name(transformed_code)


class _Publisher(DisplayPublisher):
    shell: Any

    def publish(
        self,
        data: Any,
        metadata: Any = None,
        *_: Any,
        transient: Any = None,
        update: bool = False,
        **__: Any,
    ) -> None:
        self._validate_data(data, metadata)
        name = (transient or {}).get("display_id")
        self.shell.outputs.show(data, metadata, display_id=name, update=update)

    def clear_output(self, wait: bool = False) -> None:  # noqa: FBT001, FBT002  # IPython's own
        self.shell.outputs.clear(wait=wait)


class _Hook(DisplayHook):
    shell: Any
    silent: bool | None = None
    """Whether the cell that runs ends in a semicolon; None where IPython is to find out itself."""

    def quiet(self) -> bool:
        return bool(super().quiet()) if self.silent is None else self.silent

    def start_displayhook(self) -> None:
        self._is_active = True

    def write_output_prompt(self) -> None:
        """A notebook shows the count beside the cell."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self.shell.outputs.show(format_dict, md_dict, count=self.prompt_count)

    def log_output(self, format_dict: Any) -> None:
        """There is no log."""

    def finish_displayhook(self) -> None:
        self._is_active = False

    def update_user_ns(self, result: Any) -> None:
        """Keep a value under ``_``, unless the cells use that name, and under its number."""
        shell, names = self.shell, self.shell.names
        if result is names["_oh"]:
            return
        before = {"_": self._, "__": self.__, "___": self.___}
        hidden = shell.user_ns_hidden
        ours = "_" not in vars(builtins) and all(
            names.get(name, value) is value or hidden.get(name) is names[name]
            for name, value in before.items()
        )
        self._, self.__, self.___ = result, self._, self.__
        kept = {"_": self._, "__": self.__, "___": self.___} if ours else {}
        kept[f"_{self.prompt_count}"] = result
        names.update(kept)
        hidden.update(kept)
        names["_oh"][self.prompt_count] = result

    def forget(self) -> None:
        """Start over with empty ``_``, ``__`` and ``___``."""
        self._ = self.__ = self.___ = ""
        self.shell.user_ns.update({"_": "", "__": "", "___": ""})


class _NoBundle(FormatterABC):
    def __call__(self, obj: Any, include: Any = None, exclude: Any = None) -> Any:  # noqa: ARG002
        return {}, {}


class _NoDisplay(FormatterABC):
    def __call__(self, obj: Any) -> Any:  # noqa: ARG002
        return False


class _Formatter(DisplayFormatter):
    """IPython's formatters, of which most objects are asked only for those that they have a method for."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        plain = self.formatters["text/plain"]
        rich = [each for each in self.formatters.values() if each is not plain]
        self._methods = [(each.format_type, each.print_method) for each in rich]
        rich += (self.mimebundle_formatter, self.ipython_display_formatter)
        self._methods += [(each.print_method, each.print_method) for each in rich[-2:]]
        self._registered = [
            table
            for each in rich
            for table in (each.type_printers, each.deferred_printers, each.singleton_printers)
        ]
        self._fewer: dict[tuple[str, ...], DisplayFormatter] = {}

    def is_changed(self) -> bool:
        """Whether somebody registered a formatter for a type or an object."""
        return any(self._registered)

    def format(self, obj: Any, include: Any = None, exclude: Any = None) -> Any:
        """As IPython does; a method that an object lacks is not looked for by every formatter again."""
        if include or exclude or self.is_changed():
            return super().format(obj, include, exclude)
        if getattr(type(obj), "BUNDLE_IS_ALL", None) is True:
            return obj._repr_mimebundle_(), {}
        try:
            kinds = tuple(
                kind for kind, method in self._methods if getattr(obj, method, None) is not None
            )
        except Exception:  # noqa: BLE001  # an object that cannot be asked: IPython knows what to do
            return super().format(obj)
        if kinds not in self._fewer:
            self._fewer[kinds] = self._only(kinds)
        return self._fewer[kinds].format(obj)

    def _only(self, kinds: tuple[str, ...]) -> DisplayFormatter:
        bundle, own = self.mimebundle_formatter, self.ipython_display_formatter
        fewer = DisplayFormatter(
            mimebundle_formatter=bundle if bundle.print_method in kinds else _NoBundle(),
            ipython_display_formatter=own if own.print_method in kinds else _NoDisplay(),
        )
        fewer.formatters = {
            kind: each
            for kind, each in self.formatters.items()
            if kind in kinds or kind == "text/plain"
        }
        return fewer


class Shell(InteractiveShell):
    """The shell of the notebook that runs; ``outputs`` is where its cells show things.

    ``touched`` says that a cell may have configured it.
    """

    displayhook: Any
    display_formatter: Any
    history_manager: Any
    extension_manager: Any
    configurables: list[Any]
    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)
    compiler_class = Type(_Compiler)

    def __init__(self, **settings: Any) -> None:
        self.outputs = Outputs(0)
        self.db: dict[str, Any] = {}
        self.touched = False
        self.names: dict[str, Any] = {}
        super().__init__(**settings)
        atexit.unregister(self.atexit_operations)
        self._make_script_magics()
        self._use_inline_figures()
        self._flags = self.compile.flags
        self._original = self._state()

    def start(self, outputs: Outputs) -> None:
        """Begin a notebook with an empty namespace, which is also that of ``__main__``."""
        self.outputs, self.touched = outputs, False
        self.user_module, self.user_ns = self.prepare_user_module()
        sys.modules["__main__"] = self.user_module
        sys.stdout, sys.stderr = Stream(outputs, "stdout"), Stream(outputs, "stderr")
        vars(builtins).update(display=display, __IPYTHON__=True)
        builtins.input, getpass.getpass = _refuse("raw_input"), _refuse("getpass")
        history = self.history_manager
        history.reset(new_session=False)
        history.input_hist_parsed[:] = history.input_hist_raw[:] = [""]
        history._i = history._ii = history._iii = history._i00 = ""  # noqa: SLF001  # as it starts
        self.user_ns_hidden.clear()
        self.init_user_ns()
        self.displayhook.forget()
        self.user_ns.update({"_i": "", "_ii": "", "_iii": ""})
        self.compile.flags = self._flags
        self.compile._filename_map.clear()  # noqa: SLF001  # it only ever grows
        self.execution_count = 1
        self.names = self.user_ns

    def remember(self, source: str, text: str, number: int) -> None:
        """Put a cell in the history that cells can read; this costs a tenth of IPython's way."""
        history = self.history_manager
        history.input_hist_raw.append(source.rstrip("\n"))
        history.input_hist_parsed.append(text.rstrip("\n"))
        kept = history._trait_values  # noqa: SLF001  # nobody observes these, and telling costs most
        inputs = {"_iii": kept["_ii"], "_ii": kept["_i"], "_i": kept["_i00"]}
        kept.update(inputs, _i00=source.rstrip("\n"))
        self.names.update(inputs)
        self.names[f"_i{number}"] = kept["_i00"]

    def is_changed(self) -> bool:
        """Whether a cell has configured, extended or hooked into the shell."""
        return bool(self.display_formatter.is_changed() or self._state() != self._original)

    def stop(self) -> None:
        """Let go of the notebook's values."""
        self.outputs = Outputs(0)
        self.history_manager.reset(new_session=False)
        self.displayhook.forget()
        self.user_module, self.user_ns = self.prepare_user_module()
        self.user_ns_hidden.clear()

    def init_ipython_dir(self, ipython_dir: Any) -> None:
        """There are no profiles here."""

    def init_profile_dir(self, profile_dir: Any) -> None:
        """Likewise."""

    def init_virtualenv(self) -> None:
        """The process runs in the right one."""

    def init_sys_modules(self) -> None:
        """``__main__`` is put there when a notebook starts."""

    def init_display_formatter(self) -> None:
        self.display_formatter = _Formatter(parent=self)
        self.configurables.append(self.display_formatter)

    def init_hooks(self) -> None:
        """Nobody reads what a kernel sends to a pager."""
        super().init_hooks()
        self.set_hook("show_in_pager", lambda *_, **__: None, 99)

    def enable_gui(self, gui: Any = None) -> None:
        """Figures are shown inline, without a window."""

    def ask_exit(self) -> None:
        """What ``exit`` comes to; the other cells still run."""

    def showtraceback(self, *given: Any, **named: Any) -> None:
        """Describe an error, even one for want of memory."""
        with limits.room():
            super().showtraceback(*given, **named)

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:  # noqa: ARG002
        self.outputs.fail(evalue, stb)

    def _make_script_magics(self) -> None:
        """Now, while nothing can go wrong: IPython makes them when a cell first asks for any magic.

        Where that cell or one before it has broken what they need, they are left half made, and
        complain when they are cleared away.
        """
        scripts = self.magics_manager.registry["ScriptMagics"]
        atexit.unregister(scripts.kill_bg_processes)  # it would keep every shell there ever was

    def _use_inline_figures(self) -> None:
        """Matplotlib configures only the shell that it finds when its backend is first loaded."""
        backend = sys.modules.get(_INLINE)
        if backend is not None:
            backend.InlineBackend.clear_instance()
            vars(backend.configure_inline_support).pop("current_backend", None)
            backend.configure_inline_support(self, f"module://{_INLINE}")

    def _state(self) -> tuple[Any, ...]:
        plain = self.display_formatter.formatters["text/plain"]
        transformers = self.input_transformer_manager
        return (
            [getattr(self, name) for name in _SETTINGS],
            (plain.float_format, plain.pprint, plain.max_width, plain.max_seq_length),
            [*map(tuple, self.events.callbacks.values())],
            [*map(len, self.magics_manager.magics.values())],
            [*transformers.cleanup_transforms, *transformers.line_transforms],
            [*self.input_transformers_post, *self.ast_transformers],
            (self.custom_exceptions, len(self.configurables)),
            len(self.extension_manager.loaded),
        )


def ready() -> None:
    """Make this process's shell unless there is one; under a limit it might be left half made."""
    if not _made:
        _made.append(Shell(config=_CONFIG))


@contextmanager
def shell() -> Iterator[Shell]:
    """This process's shell, put in the place where ``display`` looks for it."""
    ready()
    for kind in _singletons():
        kind._instance = _made[0]  # noqa: SLF001  # traitlets has no public way back
    try:
        with _made[0].builtin_trap, _made[0].display_trap:
            yield _made[0]
    finally:
        Shell.clear_instance()
        if _made[0].touched or _made[0].is_changed():
            _made.clear()
        else:
            _made[0].stop()


_made: list[Shell] = []


def _singletons() -> list[Any]:
    """The classes that remember the one shell, as traitlets' own ``instance`` chooses them."""
    return [
        kind
        for kind in Shell.mro()
        if issubclass(kind, SingletonConfigurable) and kind is not SingletonConfigurable
    ]


def _refuse(what: str) -> Any:
    """A function in the place of one that asks a person."""

    def ask(*_: object, **__: object) -> NoReturn:
        raise StdinNotImplementedError(
            f"{what} was called, but this frontend does not support input requests."
        )

    return ask
