// Linux on the board at its shell, as a snapshot in images/ on which the page opens. `npm run images` makes it anew when what it is
// made of, or EL2 Lab itself, has changed; without it, Linux boots.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCommandLine } from './build-cli.mjs';
import { root, Stop } from './install.mjs';

const note = 'PREPARED';

/** Each snapshot, with the images that it is made of, and how the command line comes to its moment. */
const systems = /** @type {const} */ ({
  'linux.snap': {
    parts: ['Image', 'zcu102.dtb', 'initrd.gz', 'modules.gz'],
    /** @param {string} folder @param {string} temporary */
    command(folder, temporary) {
      // As the page has it: Linux unpacks archives that follow each other.
      const initrd = Buffer.concat(['initrd.gz', 'modules.gz'].map((name) => readFileSync(join(folder, name))));
      writeFileSync(join(temporary, 'initrd.gz'), initrd);
      for (const name of ['Image', 'zcu102.dtb']) copyFileSync(join(folder, name), join(temporary, name));
      const files = ['--kernel', 'Image', '--initrd', 'initrd.gz', '--dtb', 'zcu102.dtb'];
      return ['boot', ...files, '--cpus', '4', '--memory', '2048', '--el', '2', '--until', '/ # '];
    },
  },
});
/** @typedef {keyof typeof systems} Name */
const names = /** @type {Name[]} */ (Object.keys(systems));

/**
 * What a snapshot was made of, and by which EL2 Lab.
 * @param {string} folder
 * @param {readonly string[]} parts
 * @param {string} program
 */
function sumOf(folder, parts, program) {
  const sum = createHash('sha256').update(readFileSync(new URL(program)));
  for (const name of parts) sum.update(readFileSync(join(folder, name)));
  return sum.digest('hex');
}

/** @param {string} folder @returns {Record<string, string>} */
const noted = (folder) => (existsSync(join(folder, note)) ? JSON.parse(readFileSync(join(folder, note), 'utf8')) : {});

/**
 * Makes the snapshots whose images are in `folder`, and that are missing or old. Returns those that are new.
 * @param {object} [options]
 * @param {string} [options.folder]
 * @param {boolean} [options.isOnlyMissing] old ones stay
 */
export async function prepareSystems({ folder = join(root, 'images'), isOnlyMissing = false } = {}) {
  /** @type {Name[]} */
  const made = [];
  for (const name of names) {
    const { parts, command } = systems[name];
    if (!parts.every((part) => existsSync(join(folder, part)))) continue;
    if (isOnlyMissing && existsSync(join(folder, name))) continue;
    const program = await buildCommandLine();
    const sum = sumOf(folder, parts, program);
    if (existsSync(join(folder, name)) && noted(folder)[name] === sum) continue;
    const temporary = mkdtempSync(join(tmpdir(), 'el2lab-prepare-'));
    try {
      const file = join(folder, `.${name}`);
      await run([...command(folder, temporary), '--save', file], temporary);
      renameSync(file, join(folder, name));
      writeFileSync(join(folder, note), JSON.stringify({ ...noted(folder), [name]: sum }));
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
