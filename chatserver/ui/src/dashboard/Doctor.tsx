// The command that checks the setup, as it works on the server.
import { useSetup } from "./setup";
import { Words } from "./Words";

export function Doctor() {
  return <code><Words of={useSetup()?.doctor ?? "hookmeter doctor"} /></code>;
}
