// The disassembler and the assembler against GNU binutils: `npm run gnu -- --count 20 --seed 7` compares words of
// every row of the table and all system instructions with objdump, and the sources of src/a64/gnu with as. --record
// FILE keeps what the tools print instead; `npm test` replays it.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { bundle, options } from './bundle.mjs';
import { root, runScript, Stop } from './install.mjs';

const work = join(root, '.cache/gnu');
const sources = ['rigs/gnu/directives.s', 'rigs/gnu/instructions.s', 'guests/hello/hello.S'];

/**
 * Runs a tool of GNU binutils.
 * @param {string} tool
 * @param {string[]} args
 */
function run(tool, args) {
  try {
    return execFileSync(`aarch64-linux-gnu-${tool}`, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 30 });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
    throw new Stop('This needs GNU binutils for AArch64 (on Debian: apt-get install binutils-aarch64-linux-gnu).');
  }
}

/**
 * objdump's text of each word.
 * @param {number[]} words
 * @param {number} origin
 */
function disassembled(words, origin) {
  const file = join(work, 'words.bin');
  writeFileSync(file, new Uint8Array(Uint32Array.from(words).buffer));
  const out = run('objdump', ['-D', '-z', '-m', 'aarch64', '-b', 'binary', `--adjust-vma=${origin}`, file]);
  const texts = [...out.matchAll(/^ *[0-9a-f]+:\t[0-9a-f]{8} \t(.*)$/gm)].map((match) => match[1] ?? '');
  if (texts.length !== words.length) throw new Stop(`objdump printed ${texts.length} lines for ${words.length} words.`);
  return texts;
}

/**
 * The image that as and ld make of a source.
 * @param {string} source
 */
function assembled(source) {
  const object = join(work, 'source.o');
  const linked = join(work, 'source.elf');
  const image = join(work, 'source.bin');
  run('as', ['-o', object, source]);
  run('ld', ['-n', '--no-warn-rwx-segments', '-T', 'guests/lib/image.ld', '-o', linked, object]);
  run('objcopy', ['-O', 'binary', linked, image]);
  return readFileSync(image);
}

await runScript(async () => {
  const given = options(['count', 'seed', 'record']);
  const count = given.number('count', 2);
  const seed = given.number('seed', 1);
  const file = given.text('record');
  mkdirSync(work, { recursive: true });
  /** @type {typeof import('../rigs/gnu/samples.ts')} */
  const { compareImage, compareTexts, compareWords, origin, sampleWords, systemWords, withoutComment } = await import(
    await bundle('rigs/gnu/samples.ts')
  );
  const version = run('objdump', ['--version']).split('\n')[0] ?? '';
  const words = sampleWords(seed, count);
  if (file) {
    const texts = disassembled(words, origin).map(withoutComment);
    const images = Object.fromEntries(sources.map((source) => [source, assembled(source).toString('base64')]));
    const bytes = brotliCompressSync(JSON.stringify({ version, words, texts, images }));
    writeFileSync(file, bytes);
    console.log(`Recorded ${words.length} words and ${sources.length} sources of ${version} in ${bytes.length} bytes.`);
    return;
  }
  const system = systemWords();
  const failures = [
    ...compareTexts(words, disassembled(words, origin)),
    ...compareWords([...words, ...system]),
    ...compareTexts(system, disassembled(system, origin)),
    ...sources.flatMap((source) => compareImage(source, readFileSync(join(root, source), 'utf8'), assembled(source))),
  ];
  for (const line of failures.slice(0, 100)) console.log(line);
  console.log(
    `${words.length + system.length} words and ${sources.length} sources against ${version}: ${failures.length} differences.`,
  );
  process.exitCode = failures.length > 0 ? 1 : 0;
});
