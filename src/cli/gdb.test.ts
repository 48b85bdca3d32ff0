/** Debian's gdb-multiarch with machines of the command line. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

// A slow machine makes the guests slow.
vi.setConfig({ testTimeout: 120_000 });

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const tools = 'aarch64-linux-gnu-';
const compiler = `${tools}gcc`;
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'el2lab-gdb-'));
  // The first use builds the command line, which takes seconds.
  spawnSync(file('bin/el2lab'), ['--help']);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

const started: Program[] = [];
// A test that fails leaves nothing running.
afterEach(() => {
  for (const program of started.splice(0)) program.process.kill();
});

/** What a program has printed, and its exit code at its end. */
class Program {
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  #text = '';
  #heard: () => void = () => {};

  constructor(path: string, args: readonly string[]) {
    this.process = spawn(path, args);
    started.push(this);
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on('data', (data: Buffer) => {
        this.#text += data.toString();
        this.#heard();
      });
    this.ended = new Promise((resolve) => {
      this.process.on('close', (code) => {
        resolve(code);
        this.#heard();
      });
    });
  }

  get text(): string {
    return this.#text;
  }

  /** Waits until it has printed something. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#text);
      if (found) return found;
      if (this.process.exitCode !== null) throw new Error(`it ended without ${pattern}:\n${this.#text}`);
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }
}

/** Runs GDB with a machine that waits for it. */
async function debug(machine: readonly string[], symbols: string | null, commands: readonly string[]) {
  const el2lab = new Program(file('bin/el2lab'), machine);
  const [, port] = await el2lab.until(/waiting for GDB: target remote localhost:(\d+)/);
  const all = ['set confirm off', 'set pagination off', 'set width 0', `target remote localhost:${port}`, ...commands];
  const gdb = new Program('gdb-multiarch', [
    ...['-nx', '-batch', ...all.flatMap((command) => ['-ex', command])],
    ...(symbols === null ? [] : [symbols]),
  ]);
  return { el2lab, gdb };
}

describe.skipIf(!has('gdb-multiarch'))('gdb-multiarch (Debian’s package; skipped where it is missing)', () => {
  test('debugs a kernel on the board, goes back, interrupts, and leaves it running', async () => {
    const machine = ['boot', '--kernel', file('guests/build/hello.img'), '--gdb', '0'];
    const { el2lab, gdb } = await debug(machine, file('guests/build/hello.elf'), [
      'info threads',
      'break send',
      'continue',
      'continue',
      'printf "second %c\\n", (char) $w0',
      'stepi',
      'printf "at %d\\n", (long) $pc - (long) &send',
      'reverse-stepi',
      'printf "back at %d\\n", (long) $pc - (long) &send',
      'reverse-continue',
      'printf "first %c\\n", (char) $w0',
      'reverse-continue',
      'delete',
      'rwatch *(char *) &prompt',
      'continue',
      'continue',
      'delete',
      'printf "level %d\\n", $CurrentEL / 4',
      'continue',
      'info symbol $pc',
      'detach',
    ]);
    await el2lab.until(/q powers off/);
    gdb.process.kill('SIGINT');
    expect(await gdb.ended).toBe(0);
    for (const part of [
      /\* 1 +Thread 1 "CPU0" \(EL2, running\) +0x0*80000 in _start \(\)/,
      /second e\n/,
      /at 4\n(?:.*\n)*back at 0\n/,
      /first H\n/,
      /No more reverse-execution history\.\n(?:.*\n)*.*_start/,
      // In the past up to the present, then on.
      /No more reverse-execution history\.\n(?:.*\n)*.*send/,
      /Hardware read watchpoint 2: \*\(char \*\) &prompt/,
      /level 2\n/,
      /received signal SIGINT/,
      /^receive \+/m,
      /detached/,
    ])
      expect(gdb.text).toMatch(part);
    el2lab.process.stdin?.write('q');
    expect(await el2lab.ended).toBe(0);
  });

  test.skipIf(!has(compiler))(
    `debugs one domain by source lines from its creation on (skipped where ${compiler} is missing)`,
    async () => {
      const elf = join(folder, 'rtos.elf');
      const library = ['start.S', 'xen.c', 'console.c', 'command-line.c', 'xenstore.c'].map(
        (name) => `xen/lib/${name}`,
      );
      const rtos = ['heartbeat', 'kernel', 'latency', 'rtos'].map((name) => `xen/rtos/${name}.c`);
      const flags =
        '-g -O1 -march=armv8-a -mstrict-align -mgeneral-regs-only -mno-outline-atomics -ffreestanding -nostdlib -static';
      const layout =
        '-fno-pic -fno-pie -fno-stack-protector -fno-tree-loop-distribute-patterns -Wl,-n -Wl,-T,xen/lib/image.ld';
      const args = [...flags.split(' '), ...layout.split(' '), '-Wno-main', '-Ixen/lib', '-Ilib'];
      execFileSync(compiler, [...args, '-o', elf, ...library, ...rtos], { cwd: file('guests'), stdio: 'ignore' });
      mkdirSync(join(folder, 'files/guests'), { recursive: true });
      execFileSync(`${tools}objcopy`, ['-O', 'binary', elf, join(folder, 'files/guests/rtos.img')]);
      const script = 'xl create /etc/xen/rtos-b.cfg; xl create /etc/xen/rtos-a.cfg; sleep 0.2; xl destroy rtos-a';
      const machine = ['xen', '--files', join(folder, 'files'), '--gdb', '0=rtos-a', '--dom0-cmd', script];
      const { el2lab, gdb } = await debug(machine, elf, [
        'info threads',
        'break task_sleep_until',
        'continue',
        'bt',
        'next',
        'watch tasks[running].wakes',
        'stepi',
        'info threads',
        'monitor info domains',
        'monitor translate $pc',
        'delete',
        'continue',
      ]);
      expect(await gdb.ended).toBe(0);
      for (const part of [
        /\* 1 +Thread \d+ "rtos-a\/vCPU0" \(EL1, \w+/,
        /Breakpoint 1, task_sleep_until \(at=.*\) at xen\/rtos\/kernel\.c:\d+\n\d+\t {2}tasks\[running\]\.wakes = at;/,
        /#1 .* in control \(\) at xen\/rtos\/rtos\.c:\d+/,
        /\* 1 +Thread \d+ "rtos-a\/vCPU0" \(EL1, running on pCPU1\)/,
        /rtos-a +[r-][b-]---- +16/,
        /stage 2 level 2 +PA 0x[0-9a-f]+ .* block/,
        // The domain is destroyed, the run goes on.
        /exited normally/,
      ])
        expect(gdb.text).toMatch(part);
      expect(gdb.text).not.toMatch(/rtos-b\/vCPU0/);
      expect(await el2lab.ended).toBe(0);
    },
  );

  test('shows everything of the model of Xen: pCPUs, and vCPUs by their domains', async () => {
    const script = 'xl create /etc/xen/hello.cfg; sleep 0.1';
    const { el2lab, gdb } = await debug(['xen', '--gdb', '0', '--dom0-cmd', script], null, [
      'tbreak *0x40080000',
      'continue',
      'info threads',
      'thread find hello/vCPU0',
      'stepi',
      'reverse-stepi',
      'info threads',
      'kill',
    ]);
    expect(await gdb.ended).toBe(0);
    expect(gdb.text).toMatch(/^\* \d +Thread \d+ "hello\/vCPU0" .* 0x0*40080000 in(?:.*\n)*^\* \d .* 0x0*40080000 in/m);
    expect(gdb.text).toMatch(/Thread \d+ "hello\/vCPU0" hit Temporary breakpoint 1, 0x0*40080000/);
    expect(gdb.text).toMatch(/ 2 +Thread 2 "pCPU1" \(EL\d, \w+/);
    expect(gdb.text).toMatch(/"Domain-0\/vCPU0" \(EL1, \w+/);
    expect(gdb.text).toMatch(/has target name 'hello\/vCPU0'/);
    expect(await el2lab.ended).toBe(0);
    expect(el2lab.text).toMatch(/GDB has ended the run\./);
  });

  const xen = ['xen', 'xen-syms', 'Image', 'zcu102.dtb', 'initrd.gz', 'modules.gz', 'dom0.gz'].map((name) =>
    file(`images/${name}`),
  );
  test.skipIf(!xen.every(existsSync))(
    'debugs the unmodified Xen by its symbols, forth and back (skipped where the images folder does not hold it)',
    async () => {
      const machine = ['xen', '--real', '--gdb', '0', '--dom0-cmd', 'true'];
      const { el2lab, gdb } = await debug(machine, file('images/xen-syms'), [
        'tbreak start_xen',
        'continue',
        'bt 2',
        'break domain_create',
        'continue',
        'continue',
        'info threads',
        'monitor el',
        'monitor translate $pc',
        'reverse-continue',
        'monitor time',
        'kill',
      ]);
      expect(await gdb.ended).toBe(0);
      for (const part of [
        /hit Temporary breakpoint 1, 0x[0-9a-f]+ in start_xen/,
        /#1 .* in real_start \(\)/,
        /^pCPU0 +EL2, running\npCPU1 +off$/m,
        /stage 1 level 0 +PA/,
        /in the past: the present is 0\.\d+ s/,
      ])
        expect(gdb.text).toMatch(part);
      expect(gdb.text.match(/hit Breakpoint 2, 0x[0-9a-f]+ in domain_create/g)).toHaveLength(3);
      expect(await el2lab.ended).toBe(0);
    },
  );

  const linux = ['images/Image', 'images/initrd.gz'].map(file);
  test.skipIf(!linux.every(existsSync))(
    'debugs Linux on the board (skipped where `npm run images` has not been run)',
    async () => {
      const [kernel = '', initrd = ''] = linux;
      const snapshot = join(folder, 'booting.snap');
      const ends = ['--cpus', '2', '--virtual-seconds', '0.3', '--save', snapshot];
      await new Program(file('bin/el2lab'), ['boot', '--kernel', kernel, '--initrd', initrd, ...ends]).ended;
      const { el2lab, gdb } = await debug(['resume', snapshot, '--gdb', '0'], null, [
        'tbreak *($VBAR_EL1 + 0x280)',
        'continue',
        'monitor bt',
        'monitor el',
        'monitor translate $pc',
        'reverse-stepi',
        'stepi',
        'kill',
      ]);
      expect(await gdb.ended).toBe(0);
      expect(gdb.text).toMatch(/hit Temporary breakpoint 1, 0xffff[0-9a-f]+80 in/);
      expect(gdb.text).toMatch(/(?:#\d +0xffff[0-9a-f]+\n){4}/);
      expect(gdb.text).toMatch(/^CPU0 +EL1, running$/m);
      expect(gdb.text).toMatch(/(?:stage 1 .*\n)+PA 0x[0-9a-f]+80 r-x\n/);
      expect(await el2lab.ended).toBe(0);
    },
  );
});
