/** What the real xl printed in recorded sessions (golden/README.md), and what it takes to compare with that. */
import { readdirSync, readFileSync } from 'node:fs';
import { assemble } from '../../a64/assembler/assemble.ts';
import type { Dom0File } from '../api/files.ts';

export const read = (path: string): Uint8Array => readFileSync(new URL(path, import.meta.url));
export const golden = (name: string): string => new TextDecoder().decode(read(`./golden/${name}`));
export const configs: readonly Dom0File[] = readdirSync(new URL('./golden/cfg/', import.meta.url)).map((name) => ({
  path: `/guests/${name}`,
  bytes: new Uint8Array(read(`./golden/cfg/${name}`)),
}));
/** The guest of the recorded session: it counts for ever, on one vCPU. */
export function spin(): Uint8Array {
  const source = 'add x5, x5, #1\nb . - 4\n';
  const assembly = assemble(source, { origin: 64n });
  if (!assembly.ok) throw new Error(JSON.stringify(assembly.error));
  const image = new Uint8Array(4096);
  const view = new DataView(image.buffer);
  view.setUint32(0, 0x1400_0010, true); // b . + 64
  view.setBigUint64(8, 0x8_0000n, true);
  view.setBigUint64(16, 4096n, true);
  view.setBigUint64(24, 0xan, true);
  image.set([0x41, 0x52, 0x4d, 0x64], 56);
  image.set(assembly.value.bytes, 64);
  return image;
}

/**
 * What may differ: times, UUIDs, free memory, facts of the build and of Dom0's Linux, which vCPU happens to run where.
 */
export const normalised = (text: string): string =>
  text
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (uuid) => (/^[0-]*$/.test(uuid) ? uuid : 'UUID'))
    .replaceAll(/ +\d+\.\d(?= |$)/gm, ' TIME')
    .replaceAll(/\d+:\d\d:\d\d/g, 'UPTIME')
    .replaceAll(/^(host|release|version|cpu_mhz|free_memory|xen_caps|xen_commandline|cc_\w+|build_id) *:.*\n/gm, '')
    .replaceAll(/^( {3}0: +2048 +)\d+/gm, '$1FREE')
    // Dom0 has one vCPU here and had two or four there.
    .replaceAll(/^(Domain-0 +0 +512 +)[12] /gm, '$1N ')
    .replaceAll(/^Domain-0 +0 +[1-3] .*\n/gm, '')
    .replaceAll(/^(.{40} +\d+ +\d+ +[N\d]+ +)[r-]-/gm, '$1--')
    .replaceAll(/^(.{32} +\d+ +\d+ +)\d+( +)[r-][b-]-/gm, '$1C$2---');

/** Runs commands as the recorder did: each is printed, then what it prints, then its exit code. */
export const recorder = (commands: readonly string[]): string =>
  [
    'cd /guests',
    ...commands.flatMap((command) => [
      `echo 'dom0# ${command.replaceAll("'", '')}'`,
      `${command} 2>&1`,
      'echo "[exit $?]"',
    ]),
  ].join('\n');
