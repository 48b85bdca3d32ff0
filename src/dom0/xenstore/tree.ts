import { namesOf } from './paths.ts';
import type { Permissions } from './permissions.ts';

/** A node of the store. Nodes are immutable: a change creates new nodes up to the root, so a copy of a tree is free. */
export interface Node {
  /** One byte per character. */
  readonly value: string;
  readonly permissions: Permissions;
  /** In order of creation. */
  readonly children: ReadonlyMap<string, Node>;
  /** Changes whenever the value, the permissions or the children's names change. */
  readonly generation: number;
}

export const findNode = (root: Node, path: string): Node | undefined => {
  let node: Node | undefined = root;
  for (const name of namesOf(path)) node = node?.children.get(name);
  return node;
};

/** The tree with a node at a path whose parent exists. Nodes that this changes get `generation`. */
export const putNode = (root: Node, path: string, node: Node, generation: number): Node =>
  replace(root, namesOf(path), node, generation);

/** The tree without a node and the nodes below it. */
export const removeNode = (root: Node, path: string, generation: number): Node =>
  replace(root, namesOf(path), null, generation);

function replace(at: Node, names: readonly string[], node: Node | null, generation: number): Node {
  const [name, ...rest] = names;
  if (name === undefined) return node ?? at;
  const children = new Map(at.children);
  const below = children.get(name);
  const next = rest.length > 0 && below ? replace(below, rest, node, generation) : node;
  if (next) children.set(name, next);
  else children.delete(name);
  const sameNames = children.size === at.children.size;
  return { ...at, children, generation: sameNames ? at.generation : generation };
}

/** A node and all nodes below it with their paths, parents first. */
export function* walk(node: Node, path: string): Generator<{ readonly path: string; readonly node: Node }> {
  yield { path, node };
  for (const [name, child] of node.children) yield* walk(child, path === '/' ? `/${name}` : `${path}/${name}`);
}
