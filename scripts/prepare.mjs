// Linux on the board at its shell, and the unmodified Xen with Domain-0 at its prompt, as snapshots in images/ on
// which the page opens.
// `npm run images` makes them anew when what they are made of, or EL2 Lab itself, has changed; without them, these systems boot.
// src/app/machine/prepared.ts says for which settings of the page they are.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCommandLine } from './build-cli.mjs';
import { root, Stop } from './install.mjs';

const folder = join(root, 'images');
const note = 'PREPARED';

const board = ['--cpus', '4', '--memory', '2048'];
const prompt = 'dom0:~# ';

/** Each snapshot, with the images that it is made of, and how the command line comes to its moment. */
const systems = /** @type {const} */ ({
  'linux.snap': {
    parts: ['Image', 'zcu102.dtb', 'initrd.gz', 'modules.gz'],
    /** @param {string} temporary */
    command(temporary) {
      // As the page has it: Linux unpacks archives that follow each other.
      const initrd = Buffer.concat(['initrd.gz', 'modules.gz'].map((name) => readFileSync(join(folder, name))));
      writeFileSync(join(temporary, 'initrd.gz'), initrd);
      for (const name of ['Image', 'zcu102.dtb']) copyFileSync(join(folder, name), join(temporary, name));
      const files = ['--kernel', 'Image', '--initrd', 'initrd.gz', '--dtb', 'zcu102.dtb'];
      return ['boot', ...files, ...board, '--el', '2', '--until', '/ # '];
    },
  },
  'xen.snap': {
    parts: [
      'xen',
      'xen-syms',
      'Image',
      'zcu102.dtb',
      'initrd.gz',
      'modules.gz',
      'dom0.gz',
      'guest-initrd.gz',
      'guest-disk.img',
    ],
    command: () => [
      'xen',
      '--real',
      '--linux',
      '--boot-script',
      ...board,
      '--xen-args',
      'dom0_mem=512M',
      '--until',
      prompt,
    ],
  },
});
/** @typedef {keyof typeof systems} Name */
const names = /** @type {Name[]} */ (Object.keys(systems));

/**
 * What a snapshot was made of, and by which EL2 Lab.
 * @param {readonly string[]} parts
 * @param {string} program
 */
function sumOf(parts, program) {
  const sum = createHash('sha256').update(readFileSync(new URL(program)));
  for (const name of parts) sum.update(readFileSync(join(folder, name)));
  return sum.digest('hex');
}

/** @returns {Record<string, string>} */
const noted = () => (existsSync(join(folder, note)) ? JSON.parse(readFileSync(join(folder, note), 'utf8')) : {});

/**
 * Makes the snapshots whose images are there, and that are missing or old. Returns those that are new.
 * @param {readonly Name[]} wanted
 */
export async function prepareSystems(wanted = names) {
  /** @type {Name[]} */
  const made = [];
  for (const name of wanted) {
    const { parts, command } = systems[name];
    if (!parts.every((part) => existsSync(join(folder, part)))) continue;
    const program = await buildCommandLine();
    const sum = sumOf(parts, program);
    if (existsSync(join(folder, name)) && noted()[name] === sum) continue;
    const temporary = mkdtempSync(join(tmpdir(), 'el2lab-prepare-'));
    try {
      const file = join(folder, `.${name}`);
      await run([...command(temporary), '--save', file], temporary);
      renameSync(file, join(folder, name));
      writeFileSync(join(folder, note), JSON.stringify({ ...noted(), [name]: sum }));
      made.push(name);
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  }
  return made;
}

/**
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {Promise<void>}
 */
function run(args, cwd) {
  const child = spawn(process.execPath, [join(root, 'bin/el2lab'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd,
  });
  let said = '';
  child.stderr.on('data', (text) => {
    said = `${said}${text}`.slice(-2000);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    // 3: the limit of virtual time was reached, as it should be.
    child.on('close', (code) =>
      code === 0 || code === 3 ? resolve() : reject(new Stop(`el2lab ${args[0]} has not come to its prompt: ${said}`)),
    );
  });
}
