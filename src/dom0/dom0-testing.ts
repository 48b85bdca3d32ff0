import { type Cycles, cycles } from '../base/units.ts';
import { clockHz, ZynqMp } from '../soc/board/zynqmp.ts';
import { Machine } from '../xen/machine/machine.ts';
import type { BoardDevices } from '../xen/passthrough/board-devices.ts';
import { stockBoard } from '../xen/passthrough/stock-board.ts';
import { Xen } from '../xen/xen.ts';
import { Dom0, firstBridge } from './dom0.ts';

/** Puts code behind the header of an arm64 Image, which jumps to it. The image begins at the start of memory. */
export function imageOf(code: Uint8Array): Uint8Array {
  const image = new Uint8Array(64 + code.length);
  const view = new DataView(image.buffer);
  view.setUint32(0, 0x1400_0010, true);
  view.setBigUint64(16, BigInt(image.length), true);
  view.setUint32(56, 0x644d_5241, true);
  image.set(code, 64);
  return image;
}

/** For tests and measurements: a board with Xen and Dom0. */
export class Dom0Bench {
  /** The output of Dom0's terminal, of Xen's serial port and of each domain's console, by domain number. */
  terminal = '';
  serial = '';
  readonly consoles = new Map<number, string>();
  readonly board: ZynqMp;
  readonly xen: Xen;
  readonly dom0: Dom0;

  /** The image of guest `x` becomes Dom0's file /guests/x.img. */
  constructor(
    guests: Readonly<Record<string, Uint8Array>>,
    cpus = 4,
    board: BoardDevices = stockBoard,
    commandLine = '',
  ) {
    this.board = new ZynqMp({
      cores: cpus,
      dramSize: 2 ** 31,
      el: 2,
      lan: firstBridge,
      log: () => {},
      transmit: (_, byte) => {
        this.serial += String.fromCharCode(byte);
      },
      end: () => {},
    });
    this.xen = new Xen(new Machine(this.board), {
      board,
      commandLine,
      loadDom0: () => this.dom0.load(),
      control: (vcpu) => this.dom0.serve(vcpu),
    });
    this.dom0 = new Dom0(this.xen, {
      memory: 512,
      seed: 1,
      clockHz,
      network: this.board.network,
      output: (bytes) => {
        this.terminal += new TextDecoder().decode(bytes);
      },
    });
    this.dom0.xenconsoled.onOutput = (domid, _, bytes) => {
      this.consoles.set(domid, (this.consoles.get(domid) ?? '') + new TextDecoder().decode(bytes));
    };
    for (const [name, image] of Object.entries(guests)) this.dom0.files.write(`/guests/${name}.img`, image);
    this.xen.boot();
  }

  get now(): Cycles {
    return this.board.events.now;
  }

  /** Runs the machine for `ms` milliseconds of virtual time. */
  run(ms: number): void {
    this.board.cluster.run(cycles(this.now + (ms * clockHz) / 1000));
  }

  /** Runs a script to its end. Returns its output and exit code. */
  script(text: string, limitMs = 5000): { printed: string; code: number | null } {
    const from = this.terminal.length;
    let code: number | null = null;
    this.dom0.startScript(text, (c) => {
      code = c;
    });
    for (let ms = 0; ms < limitMs && code === null; ms += 10) this.run(10);
    return { printed: this.terminal.slice(from).replaceAll('\r\n', '\n'), code };
  }

  /** Types a line on a domain's console. */
  type(domid: number, line: string): void {
    this.dom0.xenconsoled.type(domid, 'pv', new TextEncoder().encode(line));
  }
}
