/**
 * A relooper: turns a graph of blocks into the nested blocks and loops of WebAssembly. Each strongly connected
 * component becomes a loop around one of its nodes, the head. Edges to the head are branches to the loop; without them
 * the component is a smaller graph, which is treated in the same way. Other nodes at which the loop is entered from
 * outside are reached by a dispatch next to the head, so that each round costs only a test.
 */
export type Shape =
  | { readonly kind: 'node'; readonly node: number }
  /** `entries`: the head, then the other nodes that are entered from outside. */
  | { readonly kind: 'loop'; readonly entries: readonly number[]; readonly body: readonly Shape[] };

/**
 * Shapes in an order in which every edge goes forward, or back to the head of a loop around it. `root` comes first.
 * @param successors the edges of the graph, by node
 */
export const reloop = (successors: readonly (readonly number[])[], root: number): Shape[] =>
  new Relooper(successors).shapes([...successors.keys()], [root], none);

const none = -1;

/**
 * A part of the graph: its nodes, those it is entered at, its number, and the loop head whose incoming edges do not
 * count.
 */
interface Part {
  readonly nodes: readonly number[];
  readonly roots: readonly number[];
  readonly part: number;
  readonly head: number;
}

/** The graph, and what is known of its nodes in the part that is being looked at. */
class Relooper {
  readonly #successors: readonly (readonly number[])[];
  /** The part that each node belongs to; parts are numbered as they come up. */
  readonly #part: Int32Array;
  #parts = 0;
  /** Tarjan's numbers. */
  readonly #order: Int32Array;
  readonly #low: Int32Array;
  readonly #component: Int32Array;
  /** Whether a node is entered from outside its component. */
  readonly #entered: Uint8Array;

  constructor(successors: readonly (readonly number[])[]) {
    const { length } = successors;
    this.#successors = successors;
    this.#part = new Int32Array(length);
    this.#order = new Int32Array(length);
    this.#low = new Int32Array(length);
    this.#component = new Int32Array(length);
    this.#entered = new Uint8Array(length);
  }

  /** The shapes of a part, without its edges to `head`. */
  shapes(nodes: readonly number[], roots: readonly number[], head: number): Shape[] {
    const part = ++this.#parts;
    for (const node of nodes) {
      this.#part[node] = part;
      this.#order[node] = none;
      this.#component[node] = none;
      this.#entered[node] = 0;
    }
    const components = this.#components(roots, part, head);
    const entries = this.#entries(components, { nodes, roots, part, head });
    return components.map((component, i): Shape => {
      const first = component[0] as number;
      const single = component.length === 1 && (first === head || !this.#successorsOf(first).includes(first));
      if (single) return { kind: 'node', node: first };
      const ofLoop = entries[i] as number[];
      return { kind: 'loop', entries: ofLoop, body: this.shapes(component, ofLoop, ofLoop[0] as number) };
    });
  }

  #successorsOf(node: number): readonly number[] {
    return this.#successors[node] as readonly number[];
  }

  /**
   * The nodes of each component that are entered from outside. The one to which most edges of the loop lead comes
   * first.
   */
  #entries(components: readonly number[][], { nodes, roots, part, head }: Part): number[][] {
    const entries: number[][] = components.map(() => []);
    const enter = (node: number): void => {
      if (this.#entered[node]) return;
      this.#entered[node] = 1;
      entries[this.#component[node] as number]?.push(node);
    };
    for (const root of roots) enter(root);
    for (const node of nodes) {
      for (const s of this.#successorsOf(node)) {
        if (s === head || this.#part[s] !== part) continue;
        if (this.#component[s] !== this.#component[node]) enter(s);
      }
    }
    components.forEach((component, i) => {
      const ofComponent = entries[i] as number[];
      if (ofComponent.length === 1) return;
      const edges = new Map(ofComponent.map((node) => [node, 0]));
      for (const node of component) {
        for (const s of this.#successorsOf(node)) {
          const count = edges.get(s);
          if (count !== undefined && s !== head) edges.set(s, count + 1);
        }
      }
      ofComponent.sort((a, b) => (edges.get(b) as number) - (edges.get(a) as number) || a - b);
    });
    return entries;
  }

  /**
   * Tarjan's algorithm without recursion. Components are in topological order, those of the first root before others.
   */
  #components(roots: readonly number[], part: number, head: number): number[][] {
    const order = this.#order;
    const low = this.#low;
    const stack: number[] = [];
    const components: number[][] = [];
    const path: number[] = [];
    /** For each node of the path, which of its edges comes next. */
    const next: number[] = [];
    let count = 0;
    const visit = (node: number): void => {
      order[node] = count;
      low[node] = count++;
      stack.push(node);
      path.push(node);
      next.push(0);
    };
    for (let r = roots.length - 1; r >= 0; r--) {
      const root = roots[r] as number;
      if (order[root] !== none) continue;
      visit(root);
      while (path.length > 0) {
        const node = path[path.length - 1] as number;
        const edge = next[next.length - 1] as number;
        next[next.length - 1] = edge + 1;
        const s = this.#successorsOf(node)[edge];
        if (s !== undefined) {
          if (s === head || this.#part[s] !== part) continue;
          if (order[s] === none) visit(s);
          else if (this.#component[s] === none) low[node] = Math.min(low[node] as number, order[s] as number);
          continue;
        }
        path.pop();
        next.pop();
        const parent = path[path.length - 1];
        if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[node] as number);
        if (low[node] !== order[node]) continue;
        const component = stack.splice(stack.lastIndexOf(node)).reverse();
        for (const member of component) this.#component[member] = components.length;
        components.push(component);
      }
    }
    components.reverse();
    for (const [i, component] of components.entries()) for (const member of component) this.#component[member] = i;
    return components;
  }
}
