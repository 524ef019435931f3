// The command that checks the setup, as it works on the server.
import { Words } from "../shared/Words";
import { useSetup } from "./setup";

export function Doctor() {
  return <code><Words of={useSetup()?.doctor ?? "hookmeter doctor"} /></code>;
}
