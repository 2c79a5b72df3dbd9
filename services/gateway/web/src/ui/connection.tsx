import type { Following } from '../api/follow.ts';

/** Whether the page is live, in a word or two. */
export function Connection({ following }: { following: Following }) {
  return (
    <span class={`connection ${following.state}`} title={titleOf(following)}>
      {wordOf(following)}
    </span>
  );
}

function wordOf(following: Following): string {
  switch (following.state) {
    case 'connecting':
      return 'Connecting…';
    case 'live':
      return 'Live';
    case 'waiting':
      return 'Connecting again…';
    case 'failed':
      return 'Not live: reload the page';
  }
}

function titleOf(following: Following): string | undefined {
  const problem = 'problem' in following ? following.problem : undefined;
  return problem === undefined ? undefined : `${problem.title} (${problem.reason})`;
}
