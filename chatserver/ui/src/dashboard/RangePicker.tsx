// The range of time that everything on the overview covers: a preset, or two dates.
import { useRoute } from "./hooks";
import { dateOf, datesRange, PRESETS, type TimeRange } from "./ranges";
import { replaceRoute } from "./route";

const NAMES = { "24h": "24 h", "7d": "7 d", "30d": "30 d", "90d": "90 d" };
const CUSTOM_DAYS = 7;

export function RangePicker() {
  const { range } = useRoute();
  const select = (range: TimeRange) => replaceRoute({ range });
  const isCustom = range.preset === "custom";
  return (
    <div className="range">
      <fieldset className="options">
        <legend className="visually-hidden">Time range</legend>
        {PRESETS.map((preset) => (
          <label key={preset}>
            <input
              type="radio" name="range" checked={preset === range.preset}
              onChange={() => select({ preset, since: "", until: "" })}
            />
            <span>{NAMES[preset]}</span>
          </label>
        ))}
        <label>
          <input
            type="radio" name="range" checked={isCustom}
            onChange={() => select(datesRange(dateOf(CUSTOM_DAYS), dateOf(0)))}
          />
          <span>Dates</span>
        </label>
      </fieldset>
      {isCustom && <Dates range={range} select={select} />}
    </div>
  );
}

function Dates({ range, select }: { range: TimeRange; select: (range: TimeRange) => void }) {
  const { since, until } = range;
  return (
    <div className="dates">
      <label>
        <span className="visually-hidden">First day</span>
        <input
          type="date" className="field" required value={since} max={until || undefined}
          onChange={({ currentTarget: { value } }) => value && select(datesRange(value, until))}
        />
      </label>
      <span aria-hidden="true">–</span>
      <label>
        <span className="visually-hidden">Last day</span>
        <input
          type="date" className="field" value={until} min={since}
          onChange={({ currentTarget: { value } }) => select(datesRange(since, value))}
        />
      </label>
    </div>
  );
}
