// Begins the page: the server has told what it offers on the element that the page is put into.
import "uplot/dist/uPlot.min.css";
import "../shared/tokens.css";
import "../shared/base.css";
import "./dashboard.css";
import "./lists.css";
import "./timeline.css";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { client } from "./client";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(<App canRegister={root.dataset.registration === "on"} />);
  void client.begin();
}
