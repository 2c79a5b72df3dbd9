import type { ComponentChildren } from 'preact';

/** The details of an entity: pairs of name and value. */
export function Facts({ facts }: { facts: Readonly<Record<string, ComponentChildren>> }) {
  return (
    <section class="panel" aria-label="Details">
      <dl class="facts">{Object.entries(facts).map(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={`${name}=`}>{value}</dd>])}</dl>
    </section>
  );
}
