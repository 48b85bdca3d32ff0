// Runs the machine on the best Node of this computer: the newest, because generated code is as fast as the engine that
// compiles it.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';
import { root } from './install.mjs';

/** @typedef {{ file: string, version: readonly [number, number] }} Node */

/**
 * The major and minor version in a name such as v24.1.0; undefined if it is none.
 * @param {string} name
 * @returns {readonly [number, number] | undefined}
 */
export function versionIn(name) {
  const [, major, minor] = /^v?(\d+)\.(\d+)\.\d+\s*$/.exec(name) ?? [];
  return major !== undefined && minor !== undefined ? [Number(major), Number(minor)] : undefined;
}

/**
 * The executables of a version manager such as nvm, which keeps each version in a folder of that name, if it has this one.
 * @param {string} executable
 * @returns {Node[]}
 */
export function siblings(executable) {
  const path = executable.split(sep);
  const at = path.findLastIndex((name) => versionIn(name) !== undefined);
  if (at < 0) return [];
  const folder = path.slice(0, at).join(sep);
  return readdirSync(folder).flatMap((name) => {
    const version = versionIn(name);
    const file = [folder, name, ...path.slice(at + 1)].join(sep);
    return version && existsSync(file) ? [{ file, version }] : [];
  });
}

/**
 * The executables in the folders of PATH other than the one that runs.
 * @param {string} path
 * @returns {Node[]}
 */
function inPath(path) {
  const files = path.split(delimiter).map((folder) => join(folder, 'node'));
  const others = new Set(files.filter(existsSync).map((file) => realpathSync(file)));
  others.delete(realpathSync(process.execPath));
  return [...others].flatMap((file) => {
    try {
      const version = versionIn(execFileSync(file, ['--version'], { encoding: 'utf8', stdio: 'pipe' }));
      return version ? [{ file, version }] : [];
    } catch {
      return []; // What cannot be run is no choice.
    }
  });
}

/**
 * That of npm's package `node`, if it is installed here.
 * @returns {Node[]}
 */
function fromNpm() {
  const folder = join(root, 'node_modules/node');
  const file = join(folder, 'bin/node');
  if (!existsSync(file)) return [];
  const version = versionIn(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version);
  return version ? [{ file, version }] : [];
}

/**
 * The newest of some, the first of those that are equally new.
 * @param {readonly Node[]} nodes at least one
 * @returns {Node}
 */
export const newestOf = (nodes) =>
  nodes.reduce((best, node) => {
    const [major, minor] = [node.version[0] - best.version[0], node.version[1] - best.version[1]];
    return major > 0 || (major === 0 && minor > 0) ? node : best;
  });

/** The newest Node of this computer; the one that runs if none is newer. */
export function bestNode() {
  const version = versionIn(process.versions.node) ?? [0, 0];
  const own = { file: process.execPath, version };
  return newestOf([own, ...siblings(process.execPath), ...fromNpm(), ...inPath(process.env.PATH ?? '')]);
}

/**
 * Options with which a version's engine reads branch hints, in which generated code says what seldom happens; Node 26 needs none.
 * @param {Node['version']} version
 */
export const engineOptions = ([major]) => (major < 26 ? ['--experimental-wasm-branch-hinting'] : []);

/**
 * Starts this program again on another Node, with its arguments, and ends with it.
 * @param {Node} node
 */
export function continueOn({ file }) {
  const child = spawn(file, [...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' });
  // A terminal's signals reach both; others are passed on.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.removeAllListeners(signal ?? '');
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
}
