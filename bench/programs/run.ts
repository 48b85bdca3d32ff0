import { assert } from '../../src/base/assert.ts';
import type { ConsoleId } from '../../src/session/api/console.ts';
import { noUserFiles } from '../../src/session/api/files.ts';
import { Session } from '../../src/session/session.ts';
import { planXen } from '../../src/session/xen/xen-system.ts';

/** Files of Linux, by what they are. */
export interface ProgramFiles {
  readonly kernel: Uint8Array<ArrayBuffer>;
  readonly initrd: Uint8Array<ArrayBuffer>;
}

/** Milliseconds of wall time, of processor time of all threads, and of that of the machine's thread where the host tells. */
export interface Times {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly threadMs?: number;
}

/** What the machine had done. */
export interface MachineCounts {
  readonly instructions: number;
  readonly exceptions: number;
  readonly interrupts: number;
  readonly dataTlbMisses: number;
  readonly codeTlbMisses: number;
  readonly regions: number;
  readonly modules: number;
}

/** What a console printed, and the counts by then. */
export interface Said {
  readonly text: string;
  readonly counts: MachineCounts;
}

/** What a console printed, and the times and counts by then. */
export interface Printed extends Times, Partial<Said> {
  readonly text: string;
  /** Milliseconds since the text before, by where the machine's thread was. */
  readonly parts?: Readonly<Record<string, number>>;
}

/** Wall time for which the machine runs before its console is looked at, in milliseconds. */
const budgetMs = 2;
/** Bytes of the console that are read at a time. */
const consoleBudget = 2 ** 20;

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((all, count) => all + count, 0);

function countsOf(session: Session): MachineCounts {
  const { exceptions, interrupts, tlbMisses, translations } = session.counts();
  return {
    instructions: session.status().instructions,
    exceptions: sum(exceptions),
    interrupts: sum(interrupts),
    dataTlbMisses: tlbMisses.data,
    codeTlbMisses: tlbMisses.code,
    regions: translations.regions,
    modules: translations.modules,
  };
}

/** Where Linux runs: alone on the board, or as a domain of the Xen model with four vCPUs. */
export type Place = 'board' | 'domain';

const machine = { cpus: 4, memoryMiB: 2048, el: 2 } as const;

/** Starts Linux, and gives its console. */
const starts: Record<Place, (session: Session, files: ProgramFiles) => ConsoleId> = {
  board: (session, { kernel, initrd }) => {
    const loaded = session.boot({
      kernel: { name: 'Image', bytes: kernel },
      initrd: { name: 'initrd', bytes: initrd },
      deviceTree: undefined,
      bootArguments: 'console=ttyPS0,115200 quiet panic=-1',
      placed: [],
      seed: undefined,
      machine,
    });
    assert(loaded.ok, 'the images can be loaded');
    return 'serial';
  },
  domain: (session, { kernel, initrd }) => {
    const config = `name = "programs"
kernel = "/guests/linux.img"
ramdisk = "/guests/programs.img"
memory = 1024
vcpus = 4
extra = "console=hvc0 quiet panic=-1"
`;
    const plan = planXen({
      machine,
      commandLine: '',
      costs: true,
      seed: 1,
      guests: [
        { path: '/guests/linux.img', bytes: kernel },
        { path: '/guests/programs.img', bytes: initrd },
        { path: '/etc/xen/programs.cfg', bytes: new TextEncoder().encode(config) },
      ],
      user: noUserFiles,
      startsDomains: false,
      script: 'xl create -q /etc/xen/programs.cfg',
      interactive: true,
    });
    assert(plan.ok, 'Xen can be planned');
    session.start(plan.value);
    return '1/pv';
  },
};

/** Boots Linux until it has printed `last`. `say` hears what its console prints. */
export function runPrograms(place: Place, files: ProgramFiles, last: string, say: (printed: Said) => void): void {
  const session = new Session(() => performance.now());
  const console = starts[place](session, files);
  session.run();
  let seen = 0;
  for (let text = ''; !text.includes(last); ) {
    assert(session.advance(budgetMs) !== null, 'Linux goes on until all programs have run');
    const { bytes, end } = session.console(console, seen, consoleBudget);
    if (end === seen) continue;
    seen = end;
    const part = String.fromCharCode(...bytes);
    text = text.slice(-last.length) + part;
    say({ text: part, counts: countsOf(session) });
  }
}
