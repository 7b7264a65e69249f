# SPDX-License-Identifier: MIT
"""Compiled functions that are made on first use, and machine code that loads lightly.

Numba's cache serves functions that others will be compiled against: with the machine code it
reads the optimised source of the same functions, imports every module that one of them came
from, and compiles its reference counting.  An entry of ours is called from Python and has all
that it needs in its machine code, so :class:`LightCache` reads that alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from typing import Any

from llvmlite import binding as llvm
from numba import njit
from numba.core import config
from numba.core.caching import Cache, CompileResultCacheImpl
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompileResult
from numba.core.environment import Environment
from numba.core.runtime import _nrt_python

from seawall.model.compiled import plain_indices
from seawall.model.numba_start import without_blas

_FORM = "light 1"


def compiled_plainly(
    function: Callable[..., Any], kinds: tuple[Any, ...] | None = None, *,
    cached: bool = False, **options: Any,
) -> Any:  # fmt: skip
    """Make the Numba object of a function that indexes without negative numbers.

    Parameters
    ----------
    function : callable
        What is compiled when it is first called or asked for.
    kinds : tuple of Numba types, optional
        Let it have one machine version, whatever integers it is called with.  Left alone,
        Numba compiles another version for every mix of widths, booleans and literals in the
        calls: three times as many versions as functions.
    cached : bool
        Keep machine code on disk beside the source.
    options
        Of ``numba.njit``.

    Returns
    -------
    Dispatcher
    """
    dispatcher = njit(error_model="numpy", **options)(function)
    if cached:
        dispatcher._cache = LightCache(function)
    compiler = dispatcher._compiler
    make = compiler.compile

    def make_plain(arguments: Any, result: Any) -> Any:
        with without_blas(), plain_indices():
            return make(arguments, result)

    compiler.compile = make_plain
    if kinds is not None:
        compile_any = dispatcher.compile
        dispatcher.compile = lambda signature: compile_any(kinds)
    return dispatcher


class Deferred:
    """A compiled function whose Numba object is made when it is first asked for.

    Making one takes 0.1 ms, most of it a look at the function's signature; loading machine
    code needs those of the entries that run, and none of the two hundred inside them.
    """

    def __init__(self, function: Callable[..., Any], make: Callable[[Callable[..., Any]], Any]):
        self.py_func = function
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__
        self.__module__ = function.__module__
        self._make = make

    @cached_property
    def made(self) -> Any:
        """The dispatcher."""
        return self._make(self.py_func)

    @property
    def _numba_type_(self) -> Any:
        return self.made._numba_type_

    def __call__(self, *arguments: Any) -> Any:
        """Call the function; compiles, or loads, the version for these types."""
        return self.made(*arguments)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to other processes by name."""
        return _named, (self.__module__, self.__name__)

    @cached_property
    def now(self) -> Callable[..., Any]:
        """The compiled function without the look at its arguments' types.

        That look costs more than the call itself.  The caller vouches for the types; the
        function has one version, which is compiled, or loaded, here.
        """
        self.made.compile(())
        (version,) = self.made.overloads.values()
        wrapper: Callable[..., Any] = version.entry_point
        return wrapper


def _named(module: str, name: str) -> Any:
    return getattr(import_module(module), name)


class _Loaded(JITCodeLibrary):  # type: ignore[misc]
    """Machine code from disk; its source is read when something is compiled against it."""

    source: bytes
    _shared_module: Any

    def _get_module_for_linking(self) -> Any:
        if self._shared_module is None:
            self._shared_module = llvm.parse_bitcode(self.source)
            self._codegen._engine._load_defined_symbols(self._shared_module)
        return self._shared_module


class _Light(CompileResultCacheImpl):  # type: ignore[misc]
    """What is kept of a compiled function, and how it comes back."""

    def reduce(self, result: Any) -> tuple[Any, ...]:
        """Keep names, machine code and source of a function."""
        library, described, own, signature, *_, reload, others = result._reduce()
        name, _, (machine, source) = library
        module = result.library._final_module
        links = [
            one.name
            for one in (*module.functions, *module.global_variables)
            if one.is_declaration and not one.name.startswith("llvm.")
        ]
        names = [(e.env_name, list(e.consts)) for e in others if e.env_name != own.env_name]
        rest = (described, own, signature, reload, names)
        return (_FORM, name, machine, source, links, rest)

    def rebuild(self, target: Any, payload: tuple[Any, ...]) -> Any:
        """Give the function back; None where the file is of another form."""
        if payload[0] != _FORM:
            return None
        _, name, machine, source, links, rest = payload
        described, own, signature, reload, names = rest
        for again in reload:
            again()
        _make_known(links, target)
        codegen = target.codegen()
        library = _Loaded(codegen, name)
        library.source = source
        library.enable_object_caching()
        library._set_compiled_object(machine)
        library._finalize_final_module()
        codegen._engine._defined_symbols |= {
            described.llvm_cpython_wrapper_name, described.llvm_func_name
        }  # fmt: skip
        entry_point = target.get_executable(library, described, own)
        return CompileResult(
            target_context=target, typing_context=target.typing_context, library=library,
            environment=own, entry_point=entry_point, fndesc=described, type_annotation="",
            signature=signature, objectmode=False, lifted=(), typing_error=None,
            call_helper=None, metadata=None, reload_init=reload,
            referenced_envs=tuple(_environment(codegen, *named) for named in names),
        )  # fmt: skip


def _environment(codegen: Any, name: str, constants: list[Any]) -> Any:
    """Give machine code the constants that it boxes, without the module it came from."""
    made = Environment({})
    made.consts[:] = constants
    made.env_name = name
    codegen.set_env(name, made)
    return made


def _make_known(links: list[str], target: Any) -> None:
    """See that the linker, which ends the process otherwise, knows what machine code calls.

    What only becomes known when Numba fills its registries, it rarely calls.
    """
    if not config.NRT_STATS:
        for name, address in _nrt_python.c_helpers.items():
            llvm.add_symbol(name if name.startswith("_") else f"NRT_{name}", address)
        if all(llvm.address_of_symbol(name) for name in links):
            return
    target.refresh()


class LightCache(Cache):  # type: ignore[misc]
    """Numba's cache on disk with lighter contents, read without Numba's registries.

    Filling those takes longer than all the rest of a start, and loading needs none of them.
    """

    _impl_class = _Light

    def load_overload(self, signature: Any, target: Any) -> Any:
        """Load a version of the function; None where there is none."""
        with self._guard_against_spurious_io_errors():
            return self._load_overload(signature, target)
