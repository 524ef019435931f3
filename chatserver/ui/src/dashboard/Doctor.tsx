// The command that checks the setup, as it works on the server.
import { useSetup } from "./setup";

export function Doctor() {
  return <code>{useSetup()?.doctor ?? "hookmeter doctor"}</code>;
}
