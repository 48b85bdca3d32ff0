/** Virtual NUMA nodes, a list of texts for each: docs/xen/xl-devices.md, rules 28 to 30. */
import { type Fields, innerList, readUnsigned, Spec, unlessZero, wordPair } from './devices/fields.ts';
import { type KiB, kib } from './domain-config.ts';
import type { ConfigReader } from './language/reader.ts';

export interface VirtualNuma {
  readonly nodes: readonly Fields[];
  readonly vcpus: number;
  readonly memory: KiB;
}

/** NUMA nodes of the host. */
const hostNodes = 1n;

/** Reads `vnuma` for a config with the given `maxvcpus` (0 for none) and `maxmem`. */
export function readVnuma(r: ConfigReader, maxVcpus: number, maxMemory: KiB | null, cpus: number): VirtualNuma | null {
  const list = r.quietList('vnuma');
  if (!list || list.items.length === 0) return null;
  const numa = { vcpus: 0, memory: 0 };
  const nodes = list.items.map((item) => {
    const spec = new Spec('', 'vnuma', item.range, r);
    const options = innerList(spec, item);
    if (!options) return spec.end('xl: cannot get vnode config option list');
    const texts = options.items.flatMap((option) => (option.kind === 'atom' ? [option.text] : []));
    return readNode(spec, texts, list.items.length, numa);
  });
  const spec = new Spec('', 'vnuma', list.range, r);
  if (maxVcpus !== 0 && maxVcpus !== numa.vcpus) spec.end('xl: vnuma vcpus and maxvcpus= mismatch');
  if (maxVcpus === 0 && cpus < numa.vcpus)
    spec.end('xl: vnuma specifies more vcpus than pcpus, use maxvcpus= to override this check.');
  if (maxMemory !== null && maxMemory !== numa.memory) spec.end('xl: maxmem and vnuma memory size mismatch');
  return { nodes, vcpus: numa.vcpus, memory: kib(numa.memory) };
}

/** Reads one node, and adds what it has to `numa`. */
function readNode(
  spec: Spec,
  texts: readonly string[],
  count: number,
  numa: { vcpus: number; memory: number },
): Fields {
  const number = (text: string): bigint =>
    readUnsigned(text, 10)?.value ?? spec.end(`xl: failed to convert "${text}" to number`);
  const distances: number[] = Array(count).fill(0);
  const vcpus = new Set<number>();
  let pnode = 0;
  let memory = 0;
  for (const text of texts) {
    const [name, value] = wordPair(text, '=') ?? spec.end(`xl: failed to split "${text}" into pair`);
    const parts = value.split(',').filter((part) => part !== '');
    if (name === 'pnode') {
      const node = number(value);
      if (node >= hostNodes) spec.end(`xl: invalid pnode number: ${node}`);
      pnode = Number(node);
    } else if (name === 'size') {
      memory = Number(BigInt.asUintN(64, number(value) << 10n));
      numa.memory += memory;
    } else if (name === 'vcpus') {
      for (const part of parts) numa.vcpus += addRange(part, vcpus);
    } else if (name === 'vdistances') {
      for (const [i, part] of parts.entries()) {
        const distance = Number(BigInt.asUintN(32, number(part)));
        if (i < count) distances[i] = distance;
      }
    }
  }
  return {
    memkb: unlessZero(memory),
    distances,
    pnode: unlessZero(pnode),
    vcpus: vcpus.size > 0 ? [...vcpus].sort((a, b) => a - b) : undefined,
  };
}

/** The most vCPUs that a range may name here: xl itself would count for ever. */
const most = 4096;

/** Adds the vCPUs of `first-last`. What cannot be read counts as 0. Returns how many it names. */
function addRange(text: string, to: Set<number>): number {
  const first = readUnsigned(text, 10);
  const start = Number(first?.value ?? 0n);
  const rest = text.slice(first?.length ?? 0);
  const last = rest.startsWith('-') ? Number(readUnsigned(rest.slice(1), 10)?.value ?? 0n) : start;
  const end = Math.min(last, start + most);
  for (let vcpu = start; vcpu <= end; vcpu++) to.add(vcpu);
  return Math.max(0, end - start + 1);
}
