/** Xenstore: a tree of values with owners, transactions and watches, as in Xen 4.17's xenstored. */
import type { Hasher } from '../../base/hasher.ts';
import { err, ok } from '../../base/result.ts';
import type { XsResult } from './errors.ts';
import { absolutePath, isSpecial, joinPath, namesOf, parentOf, specialPaths } from './paths.ts';
import { isPermitted, type Permissions } from './permissions.ts';
import { findNode, type Node, putNode, removeNode, walk } from './tree.ts';
import { matches, reported, type Watch } from './watches.ts';

/** xenstored's default limits for unprivileged domains (tools/xenstore/xenstored_core.c). */
const quota = { nodes: 1000, watches: 128, transactions: 10, valueSize: 2048, permissions: 5 } as const;

interface Transaction {
  readonly base: Node;
  root: Node;
  /** Paths that it has read or changed, with their generation in `base`; undefined for a node that did not exist. */
  readonly touched: Map<string, number | undefined>;
  readonly changes: ((root: Node) => Node)[];
  readonly events: Change[];
}

interface Change {
  readonly path: string;
  /** The node lay below a removed one: only watches of exactly this path fire. */
  readonly exact: boolean;
  readonly permissions: Permissions;
}

/** A client: Dom0's programs, or a guest by its ring. */
export class Connection {
  readonly watches: Watch[] = [];
  /** By their numbers. */
  readonly transactions = new Map<number, Transaction>();

  constructor(
    readonly domid: number,
    /** Called with each WATCH_EVENT. */
    readonly notify: (path: string, token: string) => void,
  ) {}
}

export class XenStore {
  private root: Node = { value: '', permissions: [{ domid: 0, access: 'n' }], children: new Map(), generation: 0 };
  private _generation = 0;
  private nextTransaction = 1;
  private readonly connections = new Set<Connection>();
  /** The number of nodes by owner. */
  private readonly owned = new Map<number, number>([[0, 1]]);

  /** Counts changes of the tree, also those that fail. */
  get changes(): number {
    return this._generation;
  }

  /** Adds a client. Its paths may be relative to its home. */
  connect(domid: number, notify: (path: string, token: string) => void = () => {}): Connection {
    const connection = new Connection(domid, notify);
    this.connections.add(connection);
    return connection;
  }

  disconnect(connection: Connection): void {
    this.connections.delete(connection);
  }

  /** Removes all nodes that a destroyed domain owned. */
  releaseDomain(domid: number): void {
    const owned = [...walk(this.root, '/')].filter(({ node }) => node.permissions[0].domid === domid);
    for (const { path } of owned) if (findNode(this.root, path)) this.apply(this.removal(path));
    this.owned.delete(domid);
  }

  read(connection: Connection, path: string, transaction = 0): XsResult<string> {
    const found = this.find(connection, path, transaction, 'r');
    return found.ok ? ok(found.value.value) : found;
  }

  directory(connection: Connection, path: string, transaction = 0): XsResult<string[]> {
    const found = this.find(connection, path, transaction, 'r');
    return found.ok ? ok([...found.value.children.keys()]) : found;
  }

  /** A number that changes whenever the node changes. */
  generation(connection: Connection, path: string, transaction = 0): XsResult<number> {
    const found = this.find(connection, path, transaction, 'r');
    return found.ok ? ok(found.value.generation) : found;
  }

  permissions(connection: Connection, path: string, transaction = 0): XsResult<Permissions> {
    const found = this.find(connection, path, transaction, 'r');
    return found.ok ? ok(found.value.permissions) : found;
  }

  /** Writes a value. Missing parents are created with empty values. */
  write(connection: Connection, path: string, value: string, transaction = 0): XsResult<null> {
    if (connection.domid !== 0 && value.length > quota.valueSize) return err('ENOSPC');
    return this.put(connection, path, transaction, value);
  }

  /** Creates an empty node unless the node exists. */
  mkdir(connection: Connection, path: string, transaction = 0): XsResult<null> {
    return this.put(connection, path, transaction, null);
  }

  /** Removes a node and all nodes below it. The parent must exist; the node need not. */
  rm(connection: Connection, path: string, transaction = 0): XsResult<null> {
    const absolute = absolutePath(path, connection.domid);
    if (absolute === null || absolute === '/') return err('EINVAL');
    const view = this.view(connection, transaction);
    if (!view.ok) return view;
    const found = this.find(connection, path, transaction, 'w');
    if (!found.ok) {
      if (found.error !== 'ENOENT') return found;
      const parent = this.find(connection, parentOf(absolute), transaction, 'w');
      return parent.ok ? ok(null) : parent;
    }
    this.touch(view.value, parentOf(absolute));
    return this.change(view.value, this.removal(absolute));
  }

  setPermissions(connection: Connection, path: string, permissions: Permissions, transaction = 0): XsResult<null> {
    if (permissions.length > quota.permissions && connection.domid !== 0) return err('ENOSPC');
    const absolute = absolutePath(path, connection.domid);
    if (absolute === null) return err('EINVAL');
    const view = this.view(connection, transaction);
    if (!view.ok) return view;
    const found = this.find(connection, path, transaction, 'w');
    if (!found.ok) return found;
    const owner = found.value.permissions[0].domid;
    if (connection.domid !== 0) {
      if (owner !== connection.domid) return err('EACCES');
      // Only the control domain may change a node's owner.
      if (permissions[0].domid !== owner) return err('EACCES');
    }
    return this.change(view.value, (root, generation) => {
      const node = findNode(root, absolute);
      if (!node) return null;
      return {
        root: putNode(root, absolute, { ...node, permissions, generation }, generation),
        events: [{ path: absolute, exact: false, permissions }],
      };
    });
  }

  startTransaction(connection: Connection): XsResult<number> {
    const { transactions } = connection;
    if (connection.domid !== 0 && transactions.size >= quota.transactions) return err('ENOSPC');
    const id = this.nextTransaction++;
    transactions.set(id, { base: this.root, root: this.root, touched: new Map(), changes: [], events: [] });
    return ok(id);
  }

  /** Ends a transaction. EAGAIN: a node that it touched has changed meanwhile, and none of its changes are made. */
  endTransaction(connection: Connection, id: number, commit: boolean): XsResult<null> {
    const { transactions } = connection;
    const transaction = transactions.get(id);
    if (!transaction) return err('ENOENT');
    transactions.delete(id);
    if (!commit) return ok(null);
    for (const [path, generation] of transaction.touched) {
      if (findNode(this.root, path)?.generation !== generation) return err('EAGAIN');
    }
    const before = this.root;
    this.root = transaction.changes.reduce((root, change) => change(root), this.root);
    this.recount(before, this.root);
    for (const event of transaction.events) this.fire(event);
    return ok(null);
  }

  watch(connection: Connection, given: string, token: string, depth: number | null = null): XsResult<null> {
    const path = isSpecial(given) ? (specialPaths.has(given) ? given : null) : absolutePath(given, connection.domid);
    if (path === null) return err('EINVAL');
    if (connection.watches.some((w) => w.path === path && w.token === token)) return err('EEXIST');
    if (connection.domid !== 0 && connection.watches.length >= quota.watches) return err('E2BIG');
    const watch = { given, path, token, depth };
    connection.watches.push(watch);
    // The first event fires at once, so that the client reads the current state.
    connection.notify(given, token);
    return ok(null);
  }

  unwatch(connection: Connection, given: string, token: string): XsResult<null> {
    const path = isSpecial(given) ? given : absolutePath(given, connection.domid);
    const at = connection.watches.findIndex((w) => w.path === path && w.token === token);
    if (at < 0) return err('ENOENT');
    connection.watches.splice(at, 1);
    return ok(null);
  }

  /** RESET_WATCHES: forgets a client's watches and transactions. */
  reset(connection: Connection): void {
    connection.watches.length = 0;
    connection.transactions.clear();
  }

  /** @introduceDomain or @releaseDomain has happened. */
  fireSpecial(path: '@introduceDomain' | '@releaseDomain'): void {
    this.fire({ path, exact: false, permissions: [{ domid: 0, access: 'n' }] });
  }

  /** All nodes from a path downward, parents first, for listings. */
  list(path: string): { readonly path: string; readonly value: string; readonly permissions: Permissions }[] {
    const node = findNode(this.root, path);
    return node
      ? [...walk(node, path)].map((entry) => ({
          path: entry.path,
          value: entry.node.value,
          permissions: entry.node.permissions,
        }))
      : [];
  }

  /** Adds the tree, and each client's watches and transactions. */
  fingerprint(hasher: Hasher): void {
    this.addTree(hasher, this.root);
    hasher.add(this._generation, this.nextTransaction, this.connections.size);
    for (const connection of this.connections) {
      hasher.add(connection.domid, connection.watches.length);
      for (const { given, path, token, depth } of connection.watches) hasher.add(given, path, token, depth);
      const { transactions } = connection;
      hasher.add(transactions.size);
      for (const [id, { root, touched, events }] of transactions) {
        hasher.add(id, [...touched].flat(), events.length);
        for (const { path, exact } of events) hasher.add(path, exact);
        this.addTree(hasher, root);
      }
    }
  }

  /** Adds a tree. The order of children counts, because clients see it. */
  private addTree(hasher: Hasher, root: Node): void {
    for (const { path, node } of walk(root, '/')) {
      hasher.add(path, node.value, node.generation);
      for (const { domid, access } of node.permissions) hasher.add(domid, access);
    }
  }

  // Finding

  /** The transaction with an id; null for id 0, which means none. */
  private view(connection: Connection, id: number): XsResult<Transaction | null> {
    if (id === 0) return ok(null);
    const transaction = connection.transactions.get(id);
    return transaction ? ok(transaction) : err('ENOENT');
  }

  private touch(transaction: Transaction | null, path: string): void {
    if (transaction && !transaction.touched.has(path))
      transaction.touched.set(path, findNode(transaction.base, path)?.generation);
  }

  private find(connection: Connection, path: string, id: number, wanted: 'r' | 'w'): XsResult<Node> {
    const { domid } = connection;
    const absolute = absolutePath(path, domid);
    if (absolute === null) return err('EINVAL');
    const view = this.view(connection, id);
    if (!view.ok) return view;
    this.touch(view.value, absolute);
    const root = view.value?.root ?? this.root;
    const node = findNode(root, absolute);
    if (node && isPermitted(node.permissions, domid, wanted)) return ok(node);
    // Only a client that may read the nearest existing parent learns whether a node exists.
    let parent = absolute;
    let above: Node | undefined;
    while (!above) {
      parent = parentOf(parent);
      above = findNode(root, parent);
    }
    return err(!node && isPermitted(above.permissions, domid, wanted) ? 'ENOENT' : 'EACCES');
  }

  // Changing

  /** Sets a value, or with null only makes sure that the node exists. */
  private put(connection: Connection, path: string, id: number, value: string | null): XsResult<null> {
    const absolute = absolutePath(path, connection.domid);
    if (absolute === null) return err('EINVAL');
    const view = this.view(connection, id);
    if (!view.ok) return view;
    const found = this.find(connection, path, id, 'w');
    if (found.ok && value === null) return ok(null);
    if (!found.ok) {
      if (found.error !== 'ENOENT') return found;
      const missing = this.missing(view.value?.root ?? this.root, absolute);
      const owned = this.owned.get(connection.domid) ?? 0;
      if (connection.domid !== 0 && owned + missing > quota.nodes) return err('ENOSPC');
    }
    return this.change(view.value, this.putting(absolute, value, connection.domid));
  }

  private missing(root: Node, path: string): number {
    let missing = 0;
    for (let at = path; !findNode(root, at); at = parentOf(at)) missing++;
    return missing;
  }

  private putting(path: string, value: string | null, domid: number): Operation {
    return (root, generation) => {
      let tree = root;
      let at = '/';
      const events: Change[] = [];
      for (const name of namesOf(path)) {
        const parent = findNode(tree, at) as Node;
        at = joinPath(at, name);
        if (parent.children.has(name)) continue;
        const [owner, ...others] = parent.permissions;
        const permissions: Permissions = [domid === 0 ? owner : { ...owner, domid }, ...others];
        tree = putNode(tree, at, { value: '', permissions, children: new Map(), generation }, generation);
      }
      const node = findNode(tree, path) as Node;
      if (value !== null) tree = putNode(tree, path, { ...node, value, generation }, generation);
      events.push({ path, exact: false, permissions: node.permissions });
      return { root: tree, events };
    };
  }

  private removal(path: string): Operation {
    return (root, generation) => {
      const node = findNode(root, path);
      if (!node) return null;
      const events = [...walk(node, path)].map((entry) => ({
        path: entry.path,
        exact: entry.path !== path,
        permissions: entry.node.permissions,
      }));
      return { root: removeNode(root, path, generation), events };
    };
  }

  private change(transaction: Transaction | null, operation: Operation): XsResult<null> {
    if (!transaction) {
      this.apply(operation);
      return ok(null);
    }
    const outcome = operation(transaction.root, ++this._generation);
    if (!outcome) return ok(null);
    transaction.root = outcome.root;
    transaction.changes.push((root) => operation(root, ++this._generation)?.root ?? root);
    transaction.events.push(...outcome.events);
    return ok(null);
  }

  private apply(operation: Operation): void {
    const before = this.root;
    const outcome = operation(before, ++this._generation);
    if (!outcome) return;
    this.root = outcome.root;
    this.recount(before, outcome.root);
    for (const event of outcome.events) this.fire(event);
  }

  /** Updates the counts of nodes by owner for the parts of the tree that differ. */
  private recount(before: Node | undefined, after: Node | undefined): void {
    if (before === after) return;
    this.count(before, -1);
    this.count(after, 1);
    const names = new Set([...(before?.children.keys() ?? []), ...(after?.children.keys() ?? [])]);
    for (const name of names) this.recount(before?.children.get(name), after?.children.get(name));
  }

  private count(node: Node | undefined, by: number): void {
    if (!node) return;
    const { domid } = node.permissions[0];
    this.owned.set(domid, (this.owned.get(domid) ?? 0) + by);
  }

  private fire({ path, exact, permissions }: Change): void {
    for (const connection of [...this.connections]) {
      if (!isPermitted(permissions, connection.domid, 'r')) continue;
      for (const watch of [...connection.watches]) {
        if (exact ? watch.path === path : matches(watch, path)) connection.notify(reported(watch, path), watch.token);
      }
    }
  }

  /** The number of nodes that a domain owns. */
  ownedBy(domid: number): number {
    return this.owned.get(domid) ?? 0;
  }
}

type Outcome = { readonly root: Node; readonly events: readonly Change[] };
/** Changes the tree and gives changed nodes a generation; null if there is nothing to change. */
type Operation = (root: Node, generation: number) => Outcome | null;
