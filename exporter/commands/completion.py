"""`hookmeter completion`: the script by which a shell completes commands, options and file names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from exporter.terminal.messages import say_text

PROGRAM = "hookmeter"
SHELLS = ("bash", "zsh", "fish")


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
        say_text(script(root, {}, PROGRAM, f"_{PROGRAM.upper()}_COMPLETE").source())
