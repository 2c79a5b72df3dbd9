import { useState } from 'preact/hooks';
import { announce } from '../shell/announce.tsx';
import { Icon } from './icon.tsx';

/** A command for a terminal, to copy. */
export function Command({ children }: { children: string }) {
  const [copied, setCopied] = useState(false);
  // Undefined without https or localhost.
  const clipboard: Clipboard | undefined = navigator.clipboard;
  const copy = async () => {
    await clipboard?.writeText(children);
    setCopied(true);
    announce('The command is copied.');
  };
  return (
    <div class="command">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must reach scrolling content */}
      <pre tabIndex={0}>
        <code>{children}</code>
      </pre>
      {clipboard !== undefined && (
        <button type="button" class="plain" aria-label="Copy the command" onClick={() => void copy()}>
          <Icon name={copied ? 'check' : 'copy'} />
        </button>
      )}
    </div>
  );
}
