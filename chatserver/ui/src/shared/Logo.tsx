// The logo.
export function Logo({ size }: { size: number }) {
  return (
    <svg className="logo" viewBox="0 0 48 48" width={size} height={size} aria-hidden="true">
      <path className="scale" d="M9 36a19 19 0 1 1 30 0" />
      <path className="needle" d="M24 27 34 15" />
      <circle cx="24" cy="27" r="3.5" />
    </svg>
  );
}
