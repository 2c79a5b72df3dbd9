import { FIGURES } from './details.tsx';
import { NOTHING, number, perSecond } from './figures.ts';
import { type Link, reasonInWords } from './links.ts';
import type { ShownWorkload } from './workloads.ts';

/** The picture as tables: all counters and replicas. */
export function Tables({ links, workloads }: { links: readonly Link[]; workloads: readonly ShownWorkload[] }) {
  return (
    <>
      <CallTable links={links} />
      <ReplicaTable workloads={workloads} />
    </>
  );
}

function CallTable({ links }: { links: readonly Link[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must reach scrolling content
    <section class="mesh-scroll" tabIndex={0} aria-label="Calls, a table">
      <table class="mesh-table">
        <caption>Calls in the last second</caption>
        <thead>
          <tr>
            <th scope="col">Calls</th>
            {FIGURES.map(({ name }) => (
              <th key={name} scope="col">
                {name === 'Calls' ? 'Rate' : name}
              </th>
            ))}
            <th scope="col">Circuit</th>
            <th scope="col">Ejected</th>
          </tr>
        </thead>
        <tbody>
          {links
            .flatMap(({ parts }) => parts)
            .map((part) => {
              const { name, call } = part;
              const ejected = call.destinations.filter((destination) => destination.ejected);
              return (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {FIGURES.map(({ name: figure, of }) => (
                    <td key={figure} data-label={figure === 'Calls' ? 'Rate' : figure}>
                      {of(part)}
                    </td>
                  ))}
                  <td data-label="Circuit" class={call.circuit?.open ? 'bad' : undefined}>
                    {call.circuit?.open ? `open: ${reasonInWords(call)}` : 'closed'}
                  </td>
                  <td data-label="Ejected" class={ejected.length > 0 ? 'bad' : undefined}>
                    {ejected.map((destination) => destination.name).join(', ') || NOTHING}
                  </td>
                </tr>
              );
            })}
        </tbody>
      </table>
    </section>
  );
}

function ReplicaTable({ workloads }: { workloads: readonly ShownWorkload[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must reach scrolling content
    <section class="mesh-scroll" tabIndex={0} aria-label="Replicas, a table">
      <table class="mesh-table">
        <caption>Replicas, and what comes in to them</caption>
        <thead>
          <tr>
            <th scope="col">Replica</th>
            <th scope="col">State</th>
            <th scope="col">Sidecar</th>
            <th scope="col">Calls</th>
            <th scope="col">Under way</th>
            <th scope="col">Restarts</th>
            <th scope="col">Data in</th>
          </tr>
        </thead>
        <tbody>
          {workloads.flatMap(({ store, replicas }) =>
            replicas.map(({ name, words, health, sidecar, calls, inFlight, restarts }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td data-label="State" class={health === 'ready' ? undefined : 'bad'}>
                  {words}
                </td>
                <td data-label="Sidecar" class={sidecar === '' ? undefined : 'bad'}>
                  {sidecar === '' ? 'ready' : sidecar}
                </td>
                <td data-label="Calls">{perSecond(calls)}</td>
                <td data-label="Under way">{number(inFlight)}</td>
                <td data-label="Restarts">{number(restarts)}</td>
                <td data-label="Data in">{store === '' ? NOTHING : store}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </section>
  );
}
