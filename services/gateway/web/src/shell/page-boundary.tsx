import { Component, type ComponentChildren } from 'preact';
import { Page } from './page.tsx';

/** Replaces a page whose bundle did not load or whose rendering failed. */
export class PageBoundary extends Component<{ children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };

  static override getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(error: unknown): void {
    console.error(error);
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Page
        title="This page could not be shown"
        lead="A part of it did not arrive, or the system was updated meanwhile. Nothing was changed."
      >
        <p>
          <button type="button" class="primary" onClick={() => location.reload()}>
            Load it again
          </button>
        </p>
      </Page>
    );
  }
}
