/**
 * Turns a graph of blocks into the nested blocks and loops that WebAssembly has. Each strongly connected part becomes a
 * loop around one of its nodes, the head; edges to the head go back to the beginning, which leaves a smaller graph for
 * the same treatment. Other nodes at which the loop is entered from outside are reached by a dispatch beside the head, so
 * that going round costs no more than a test for it.
 */
export type Shape =
  | { readonly kind: 'node'; readonly node: number }
  /** `entries`: the head, then the other nodes that are entered from outside. */
  | { readonly kind: 'loop'; readonly entries: readonly number[]; readonly body: readonly Shape[] };

/** Shapes in an order in which every edge goes forward, or back to the head of a loop around it. The first of `roots` comes first. */
export function structure(
  nodes: readonly number[],
  roots: readonly number[],
  successors: (node: number) => readonly number[],
): Shape[] {
  const inside = new Set(nodes);
  const within = (node: number): number[] => successors(node).filter((s) => inside.has(s));
  const components = stronglyConnected(roots, within);
  const componentOf = new Map<number, number>();
  components.forEach((component, i) => {
    for (const node of component) componentOf.set(node, i);
  });
  const entered = components.map(() => new Set<number>());
  for (const root of roots) entered[componentOf.get(root) as number]?.add(root);
  for (const node of nodes) {
    for (const s of within(node)) {
      const to = componentOf.get(s) as number;
      if (to !== componentOf.get(node)) entered[to]?.add(s);
    }
  }
  return components.map((component, i): Shape => {
    const first = component[0] as number;
    if (component.length === 1 && !within(first).includes(first)) return { kind: 'node', node: first };
    const members = new Set(component);
    const entries = headFirst(component, [...(entered[i] as Set<number>)], within);
    const [head] = entries;
    const body = structure(component, entries, (node) => within(node).filter((s) => s !== head && members.has(s)));
    return { kind: 'loop', entries, body };
  });
}

/** The entry to which most edges of the loop lead comes first. */
function headFirst(
  component: readonly number[],
  entries: number[],
  within: (node: number) => readonly number[],
): number[] {
  if (entries.length === 1) return entries;
  const edges = new Map(entries.map((node) => [node, 0]));
  for (const node of component) {
    for (const s of within(node)) {
      const count = edges.get(s);
      if (count !== undefined) edges.set(s, count + 1);
    }
  }
  return entries.sort((a, b) => (edges.get(b) as number) - (edges.get(a) as number) || a - b);
}

/** Tarjan's algorithm, without recursion; components come out sources first, and those of the first root before others. */
function stronglyConnected(roots: readonly number[], successors: (node: number) => readonly number[]): number[][] {
  const order = new Map<number, number>();
  const low = new Map<number, number>();
  const stack: number[] = [];
  const onStack = new Set<number>();
  const components: number[][] = [];
  let count = 0;
  for (const root of [...roots].reverse()) {
    if (order.has(root)) continue;
    const frames: { node: number; edges: readonly number[]; next: number }[] = [];
    const visit = (node: number): void => {
      order.set(node, count);
      low.set(node, count++);
      stack.push(node);
      onStack.add(node);
      frames.push({ node, edges: successors(node), next: 0 });
    };
    visit(root);
    for (let frame = frames.at(-1); frame; frame = frames.at(-1)) {
      const { node } = frame;
      const s = frame.edges[frame.next++];
      if (s !== undefined) {
        if (!order.has(s)) visit(s);
        else if (onStack.has(s)) low.set(node, Math.min(low.get(node) as number, order.get(s) as number));
        continue;
      }
      frames.pop();
      const parent = frames.at(-1);
      if (parent) low.set(parent.node, Math.min(low.get(parent.node) as number, low.get(node) as number));
      if (low.get(node) === order.get(node)) {
        const component: number[] = [];
        let member: number;
        do {
          member = stack.pop() as number;
          onStack.delete(member);
          component.push(member);
        } while (member !== node);
        components.push(component);
      }
    }
  }
  return components.reverse();
}
