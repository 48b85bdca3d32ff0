import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

// A slow machine makes the guests slow.
vi.setConfig({ testTimeout: 60_000 });

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const image = file('guests/build/hello.img');
const elf = file('guests/build/hello.elf');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'el2lab-'));
  // The first use builds the command line, which takes seconds.
  el2lab('--help');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

function el2lab(...args: string[]) {
  return el2labTyping('', ...args);
}

function el2labTyping(input: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(file('bin/el2lab'), args, { input, encoding: 'utf8', cwd: folder });
  return { status, stdout, stderr };
}

/** A file in the test's folder. */
function put(name: string, bytes: Uint8Array): string {
  writeFileSync(join(folder, name), bytes);
  return name;
}

function changed(path: string, ...edits: [offset: number, value: number][]): Uint8Array {
  const bytes = new Uint8Array(readFileSync(path));
  for (const [offset, value] of edits) bytes[offset] = value;
  return bytes;
}

describe('usage', () => {
  test('--help lists the commands, boot --help its options', () => {
    const general = el2lab('--help');
    expect(general).toMatchObject({ status: 0, stderr: '' });
    expect(general.stdout).toMatch(/^ {2}boot /m);
    const boot = el2lab('boot', '--help');
    expect(boot).toMatchObject({ status: 0, stderr: '' });
    expect(boot.stdout).toMatch(/^ {2}--kernel FILE /m);
  });

  test.each([
    [[], "el2lab: A command is needed; 'el2lab --help' lists them.\n"],
    [['fly'], "el2lab: There is no command 'fly'; 'el2lab --help' lists them.\n"],
    [['boot'], 'el2lab: boot needs --kernel FILE.\n'],
    [['boot', '--kernel', 'x', '--cpus', 'many'], "el2lab: --cpus takes a whole number from 1 to 4, not 'many'.\n"],
  ])('%j is wrong usage', (args, message) => {
    expect(el2lab(...args)).toEqual({ status: 2, stdout: '', stderr: message });
  });
});

describe('a bad kernel file is one sentence and exit code 2', () => {
  test.each<[string, () => string, RegExp]>([
    [
      'damaged gzip data',
      () => put('damaged.gz', Uint8Array.of(0x1f, 0x8b, 8, 0)),
      /^el2lab: damaged\.gz is cut short: it ends inside its gzip data\.\n$/,
    ],
    ['missing', () => 'missing.img', /^el2lab: missing\.img cannot be read: no such file or directory\.\n$/],
    ['a folder', () => '.', /^el2lab: \. cannot be read: illegal operation on a directory\.\n$/],
    ['empty', () => put('empty.img', new Uint8Array()), /^el2lab: empty\.img is empty\.\n$/],
    [
      'neither an ELF nor an Image',
      () => put('notes.txt', new TextEncoder().encode('no kernel')),
      /^el2lab: notes\.txt is neither an ELF file nor an arm64 Image\.\n$/,
    ],
    [
      'for another machine',
      () => put('x86.elf', changed(elf, [18, 62])),
      /^el2lab: x86\.elf is an ELF file for x86-64, not for AArch64\.\n$/,
    ],
    [
      'with a segment outside DRAM',
      () => put('large.img', changed(image, [19, 0x90])),
      /^el2lab: large\.img has a segment at 0x80000 to 0x\w+, outside DRAM \(0x0 to 0x7fffffff\)\.\n$/,
    ],
  ])('%s', (_, make, message) => {
    const { status, stdout, stderr } = el2lab('boot', '--kernel', make());
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

test.each<[string, string[], RegExp]>([
  ['--initrd', ['none'], /^el2lab: none cannot be read: no such file or directory\.\n$/],
  ['--dtb', [image], /hello\.img is not a device tree blob\.\n$/],
  [
    '--at',
    [`0x90000000=${image}`],
    /hello\.img at 0x90000000 has \d+ bytes, which do not all lie in DRAM \(0x0 to 0x7fffffff\)\.\n$/,
  ],
])('a bad file for %s is one sentence and exit code 2', (option, argument, message) => {
  const { status, stdout, stderr } = el2lab('boot', '--kernel', image, option, ...argument);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(message);
});

describe('a run', () => {
  test.each([image, elf])('%s prints, takes the typed key and powers off', (kernel) => {
    const { status, stdout, stderr } = el2lab('boot', '--kernel', kernel, '--input', 'q powers off.=>hiq');
    expect(stdout).toBe(
      'Hello from EL2.\r\nType something: each key comes back. q powers off.\r\nhi\r\nPowering off.\r\n',
    );
    expect(stderr).toMatch(/el2lab: The guest has powered off\.\n$/);
    expect(status).toBe(0);
  });

  test('standard input goes to the serial line', () => {
    const { status, stdout } = el2labTyping('piped\rq', 'boot', '--kernel', image, '--el', '1', '--memory', '4');
    expect(stdout).toContain('Hello from EL1.');
    expect(stdout).toContain('piped\r\n');
    expect(status).toBe(0);
  });

  test('ends with 0 at the awaited text, with 1 when the guest ends before it came', () => {
    expect(el2lab('boot', '--kernel', image, '--until', '^Type .*back')).toMatchObject({ status: 0 });
    const never = el2lab('boot', '--kernel', image, '--input', '=>q', '--until', 'never');
    expect(never.status).toBe(1);
    expect(never.stderr).toMatch(/the awaited text has not come\.\n$/);
  });

  test('ends with 3 at a limit of virtual or wall time', () => {
    expect(el2lab('boot', '--kernel', image, '--virtual-seconds', '0.01').status).toBe(3);
    expect(el2lab('boot', '--kernel', image, '--max-seconds', '0.2').status).toBe(3);
  });

  const systemReset = [0xd2b0_8000, 0xf280_0120, 0xd400_0003];
  test.each<[string, number[], string[], RegExp]>([
    ['resets the machine', systemReset, ['--on-reset', 'end'], /The machine has been reset\.\n$/],
    [
      'resets the machine again and again',
      systemReset,
      [],
      /reset 99\): it has started again\n.*\n.*\nel2lab: The machine has been reset 100 times within 1 s of virtual time\.\n$/,
    ],
    [
      'waits for ever',
      [0xd503_207f, 0x17ff_ffff],
      [],
      /The guest waits for ever: no core runs, no event is due, nobody types\.\n$/,
    ],
  ])('ends with 1 when the guest %s', (_, instructions, options, message) => {
    const code = changed(image).subarray(0, 64 + 4 * instructions.length);
    const view = new DataView(code.buffer);
    view.setUint32(0, 0x1400_0010, true); // over the header
    instructions.forEach((word, i) => {
      view.setUint32(64 + 4 * i, word, true);
    });
    const { status, stderr } = el2lab('boot', '--kernel', put('failing.img', code), ...options);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });

  test('the log says where each file is loaded', () => {
    const args = ['--kernel', image, '--initrd', image, '--at', `0x1000000=${elf}`, '--input', 'off.=>q'];
    const { status, stderr } = el2lab('boot', ...args);
    expect(stderr).toMatch(/loader: .*hello\.img: Image, \d+ bytes, entry 0x80000\n/);
    expect(stderr).toMatch(/loader: .*hello\.elf: \d+ bytes at 0x1000000\n/);
    expect(stderr).toMatch(/loader: .*hello\.img: \d+ bytes at 0x8000000\n/);
    expect(stderr).toMatch(/loader: .*(tree|dtb): \d+ bytes at 0x\w+\n/);
    expect(status).toBe(0);
  });

  test('ends with 1 when the guest says that it has panicked', () => {
    const text = '---[ end Kernel panic - not syncing: lost ]---\n';
    const words: number[] = [0xd2bf_e001, 0x1000_00e2]; // mov x1, #0xff000000; adr x2, text
    words.push(0x3840_1443, 0x3400_0063, 0xb900_3023, 0x17ff_fffd, 0xd503_207f, 0x17ff_ffff);
    const code = new Uint8Array(64 + 4 * words.length + text.length + 1);
    code.set(changed(image).subarray(0, 64));
    const view = new DataView(code.buffer);
    view.setUint32(0, 0x1400_0010, true); // over the header
    words.forEach((word, i) => {
      view.setUint32(64 + 4 * i, word, true);
    });
    code.set(new TextEncoder().encode(text), 64 + 4 * words.length);
    const { status, stderr } = el2lab('boot', '--kernel', put('panicking.img', code));
    expect(stderr).toMatch(/The guest has panicked\.\n$/);
    expect(status).toBe(1);
  });

  test('--stats writes the figures, and they repeat', () => {
    const stats = () => {
      const args = ['boot', '--kernel', image, '--input', 'off.=>xyzq', '--stats', 'stats.json'];
      expect(el2lab(...args).status).toBe(0);
      const written: unknown = JSON.parse(readFileSync(join(folder, 'stats.json'), 'utf8'));
      return written;
    };
    const first = stats();
    expect(first).toMatchObject({ exitCode: 0, end: 'power-off', stateHash: expect.stringMatching(/^[0-9a-f]{16}$/) });
    const { instructions, virtualSeconds, stateHash } = first as Record<string, unknown>;
    expect(instructions).toBeGreaterThan(100);
    expect(stats()).toMatchObject({ instructions, virtualSeconds, stateHash });
  });

  test('--trace writes the events, and the run is the same with it', () => {
    const run = (...more: string[]) => {
      const stats = ['--stats', 'stats.json'];
      expect(el2lab('boot', '--kernel', image, '--input', 'off.=>q', ...stats, ...more).status).toBe(0);
      return (JSON.parse(readFileSync(join(folder, 'stats.json'), 'utf8')) as { stateHash: string }).stateHash;
    };
    expect(run('--trace', 'trace.txt')).toBe(run());
    const lines = readFileSync(join(folder, 'trace.txt'), 'utf8').trimEnd().split('\n');
    expect(lines).toContain('0.000000015 cpu0 - deviceWrite at=uart0+0x30 size=4 value=0x48');
    expect(lines.at(-1)).toMatch(/^0\.\d{9} cpu0 - firmwareReturn function=0x84000008 /);
    expect(run('--trace', 'trace.pftrace')).toBe(run());
    // Field 1 of a Trace: a TracePacket.
    expect(readFileSync(join(folder, 'trace.pftrace'))[0]).toBe(0x0a);
  });

  test.each(['--stats', '--trace'])('a file of %s that cannot be written is exit code 2', (option) => {
    const { status, stderr } = el2lab('boot', '--kernel', image, '--input', '=>q', option, 'none/file');
    expect(status).toBe(2);
    expect(stderr).toMatch(/none\/file cannot be written: no such file or directory\.\n$/);
  });
});
