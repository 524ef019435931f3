// What the ledger remembers of a session whose logs and transcripts are deleted.
import { integer } from "../shared/format";
import { counted } from "./format";
import type { SessionRecord } from "./snapshot";

export function Remembered({ record }: { record: SessionRecord }) {
  const { calls, prompts } = record;
  return (
    <section className="panel remembered" aria-labelledby="remembered-title">
      <h2 id="remembered-title">Calls</h2>
      <p className="faint">
        The logs and transcripts of this session are deleted. The ledger has its totals, but not each of its calls. To keep
        transcripts for longer, set <code>cleanupPeriodDays</code> in Claude Code’s settings.
      </p>
      {calls.length === 0 ? <p className="placeholder">It made no calls that ended.</p> : (
        <table>
          <thead><tr><th>Tool</th><th>Agent</th><th>Outcome</th><th className="number">Calls</th></tr></thead>
          <tbody>
            {calls.map(({ tool, agent, outcome, calls: number }) => (
              <tr key={`${tool} ${agent} ${outcome}`}>
                <td>{tool}</td><td>{agent}</td><td className={outcome}>{outcome}</td><td className="number">{integer(number)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {prompts.length > 0 && <p className="faint">{counted(prompts.length, "prompt")}, whose {prompts.length === 1 ? "text is" : "texts are"} not kept.</p>}
    </section>
  );
}
