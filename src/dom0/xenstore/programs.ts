/** The client programs of xenstore that are of use here (Xen 4.17, tools/xenstore/xenstore_client.c). */
import { dom0Costs } from '../os/costs.ts';
import type { Program, ProgramContext } from '../os/program.ts';
import { compute, Signal, until } from '../os/task.ts';
import type { StoreClient } from './client.ts';
import { formatPermission } from './permissions.ts';

/** One of the programs; `paths` are its operands. */
interface ClientProgram {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly needsPath: boolean;
  readonly run: (client: StoreClient, context: ProgramContext, paths: readonly string[]) => number;
}

/** A value as the clients print it: unprintable bytes in octal. */
const escaped = (value: string): string =>
  value.replaceAll(/[\\"]|[^ -~]/g, (c) => {
    const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\', '"': '\\"' }[c];
    return named ?? `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`;
  });

const ls: ClientProgram = {
  name: 'xenstore-ls',
  summary: 'show the tree of xenstore',
  usage: 'Usage: xenstore-ls [-h] [-f] [-p] [-s] [path...]\n',
  needsPath: false,
  run: ({ store, connection }, { out, err, args }, paths) => {
    const full = args.includes('-f');
    const withPermissions = args.includes('-p');
    let code = 0;
    const show = (path: string, depth: number): void => {
      const names = store.directory(connection, path);
      for (const name of names.ok ? names.value : []) {
        const child = path === '/' ? `/${name}` : `${path}/${name}`;
        const value = store.read(connection, child);
        const permissions = store.permissions(connection, child);
        const shown = permissions.ok ? permissions.value.map(formatPermission).join(',') : '';
        const suffix = withPermissions ? `   (${shown})` : '';
        out(`${full ? child : ' '.repeat(depth) + name} = "${escaped(value.ok ? value.value : '')}"${suffix}\n`);
        show(child, depth + 1);
      }
    };
    for (const path of paths.length > 0 ? paths : ['/']) {
      if (store.directory(connection, path).ok) show(path, 0);
      else {
        err(`xenstore-ls: xs_directory (${path}): No such file or directory\n`);
        code = 1;
      }
    }
    return code;
  },
};

const read: ClientProgram = {
  name: 'xenstore-read',
  summary: 'read values of xenstore',
  usage: 'Usage: xenstore-read [-h] [-p] [-s] [-R] key [...]\n',
  needsPath: true,
  run: ({ store, connection }, { out, err, args }, paths) => {
    for (const path of paths) {
      const value = store.read(connection, path);
      if (!value.ok) {
        err(`xenstore-read: couldn't read path ${path}\n`);
        return 1;
      }
      out(`${args.includes('-p') ? `${path}: ` : ''}${escaped(value.value)}\n`);
    }
    return 0;
  },
};

const writeUsage = 'Usage: xenstore-write [-h] [-s] [-R] key value [...]\n';

const write: ClientProgram = {
  name: 'xenstore-write',
  summary: 'write values into xenstore',
  usage: writeUsage,
  needsPath: true,
  run: ({ store, connection }, { err, name }, paths) => {
    if (paths.length % 2 !== 0) {
      err(writeUsage);
      return 1;
    }
    for (let i = 0; i < paths.length; i += 2) {
      const path = paths[i] as string;
      if (store.write(connection, path, paths[i + 1] as string).ok) continue;
      err(`${name}: could not write path ${path}\n`);
      return 1;
    }
    return 0;
  },
};

const list: ClientProgram = {
  name: 'xenstore-list',
  summary: 'list the children of a node',
  usage: 'Usage: xenstore-list [-h] [-p] [-s] key [...]\n',
  needsPath: true,
  run: ({ store, connection }, { out, err }, paths) => {
    for (const path of paths) {
      const names = store.directory(connection, path);
      if (!names.ok) {
        err(`xenstore-list: could not list path ${path}\n`);
        return 1;
      }
      for (const name of names.value) out(`${name}\n`);
    }
    return 0;
  },
};

const rm: ClientProgram = {
  name: 'xenstore-rm',
  summary: 'remove nodes of xenstore',
  usage: 'Usage: xenstore-rm [-h] [-s] [-t] key [...]\n',
  needsPath: true,
  run: ({ store, connection }, { err }, paths) => {
    for (const path of paths) {
      if (store.rm(connection, path).ok) continue;
      err(`xenstore-rm: could not remove path ${path}\n`);
      return 1;
    }
    return 0;
  },
};

const exists: ClientProgram = {
  name: 'xenstore-exists',
  summary: 'whether nodes exist',
  usage: 'Usage: xenstore-exists [-h] [-s] key [...]\n',
  needsPath: true,
  run: ({ store, connection }, _, paths) => (paths.every((path) => store.read(connection, path).ok) ? 0 : 1),
};

const watchUsage = 'Usage: xenstore-watch [-h] [-n NR] key\n';

/** Prints the path of each event; the first says that the watch is set. */
const watch = ({ store }: StoreClient): Program => ({
  name: 'xenstore-watch',
  summary: 'print changes of xenstore as they happen',
  *run({ args, out, err }) {
    yield* compute(dom0Costs.xenstoreClient);
    const at = args.indexOf('-n');
    const events = at < 0 ? Number.POSITIVE_INFINITY : Number(args[at + 1]);
    const paths = args.filter((argument, i) => !argument.startsWith('-') && (at < 0 || i !== at + 1));
    if (args.includes('-h') || paths.length === 0 || !(events >= 0)) {
      (args.includes('-h') ? out : err)(watchUsage);
      return args.includes('-h') ? 0 : 1;
    }
    const happened = new Signal('xenstore-watch');
    const unread: string[] = [];
    const connection = store.connect(0, (path) => {
      unread.push(path);
      happened.raise();
    });
    try {
      for (const path of paths) {
        if (store.watch(connection, path, 'token').ok) continue;
        err('xenstore-watch: unable to add watch\n');
        return 1;
      }
      for (let seen = 0; seen < events; seen++) {
        yield* until(happened, () => unread.length > 0);
        out(`${unread.shift()}\n`);
      }
      return 0;
    } finally {
      store.disconnect(connection);
    }
  },
});

export const xenstorePrograms = (client: StoreClient): Program[] => [...simplePrograms(client), watch(client)];

const simplePrograms = (client: StoreClient): Program[] =>
  [ls, read, write, list, rm, exists].map(({ name, summary, usage, needsPath, run }) => ({
    name,
    summary,
    *run(context) {
      yield* compute(dom0Costs.xenstoreClient);
      const paths = context.args.filter((argument) => !/^-[a-zA-Z]+$/.test(argument));
      if (context.args.includes('-h')) {
        context.out(usage);
        return 0;
      }
      if (needsPath && paths.length === 0) {
        context.err(usage);
        return 1;
      }
      return run(client, context, paths);
    },
  }));
