"""`hookmeter completion`: the script by which a shell completes commands, options and file names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from exporter.terminal.messages import say_text

PROGRAM = "hookmeter"
SHELLS = ("bash", "zsh", "fish")
# Without start-up files, a zsh has no completion at all: the system's is loaded, unless somebody has done it.
BEFORE = {"zsh": "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }"}


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script by which SHELL completes commands and options, for its start-up file.

    bash: eval "$(hookmeter completion bash)" in ~/.bashrc; zsh: the same with zsh in ~/.zshrc; fish: hookmeter
    completion fish > ~/.config/fish/completions/hookmeter.fish
    """
    script = get_completion_class(shell)
    root = click.get_current_context().find_root().command
    if script:  # which it is for each of SHELLS
        first, rest = script(root, {}, PROGRAM, f"_{PROGRAM.upper()}_COMPLETE").source().split("\n", 1)
        say_text("\n".join((first, BEFORE.get(shell, ""), rest)))  # the first line names what a file completes
