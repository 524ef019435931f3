// Completion of commands in the message box.
import type { Command } from "./protocol";

/** A command's name without its parameters. */
function nameOf({ command }: Command): string {
  return command.split(" ", 1)[0] ?? command;
}

/** The commands that start with the text, while the text is a single word. */
export function completionsOf(text: string, commands: readonly Command[]): Command[] {
  return /^\/\S*$/.test(text) ? commands.filter((command) => nameOf(command).startsWith(text)) : [];
}

/** The command whose arguments are being typed. */
export function commandOf(text: string, commands: readonly Command[]): Command | undefined {
  const name = /^(\/\S+)\s/.exec(text)?.[1];
  return commands.find((command) => nameOf(command) === name);
}

/** The text that completes to a command, with a space where arguments follow. */
export function textOf(command: Command): string {
  const name = nameOf(command);
  return name === command.command ? name : `${name} `;
}

/** The commands that a text lists, as the reply to /help does: each on a line, with what it does after two spaces or more. Otherwise none. */
export function listedCommands(text: string): Command[] {
  const lines = text.split("\n").map((line) => /^(\/\S.*?) {2,}(\S.*)$/.exec(line));
  return lines.flatMap((found) => (found && lines.every(Boolean) ? [{ command: found[1]!, summary: found[2]! }] : []));
}
