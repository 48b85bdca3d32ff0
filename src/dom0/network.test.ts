import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Dom0Bench } from './dom0-testing.ts';

const read = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(path, import.meta.url)));
const net = read('../../guests/build/xen/net.img');
const spin = read('../../guests/build/xen/spin.img');

const benchWith = (...lines: string[]): Dom0Bench => {
  const bench = new Dom0Bench({ net, spin }, 2);
  const config = ['name = "g"', 'kernel = "/guests/net.img"', 'memory = 16', ...lines, ''];
  bench.dom0.files.write('/g.cfg', config.join('\n'));
  return bench;
};

/** What real xl did on this board, in this order, with Debian's Dom0, its netback and its hotplug scripts. */
interface Recorded {
  readonly vif: string;
  readonly hasBridge: boolean;
  readonly printed: readonly string[];
  readonly exitCode: number;
  /** What xenstore-ls showed of back ends, front ends and libxl's devices afterwards, and `xl network-list`. */
  readonly xenstore: readonly string[] | null;
  readonly list: readonly string[] | null;
}

test('xl does with interfaces what real xl does, with the same nodes in xenstore', () => {
  const bench = new Dom0Bench({ spin }, 2);
  const { network, files } = bench.dom0;
  const recorded = readFileSync(new URL('libxl/recorded/vifs.jsonl', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  for (const [index, line] of recorded.entries()) {
    const { vif, hasBridge, ...expected } = JSON.parse(line) as Recorded;
    if (hasBridge) network.addBridge('xenbr0');
    else network.removeBridge('xenbr0');
    const domid = index + 1;
    files.write('/v.cfg', `name="g"\nkernel="/guests/spin.img"\nmemory=16\n${vif}\n`);
    const normal = (text: string): string[] =>
      text
        .replaceAll(/00:16:3e:[0-9a-f:]{8}/g, (mac) => (vif.includes(mac) ? mac : 'MAC'))
        .replaceAll(/(online|offline) \[\d+\]/g, '$1 [PID]')
        .trimEnd()
        .split('\n')
        .filter((each) => each !== '');
    const run = (text: string, limit?: number): { lines: string[]; code: number | null } => {
      const { printed, code } = bench.script(text, limit);
      return { lines: normal(printed), code };
    };
    const made = run('xl create -q -p /v.cfg', 60_000);
    expect([vif, made.code, made.lines]).toEqual([vif, expected.exitCode, expected.printed]);
    if (expected.exitCode !== 0) {
      expect(bench.script('xenstore-ls').printed).not.toMatch(/vif|backend/);
      expect(bench.xen.domains.size).toBe(1);
      continue;
    }
    const paths = ['/local/domain/0/backend', `/local/domain/${domid}/device`, `/libxl/${domid}/device`];
    expect(run(paths.map((path) => `xenstore-ls ${path}`).join('; ')).lines).toEqual(expected.xenstore);
    expect(run('xl network-list g').lines).toEqual(expected.list);
    expect(run('xl destroy g').lines).toEqual([]);
    expect(bench.script('xenstore-ls').printed).not.toMatch(/vif|backend/);
  }
});

test('a domain has its interface until it is detached, and may get another one', () => {
  const bench = benchWith('vif = ["mac=00:16:3e:00:00:07"]');
  expect(bench.script('xl create -q /g.cfg; sleep 0.5; xl network-list g').printed).toBe(
    `${header}0   0  00:16:3e:00:00:07     0     4      3    72/73          /local/domain/0/backend/vif/1/0\n`,
  );
  expect(bench.script('xl list -l g').printed).toContain(`            "nics": [
                {
                    "devid": 0,
                    "mac": "00:16:3e:00:00:07",
                    "nictype": "vif"
                }
            ],
`);
  expect(bench.script('dmesg').printed).toContain('vif vif-1-0 vif1.0: Guest Rx ready');
  expect(bench.dom0.network.port('vif1.0')).not.toBeNull();
  expect(bench.consoles.get(1)).toMatch(/eth0 has address (\d+\.){3}\d+\./);
  bench.type(1, 'p');
  bench.run(10);
  bench.type(1, 'p');
  bench.run(10);
  expect(bench.consoles.get(1)).toMatch(/Reply from (\d+\.){3}\d+ after \d+ us/);
  expect(bench.script('xl network-detach g 0; sleep 0.5; xl network-list g').printed).toBe(header);
  expect(bench.consoles.get(1)).toContain('eth0 is closed.');
  expect(bench.dom0.network.port('vif1.0')).toBeNull();
  expect(bench.script('xl network-attach g bridge=nix', 30_000).code).toBe(1);
  expect(bench.script('xl network-attach g vifname=web0; xl network-list g | tail -n 1').printed).toContain('vif/1/0');
  expect(bench.dom0.network.port('web0')).not.toBeNull();
  // A name that the next interface would have by itself.
  bench.script('xl network-attach g vifname=vif1.2');
  expect(bench.script('xl network-attach g').printed).toContain('An interface with name vif1.2 already exists.');
  bench.script('xl destroy g');
  expect(bench.dom0.network.port('web0')).toBeNull();
  expect(bench.script('xenstore-ls').printed).not.toMatch(/vif|backend/);
});

test('xl network-attach, network-list and network-detach answer as real xl', () => {
  const bench = benchWith();
  bench.script('xl create -q -p /g.cfg');
  const recorded = readFileSync(new URL('xl/recorded/network.jsonl', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  for (const line of recorded) {
    const { command, printed, exitCode } = JSON.parse(line) as { command: string; printed: string; exitCode: number };
    const got = bench.script(command, 30_000);
    expect([command, got.printed.replaceAll(/\[\d+\]/g, '[PID]'), got.code]).toEqual([command, printed, exitCode]);
  }
  expect(bench.script('xenstore-ls').printed).not.toMatch(/vif|backend\/vif/);
});

const header = 'Idx BE Mac Addr.         handle state evt-ch   tx-/rx-ring-ref BE-path                       \n';
