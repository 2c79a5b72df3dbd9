// Prometheus' query API, as docker-compose.yml publishes it.
const PROMETHEUS = 'http://localhost:9090';

/** One series of an answer: its labels, and its value now, NaN where nothing can be said. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Evaluates an expression. @throws Error with what Prometheus says of one that is wrong */
export async function query(expression: string): Promise<Series[]> {
  const { result } = await ask<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
    `/api/v1/query?${new URLSearchParams({ query: expression })}`,
  );
  return result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
}

/** What is read, by its address, and whether it can be. */
export async function targets(): Promise<Record<string, string>> {
  const { activeTargets } = await ask<{ activeTargets: { labels: { instance: string }; health: string }[] }>(
    '/api/v1/targets?state=active',
  );
  return Object.fromEntries(activeTargets.map(({ labels, health }) => [labels.instance, health]));
}

async function ask<T>(path: string): Promise<T> {
  const response = await fetch(`${PROMETHEUS}${path}`);
  // Prometheus' own form; what is in data is for the caller to know.
  const answer = (await response.json()) as { status: string; error?: string; data: T };
  if (answer.status !== 'success') throw new Error(`Prometheus answered ${path}: ${answer.error}`);
  return answer.data;
}
