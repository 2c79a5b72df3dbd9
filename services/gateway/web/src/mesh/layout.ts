import { Graph, layout } from '@dagrejs/dagre';

/** A place in the picture. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A box that is to be placed. */
export interface BoxSize {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

/** A line that is to be drawn. */
export interface Connection {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

/** A box with the place of its upper left corner. */
export interface Box extends BoxSize, Point {}

/** A line with the points that it passes, and the middle of its label. */
export interface Line extends Connection {
  readonly points: readonly Point[];
  readonly label: Point;
}

/** The picture's geometry. */
export interface Plan {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

/** How a picture is laid out. */
export interface Style {
  /** Callers to the left of what they call, or above it. */
  readonly direction: 'right' | 'down';
  /** The size of a label. Nothing else is drawn there. */
  readonly label: { readonly width: number; readonly height: number };
  /** Between boxes beside each other, and between those that call each other. */
  readonly gaps: { readonly beside: number; readonly between: number };
}

const MARGIN = 6;

/** Places boxes in layers, so that calls go one way, lines cross little, and labels cover nothing. Ignores lines to unknown boxes. */
export function plan(boxes: readonly BoxSize[], connections: readonly Connection[], { direction, label, gaps }: Style): Plan {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: direction === 'right' ? 'LR' : 'TB',
    nodesep: gaps.beside,
    edgesep: gaps.beside / 2,
    ranksep: gaps.between,
    marginx: MARGIN,
    marginy: MARGIN,
  });
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  const drawn = connections.filter(({ from, to }) => graph.hasNode(from) && graph.hasNode(to));
  for (const { id, from, to } of drawn) graph.setEdge(from, to, { ...label, labelpos: 'c' }, id);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    boxes: boxes.map((box) => {
      // dagre places the middle.
      const { x = 0, y = 0 } = graph.node(box.id);
      return { ...box, x: x - box.width / 2, y: y - box.height / 2 };
    }),
    lines: drawn.map((line) => {
      const { points = [], x = 0, y = 0 } = graph.edge(line.from, line.to, line.id);
      return { ...line, points, label: { x, y } };
    }),
  };
}

/** A path through points, rounded at those in between. */
export function roundedPath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return '';
  const corners = rest.slice(0, -1);
  const turns = corners.map(
    (corner, i) => `Q${at(corner)} ${at(i === corners.length - 1 ? last : middle(corner, corners[i + 1] ?? last))}`,
  );
  return `M${at(first)}${turns.length > 0 ? turns.join('') : `L${at(last)}`}`;
}

/** The point at some distance along a path, and the direction there in degrees. */
export function along(points: readonly Point[], distance: number): Point & { readonly angle: number } {
  let left = distance;
  for (const [i, to] of points.entries()) {
    const from = points[i - 1];
    if (from === undefined) continue;
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    if (left <= length || i === points.length - 1) {
      const part = length === 0 ? 0 : Math.min(1, left / length);
      const angle = (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI;
      return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part, angle };
    }
    left -= length;
  }
  return { ...(points[0] ?? { x: 0, y: 0 }), angle: 0 };
}

function middle(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function at({ x, y }: Point): string {
  return `${Math.round(x)},${Math.round(y)}`;
}
