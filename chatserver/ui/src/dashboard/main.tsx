// Entry point: renders the page into the element that carries the server’s options.
import "uplot/dist/uPlot.min.css";
import "../shared/tokens.css";
import "../shared/base.css";
import "../shared/header.css";
import "../shared/colors.css";
import "./dashboard.css";
import "./lists.css";
import "./sessions.css";
import "./timeline.css";
import "./bars.css";
import "./search.css";
import "./session.css";
import "./dialog.css";
import { createRoot } from "react-dom/client";
import { ErrorBoundary, Failed } from "../shared/ErrorBoundary";
import { App } from "./App";
import { client } from "./client";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <ErrorBoundary fallback={<Failed what="The dashboard" />}>
      <App canRegister={root.dataset.registration !== "off"} />
    </ErrorBoundary>,
  );
  void client.start();
}
