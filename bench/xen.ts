import { assemble } from '../src/a64/assembler/assemble.ts';
import { assert } from '../src/base/assert.ts';
import { noUserFiles } from '../src/session/api/files.ts';
import { Session } from '../src/session/session.ts';
import { planXen } from '../src/session/xen/xen-system.ts';

/** How fast Xen and its domains run, by the clock given. */
export interface XenFigures {
  /** Milliseconds to Dom0's prompt: the first time, when the host still compiles our code, and the next time. */
  readonly firstPromptMs: number;
  readonly promptMs: number;
  /** Hypercalls per second of host time, by a guest that does nothing else. */
  readonly hypercalls: number;
  /** Context switches per second of host time, between two domains that yield to each other. */
  readonly switches: number;
  /** Share of a host core that 16 waiting domains need in real time, and the same for Dom0 alone. */
  readonly idle: number;
  readonly dom0Alone: number;
  /** Reads of 4 KiB from a PV disk, one after the other, per second of host time, and what one takes in the machine. */
  readonly diskReads: number;
  readonly diskReadUs: number;
}

/** Images of built-in guests. */
export interface BenchGuests {
  readonly hello: Uint8Array;
  readonly disk: Uint8Array;
}

/** `source` after the header of an arm64 Image. */
function image(source: string): Uint8Array {
  const assembly = assemble(source, { origin: 64n });
  assert(assembly.ok, 'the guest assembles');
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x1400_0010, true); // b . + 64
  view.setBigUint64(8, 0x8_0000n, true);
  view.setBigUint64(16, 4096n, true);
  bytes.set([0x41, 0x52, 0x4d, 0x64], 56);
  bytes.set(assembly.value.bytes, 64);
  return bytes;
}

/** A guest that makes one hypercall again and again: its number and its first argument. */
const calling = (number: number, argument: number): Uint8Array =>
  image(`mov x16, #${number}\n1: mov x0, #${argument}\nmov x1, #0\nhvc #0xea1\nb 1b\n`);

const config = (name: string, kernel: string): string =>
  `xl create -q /etc/xen/hello.cfg 'name="${name}"' 'kernel="/guests/${kernel}.img"' vcpus=1 'cpus="1"'\n`;

const prompt = 'dom0# ';

/** A machine on which a script has run to its end, and the scheduler of its Xen. */
function machine({ hello, disk }: BenchGuests, script: string) {
  const session = new Session(() => performance.now());
  const file = (name: string, bytes: Uint8Array) => ({ path: `/guests/${name}.img`, bytes });
  const plan = planXen({
    machine: { cpus: 4, memoryMiB: 2048, el: 2 },
    commandLine: 'sched_ratelimit_us=0',
    costs: true,
    seed: 1,
    guests: [file('hello', hello), file('disk', disk), file('version', calling(17, 0)), file('yield', calling(29, 0))],
    user: noUserFiles,
    startsDomains: false,
    script,
    interactive: true,
  });
  assert(plan.ok, 'Xen can be planned');
  const { scheduling } = session.start(plan.value).model.xen;
  session.run();
  for (let shown = ''; !shown.endsWith(prompt) && !shown.includes(`${prompt}\x1b`); ) {
    session.advance(0);
    shown = new TextDecoder().decode(session.console('dom0', 0, 1e6).bytes);
  }
  return { session, scheduling };
}

const run = (session: Session, virtualMs: number): void => {
  const end = session.virtualNs + virtualMs * 1e6;
  while (session.virtualNs < end) session.advance(0);
};

/** The guest `disk` reads a MiB, 4 KiB at a time, again and again. */
function disk(
  guests: BenchGuests,
  timed: (action: () => void) => number,
): Pick<XenFigures, 'diskReads' | 'diskReadUs'> {
  const line = `'kernel="/guests/disk.img"' 'disk=["/d.img,raw,xvda,w"]'`;
  const { session } = machine(guests, `truncate -s 1M /d.img; xl create -q /etc/xen/hello.cfg ${line}\n`);
  const readsAtOnce = 256;
  const times = 20;
  const measured = (): RegExpMatchArray[] => [
    ...new TextDecoder().decode(session.console('1/pv', 0, 1e6).bytes).matchAll(/in (\d+) us/g),
  ];
  run(session, 200);
  const read = (count: number): void => {
    const before = measured().length;
    session.input('1/pv', new TextEncoder().encode('m'.repeat(count)));
    while (measured().length < before + count) run(session, 20);
  };
  read(2);
  const diskMs = timed(() => read(times));
  const last = Number(measured().at(-1)?.[1]);
  return { diskReads: ((times * readsAtOnce) / diskMs) * 1e3, diskReadUs: last / readsAtOnce };
}

/** @param cpuMs processor time so far, or wall time where the host does not tell */
export function measureXen(guests: BenchGuests, cpuMs: () => number): XenFigures {
  const timed = (action: () => void): number => {
    const start = cpuMs();
    action();
    return cpuMs() - start;
  };
  const boot = (): number => timed(() => machine(guests, 'true'));
  const firstPromptMs = boot();
  const promptMs = Math.min(boot(), boot(), boot());

  const hypercallsOf = (session: Session): number => session.counts().exceptions.hvc ?? 0;
  const { session: callers } = machine(guests, config('a', 'version'));
  run(callers, 100);
  const calls = hypercallsOf(callers);
  const callsMs = timed(() => run(callers, 400));
  const hypercalls = ((hypercallsOf(callers) - calls) / callsMs) * 1e3;

  const { session: yielders, scheduling } = machine(guests, config('a', 'yield') + config('b', 'yield'));
  const saved = scheduling.contextSaved.bind(scheduling);
  let changes = 0;
  scheduling.contextSaved = (cpu) => {
    changes++;
    saved(cpu);
  };
  run(yielders, 100);
  changes = 0;
  const switchesMs = timed(() => run(yielders, 400));
  const switches = (changes / switchesMs) * 1e3;

  const share = (script: string): number => {
    const { session } = machine(guests, script);
    run(session, 2000);
    return timed(() => run(session, 8000)) / 8000;
  };
  const names = Array.from({ length: 16 }, (_, i) => `idle${i}`);
  const idle = share(names.map((name) => config(name, 'hello')).join(''));
  return { firstPromptMs, promptMs, hypercalls, switches, idle, dom0Alone: share('true'), ...disk(guests, timed) };
}
