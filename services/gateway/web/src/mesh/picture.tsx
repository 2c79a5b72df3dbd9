import { useId, useMemo } from 'preact/hooks';
import { plan, type Style } from './layout.ts';
import type { Link } from './links.ts';
import { PictureLink } from './picture-link.tsx';
import { PictureWorkload, sizeOf } from './picture-workload.tsx';
import { NARROW, useMedia } from './use-media.ts';
import type { ShownWorkload } from './workloads.ts';

/** A screen gives the calls room to the right, a phone below. */
const WIDE: Style = { direction: 'right', label: { width: 104, height: 38 }, gaps: { beside: 22, between: 76 } };
/** Labels take no room beside each other there: hardly ever are all calls made at once. */
const PHONE: Style = { direction: 'down', label: { width: 6, height: 34 }, gaps: { beside: 6, between: 20 } };

export interface PictureProps {
  readonly workloads: readonly ShownWorkload[];
  readonly links: readonly Link[];
  /** Id of the selected link. */
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
}

/** Services with their sidecars, and the calls between them. Every line can be chosen. What it shows is in the tables as well. */
export function Picture({ workloads, links, chosen, onChoose }: PictureProps) {
  const isNarrow = useMedia(NARROW);
  const help = useId();
  const sizes = workloads.map((workload) => ({ id: workload.name, ...sizeOf(workload, isNarrow) }));
  // The layout depends on workloads only, so that the picture does not move when counters change.
  const structure = JSON.stringify([isNarrow, sizes, links.map(({ id }) => id)]);
  const { width, height, boxes, lines } = useMemo(() => plan(sizes, links, isNarrow ? PHONE : WIDE), [structure]);
  const linkOf = new Map(links.map((link) => [link.id, link]));
  const workloadOf = new Map(workloads.map((workload) => [workload.name, workload]));
  return (
    <div class="mesh-picture">
      <p id={help} class="unseen">
        Each line is a button that shows the calls and what decides them. The tables below have all figures.
      </p>
      {/* biome-ignore lint/a11y/useSemanticElements: SVG has no fieldset */}
      <svg
        role="group"
        aria-label="The mesh: services, and the calls between them"
        aria-describedby={help}
        viewBox={`0 0 ${Math.ceil(width)} ${Math.ceil(height)}`}
        style={{ maxWidth: `${Math.ceil(width)}px` }}
      >
        <Definitions />
        {boxes.map((box) => {
          const workload = workloadOf.get(box.id);
          return workload && <PictureWorkload key={box.id} box={box} workload={workload} isNarrow={isNarrow} />;
        })}
        {lines.map((line) => {
          const link = linkOf.get(line.id);
          return (
            link && (
              <PictureLink
                key={line.id}
                line={line}
                link={link}
                isChosen={line.id === chosen}
                isNarrow={isNarrow}
                onChoose={() => onChoose(line.id)}
              />
            )
          );
        })}
      </svg>
    </div>
  );
}

/** The hatching that marks problems independently of colours. */
function Definitions() {
  return (
    <defs>
      <pattern id="mesh-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line class="mesh-hatch-line" x1="0" y1="0" x2="0" y2="7" />
      </pattern>
    </defs>
  );
}
