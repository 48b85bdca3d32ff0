/** A DMA channel of a guest's own, with and without the SMMU. What xl and Xen say was recorded from the real ones. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { defined } from '../base/assert.ts';
import { boardWithFreeChannel } from '../xen/passthrough/board-testing.ts';
import { Dom0Bench } from './dom0-testing.ts';

const image = new Uint8Array(readFileSync(new URL('../../guests/build/xen/dma.img', import.meta.url)));
const node = '/axi/device@fd500000';
const smmu = '(XEN) smmu: /axi/device@fd800000: ';

class DmaBench extends Dom0Bench {
  constructor(commandLine = '') {
    super({ dma: image }, 2, boardWithFreeChannel(), commandLine);
    this.script('sleep 0.1');
  }
  /** Creates a domain of the image with more lines in its config. */
  create(name: string, ...lines: readonly string[]): { printed: string; code: number | null } {
    const text = [`name = "${name}"`, 'kernel = "/guests/dma.img"', 'memory = 16', ...lines].join('\n');
    this.dom0.files.write(`/${name}.cfg`, `${text}\n`);
    const created = this.script(`xl create -q /${name}.cfg`);
    this.run(100);
    return created;
  }
  console(domid: number): string {
    return this.consoles.get(domid)?.replaceAll('\r', '') ?? '';
  }
  /** The lines of Xen's log from a length on. */
  logFrom(length: number): string[] {
    return this.serial.slice(length).replaceAll('\r', '').trimEnd().split('\n');
  }
  /** What the domain answers to a line on its console. */
  ask(domid: number, line: string): string {
    const before = this.console(domid).length;
    this.type(domid, `${line}\r`);
    this.run(200);
    return this.console(domid)
      .slice(before)
      .replace(`${line}\n`, '')
      .replace(/dma> $/, '');
  }
  /** The machine's frame of a domain's console, as Xen tells it. */
  watchedFrame(domid: number): string {
    const before = this.serial.length;
    this.script('xl debug-keys g');
    const grants = this.serial.slice(before).split(`grant-table for remote d${domid} `)[1] ?? '';
    return defined(/\[0x000\] +0 (0x[0-9a-f]+)/.exec(grants)?.[1], 'the frame');
  }
}

const registers = 'iomem = ["0xfd500,1"]';
const assigned = `dtdev = ["${node}"]`;

describe('with the SMMU', () => {
  const bench = new DmaBench('loglvl=all guest_loglvl=all');

  test('does Xen find it, and give Domain-0 the masters that are not left to guests?', () => {
    const lines = bench.logFrom(0);
    const at = lines.indexOf(`${smmu}probing hardware configuration...`);
    expect(lines.slice(at, at + 8)).toEqual([
      `${smmu}probing hardware configuration...`,
      `${smmu}SMMUv2 with:`,
      `${smmu}\tstage 2 translation`,
      `${smmu}\tstream matching with 48 register groups, mask 0x7fff<2>${smmu.slice(6)}\t16 context banks (0 stage-2 only)`,
      `${smmu}\tStage-2: 48-bit IPA -> 48-bit PA`,
      `${smmu}registered 0 master devices`,
      '(XEN) I/O virtualisation enabled',
      '(XEN)  - Dom0 mode: Relaxed',
    ]);
    expect(bench.script('xl info').printed).toMatch(/^virt_caps +: hvm hvm_directio hap iommu_hap_pt_share vpmu/m);
    expect(lines.filter((line) => line.includes('p2maddr'))).toEqual([
      expect.stringContaining(`${smmu}d0: p2maddr 0x`),
    ]);
  });

  test('does the channel copy inside the domain, and is a frame outside refused, logged and untouched?', () => {
    expect(bench.create('watch', 'extra = "watch=1"').code).toBe(0);
    const frame = bench.watchedFrame(1);
    const before = bench.serial.length;
    expect(bench.create('dma', assigned, registers)).toEqual({ code: 0, printed: '' });
    expect(bench.console(2)).toBe('This domain has the DMA channel at 0xfd500000. Type copy, or write FRAME.\ndma> ');
    const copied = 'Inside its memory: done, 4096 of 4096 bytes have arrived.\n';
    expect(bench.ask(2, 'copy')).toBe(copied);
    expect(bench.ask(2, `write ${frame}`)).toBe(
      `Outside of its memory, from frame ${frame} on: 1 of 1 writes have been refused.\n`,
    );
    expect(bench.ask(2, 'copy')).toBe(copied);
    expect(bench.logFrom(before)).toEqual([
      '(XEN) memory_map:add: d2 gfn=fd500 mfn=fd500 nr=1',
      expect.stringMatching(/^\(XEN\) smmu: \/axi\/device@fd800000: d2: p2maddr 0x[0-9a-f]{16}$/),
      `${smmu}Unhandled context fault: fsr=0x402, iova=0x${frame.slice(2).padStart(5, '0')}e00, fsynr=0x12, cb=1`,
    ]);
    expect(bench.console(1)).not.toContain('changed');
  });

  test.each([
    ['/x', null],
    ['/axi/device@fd510000', -16],
    ['/axi/device@ff060000', -22],
    [node, -16],
  ])('is %s refused as by the real xl?', (path, status) => {
    const before = bench.serial.length;
    const domid = bench.xen.domains.nextNumber;
    expect(bench.create('refused', `dtdev = ["${path}"]`)).toEqual({
      code: 3,
      printed: [
        `libxl: error: libxl_create.c:1857:libxl__add_dtdevs: Domain ${domid}:xc_assign_dtdevice failed: -1`,
        `libxl: error: libxl_create.c:1921:domcreate_attach_devices: Domain ${domid}:unable to add none devices`,
        `libxl: error: libxl_domain.c:1183:libxl__destroy_domid: Domain ${domid}:Non-existant domain`,
        `libxl: error: libxl_domain.c:1137:domain_destroy_callback: Domain ${domid}:Unable to destroy guest`,
        `libxl: error: libxl_domain.c:1064:domain_destroy_cb: Domain ${domid}:Destruction of domain failed\n`,
      ].join('\n'),
    });
    const log = `(XEN) XEN_DOMCTL_assign_dt_device: assign "${path}" to dom${domid} failed (${status})`;
    expect(bench.serial.slice(before).trim()).toBe(status === null ? '' : log);
  });

  test('is the channel free for the next domain, and does it reach nothing before?', () => {
    expect(bench.script('xl destroy dma').code).toBe(0);
    const before = bench.serial.length;
    const domid = bench.xen.domains.nextNumber;
    expect(bench.create('without', registers).code).toBe(0);
    expect(bench.ask(domid, 'write 4096')).toContain('from frame 0x1000 on: 1 of 1 writes have been refused.');
    expect(bench.logFrom(before).slice(-2)).toEqual([
      `${smmu}Unexpected global fault, this could be serious`,
      `${smmu}\tGFSR 0x00000001, GFSYNR0 0x00000002, GFSYNR1 0x000014e8, GFSYNR2 0x00000000`,
    ]);
    expect(bench.script('xl destroy without').code).toBe(0);
    expect(bench.create('dma', assigned, registers).code).toBe(0);
    expect(bench.ask(domid + 1, 'copy')).toContain('4096 of 4096 bytes have arrived.');
  });
});

test('without it, does the same write reach the other domain, and is dtdev refused?', () => {
  const bench = new DmaBench('iommu=off');
  expect(bench.logFrom(0)).toContain('(XEN) I/O virtualisation disabled');
  expect(bench.create('watch', 'extra = "watch=1"').code).toBe(0);
  const frame = bench.watchedFrame(1);
  expect(bench.create('dma', assigned, registers)).toMatchObject({
    code: 6,
    printed: expect.stringContaining('passthrough not supported on this platform'),
  });
  expect(bench.create('dma', registers).code).toBe(0);
  expect(bench.ask(2, `write ${frame}`)).toContain('0 of 1 writes have been refused.');
  expect(bench.console(1)).toContain('512 bytes of it have changed. It ends with: written by DMA!!\n');
});
