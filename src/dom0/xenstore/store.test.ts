import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { silentProbe } from '../../base/probe/probe.ts';
import { answer } from './server.ts';
import { XenStore } from './store.ts';
import { MessageType, terminated } from './wire.ts';

const value = (result: { ok: true; value: unknown } | { ok: false; error: string }) =>
  result.ok ? result.value : result.error;

describe('xenstore', () => {
  test('keeps values by path; a relative path begins at the home of the domain', () => {
    const store = new XenStore();
    const dom0 = store.connect(0);
    store.write(dom0, '/local/domain/3/name', 'rtos-a');
    store.setPermissions(dom0, '/local/domain/3', [{ domid: 3, access: 'n' }]);
    store.setPermissions(dom0, '/local/domain/3/name', [
      { domid: 0, access: 'n' },
      { domid: 3, access: 'r' },
    ]);
    const guest = store.connect(3);
    expect(value(store.read(guest, 'name'))).toBe('rtos-a');
    expect(value(store.write(guest, 'name', 'other'))).toBe('EACCES');
    expect(value(store.write(guest, 'data/x', '1'))).toBe(null);
    expect(value(store.permissions(guest, 'data/x'))).toEqual([{ domid: 3, access: 'n' }]);
    expect(value(store.directory(dom0, '/local/domain/3'))).toEqual(['name', 'data']);
  });

  test('does not tell whether a node exists where a client may not read', () => {
    const store = new XenStore();
    store.write(store.connect(0), '/secret/a', 'x');
    const guest = store.connect(5);
    expect(value(store.read(guest, '/secret/a'))).toBe('EACCES');
    expect(value(store.read(guest, '/secret/b'))).toBe('EACCES');
  });

  test.each(['', '//', '/a/', 'a//b', '/a b', '/ä', `/${'x'.repeat(3072)}`])('%j is no path', (path) => {
    const store = new XenStore();
    expect(value(store.write(store.connect(0), path, 'x'))).toBe('EINVAL');
  });

  test('a transaction is made whole, or not at all if a node that it touched has changed', () => {
    const store = new XenStore();
    const a = store.connect(0);
    const b = store.connect(0);
    const start = (): number => value(store.startTransaction(a)) as number;
    store.write(a, '/n', '1');
    let id = start();
    expect(value(store.read(a, '/n', id))).toBe('1');
    store.write(a, '/m', '2', id);
    expect(value(store.read(b, '/m'))).toBe('ENOENT');
    store.write(b, '/unrelated', 'x');
    expect(value(store.endTransaction(a, id, true))).toBe(null);
    expect(value(store.read(b, '/m'))).toBe('2');

    id = start();
    store.read(a, '/n', id);
    store.write(a, '/m', '3', id);
    store.write(b, '/n', '9');
    expect(value(store.endTransaction(a, id, true))).toBe('EAGAIN');
    expect(value(store.read(b, '/m'))).toBe('2');
    expect(value(store.endTransaction(a, id, true))).toBe('ENOENT');
  });

  test('a watch fires for its path, for all paths below, and when a parent is removed', () => {
    const store = new XenStore();
    const events: string[] = [];
    const dom0 = store.connect(0, (path, token) => events.push(`${token} ${path}`));
    store.watch(dom0, '/a/b', 't');
    store.watch(dom0, '/a', 'direct', 1);
    store.write(dom0, '/a/b/c', '1');
    store.write(dom0, '/ab', '1');
    store.rm(dom0, '/a');
    store.unwatch(dom0, '/a/b', 't');
    store.write(dom0, '/a/b', '1');
    expect(events).toEqual(['t /a/b', 'direct /a', 't /a/b/c', 'direct /a', 't /a/b', 'direct /a/b']);
  });

  test('a guest has limits', () => {
    const store = new XenStore();
    const dom0 = store.connect(0);
    store.mkdir(dom0, '/local/domain/1');
    store.setPermissions(dom0, '/local/domain/1', [{ domid: 1, access: 'n' }]);
    const guest = store.connect(1);
    const answers = Array.from({ length: 1100 }, (_, i) => value(store.write(guest, `n${i}`, '')));
    expect(answers.filter((a) => a === null)).toHaveLength(999);
    expect(answers.at(-1)).toBe('ENOSPC');
    expect(value(store.write(guest, 'n0', 'x'.repeat(2049)))).toBe('ENOSPC');
    expect(store.ownedBy(1)).toBe(1000);
    store.releaseDomain(1);
    expect(store.ownedBy(1)).toBe(0);
    expect(value(store.directory(dom0, '/local/domain'))).toEqual([]);
  });

  test('a long directory is read in parts', () => {
    const store = new XenStore();
    const dom0 = store.connect(0);
    const names = Array.from({ length: 900 }, (_, i) => `name-${i}`);
    for (const name of names) store.write(dom0, `/d/${name}`, '');
    const ask = (type: number, ...strings: string[]) =>
      answer({ store, probe: silentProbe, isIntroduced: () => false }, dom0, {
        type,
        requestId: 7,
        transaction: 0,
        payload: terminated(...strings),
      });
    expect(ask(MessageType.directory, '/d')).toMatchObject({ type: MessageType.error, payload: 'E2BIG\0' });
    let list = '';
    for (let parts = 0; parts < 10; parts++) {
      const { payload } = ask(MessageType.directoryPart, '/d', String(list.length));
      list += payload.slice(payload.indexOf('\0') + 1);
      if (list.endsWith('\0\0')) break;
    }
    expect(list).toBe(`${terminated(...names)}\0`);
  });

  test('whatever is sent, the answer is a reply or an error by name', () => {
    const store = new XenStore();
    const guest = store.connect(4);
    const payload = fc.oneof(
      fc.string(),
      fc
        .array(fc.oneof(fc.constantFrom('a', '/', '/a', '@releaseDomain', 'T', 'n0', '1'), fc.string()))
        .map((s) => terminated(...s)),
    );
    fc.assert(
      fc.property(fc.nat(30), fc.nat(3), payload, (type, transaction, text) => {
        const reply = answer({ store, probe: silentProbe, isIntroduced: () => true }, guest, {
          type,
          requestId: 1,
          transaction,
          payload: text,
        });
        if (reply.type === MessageType.error) expect(reply.payload).toMatch(/^E[A-Z0-9]+\0$/);
        else expect(reply.type).toBe(type);
      }),
    );
  });
});
