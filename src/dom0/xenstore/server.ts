/** xenstored's answers to a client's messages (docs/misc/xenstore.txt of Xen 4.17). */
import type { Probe } from '../../base/probe/probe.ts';
import { err, ok } from '../../base/result.ts';
import type { XsResult } from './errors.ts';
import { homeOf } from './paths.ts';
import { formatPermission, type Permission, parsePermission } from './permissions.ts';
import type { Connection, XenStore } from './store.ts';
import { type Message, MessageType, payloadMax, splitStrings, terminated } from './wire.ts';

const done: XsResult<string> = ok(terminated('OK'));
const completed = (result: XsResult<unknown>): XsResult<string> => (result.ok ? done : result);

/** The part of xenstored that answers depend on. */
export interface XenstoreServer {
  readonly store: XenStore;
  readonly probe: Probe;
  isIntroduced(domid: number): boolean;
}

/** The reply to a request, which may be an error. */
export function answer(server: XenstoreServer, connection: Connection, request: Message): Message {
  const { type, requestId, transaction } = request;
  const result = serve(server, connection, request);
  return result.ok
    ? { type, requestId, transaction, payload: result.value }
    : { type: MessageType.error, requestId, transaction, payload: terminated(result.error) };
}

function serve(
  server: XenstoreServer,
  connection: Connection,
  { type, transaction, payload }: Message,
): XsResult<string> {
  const { store } = server;
  if (type === MessageType.write) {
    const end = payload.indexOf('\0');
    if (end < 0) return err('EINVAL');
    return completed(store.write(connection, payload.slice(0, end), payload.slice(end + 1), transaction));
  }
  const strings = splitStrings(payload);
  const [first, second, third] = strings ?? [];
  if (first === undefined) return err('EINVAL');
  switch (type) {
    case MessageType.read:
      return store.read(connection, first, transaction);
    case MessageType.directory: {
      const names = store.directory(connection, first, transaction);
      if (!names.ok) return names;
      const list = terminated(...names.value);
      return list.length > payloadMax ? err('E2BIG') : ok(list);
    }
    case MessageType.directoryPart:
      return directoryPart(store, connection, { path: first, from: second, transaction });
    case MessageType.mkdir:
      return completed(store.mkdir(connection, first, transaction));
    case MessageType.rm:
      return completed(store.rm(connection, first, transaction));
    case MessageType.getPerms: {
      const permissions = store.permissions(connection, first, transaction);
      return permissions.ok ? ok(terminated(...permissions.value.map(formatPermission))) : permissions;
    }
    case MessageType.setPerms: {
      const [owner, ...others] = (strings ?? []).slice(1).map(parsePermission);
      if (!owner || others.includes(null)) return err('EINVAL');
      const rest = others.filter((entry): entry is Permission => entry !== null);
      return completed(store.setPermissions(connection, first, [owner, ...rest], transaction));
    }
    case MessageType.watch: {
      if (second === undefined || (third !== undefined && !/^\d+$/.test(third))) return err('EINVAL');
      return completed(store.watch(connection, first, second, third === undefined ? null : Number(third)));
    }
    case MessageType.unwatch:
      return second === undefined ? err('EINVAL') : completed(store.unwatch(connection, first, second));
    case MessageType.resetWatches:
      store.reset(connection);
      return done;
    case MessageType.transactionStart: {
      if (transaction !== 0) return err('EBUSY');
      const started = store.startTransaction(connection);
      return started.ok ? ok(terminated(String(started.value))) : started;
    }
    case MessageType.transactionEnd:
      if (first !== 'T' && first !== 'F') return err('EINVAL');
      return completed(store.endTransaction(connection, transaction, first === 'T'));
    case MessageType.getDomainPath:
      return /^\d+$/.test(first) ? ok(terminated(homeOf(Number(first)))) : err('EINVAL');
    case MessageType.isDomainIntroduced:
      return ok(terminated(server.isIntroduced(Number(first)) ? 'T' : 'F'));
    case MessageType.introduce:
    case MessageType.release:
    case MessageType.resume:
    case MessageType.setTarget:
    case MessageType.control:
      // Only Dom0's programs may do these, and they call the daemon directly.
      return err('EACCES');
    default:
      return err('ENOSYS');
  }
}

/** The names from an offset on, with the generation, by which a client notices that the list has changed meanwhile. */
function directoryPart(
  store: XenStore,
  connection: Connection,
  { path, from, transaction }: { path: string; from: string | undefined; transaction: number },
): XsResult<string> {
  const names = store.directory(connection, path, transaction);
  const generation = store.generation(connection, path, transaction);
  if (!names.ok) return names;
  if (!generation.ok) return generation;
  const head = terminated(String(generation.value));
  const all = terminated(...names.value);
  const offset = Number(from);
  if (!/^\d+$/.test(from ?? '') || offset > all.length) return err('EINVAL');
  const room = payloadMax - head.length;
  // The last part ends with an additional zero byte.
  const rest = `${all.slice(offset)}\0`;
  if (rest.length <= room) return ok(head + rest);
  return ok(head + rest.slice(0, rest.lastIndexOf('\0', room - 1) + 1));
}
