// Programs as Debian packages them for arm64, with all that they need, as an archive for an initial RAM disk.

import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Apt, hasApt, Progress } from './apt.mjs';
import { cpio } from './cpio.mjs';
import { root, Stop } from './install.mjs';

/** Parts of packages that no program needs to run. */
const unneeded = ['doc', 'i18n', 'info', 'lintian', 'locale', 'man', 'X11', 'zoneinfo'];

/**
 * The entries of a folder, for an archive.
 * @param {string} folder
 * @param {string} [path] within it
 * @returns {import('./cpio.mjs').Entry[]}
 */
function entries(folder, path = '') {
  return readdirSync(join(folder, path))
    .sort()
    .flatMap((name) => {
      const inside = path === '' ? name : `${path}/${name}`;
      const file = join(folder, inside);
      const status = lstatSync(file);
      if (status.isDirectory()) return [{ type: 'directory', path: inside }, ...entries(folder, inside)];
      if (status.isSymbolicLink()) return { type: 'link', path: inside, target: readlinkSync(file) };
      return { type: 'file', path: inside, mode: status.mode & 0o777, bytes: readFileSync(file) };
    });
}

/**
 * Fetches packages by apt and makes an archive of their files. packages.txt beside it says what is in it.
 * @param {readonly string[]} packages
 * @param {string} archive its path in the project's folder
 */
export async function fetchPackages(packages, archive) {
  if (!hasApt()) throw new Stop('The packages cannot be fetched: there is no apt here.');
  const temporary = mkdtempSync(join(tmpdir(), 'el2lab-packages-'));
  const progress = new Progress();
  try {
    const apt = new Apt(temporary);
    await apt.get(['update'], (done) => progress.show('Reading package lists', done));
    // To a machine without packages: apt finds what they need, and downloads that too.
    const status = join(temporary, 'status');
    writeFileSync(status, '');
    await apt.get(
      [
        ...['-o', 'APT::Architecture=arm64', '-o', `Dir::State::status=${status}`],
        ...['install', '--yes', '--download-only', '--no-install-recommends', ...packages],
      ],
      (done) => progress.show(`Fetching ${packages.length} programs`, done),
    );
    const folder = join(temporary, 'root');
    mkdirSync(folder);
    const debs = readdirSync(join(temporary, 'cache/archives')).filter((name) => name.endsWith('.deb'));
    for (const [i, deb] of debs.entries()) {
      progress.show('Unpacking', i / debs.length);
      const tar = execFileSync('dpkg-deb', ['--fsys-tarfile', join(temporary, 'cache/archives', deb)], {
        maxBuffer: 1 << 30,
      });
      // All below usr/, as newer Debians have it.
      execFileSync(
        'tar',
        [
          ...['-x', '-C', folder, '--transform=flags=rh;s,^\\./\\(bin\\|sbin\\|lib\\)/,./usr/\\1/,'],
          ...unneeded.map((name) => `--exclude=./usr/share/${name}/*`),
        ],
        { input: tar, stdio: ['pipe', 'ignore', 'inherit'] },
      );
    }
    progress.show('Unpacking', 1);
    const links = ['bin', 'sbin', 'lib'].map((name) => {
      rmSync(join(folder, name), { recursive: true, force: true });
      return /** @type {const} */ ({ type: 'link', path: name, target: `usr/${name}` });
    });
    mkdirSync(join(root, dirname(archive)), { recursive: true });
    const names = debs.map(decodeURIComponent).sort();
    writeFileSync(join(root, dirname(archive), 'packages.txt'), `${names.join('\n')}\n`);
    writeFileSync(join(root, archive), cpio([...entries(folder), ...links]));
  } finally {
    progress.end();
    rmSync(temporary, { recursive: true, force: true });
  }
}
