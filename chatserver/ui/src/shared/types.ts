// JSON objects that both pages read.

export interface User {
  user_id: string;
  name: string;
  role: "admin" | "user";
}

export type TaskStatus = "pending" | "running" | "completed" | "failed" | "stopped";
