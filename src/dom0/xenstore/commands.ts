/** The xenstore client programs (Xen 4.17, tools/xenstore/xenstore_client.c), as far as they are of use here. */
import { dom0Costs } from '../os/costs.ts';
import { compute } from '../os/task.ts';
import type { CommandContext, CommandEntry } from '../shell/command.ts';
import type { StoreClient } from './client.ts';
import { formatPermission } from './permissions.ts';

type Client = (client: StoreClient, context: CommandContext, args: readonly string[]) => number;

const usages = {
  'xenstore-ls': 'Usage: xenstore-ls [-h] [-f] [-p] [-s] [path...]\n',
  'xenstore-read': 'Usage: xenstore-read [-h] [-p] [-s] [-R] key [...]\n',
  'xenstore-write': 'Usage: xenstore-write [-h] [-s] [-R] key value [...]\n',
  'xenstore-list': 'Usage: xenstore-list [-h] [-p] [-s] key [...]\n',
  'xenstore-rm': 'Usage: xenstore-rm [-h] [-s] [-t] key [...]\n',
  'xenstore-exists': 'Usage: xenstore-exists [-h] [-s] key [...]\n',
} as const;

/** As the clients print a value: what is not printable in octal. */
const escaped = (value: string): string =>
  value.replaceAll(/[\\"]|[^ -~]/g, (c) => {
    const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\', '"': '\\"' }[c];
    return named ?? `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`;
  });

const ls: Client = ({ store, connection }, { out, err, args }, paths) => {
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
};

const read: Client = ({ store, connection }, { out, err, args }, paths) => {
  for (const path of paths) {
    const value = store.read(connection, path);
    if (!value.ok) {
      err(`xenstore-read: couldn't read path ${path}\n`);
      return 1;
    }
    out(`${args.includes('-p') ? `${path}: ` : ''}${escaped(value.value)}\n`);
  }
  return 0;
};

const write: Client = ({ store, connection }, { err, name }, paths) => {
  if (paths.length % 2 !== 0) {
    err(usages['xenstore-write']);
    return 1;
  }
  for (let i = 0; i < paths.length; i += 2) {
    const path = paths[i] as string;
    if (store.write(connection, path, paths[i + 1] as string).ok) continue;
    err(`${name}: could not write path ${path}\n`);
    return 1;
  }
  return 0;
};

const list: Client = ({ store, connection }, { out, err }, paths) => {
  for (const path of paths) {
    const names = store.directory(connection, path);
    if (!names.ok) {
      err(`xenstore-list: could not list path ${path}\n`);
      return 1;
    }
    for (const name of names.value) out(`${name}\n`);
  }
  return 0;
};

const rm: Client = ({ store, connection }, { err }, paths) => {
  for (const path of paths) {
    if (store.rm(connection, path).ok) continue;
    err(`xenstore-rm: could not remove path ${path}\n`);
    return 1;
  }
  return 0;
};

const exists: Client = ({ store, connection }, _, paths) =>
  paths.every((path) => store.read(connection, path).ok) ? 0 : 1;

const clients: readonly [name: keyof typeof usages, summary: string, run: Client, needsPath: boolean][] = [
  ['xenstore-ls', 'show the tree of xenstore', ls, false],
  ['xenstore-read', 'read values of xenstore', read, true],
  ['xenstore-write', 'write values into xenstore', write, true],
  ['xenstore-list', 'list the children of a node', list, true],
  ['xenstore-rm', 'remove nodes of xenstore', rm, true],
  ['xenstore-exists', 'whether nodes exist', exists, true],
];

export const xenstoreCommands = (client: StoreClient): [string, CommandEntry][] =>
  clients.map(([name, summary, run, needsPath]) => [
    name,
    {
      summary,
      *run(context) {
        yield* compute(dom0Costs.xenstoreClient);
        const paths = context.args.filter((argument) => !/^-[a-zA-Z]+$/.test(argument));
        if (context.args.includes('-h')) {
          context.out(usages[name]);
          return 0;
        }
        if (needsPath && paths.length === 0) {
          context.err(usages[name]);
          return 1;
        }
        return run(client, context, paths);
      },
    },
  ]);
