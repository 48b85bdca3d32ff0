import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test, vi } from 'vitest';
import { storyNames, storyOf } from '../session/stories/stories.ts';

// A slow machine makes the guests slow.
vi.setConfig({ testTimeout: 240_000 });

const program = fileURLToPath(new URL('../../bin/el2lab', import.meta.url));
const hasLinux = existsSync(new URL('../../images/linux.img', import.meta.url));

function story(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(program, ['story', ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

// The first use builds the command line, which takes seconds.
beforeAll(() => void story('--help'), 120_000);

test('without a name, the stories are listed', () => {
  const { status, stdout } = story();
  expect(status).toBe(0);
  expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([...storyNames, '']);
});

test.each([
  [['nonsense'], "There is no story 'nonsense'; 'el2lab story' lists them."],
  [['isolation', 'weights'], "One story at a time: 'weights' is one too many."],
  [['weights'], "Nothing is measured in the story 'weights': it is one to try in the page."],
])('%j is refused in a sentence', (args, sentence) => {
  expect(story(...args)).toEqual({ status: 2, stdout: '', stderr: `el2lab: ${sentence}\n` });
});

const measured = storyNames
  .map(storyOf)
  .filter(({ isMeasured, needsLinux }) => isMeasured && (hasLinux || !needsLinux));

test.each(measured.flatMap(({ name }) => [1, 2, 3].map((seed) => [name, seed] as const)))(
  'the figures of %s are within their bounds with seed %i',
  (name, seed) => {
    const { status, stdout, stderr } = story(name, '--seed', String(seed));
    expect(`${stdout}${stderr}`).toMatch(/el2lab: All figures are within their bounds\.\n$/);
    expect(status).toBe(0);
  },
);
