// Entry point: renders the page into the element that carries the server’s options.
import "../shared/tokens.css";
import "../shared/base.css";
import "../shared/header.css";
import "./chat.css";
import "./composer.css";
import "./message.css";
import "./markdown.css";
import { createRoot } from "react-dom/client";
import { ErrorBoundary, Failed } from "../shared/ErrorBoundary";
import { App } from "./App";
import { Client } from "./client";
import type { Registration } from "./LogIn";
import { ClientContext } from "./hooks";

const root = document.getElementById("root");
if (root) {
  const client = new Client();
  createRoot(root).render(
    <ClientContext value={client}>
      <ErrorBoundary fallback={<Failed what="The chat" />}>
        <App registration={root.dataset.registration as Registration} />
      </ErrorBoundary>
    </ClientContext>,
  );
  void client.start();
}
