import { Component, type ReactNode } from 'react';
import { describeProblem } from '../api/api-problem.js';

interface ErrorBoundaryState {
  readonly problem?: unknown;
  readonly hasFailed: boolean;
}

/** In the place of a page that broke: what it said, and the way on. React has boundaries as classes only. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { hasFailed: false };

  static getDerivedStateFromError(problem: unknown): ErrorBoundaryState {
    return { problem, hasFailed: true };
  }

  override render(): ReactNode {
    const { problem, hasFailed } = this.state;
    if (!hasFailed) return this.props.children;
    return (
      <main className="gate" id="content">
        <h1>This page broke</h1>
        <p role="alert">
          That is a fault of the page: {describeProblem(problem)} What was asked for is carried out all the
          same.
        </p>
        <button type="button" className="button primary" onClick={() => window.location.reload()}>
          Reload
        </button>
      </main>
    );
  }
}
