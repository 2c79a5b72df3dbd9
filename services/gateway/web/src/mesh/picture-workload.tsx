import { perSecond } from './figures.ts';
import type { Box } from './layout.ts';
import type { Health, ShownReplica, ShownWorkload } from './workloads.ts';

/** Sizes of what a box holds, in the units of the picture. */
const TITLE = 30;
/** Height of the second line of the title, on a screen. */
const SUBTITLE = 15;
const REPLICA = 28;
const PADDING = 8;
const WIDE = 236;
const NARROW = 96;

/** The size of a workload. */
export function sizeOf({ replicas }: ShownWorkload, isNarrow: boolean): { width: number; height: number } {
  return { width: isNarrow ? NARROW : WIDE, height: titleHeight(isNarrow) + replicas.length * REPLICA + PADDING };
}

function titleHeight(isNarrow: boolean): number {
  return isNarrow ? TITLE : TITLE + SUBTITLE;
}

/** A workload: its name, where it keeps its data, and its replicas, each with its sidecar. */
export function PictureWorkload({ box, workload, isNarrow }: { box: Box; workload: ShownWorkload; isNarrow: boolean }) {
  const { name, store, replicas } = workload;
  return (
    <g class="mesh-workload" transform={`translate(${box.x} ${box.y})`}>
      <title>{spoken(workload)}</title>
      <rect class="mesh-box" width={box.width} height={box.height} rx="12" />
      <text
        class={isNarrow ? 'mesh-name narrow' : 'mesh-name'}
        x={isNarrow ? box.width / 2 : 14}
        y="20"
        text-anchor={isNarrow ? 'middle' : 'start'}
      >
        {shortName(name)}
      </text>
      {!isNarrow && (
        <text class="mesh-quiet" x="14" y="37">
          {[systemOf(name), store.split(' ')[0]].filter((part) => part !== '').join(' · ')}
        </text>
      )}
      {replicas.map((replica, i) => (
        <PictureReplica
          key={replica.name}
          replica={replica}
          width={box.width}
          y={titleHeight(isNarrow) + i * REPLICA}
          isNarrow={isNarrow}
        />
      ))}
    </g>
  );
}

/** Returns `orders-1` for `shop/orders-1`. */
function shortName(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}

/** Returns `shop` for `shop/orders`. Empty for the edge. */
function systemOf(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf('/')));
}

function spoken({ name, replicas }: ShownWorkload): string {
  return `${name}: ${replicas.map((replica) => `${replica.name} ${replica.words}`).join(', ')}`;
}

/** A sign for each state, because colour alone is not accessible. */
const SIGNS: Readonly<Record<Health, string>> = { ready: '', ejected: 'ejected', starting: 'starting', away: 'away' };

function PictureReplica({ replica, width, y, isNarrow }: { replica: ShownReplica; width: number; y: number; isNarrow: boolean }) {
  const { name, health, words, sidecar, calls } = replica;
  const sign = SIGNS[health];
  const rate = calls > 0 ? perSecond(calls) : '';
  return (
    <g class={`mesh-replica ${health} ${sidecar === '' ? '' : 'alone'}`} transform={`translate(0 ${y})`}>
      <title>{`${name}: ${words}${sidecar === '' ? '' : `; its sidecar ${sidecar}`}`}</title>
      <rect class="mesh-chip" x="8" y="2" width={width - 16} height={REPLICA - 6} rx="6" />
      {health === 'ejected' && (
        <rect class="mesh-hatched" x="8" y="2" width={width - 16} height={REPLICA - 6} rx="6" fill="url(#mesh-hatch)" />
      )}
      <path class="mesh-sidecar" d="M14,8.5 l5,-3 l5,3 v6 l-5,3 l-5,-3z" />
      <text class="mesh-replica-name" x="30" y="17">
        {isNarrow ? sign || rate || (/\d+$/.exec(name)?.[0] ?? '') : shortName(name)}
      </text>
      {!isNarrow && (
        <text class={sign === '' ? 'mesh-rate' : 'mesh-sign'} x={width - 14} y="17" text-anchor="end">
          {sign === '' ? rate : sign}
        </text>
      )}
    </g>
  );
}
