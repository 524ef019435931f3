// Which commands a text may become.
import type { Command } from "./wire";

/** A command's name, without what follows it. */
export function nameOf({ command }: Command): string {
  return command.split(" ", 1)[0] ?? command;
}

/** The commands that begin as the text does, as long as it is nothing but a beginning. */
export function completionsOf(text: string, commands: readonly Command[]): Command[] {
  return /^\/\S*$/.test(text) ? commands.filter((command) => nameOf(command).startsWith(text)) : [];
}

/** The command whose arguments are being written. */
export function writtenCommand(text: string, commands: readonly Command[]): Command | undefined {
  const name = /^(\/\S+)\s/.exec(text)?.[1];
  return commands.find((command) => nameOf(command) === name);
}

/** The text once a command was chosen: ready for its arguments, if it has any. */
export function completed(command: Command): string {
  const name = nameOf(command);
  return name === command.command ? name : `${name} `;
}
