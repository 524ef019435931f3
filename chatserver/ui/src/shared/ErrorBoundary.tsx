// Shows a fallback where a part of the page cannot be rendered, so that the rest of it stays.
import { Component, type ReactNode } from "react";

interface Props {
  fallback: ReactNode;
  /** What the part shows; when it changes, rendering is tried again. */
  of?: unknown;
  children: ReactNode;
}

export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidUpdate(previous: Props): void {
    if (this.state.failed && previous.of !== this.props.of) this.setState({ failed: false });
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.fallback : this.props.children;
  }
}

/** What a page shows instead of itself. */
export function Failed({ what }: { what: string }) {
  return (
    <div className="placeholder" role="alert">
      <p>{what} cannot be shown.</p>
      <button type="button" className="button" onClick={() => location.reload()}>Reload</button>
    </div>
  );
}
