"""Title, help text and range of each parameter, read from GenerationParameters.

The form, the command line and the manual use them, so nothing is listed twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from xray_tui.errors import ParameterError
from xray_tui.parameters import GenerationParameters, check_overrides, nearest_side
from xray_tui.text import clean, clipped, quoted

Kind = Literal["integer", "number", "string", "choice"]
Value = str | int | float | None
_LONGEST_VALUE = 24
"""Characters of a wrong value that a message repeats; the form is narrow."""
_LONGEST_STEP = 64
"""How far one step up or down looks for the next allowed value: sizes are far apart."""
_DECIMAL = re.compile(r"[0-9]+\.[0-9]+")

_SHIPPED = {"steps": "14", "scheduler": "dpm++-2m-sde-karras"}
"""What the shipped prompts set: reading them for a help text would take too long."""


def multiple_needed(side: int, factor: int, model: str) -> str:
    """Why ``model`` cannot draw ``side`` pixels, with a number that it can draw."""
    return (
        f"model {clean(model)} needs a multiple of {factor}, "
        f"for example {nearest_side(side, factor)}"
    )


@dataclass(frozen=True)
class FieldSpec:
    """One generation parameter: its names, its help text and the values it takes."""

    name: str
    title: str
    description: str
    kind: Kind
    optional: bool
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    default: Value = None
    factor: int = 1
    """For a width or height: what ``model`` needs it to be a multiple of."""
    model: str = ""
    usual: int | None = None
    """For a width or height: what ``model`` draws if the field is empty, if that is known."""

    @property
    def allowed(self) -> str:
        """The range as shown, ``1 to 200``; empty if the parameter has none."""
        if self.low is None or self.high is None:
            return ""
        return f"{self.low:g} to {_plain(self.high)}"

    @property
    def summary(self) -> str:
        """A sentence for --help: the purpose, the allowed values and the default."""
        unnamed = [choice for choice in self.choices if choice not in self.description]
        facts = [
            "" if self.allowed in self.description else self.allowed,
            ", ".join(self.choices) if unnamed else "",
            "" if self.default is None else f"default: {self.default_text}",
        ]
        known = "; ".join(fact for fact in facts if fact)
        return f"{self.title}: {self.description}" + (f" ({known})." if known else ".")

    @property
    def default_text(self) -> str:
        """The default, and what the shipped prompts have in its place."""
        default, shipped = self.show(self.default), _SHIPPED.get(self.name)
        if shipped is None:
            return default
        return f"the prompt's own (the shipped prompts: {shipped}), otherwise {default}"

    @property
    def short_title(self) -> str:
        """At most nine characters, for narrow panes."""
        return self.title if len(self.title) <= 9 else self.title.split()[0]

    @property
    def numeric(self) -> bool:
        """Whether the value is a number."""
        return self.kind in {"integer", "number"}

    def show(self, value: Value) -> str:
        """``value`` as the text of the field."""
        return "" if value is None else _plain(value) if self.numeric else str(value)

    def parse(self, text: str) -> Value:
        """The value that ``text`` means.

        Raises:
            ParameterError: the text is not allowed; the message begins with the field's title.
        """
        text = text.strip()
        if not text and self.optional:
            return None
        if not text:
            raise ParameterError(f"{self.title}: enter a value{self._limits}")
        value = self._convert(text)
        self._check(value, text)
        return value

    def next_value(self, text: str, direction: int) -> str:
        """The next allowed value above (+1) or below (-1) ``text``; otherwise ``text`` itself."""
        if self.kind == "choice":
            at = self.choices.index(text) if text in self.choices else 0
            return self.choices[(at + direction) % len(self.choices)]
        start = text or self.show(self.usual)
        for steps in range(1, _LONGEST_STEP + 1):
            try:
                return self.show(self.parse(self._moved(start, direction * steps)))
            except (ParameterError, ValueError, OverflowError):
                continue
        return text

    def _moved(self, text: str, steps: int) -> str:
        if not text:
            return f"{self.low or 0:g}"
        if self.kind == "integer":
            return str(int(text) + steps)
        return f"{float(text) + steps * (0.5 if (self.high or 0) > 1 else 0.05):.6g}"

    def _convert(self, text: str) -> Value:
        try:
            if self.kind == "integer":
                return int(text)
            return float(text) if self.kind == "number" else text
        except ValueError:
            kind = "a whole number" if self.kind == "integer" else "a number"
            message = f"{self.title}: {quoted(text, _LONGEST_VALUE)} is not {kind}{self._limits}"
            point = text.replace(",", ".")
            if self.kind == "number" and _DECIMAL.fullmatch(point):
                message += f"; write {clipped(point, _LONGEST_VALUE)}"
            raise ParameterError(message) from None

    @property
    def _limits(self) -> str:
        return f", {self.allowed}" if self.allowed else ""

    def _check(self, value: Value, text: str) -> None:
        value_text = quoted(text, _LONGEST_VALUE)
        if isinstance(value, int | float) and self.low is not None and self.high is not None:
            if not self.low <= value <= self.high:
                raise ParameterError(f"{self.title}: {value_text} is not within {self.allowed}")
        elif self.choices and value not in self.choices:
            known = ", ".join(self.choices)
            raise ParameterError(f"{self.title}: {value_text} is not one of {known}")
        try:
            check_overrides({self.name: value})
        except ParameterError as error:
            reason = str(error).partition(": ")[2]
            raise ParameterError(f"{self.title}: {value_text}: {reason}") from error
        if isinstance(value, int) and value % self.factor:
            reason = multiple_needed(value, self.factor, self.model)
            raise ParameterError(f"{self.title}: {value_text}: {reason}")


@cache
def field_specs() -> Mapping[str, FieldSpec]:
    """Every generation parameter by name, in the order of their declaration."""
    properties = GenerationParameters.model_json_schema()["properties"]
    return {name: _spec(name, schema) for name, schema in properties.items()}


def _spec(name: str, schema: Mapping[str, Any]) -> FieldSpec:
    variants = schema.get("anyOf", [schema])
    main = next(variant for variant in variants if variant.get("type") != "null")
    choices = tuple(main.get("enum", ()))
    return FieldSpec(
        name=name,
        title=schema["title"],
        description=schema["description"],
        kind="choice" if choices else main["type"],
        optional=len(variants) > 1,
        choices=choices,
        low=main.get("minimum"),
        high=main.get("maximum"),
        default=schema["default"],
    )


def _plain(value: Value) -> str:
    """``value`` as text; a number without a needless ``.0`` or exponent."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
