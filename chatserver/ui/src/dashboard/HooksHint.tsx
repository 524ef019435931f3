// One line on what hooks would add, with the command that installs them.
import { CopyButton } from "../shared/CopyButton";
import { Words } from "../shared/Words";
import { useSetup } from "./setup";

/** The hint where no hook has reported anything. `of` is what was not reported. */
export function HooksHint({ of }: { of: "session" | "day" }) {
  const setup = useSetup();
  if (!setup || (of === "day" && setup.hooks_installed)) return null;
  const what = of === "session" ? "No hook recorded this session." : "No hooks are installed.";
  const then = setup.hooks_installed ? "; they are installed now." : ":";
  return (
    <p className="hooks-hint">
      <span>{what} Hooks add exact times and durations, waits for permission, and what runs right now{then}</span>
      {!setup.hooks_installed && (
        <>
          <code tabIndex={0}><Words of={setup.install} /></code>
          <CopyButton text={setup.install} what="the command that installs hooks" />
        </>
      )}
    </p>
  );
}
