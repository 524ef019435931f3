// What a page shows to whom, in one line.
import type { User } from "./types";

export function whoSees(user: User | null): string {
  if (!user) return "Not logged in: on this machine, the account that runs the server sees everything. Log in to act on tasks.";
  if (user.role === "admin") return "You are an admin: you see everyone’s sessions, tasks and costs.";
  return "You see your own tasks and their sessions; totals cover everyone. Admins see everything.";
}
