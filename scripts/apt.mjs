// Runs apt with its own lists, cache and architecture. It needs no privilege and leaves the machine's apt unchanged.

import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Stop } from './install.mjs';

/** @param {string} command */
function exists(command) {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export const hasApt = () => ['apt-get', 'dpkg-deb', 'tar'].every(exists);

/** A progress line, redrawn as the work goes on; without a terminal, one line for each part. */
export class Progress {
  #part = '';

  /**
   * @param {string} part
   * @param {number} done of this part, 0 to 1
   */
  show(part, done) {
    const { isTTY } = process.stderr;
    if (part !== this.#part) {
      if (isTTY && this.#part !== '') process.stderr.write('\n');
      if (!isTTY) process.stderr.write(`${part} ...\n`);
    }
    this.#part = part;
    if (!isTTY) return;
    const width = 30;
    const full = Math.round(done * width);
    const bar = '█'.repeat(full) + '░'.repeat(width - full);
    process.stderr.write(`\r${part.padEnd(30)} ${bar} ${String(Math.floor(done * 100)).padStart(3)} %`);
  }

  end() {
    if (process.stderr.isTTY && this.#part !== '') process.stderr.write('\n');
  }
}

/** apt with all its files in one folder. */
export class Apt {
  #folder;
  #options;

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = folder;
    for (const path of ['lists/partial', 'cache/archives/partial', 'debs'])
      mkdirSync(join(folder, path), { recursive: true });
    const native = execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();
    this.#options = [
      ...[...new Set([native, 'arm64'])].flatMap((architecture) => ['-o', `APT::Architectures::=${architecture}`]),
      ...['-o', `Dir::State::Lists=${join(folder, 'lists')}`],
      ...['-o', `Dir::Cache=${join(folder, 'cache')}`],
      // apt's download user cannot write to this folder.
      ...['-o', `APT::Sandbox::User=${process.getuid?.() === 0 ? 'root' : ''}`],
      ...['-o', 'APT::Status-Fd=3'],
    ];
  }

  /**
   * Runs apt-get. `progress` is called with the downloaded share, 0 to 1.
   * @param {string[]} args
   * @param {(done: number) => void} progress
   * @returns {Promise<void>}
   */
  get(args, progress) {
    const apt = spawn('apt-get', ['-qq', ...this.#options, ...args], {
      cwd: join(this.#folder, 'debs'),
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    let complaints = '';
    apt.stderr?.on('data', (text) => {
      complaints += text;
    });
    apt.stdio[3]?.on('data', (text) => {
      const last = [...String(text).matchAll(/^dlstatus:\d+:([\d.]+):/gm)].pop();
      if (last) progress(Number(last[1]) / 100);
    });
    return new Promise((resolve, reject) => {
      apt.once('error', reject);
      apt.once('close', (code) => {
        if (code === 0) resolve();
        else reject(new Stop(`apt-get ${args[0]} failed:\n${complaints.trim()}`));
      });
    });
  }

  /** @param {string[]} args */
  cache(...args) {
    return execFileSync('apt-cache', [...this.#options, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  }

  /** Names and paths of the packages downloaded. */
  downloaded() {
    return readdirSync(join(this.#folder, 'debs')).map((file) => join(this.#folder, 'debs', file));
  }
}
