/**
 * Turns a graph of blocks into the nested blocks and loops that WebAssembly has. Strongly connected parts become loops;
 * a loop that can be entered in several places begins with a dispatch on a number. Inside a loop, edges to its entries go
 * back to its head, which leaves a smaller graph for the same treatment.
 */
export type Shape =
  | { readonly kind: 'node'; readonly node: number }
  | { readonly kind: 'loop'; readonly entries: readonly number[]; readonly body: readonly Shape[] };

/** Shapes in an order in which every edge goes forward, or back to the head of a loop around it. `roots` are entered from outside. */
export function structure(
  nodes: readonly number[],
  roots: readonly number[],
  successors: (node: number) => readonly number[],
): Shape[] {
  const inside = new Set(nodes);
  const within = (node: number): number[] => successors(node).filter((s) => inside.has(s));
  const components = stronglyConnected(roots, within);
  return components.map((component): Shape => {
    const [first] = component;
    if (component.length === 1 && first !== undefined && !within(first).includes(first))
      return { kind: 'node', node: first };
    const members = new Set(component);
    const entered = new Set(roots.filter((r) => members.has(r)));
    for (const node of inside) {
      if (members.has(node)) continue;
      for (const s of within(node)) if (members.has(s)) entered.add(s);
    }
    const entries = [...entered];
    const body = structure(component, entries, (node) => within(node).filter((s) => !entered.has(s) && members.has(s)));
    return { kind: 'loop', entries, body };
  });
}

/** Tarjan's algorithm, without recursion; components come out sources first. */
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
