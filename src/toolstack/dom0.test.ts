import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cycles } from '../base/units.ts';
import { clockHz, ZynqMp } from '../soc/zynqmp.ts';
import { Xen } from '../xen/xen.ts';
import { Dom0 } from './dom0.ts';

const guest = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../guests/build/xen/${name}.img`, import.meta.url)));

/** A board with Xen and Dom0. */
class Bench {
  terminal = '';
  serial = '';
  readonly consoles = new Map<number, string>();
  readonly board: ZynqMp;
  readonly xen: Xen;
  readonly dom0: Dom0;

  constructor(cpus = 4) {
    this.board = new ZynqMp({
      cores: cpus,
      dramSize: 2 ** 31,
      el: 2,
      log: () => {},
      transmit: (_, byte) => {
        this.serial += String.fromCharCode(byte);
      },
      end: () => {},
    });
    this.xen = new Xen(this.board, { loadDom0: () => this.dom0.load(), control: (vcpu) => this.dom0.serve(vcpu) });
    this.dom0 = new Dom0(this.xen, {
      memory: 512,
      seed: 1,
      clockHz,
      output: (bytes) => {
        this.terminal += new TextDecoder().decode(bytes);
      },
    });
    this.dom0.xenconsoled.onOutput = (domid, _, bytes) => {
      this.consoles.set(domid, (this.consoles.get(domid) ?? '') + new TextDecoder().decode(bytes));
    };
    for (const name of ['hello', 'spin', 'rtos', 'rogue']) this.dom0.files.write(`/guests/${name}.img`, guest(name));
    this.xen.boot();
  }

  run(ms: number): void {
    this.board.cluster.run(cycles(this.board.events.now + (ms * clockHz) / 1000));
  }

  /** Runs a script to its end; what it printed and its exit code. */
  script(text: string, limitMs = 5000): { printed: string; code: number | null } {
    const from = this.terminal.length;
    let code: number | null = null;
    this.dom0.startScript(text, (c) => {
      code = c;
    });
    for (let ms = 0; ms < limitMs && code === null; ms += 10) this.run(10);
    return { printed: this.terminal.slice(from).replaceAll('\r\n', '\n'), code };
  }
}

describe('Dom0', () => {
  test('lists itself', () => {
    const bench = new Bench();
    bench.run(20);
    expect(bench.script('xl list')).toEqual({
      code: 0,
      printed: expect.stringMatching(
        /^Name {40}ID {3}Mem VCPUs\tState\tTime\(s\)\nDomain-0 {37}0 {3}512 {5}1 {5}r----- {7}0\.0\n$/,
      ),
    });
  });

  test('creates guests that run, print and end', () => {
    const bench = new Bench();
    bench.dom0.files.write('/etc/xen/hello.cfg', 'name = "hello"\nkernel = "/guests/hello.img"\nmemory = 16\n');
    bench.run(20);
    const free = bench.xen.heap.freePages;
    expect(bench.script('xl create /etc/xen/hello.cfg; sleep 0.2; xl list hello')).toMatchObject({
      code: 0,
      printed: expect.stringMatching(
        /^Parsing config from \/etc\/xen\/hello.cfg\nName.*\nhello {40}1 {4}16 {5}1 {5}-b---- /s,
      ),
    });
    expect(bench.consoles.get(1)).toContain('Hello from a domain of Xen 4.17, at EL1.');
    bench.dom0.xenconsoled.type(1, 'pv', new TextEncoder().encode('aq'));
    bench.run(300);
    expect(bench.consoles.get(1)).toMatch(/a\r\nGood bye\.\r\n$/);
    bench.run(300);
    expect(bench.script('xl list hello').code).toBe(1);
    expect(bench.xen.heap.freePages).toBe(free);
  });

  test('the rogue gets what real Xen gives it', () => {
    const bench = new Bench();
    bench.dom0.files.write('/etc/xen/rogue.cfg', 'name = "rogue"\nkernel = "/guests/rogue.img"\nmemory = 16\n');
    bench.script('xl create /etc/xen/rogue.cfg; sleep 1');
    // QEMU 7.2, on which real Xen ran, lacks HCR_EL2.TIDCP: there the write of CPUACTLR_EL1 does not trap.
    const golden = readFileSync(new URL('../../guests/xen/golden/rogue.txt', import.meta.url), 'utf8').replace(
      'control register of the core: nothing happened',
      'control register of the core: undefined instruction',
    );
    expect(bench.consoles.get(1)?.replaceAll('\r', '')).toBe(golden);
  });
});
