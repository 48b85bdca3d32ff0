import { defined } from '../../base/assert.ts';
import type { Domain } from '../../xen/domain/domain.ts';
import { type Dom0Bench, imageOf } from '../dom0-testing.ts';
import { homeOf } from '../xenstore/paths.ts';
import type { Connection } from '../xenstore/store.ts';

/** A domain that does nothing; a test acts in its name. */
export class TestGuest {
  readonly domain: Domain;
  readonly domid: number;
  readonly #bench: Dom0Bench;
  readonly #connection: Connection;
  #nextFrame = 0x4_0100;
  #nextReference = 8;

  constructor(bench: Dom0Bench, name: string) {
    this.#bench = bench;
    const { dom0, xen } = bench;
    dom0.files.write('/guests/still.img', imageOf(Uint8Array.of(0x00, 0x00, 0x00, 0x14)));
    dom0.files.write(`/${name}.cfg`, `name = "${name}"\nkernel = "/guests/still.img"\nmemory = 16\n`);
    bench.script(`xl create -q -p /${name}.cfg`);
    this.domain = defined([...xen.domains.values()].at(-1), name);
    this.domid = this.domain.domainId;
    this.#connection = dom0.store.connect(this.domid);
  }

  /** The next unused page: its guest frame, and its bytes. */
  page(): { readonly frame: number; readonly bytes: Uint8Array } {
    const frame = this.#nextFrame++;
    const { mfn } = defined(this.domain.p2m.lookUp(frame), 'a page of RAM');
    return { frame, bytes: this.#bench.xen.machine.page(mfn) };
  }

  /** Grants a frame to Dom0. Returns the reference. */
  grant(frame: number, readOnly = false): number {
    const reference = this.#nextReference++;
    this.setGrant(reference, 1 | (readOnly ? 4 : 0), 0, frame);
    return reference;
  }

  /** Writes an entry of its grant table. */
  setGrant(reference: number, flags: number, domid: number, frame: number): void {
    const { machine } = this.#bench.xen;
    const table = defined(this.domain.grants.frame(Math.floor(reference / 512)), 'a frame of the table');
    const entry = machine.hostPage(table) * 1024 + (reference % 512) * 2;
    machine.u32.set([flags | (domid << 16), frame], entry);
  }

  /** The flags of an entry, which show whether it is in use. */
  flagsOf(reference: number): number {
    const { machine } = this.#bench.xen;
    const table = defined(this.domain.grants.frame(Math.floor(reference / 512)), 'a frame of the table');
    return defined(machine.u16[machine.hostPage(table) * 2048 + (reference % 512) * 4], 'an entry');
  }

  /** A port that Dom0 may bind. */
  port(): number {
    return this.domain.events.allocateUnbound(0, this.domain);
  }

  /** Dom0 must have bound the port. */
  notify(port: number): void {
    this.domain.events.send(port);
  }

  /** Takes a notification: whether there was one. */
  wasNotified(port: number): boolean {
    const page = this.#bench.xen.machine.page(this.domain.sharedInfo);
    const at = 48 + (port >>> 3);
    const was = ((page[at] ?? 0) >>> (port & 7)) & 1;
    page[at] = (page[at] ?? 0) & ~(1 << (port & 7));
    return was === 1;
  }

  /** Writes nodes below its home. */
  write(path: string, nodes: Readonly<Record<string, string | number>>): void {
    const { store } = this.#bench.dom0;
    for (const [name, value] of Object.entries(nodes)) store.write(this.#connection, `${path}/${name}`, String(value));
  }
}

/** What libxl writes for a device, in the least. */
export function addDevice(
  { dom0 }: Dom0Bench,
  { domid }: TestGuest,
  kind: string,
  devid: number,
  nodes: Readonly<Record<string, string>> = {},
): { readonly back: string; readonly front: string } {
  const { store, connection } = dom0;
  const back = `${homeOf(0)}/backend/${kind}/${domid}/${devid}`;
  const front = `${homeOf(domid)}/device/${kind}/${devid}`;
  const put = (path: string, value: string): void => {
    store.write(connection, path, value);
  };
  put(front, '');
  store.setPermissions(connection, front, [
    { domid, access: 'n' },
    { domid: 0, access: 'r' },
  ]);
  put(`${front}/backend`, back);
  put(`${front}/backend-id`, '0');
  put(`${front}/state`, '1');
  for (const [name, value] of Object.entries({ frontend: front, 'frontend-id': String(domid), online: '1', ...nodes }))
    put(`${back}/${name}`, value);
  put(`${back}/state`, '1');
  return { back, front };
}
