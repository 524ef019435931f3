// What the server sends and takes, as its OpenAPI document and the chat's events have it.

export interface User {
  user_id: string;
  name: string;
  role: "admin" | "user";
}

export interface LoggedIn {
  user: User;
  expires_at: string;
}

export interface Chat {
  session_id: string;
  title: string;
  created_at: string;
  updated_at: string;
}

export interface ChatList {
  chats: Chat[];
  next_cursor: string | null;
}

export type Role = "user" | "assistant" | "command" | "error";

export interface Message {
  session_id: string;
  message_id: number;
  role: Role;
  message: string;
  task_id: string | null;
  client_id: string | null;
  created_at: string;
  final: true;
}

export interface MessageList {
  messages: Message[];
  next_after_id: number | null;
}

/** What a task has just written; a part of index 0 begins anew. */
export interface Part {
  session_id: string;
  task_id: string;
  message: string;
  index: number;
  tool: string | null;
  final: false;
}

/** An error that is no answer in a conversation. */
export interface Complaint {
  message: string;
}

export type TaskStatus = "pending" | "running" | "completed" | "failed" | "stopped";

export interface Task {
  task_id: string;
  user_id: string;
  description: string;
  status: TaskStatus;
  queued_at: string;
  started_at: string | null;
  finished_at: string | null;
  chat_id: string | null;
  progress: number | null;
  cost_usd: number;
  tokens: number;
  turns: number;
  attempts: number;
}

export interface TaskList {
  tasks: Task[];
}

export interface Command {
  command: string;
  summary: string;
}

export interface Help {
  data: { commands: Command[] } | null;
}

export interface Said {
  message: string;
  client_id: string;
  session_id?: string;
}

/** The acknowledgement of what was said. */
export type Heard = { session_id: string; message_id: number; task_id?: string } | { error: string };

export interface Incoming {
  chat_message: (message: Message) => void;
  chat_response: (message: Message | Part) => void;
  chat_error: (message: Message | Complaint) => void;
  task_update: (task: Task) => void;
}

export interface Spoken {
  chat_message: (said: Said, heard: (heard: Heard) => void) => void;
}
