import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** An error that is printed as one sentence, without a stack. */
export class Stop extends Error {}

/** Whether node_modules agrees with package-lock.json. npm keeps a list of installed packages there. */
function installed() {
  const note = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(note)) return false;
  const have = JSON.parse(readFileSync(note, 'utf8')).packages;
  const want = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.keys(want).every(
    (path) => path === '' || want[path].optional || want[path].version === have[path]?.version,
  );
}

/**
 * Installs the packages of package-lock.json if they are missing or differ.
 * npm's output goes to standard error, to keep a command's own output clean.
 */
export function installPackages() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Stop(`EL2 Lab needs Node 20.19 or newer; this is ${process.versions.node}.`);
  }
  if (installed()) return;
  process.stderr.write('Installing packages (npm ci) ...\n');
  try {
    execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    });
  } catch {
    throw new Stop('npm could not install the packages; its message is above.');
  }
}

/**
 * Runs a script's main function. A Stop ends it with its sentence and exit code 1.
 * @param {() => Promise<void>} main
 */
export async function runScript(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
