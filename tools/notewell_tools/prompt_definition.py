"""What a prompt is: a function whose signature and docstring are all that a door knows of it."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from notewell_tools.definition import Call
from notewell_tools.errors import ToolError


@dataclass(frozen=True, slots=True)
class Argument:
    name: str
    description: str
    required: bool


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt. `run(call, **arguments)` makes its text from what the store holds."""

    name: str
    description: str
    arguments: tuple[Argument, ...]
    run: Callable[..., str]

    def make(self, call: Call, given: dict[str, str]) -> str:
        """The text. Raises ToolError for arguments that it does not take, and StoreError as tools do."""
        named = {argument.name for argument in self.arguments}
        wrong = sorted(given.keys() - named)
        missing = [argument.name for argument in self.arguments if argument.required and not given.get(argument.name)]
        if wrong or missing:
            faults = [*(f"has no argument {name!r}" for name in wrong), *(f"needs {name}" for name in missing)]
            takes = ", ".join(argument.name for argument in self.arguments)
            raise ToolError(f"the prompt {self.name} {' and '.join(faults)}. It takes: {takes}.", "invalid")
        return self.run(call, **{name: value for name, value in given.items() if value})


PROMPTS: dict[str, Prompt] = {}


def prompt(**described: str) -> Callable[[Callable[..., str]], Callable[..., str]]:
    """Enter a function among the prompts; `described` says what each argument is."""

    def enter(run: Callable[..., str]) -> Callable[..., str]:
        parameters = list(inspect.signature(run).parameters.values())[1:]
        arguments = tuple(
            Argument(parameter.name, described[parameter.name], parameter.default is inspect.Parameter.empty)
            for parameter in parameters
        )
        PROMPTS[run.__name__] = Prompt(run.__name__, " ".join((run.__doc__ or "").split()), arguments, run)
        return run

    return enter
