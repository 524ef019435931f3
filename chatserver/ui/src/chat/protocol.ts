// The JSON of the REST API and of the chat's socket events, as far as this page uses it.
import type { TaskStatus, User } from "../shared/types";

export interface LoginResult {
  user: User;
  expires_at: string;
}

export interface Chat {
  session_id: string;
  title: string;
  workspace: string;
  created_at: string;
  updated_at: string;
}

export interface ChatList {
  chats: Chat[];
  next_cursor: string | null;
}

export type Role = "user" | "assistant" | "command" | "error" | "note";

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

/** The next piece of a streamed answer; index 0 starts it over. */
export interface Chunk {
  session_id: string;
  task_id: string;
  message: string;
  index: number;
  tool: string | null;
  final: false;
}

/** An error of the connection, not part of a conversation. */
export interface ChatError {
  message: string;
}

export interface Task {
  task_id: string;
  user_id: string;
  description: string;
  status: TaskStatus;
  queued_at: string;
  started_at: string | null;
  finished_at: string | null;
  chat_id: string | null;
  session_uuid: string | null;
  error: string | null;
  progress: number | null;
  cost_usd: number | null;
  /** What is known of a cost that is unknown. */
  known_cost_usd: number;
  /** Those of models without a known price, whose cost is not in it. */
  unpriced_tokens: number;
  tokens: number;
  turns: number;
  calls: number;
  failed_calls: number;
  denied_calls: number;
  interrupted_calls: number;
  changed_files: number;
  attempts: number;
  /** Grows with every change. */
  version: number;
}

/** A tool call of a task; its outcome is null while it runs. */
export interface Step {
  tool: string;
  about: string;
  agent: string;
  outcome: "success" | "error" | "denied" | "interrupted" | "unknown" | null;
  error: string;
  changes: string;
}

export interface StepList {
  calls: number;
  steps: Step[];
}

export interface TaskList {
  tasks: Task[];
  next_cursor: string | null;
}

export interface Command {
  command: string;
  summary: string;
}

export interface HelpResult {
  data: { commands: Command[] } | null;
}

export interface OutgoingMessage {
  message: string;
  client_id: string;
  session_id?: string;
  options?: Record<string, string | number>;
}

/** The server's acknowledgement of a message. */
export type Ack = { session_id: string; message_id: number; task_id?: string } | { error: string };

export interface ServerEvents {
  chat_message: (message: Message) => void;
  chat_response: (response: Message | Chunk) => void;
  chat_error: (error: Message | ChatError) => void;
  task_update: (task: Task) => void;
}

export interface ClientEvents {
  chat_message: (message: OutgoingMessage, acknowledge: (ack: Ack) => void) => void;
}
