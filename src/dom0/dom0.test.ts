import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { assemble } from '../a64/assembler/assemble.ts';
import { Dom0Bench, imageOf } from './dom0-testing.ts';

const guest = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../guests/build/xen/${name}.img`, import.meta.url)));

const guests = Object.fromEntries(['hello', 'spin', 'rtos', 'rogue'].map((name) => [name, guest(name)]));
const newBench = (cpus?: number): Dom0Bench => new Dom0Bench(guests, cpus);

describe('Dom0', () => {
  test('lists itself', () => {
    const bench = newBench();
    bench.run(20);
    expect(bench.script('xl list')).toEqual({
      code: 0,
      printed: expect.stringMatching(
        /^Name {40}ID {3}Mem VCPUs\tState\tTime\(s\)\nDomain-0 {37}0 {3}512 {5}1 {5}r----- {7}0\.0\n$/,
      ),
    });
  });

  test('creates guests that run, print and end', () => {
    const bench = newBench();
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

  test('a config can ask for a UART', () => {
    const bench = newBench(1);
    // A raw binary, which starts where RAM does. Sends a letter, then sends back each letter that it receives plus one.
    const source = `
        ldr   x1, =0x22000000
        mov   w0, #'A'
        str   w0, [x1]
    1:  ldr   w2, [x1, #0x18]           // UARTFR
        tbnz  w2, #4, 1b                // RXFE
        ldr   w0, [x1]
        add   w0, w0, #1
        str   w0, [x1]
        b     1b`;
    const assembly = assemble(source, { origin: 0x4000_0040n });
    if (!assembly.ok) throw new Error(JSON.stringify(assembly.error));
    bench.dom0.files.write('/guests/uart.img', imageOf(assembly.value.bytes));
    bench.dom0.files.write('/u.cfg', 'name = "u"\nkernel = "/guests/uart.img"\nmemory = 16\nvuart = "sbsa_uart"\n');
    expect(bench.script('xl create /u.cfg; sleep 0.02').code).toBe(0);
    expect(bench.consoles.get(1)).toBe('A');
    bench.dom0.xenconsoled.type(1, 'vuart', new TextEncoder().encode('xyz'));
    bench.run(20);
    expect(bench.consoles.get(1)).toBe('Ayz{');
    expect(bench.script('xl destroy u; xl list u').code).toBe(1);
  });

  test('on_poweroff and the other actions of a config are taken when a domain ends', () => {
    const bench = newBench();
    const config = 'name = "h"\nkernel = "/guests/hello.img"\nmemory = 16\non_crash = "preserve"\n';
    bench.dom0.files.write('/h.cfg', config);
    bench.script('xl create /h.cfg; sleep 0.2');
    const type = (key: string, domid: number): void => {
      bench.dom0.xenconsoled.type(domid, 'pv', new TextEncoder().encode(key));
      bench.run(300);
    };
    type('r', 1);
    // xl waits for two seconds before it makes a domain again.
    expect(bench.script('sleep 2; xl domid h')).toEqual({ code: 0, printed: '2\n' });
    type('c', 2);
    expect(bench.script('xl list h').printed).toMatch(/h {44}2 {4}16 {5}1 {5}---sc- /);
    expect(bench.script('xl destroy h; xl list').printed).not.toContain('h  ');
  });

  test('a guest that speaks xenstore obeys xl reboot and xl shutdown', () => {
    const bench = newBench();
    bench.dom0.files.write('/r.cfg', 'name = "r"\nkernel = "/guests/rtos.img"\nmemory = 16\n');
    expect(
      bench.script('xl create /r.cfg; sleep 0.5; xenstore-read /local/domain/1/control/feature-reboot').printed,
    ).toBe('Parsing config from /r.cfg\n1\n');
    expect(bench.script('xl reboot -w r')).toEqual({
      code: 0,
      printed: 'Rebooting domain 1\nWaiting for 1 domains\nDomain 1 has been shut down, reason code 1\n',
    });
    expect(bench.consoles.get(1)).toContain('Asked to stop: reboot\r\n');
    expect(bench.script('sleep 3; xl domid r; xl shutdown -w r').printed).toMatch(
      /^2\nShutting down domain 2\nWaiting for 1 domains\nDomain 2 has been shut down, reason code 0\n$/,
    );
    expect(bench.script('sleep 0.5; xl domid r').code).toBe(1);
  });

  test('xl create names a key that the simulator does not act on', () => {
    const bench = newBench(1);
    bench.dom0.files.write(
      '/v.cfg',
      'name = "v"\nkernel = "/guests/hello.img"\nmemory = 16\npvcalls = [ "backend=0" ]\n',
    );
    expect(bench.script('xl create /v.cfg')).toEqual({
      code: 0,
      printed: expect.stringMatching(/^Parsing config from \/v.cfg\n\/v.cfg:4: el2lab: .*pvcalls.*\n$/),
    });
  });

  test('the rogue gets what real Xen gives it', () => {
    const bench = newBench();
    bench.dom0.files.write('/etc/xen/rogue.cfg', 'name = "rogue"\nkernel = "/guests/rogue.img"\nmemory = 16\n');
    bench.script('xl create /etc/xen/rogue.cfg; sleep 0.3');
    // The recording ran on QEMU 7.2, which lacks HCR_EL2.TIDCP: there writing CPUACTLR_EL1 does not trap.
    const golden = readFileSync(new URL('../../guests/xen/golden/rogue.txt', import.meta.url), 'utf8').replace(
      'control register of the core: nothing happened',
      'control register of the core: undefined instruction',
    );
    expect(bench.consoles.get(1)?.replaceAll('\r', '')).toBe(golden);
  });
});

test('a kernel that is none is refused in libxl’s words, and leaves nothing behind', () => {
  const bench = new Dom0Bench({ zeros: new Uint8Array(65_536) });
  bench.dom0.files.write('/z.cfg', 'name = "z"\nkernel = "/guests/zeros.img"\nmemory = 16\n');
  const { printed, code } = bench.script('xl create /z.cfg');
  expect(code).toBe(3);
  expect(printed).toContain('xc_dom_find_loader: no loader found: Invalid kernel\n');
  expect(printed).toContain('libxl__build_dom: xc_dom_parse_image failed\n');
  expect(bench.script('xl list').printed.trim().split('\n')).toHaveLength(2);
});
