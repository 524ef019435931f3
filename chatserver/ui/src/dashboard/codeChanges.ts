// What the calls of a session changed in code, in words.
import { integer } from "../shared/format";
import { counted } from "./format";
import type { CodeNumbers } from "./snapshot";

/** Lines, and commits and pull requests if there are any; empty if nothing was changed. */
export function changesOf(code: CodeNumbers): string {
  const { lines_added: added, lines_removed: removed, commits, pull_requests: pulls } = code;
  return [
    added || removed ? `+${integer(added)} −${integer(removed)} lines` : [],
    commits ? counted(commits, "commit") : [],
    pulls ? counted(pulls, "pull request") : [],
  ].flat().join(", ");
}
