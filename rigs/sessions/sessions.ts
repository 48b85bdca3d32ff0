/**
 * Random sessions: a machine is used at random, saved between two slices, and used on; another process goes on from the file
 * with the same use. Both have to end in the same state.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../../src/base/result.ts';
import type { Recipe } from '../../src/session/api/boot.ts';
import type { ConsoleId } from '../../src/session/api/console.ts';
import { noUserFiles } from '../../src/session/api/files.ts';
import type { Input } from '../../src/session/api/input.ts';
import { Session } from '../../src/session/session.ts';
import { fromFile, toFile } from '../../src/session/snapshot/file.ts';
import { Random } from '../random.ts';

/** Systems, of which `linux` and `real` begin at the snapshots `linux.snap` and `real.snap`. */
export const systems = ['board', 'model', 'linux', 'real'] as const;
export type SystemName = (typeof systems)[number];

const boardGuests = ['uart', 'timers', 'dma', 'smmu', 'gic', 'psci', 'primes', 'hello'].map((name) => `${name}.img`);
const xenGuests = ['disk', 'dma', 'exits', 'hello', 'monitor', 'net', 'rogue', 'rtos', 'spin', 'uart', 'worker'];

/** What is typed, by system: disks and networks are busy with it. */
const lines: Readonly<Record<SystemName, readonly string[]>> = {
  board: ['a', 'q', 'hello', '\u0003', '12345'],
  model: [
    'xl create /etc/xen/disk.cfg',
    'xl create /etc/xen/net.cfg',
    'ping -c 3 net',
    'xl list; xl info',
    'xl destroy rtos-b',
    'xl pause noisy; sleep 0.01; xl unpause noisy',
    'dd if=/dev/zero of=/root/a bs=4096 count=64; ls -l /root',
  ],
  linux: [
    'wget -q -O - http://10.0.0.1/ | head -n 3',
    'ping -c 2 10.0.0.1',
    'dd if=/dev/zero of=/dev/mmcblk0 bs=64k count=8',
    'dd if=/dev/mmcblk0 bs=4k count=64 | md5sum',
    'for i in 1 2 3; do (j=0; while [ $j -lt 200 ]; do j=$((j+1)); done) & done; wait',
    'cat /proc/interrupts | head -n 8',
  ],
  real: [
    'xl list',
    'xl create /etc/xen/hello.cfg',
    'xl destroy hello',
    'cat /proc/uptime; ls /',
    'xl info | head -n 5',
  ],
};
const consoles: Readonly<Record<SystemName, ConsoleId>> = {
  board: 'serial',
  model: 'dom0',
  linux: 'serial',
  real: 'dom0',
};

type Action = { readonly kind: 'run'; readonly slices: number } | { readonly kind: 'enter'; readonly input: Input };

/** What happens in one session. */
export interface Plan {
  readonly system: SystemName;
  readonly guest: string;
  readonly cpus: number;
  readonly before: readonly Action[];
  readonly after: readonly Action[];
}

/** The plan of a session by its number. `longest` slices run between two inputs at most. */
export function planOf(seed: number, index: number, only: readonly SystemName[], longest = 400): Plan {
  const random = new Random(0);
  random.reset(seed, index);
  const system = only[index % only.length] ?? 'board';
  // The board's guests are soon over.
  const most = system === 'board' ? Math.min(longest, 30) : longest;
  const action = (): Action => {
    if (random.oneIn(2)) return { kind: 'run', slices: 1 + random.below(most) };
    if (random.oneIn(6)) return { kind: 'enter', input: { kind: 'button', pressed: random.oneIn(2) } };
    if (system !== 'model' && system !== 'real' && random.oneIn(5)) {
      const card = { name: 'card', size: 2 ** 20, bytes: new Uint8Array(70_000).fill(random.below(256)) };
      return { kind: 'enter', input: random.oneIn(2) ? { kind: 'ejectCard' } : { kind: 'insertCard', card } };
    }
    const bytes = new TextEncoder().encode(`${random.pick(lines[system])}\r`);
    return { kind: 'enter', input: { kind: 'keys', console: consoles[system], bytes } };
  };
  const actions = () => Array.from({ length: 2 + random.below(6) }, action);
  const start: Action = {
    kind: 'run',
    slices: system === 'model' ? 2000 + random.below(4000) : 1 + random.below(most),
  };
  return {
    system,
    guest: random.pick(boardGuests),
    cpus: random.pick([1, 2, 4]),
    before: [start, ...actions(), { kind: 'run', slices: 1 + random.below(most) }],
    after: [...actions(), { kind: 'run', slices: 1 + random.below(most) }],
  };
}

/** Where the files are from. */
export interface Places {
  /** The repository. */
  readonly root: string;
  /** Has the snapshots at which sessions of Linux and of the real Xen begin. */
  readonly snapshots: string;
}

/** Runs a session to its end. Returns the state's hash there, and the file of its middle. */
export async function runWhole(
  plan: Plan,
  places: Places,
): Promise<{ readonly hash: string; readonly file: Uint8Array }> {
  const session = await started(plan, places);
  act(session, plan.before);
  const saved = session.save();
  // One that has ended by itself has nothing to go on with.
  const file = saved.ok ? Buffer.concat(await toFile(saved.value)) : new Uint8Array();
  act(session, plan.after);
  return { hash: session.stateHash(), file };
}

/** Goes on from the middle of a session. Returns the state's hash at the end. */
export async function runRest(plan: Plan, file: Uint8Array): Promise<Result<string>> {
  const session = await resumed(file);
  if (!session.ok) return session;
  act(session.value, plan.after);
  return ok(session.value.stateHash());
}

function act(session: Session, actions: readonly Action[]): void {
  for (const action of actions) {
    if (action.kind === 'enter') session.enter(action.input);
    else {
      session.run();
      for (let i = 0; i < action.slices && session.state === 'running'; i++) session.advance(0);
      session.pause();
    }
  }
}

function newSession(): Session {
  let wall = 0;
  const session = new Session(() => wall++);
  session.setPace('unlimited');
  return session;
}

async function resumed(file: Uint8Array): Promise<Result<Session>> {
  const snapshot = await fromFile('The file', file);
  if (!snapshot.ok) return snapshot;
  const session = newSession();
  const restored = session.restore(snapshot.value);
  if (!restored.ok) return restored;
  if (!session.replays) return ok(session);
  session.run();
  while (session.replays && session.state === 'running') session.advance(1000);
  return session.stateHash() === snapshot.value.hash ? ok(session) : err('The journal does not lead to its moment.');
}

async function started({ system, guest, cpus }: Plan, { root, snapshots }: Places): Promise<Session> {
  if (system === 'linux' || system === 'real') {
    const session = await resumed(readFileSync(join(snapshots, `${system}.snap`)));
    if (!session.ok) throw new Error(session.error);
    return session.value;
  }
  const file = (name: string) => new Uint8Array(readFileSync(join(root, 'guests/build', name)));
  const recipe: Recipe =
    system === 'board'
      ? {
          kind: 'kernel',
          request: { kernel: { name: guest, bytes: file(guest) }, machine: { cpus, memoryMiB: 64, el: 2 } },
        }
      : {
          kind: 'xen',
          request: {
            machine: { cpus, memoryMiB: 1024, el: 2 },
            commandLine: 'dom0_mem=128M',
            costs: true,
            seed: 1,
            guests: xenGuests.map((name) => ({ path: `/guests/${name}.img`, bytes: file(`xen/${name}.img`) })),
            user: noUserFiles,
            startsDomains: true,
            script: null,
            interactive: true,
          },
        };
  const session = newSession();
  const begun = recipe.kind === 'kernel' ? session.boot(recipe.request) : session.startXen(recipe.request);
  if (!begun.ok) throw new Error(begun.error);
  return session;
}
