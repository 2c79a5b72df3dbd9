import { useLocation } from 'preact-iso';
import { Command } from '../ui/command.tsx';
import { Page } from './page.tsx';
import { aboutOf, systemOf } from './systems.ts';

/** Shown below `/app/<system>/` while the system does not run. */
export function NotRunningPage() {
  const name = systemOf(useLocation().path) ?? '';
  return (
    <Page
      title={`${aboutOf(name).title} does not run`}
      lead="This instance runs other systems. Add this one from a terminal, then reload the page."
    >
      <Command>{`npm run up -- ${name}`}</Command>
      <p>
        <a href="/app/">Go to the running systems</a>
      </p>
    </Page>
  );
}
