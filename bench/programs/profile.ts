// Where the machine's thread is, by V8's sampling profiler: for Node only.
import { readFileSync } from 'node:fs';
import { Session as Inspector, type Profiler } from 'node:inspector';
import { SourceMap } from 'node:module';
import { CodeTable } from '../../src/engine/code/code-table.ts';
import { Translator } from '../../src/engine/translator/translator.ts';

/**
 * What a sample can be in, in the order of the table. `engine` is compiling and instantiating on this thread; `unknown` is
 * generated code of which the profiler has not heard yet: it counts as the function that called it.
 */
export const parts = [
  'regions',
  'transfers',
  'TLB, walks',
  'interpreter',
  'unknown',
  'translator',
  'engine',
  'system',
  'turns',
  'devices',
  'rest',
] as const;
export type Part = (typeof parts)[number];

/** Microseconds between two samples. */
const interval = 500;

/** What generated modules are, by how V8 is told to call them. */
type Kind = 'translations' | 'runtime' | 'interpreter';
let kind: Kind = 'interpreter';

/** Has a method work while modules are of a kind. */
function during<A extends unknown[], R>(of: Kind, method: (...args: A) => R): (...args: A) => R {
  return function (this: unknown, ...args: A): R {
    const before = kind;
    kind = of;
    try {
      return method.apply(this, args);
    } finally {
      kind = before;
    }
  };
}

/** A custom section "name" with the name of the module (WebAssembly Core Specification 2.0, 7.4.1). */
function nameSection(name: string): Uint8Array {
  const text = new TextEncoder().encode(name);
  const own = [0, text.length + 1, text.length, ...text];
  return Uint8Array.of(0, own.length + 5, 4, ...new TextEncoder().encode('name'), ...own);
}

/** Names modules by their kind. */
function nameModules(): void {
  Translator.prototype.flush = during('translations', Translator.prototype.flush);
  CodeTable.prototype.runtime = during('runtime', CodeTable.prototype.runtime);
  const { Module } = WebAssembly;
  WebAssembly.Module = new Proxy(Module, {
    construct(target, [bytes]: [Uint8Array]) {
      const name = nameSection(kind);
      const named = new Uint8Array(bytes.length + name.length);
      named.set(bytes);
      named.set(name, bytes.length);
      return new target(named);
    },
  });
}

/** Where a function of TypeScript belongs, by the beginning of its path. The first that fits counts. */
const rooms: readonly (readonly [string, Part])[] = [
  ['src/arch/mmu/', 'TLB, walks'],
  ['src/engine/interpreter/', 'interpreter'],
  ['src/a64/decoder', 'interpreter'],
  ['src/a64/pattern', 'interpreter'],
  ['src/engine/', 'translator'],
  ['src/wasm/', 'translator'],
  ['src/a64/', 'translator'],
  ['src/arch/', 'system'],
  ['src/cluster/', 'turns'],
  ['src/session/', 'turns'],
  ['src/base/', 'turns'],
  ['src/', 'devices'],
];

/** Functions of a module of translations before its regions, by index. */
const translationParts: readonly Part[] = ['TLB, walks', 'transfers', 'interpreter'];

function partOf(
  { functionName, url, lineNumber, columnNumber }: Profiler.ProfileNode['callFrame'],
  map: SourceMap,
): Part {
  if (url === '' && (functionName === 'Module' || functionName === 'Instance')) return 'engine';
  if (url.startsWith('wasm:')) {
    if (url.includes('translations')) return translationParts[Number(/\d+/.exec(functionName)?.[0])] ?? 'regions';
    return url.includes('runtime') ? 'system' : 'interpreter';
  }
  const entry = map.findEntry(lineNumber, columnNumber);
  const source = 'originalSource' in entry ? entry.originalSource : '';
  if (functionName === 'run' && source.includes('src/engine/interpreter/')) return 'unknown';
  return rooms.find(([path]) => source.includes(path))?.[1] ?? 'rest';
}

/** Profiles from now on. `stop` gives a function that says how long each part took between two times of `performance`. */
export function profile(bundle: string): { stop: () => (from: number, to: number) => Record<Part, number> } {
  nameModules();
  const map = new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, 'utf8')));
  const inspector = new Inspector();
  inspector.connect();
  inspector.post('Profiler.enable');
  inspector.post('Profiler.setSamplingInterval', { interval });
  inspector.post('Profiler.start');
  return {
    stop: () => {
      let result: Profiler.Profile | undefined;
      // The profile is there when `post` returns.
      inspector.post('Profiler.stop', (_error, stopped) => {
        result = stopped.profile;
      });
      if (!result) throw new Error('the profiler has no profile');
      const { nodes, samples = [], timeDeltas = [], startTime } = result;
      const partOfNode = new Map(nodes.map((node) => [node.id, partOf(node.callFrame, map)]));
      // The profiler's clock and that of `performance` differ by their zero.
      const zero = Number(process.hrtime.bigint()) / 1e3 - performance.now() * 1e3;
      let time = startTime - zero;
      const at = samples.map((node, i) => {
        time += timeDeltas[i] ?? 0;
        return { ms: time / 1e3, part: partOfNode.get(node) ?? 'rest', tookMs: (timeDeltas[i + 1] ?? 0) / 1e3 };
      });
      return (from, to) => {
        const took = Object.fromEntries(parts.map((part) => [part, 0])) as Record<Part, number>;
        for (const { ms, part, tookMs } of at) if (ms >= from && ms < to) took[part] += tookMs;
        return took;
      };
    },
  };
}
