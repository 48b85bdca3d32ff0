import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { addDevice, boardTree } from '../xen/passthrough/board-testing.ts';

// A slow machine makes the guests slow.
vi.setConfig({ testTimeout: 60_000 });

const program = fileURLToPath(new URL('../../bin/el2lab', import.meta.url));
const rogue = new URL('../../guests/build/xen/hello.img', import.meta.url);
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'el2lab-xen-'));
  // The first use builds the command line, which takes seconds.
  xen('--help');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

function xen(...args: string[]) {
  return xenTyping('', ...args);
}

function xenTyping(input: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(program, ['xen', ...args], { input, encoding: 'utf8', cwd: folder });
  return { status, stdout, stderr };
}

const put = (name: string, bytes: string | Uint8Array): string => {
  writeFileSync(join(folder, name), bytes);
  return name;
};

describe('usage', () => {
  test('--help explains the options', () => {
    const { status, stdout } = xen('--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}--dom0-cmd STRING /m);
  });

  test.each([
    [['--cpus', '5'], "--cpus takes a whole number from 1 to 4, not '5'."],
    [['--console', 'rtos'], "--console takes DOMAIN=FILE, as in rtos-a=rtos-a.txt, not 'rtos'."],
    [
      ['--script', 'a', '--dom0-cmd', 'b'],
      '--script and --dom0-cmd both say what Domain-0 is to do: give one of them.',
    ],
    [['--script', 'none.sh'], 'none.sh cannot be read: no such file or directory.'],
    [['--files', 'none', '--dom0-cmd', 'ls'], 'none cannot be read: no such file or directory.'],
    [
      ['--xen-args', 'sched_ratelimit_us=fast', '--dom0-cmd', 'ls'],
      "sched_ratelimit_us takes a whole number, not 'fast'.",
    ],
    [['--console', 'a=none/file', '--dom0-cmd', 'ls'], 'none/file cannot be written: no such file or directory.'],
  ])('%j is refused in a sentence', (args, sentence) => {
    expect(xen(...args)).toEqual({ status: 2, stdout: '', stderr: `el2lab: ${sentence}\n` });
  });
});

test('images and volumes stay in the folder of --disks', () => {
  const write = "lvcreate -L 8M -n data vg; echo 'it stays' | dd of=/dev/vg/data status=none";
  expect(xen('--disks', 'disks', '--dom0-cmd', write).stdout).toBe('  Logical volume "data" created.\n');
  expect(readFileSync(join(folder, 'disks/dev/vg/data'), 'latin1').slice(0, 8)).toBe('it stays');
  const { stdout } = xen('--disks', 'disks', '--dom0-cmd', 'dd if=/dev/vg/data bs=9 count=1 status=none; lvs');
  expect(stdout).toBe(
    'it stays\n  LV           VG Attr       LSize\n  data         vg -wi-a-----   8.00m\n' +
      '  guest-volume vg -wi-a-----  16.00m\n',
  );
});

test("a script's output is standard output, its last exit code the program's, Xen's serial port standard error", () => {
  const script = put('script.sh', 'echo begins\nsleep 2\nxl uptime\nxl domid nosuch\n');
  const { status, stdout, stderr } = xen('--script', script, '--cpus', '1');
  expect(status).toBe(1);
  expect(stdout).toBe(
    "begins\nName                                ID Uptime\nDomain-0                             0  0:00:02\nCan't get domid of domain name 'nosuch', maybe this domain does not exist.\n",
  );
  expect(stderr).toContain('(XEN) Brought up 1 CPU\n');
  expect(stderr).toMatch(/el2lab: The script has ended with 1\.\n$/);
  expect(xenTyping('exit 7\n')).toMatchObject({ status: 7, stdout: '' });
});

test('files are laid over those of Domain-0, and a console goes to a file', () => {
  mkdirSync(join(folder, 'over/guests'), { recursive: true });
  put('over/guests/mine.img', readFileSync(rogue));
  put('over/mine.cfg', 'name = "mine"\nkernel = "/guests/mine.img"\nmemory = 16\n');
  const { status, stdout } = xen(
    ...['--files', 'over', '--console', 'mine=mine.txt', '--stats', 'stats.json', '--no-costs'],
    ...['--dom0-cmd', 'xl create -q /mine.cfg', '--dom0-cmd', 'sleep 0.1; ls /guests'],
  );
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: expect.stringMatching(/\bhello\.img +mine\.img\b/),
  });
  expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toMatch(/^Hello from a domain of Xen 4\.17, at EL1\.\r\n/);
  expect(JSON.parse(readFileSync(join(folder, 'stats.json'), 'utf8'))).toMatchObject({
    exitCode: 0,
    domains: [{ name: 'Domain-0' }, { name: 'mine', memoryKib: 16_400 }],
    stateHash: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
});

test('a device tree leaves a marked device to guests; a file that is none is refused', () => {
  const tree = put(
    'board.dtb',
    boardTree((bus) => addDevice(bus, 0xff01_0000, 22).setFlag('xen,passthrough')),
  );
  mkdirSync(join(folder, 'with-uart'), { recursive: true });
  put(
    'with-uart/uart.cfg',
    'name = "uart"\nkernel = "/guests/uart.img"\nmemory = 16\niomem = ["0xff010,1"]\nirqs = [54]\n',
  );
  const { status, stderr } = xen(
    ...['--dtb', tree, '--files', 'with-uart', '--console', 'uart=uart.txt'],
    ...['--dom0-cmd', 'xl create -q /uart.cfg && sleep 0.1'],
  );
  expect(status).toBe(0);
  expect(stderr).toContain('/etc/xen/board.dtb is the board’s device tree; free for guests: 54\n');
  expect(readFileSync(join(folder, 'uart.txt'), 'utf8')).toContain('54 is taken and left active.\r\n');
  expect(xen('--dtb', put('none.dtb', 'text'), '--dom0-cmd', 'ls')).toMatchObject({
    status: 2,
    stderr: 'el2lab: none.dtb is not a device tree blob.\n',
  });
});

test('a limit of virtual time ends a run with 3', () => {
  expect(xen('--dom0-cmd', 'sleep 100', '--virtual-seconds', '0.1').status).toBe(3);
  const idle = xen('--virtual-seconds', '0.1');
  expect(idle).toMatchObject({ status: 3, stdout: expect.stringContaining('dom0# ') });
});
