import dagre from "@dagrejs/dagre";
import { anchorOf } from "../document/report-document.js";
import type { StackReport } from "../build/model.js";
import { escapeHtml } from "./escape.js";
import { widthOf } from "./text-width.js";

type Kind = "environment" | "worker" | "binding" | "namespace";

interface Node {
  readonly id: string;
  readonly kind: Kind;
  readonly text: string;
  readonly link?: string;
}

/** Pixels of a column of text, of a node's height, and beside its text. */
const COLUMN = 7.2;
const HEIGHT = 30;
const PADDING = 14;

/** Columns of a name that are shown; its whole text is in a tooltip. */
const LONGEST = 34;

const ROUND: Readonly<Record<Kind, number>> = { environment: 15, worker: 4, binding: 15, namespace: 4 };

/** What is used of dagre's graph, whose own types refer to a package that it does not ship. */
interface LayoutGraph {
  setGraph(options: Readonly<Record<string, string | number>>): void;
  setDefaultEdgeLabel(label: () => object): void;
  setNode(id: string, size: { readonly width: number; readonly height: number }): void;
  setEdge(from: string, to: string): void;
  graph(): { readonly width?: number; readonly height?: number };
  node(id: string): Place;
}

const { graphlib, layout } = dagre as unknown as {
  readonly graphlib: { readonly Graph: new () => LayoutGraph };
  readonly layout: (graph: LayoutGraph) => void;
};

interface Layout {
  readonly places: ReadonlyMap<string, Place>;
  readonly width: number;
  readonly height: number;
}

/** Columns that a node's width is a multiple of, so that stacks of the same shape can share a layout. */
const STEP = 6;

/** Places of nodes by their index, for each shape: most stacks of an assembly have the same. */
const layouts = new Map<string, { places: readonly Place[]; width: number; height: number }>();

/** Lays out a graph, or takes the layout of one of the same shape. */
function laidOut(nodes: readonly Node[], edges: readonly (readonly [string, string])[]): Layout {
  const index = new Map(nodes.map(({ id }, at) => [id, at]));
  const columns = nodes.map(({ text }) => Math.ceil(widthOf(shortened(text)) / STEP) * STEP);
  const shape = JSON.stringify([columns, edges.map(([from, to]) => [index.get(from), index.get(to)])]);
  const known = layouts.get(shape) ?? newLayout(nodes, columns, edges);
  layouts.set(shape, known);
  return { ...known, places: new Map(nodes.map(({ id }, at) => [id, known.places[at] ?? NOWHERE])) };
}

const NOWHERE: Place = { x: 0, y: 0, width: 0, height: 0 };

function newLayout(
  nodes: readonly Node[],
  columns: readonly number[],
  edges: readonly (readonly [string, string])[],
): { places: readonly Place[]; width: number; height: number } {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 12, ranksep: 46, marginx: 4, marginy: 4 });
  graph.setDefaultEdgeLabel(() => ({}));
  nodes.forEach(({ id }, at) => {
    graph.setNode(id, { width: (columns[at] ?? 0) * COLUMN + 2 * PADDING, height: HEIGHT });
  });
  for (const [from, to] of edges) graph.setEdge(from, to);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return { places: nodes.map(({ id }) => graph.node(id)), width, height };
}

function placeOf(places: ReadonlyMap<string, Place>, id: string): Place {
  return places.get(id) ?? NOWHERE;
}

/** A stack as a picture: its environment, its Workers, their bindings, and the namespaces these lead to. */
export function stackPicture(stack: StackReport): string {
  const { nodes, edges } = graphOf(stack);
  const { places, width, height } = laidOut(nodes, edges);
  const lines = edges.map(
    ([from, to]) => `<path class="edge" d="${curve(placeOf(places, from), placeOf(places, to))}"/>`,
  );
  const boxes = nodes.map((node) => box(node, placeOf(places, node.id)));
  const size = `viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" width="${Math.ceil(width)}" height="${Math.ceil(height)}"`;
  const label = escapeHtml(`Workers, bindings and namespaces of ${stack.name}`);
  return `<svg class="picture" ${size} role="img" aria-label="${label}">${lines.join("")}${boxes.join("")}</svg>`;
}

function graphOf({ name, environment, workers, namespaces }: StackReport): {
  nodes: Node[];
  edges: (readonly [string, string])[];
} {
  const nodes = new Map<string, Node>();
  const edges: (readonly [string, string])[] = [];
  const add = (kind: Kind, text: string, key: string, link?: string): string => {
    const id = `${kind} ${key}`;
    nodes.set(id, { id, kind, text, ...(link === undefined ? {} : { link }) });
    return id;
  };
  const root = add("environment", environment ?? name, name);
  for (const worker of workers) edges.push([root, add("worker", worker.name, worker.name)]);
  for (const namespace of namespaces) {
    const target = add("namespace", namespace.name, namespace.name, `#${anchorOf(namespace)}`);
    if (namespace.bindings.length === 0) edges.push([root, target]);
    for (const { worker, binding } of namespace.bindings) {
      // A Worker of another stack may bind it too.
      const user = nodes.has(`worker ${worker}`) ? `worker ${worker}` : add("worker", worker, worker);
      const between = add("binding", binding, `${worker} ${binding}`);
      edges.push([user, between], [between, target]);
    }
  }
  return { nodes: [...nodes.values()], edges };
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function box({ kind, text, link }: Node, { x, y, width, height }: Place): string {
  const [left, top] = [at(x - width / 2), at(y - height / 2)];
  const shape = `<rect x="${left}" y="${top}" width="${at(width)}" height="${at(height)}" rx="${ROUND[kind]}"/>`;
  const words = `<text x="${at(x)}" y="${at(y + 4.5)}" text-anchor="middle">${escapeHtml(shortened(text))}</text>`;
  const group = `<g class="node ${kind}"><title>${escapeHtml(`${kind} ${text}`)}</title>${shape}${words}</g>`;
  return link === undefined ? group : `<a href="${escapeHtml(link)}">${group}</a>`;
}

/** A curve from the right end of a node to the left end of another. */
function curve(from: Place, to: Place): string {
  const [start, end] = [from.x + from.width / 2, to.x - to.width / 2];
  const middle = at((start + end) / 2);
  return `M${at(start)},${at(from.y)}C${middle},${at(from.y)} ${middle},${at(to.y)} ${at(end)},${at(to.y)}`;
}

function shortened(text: string): string {
  if (widthOf(text) <= LONGEST) return text;
  let kept = "";
  for (const character of text) {
    if (widthOf(kept + character) >= LONGEST) break;
    kept += character;
  }
  return `${kept}…`;
}

function at(value: number): number {
  return Math.round(value * 10) / 10;
}
