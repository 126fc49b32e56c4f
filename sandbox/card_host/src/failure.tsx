// A card that breaks must be seen: a red box, the console, and window.__cardError for tests.
import { Component, type ReactNode } from 'react';

declare global {
  interface Window {
    __cardError?: string;
  }
}

export function sayFailure(message: string): void {
  window.__cardError = message;
  console.error(`Card: ${message}`);
}

export function FailureBox({ message }: { message: string }): ReactNode {
  return (
    <div className="hs-failure" role="alert">
      <strong>The card failed</strong>
      <code>{message}</code>
    </div>
  );
}

interface State {
  message: string | null;
}

export class FailureBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { message: null };

  static getDerivedStateFromError(error: unknown): State {
    return { message: String(error) };
  }

  override componentDidCatch(error: unknown): void {
    sayFailure(String(error));
  }

  override render(): ReactNode {
    return this.state.message ? <FailureBox message={this.state.message} /> : this.props.children;
  }
}
