import { XenBench } from '../../xen/xen-testing.ts';
import { Dom0Bench } from '../dom0-testing.ts';

const hypercall = (number: number, command: number): string =>
  `mov x16, #${number}\nmov x0, #${command}\nmov x1, #0\nhvc #0xea1`;

/** Repeats something and counts it, at the start of the second page. */
const loop = (body: string): string => `
  adr  x19, count
1: ${body}
  ldr  x2, [x19]
  add  x2, x2, #1
  str  x2, [x19]
  b    1b
  .align 12
count: .quad 0`;

/** What a guest, or several that share a pCPU, do for as long as one lets them. */
export class SpeedBench {
  readonly #bench = new XenBench({ cpus: 1 });
  readonly #domains;

  constructor(kind: 'hypercall' | 'switch') {
    // XENVER_version; SCHEDOP_yield, after which another domain runs.
    const source = loop(kind === 'hypercall' ? hypercall(17, 0) : hypercall(29, 0));
    this.#domains = Array.from({ length: kind === 'hypercall' ? 1 : 2 }, () => this.#bench.guest(source));
  }

  /** Lets so many milliseconds pass; how often they have done it. */
  run(ms: number): number {
    const before = this.#count();
    this.#bench.run(ms);
    return this.#count() - before;
  }

  #count(): number {
    return this.#domains.reduce((sum, domain) => sum + Number(this.#bench.peek(domain, 0x4000_1000)), 0);
  }
}

/** Domains of one guest beside Dom0 on four pCPUs, at rest. */
export function manyDomains(guest: string, image: Uint8Array, count: number): Dom0Bench {
  const bench = new Dom0Bench({ [guest]: image });
  bench.run(20);
  for (let i = 0; i < count; i++) {
    bench.dom0.files.write(`/d${i}.cfg`, `name="d${i}"\nkernel="/guests/${guest}.img"\nmemory=16\n`);
    const { code, printed } = bench.script(`xl create -q /d${i}.cfg`, 20_000);
    if (code !== 0) throw new Error(printed);
  }
  bench.run(1000);
  return bench;
}
