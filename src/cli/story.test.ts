import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test, vi } from 'vitest';
import { storyNames, storyOf } from '../session/stories/stories.ts';

// A slow machine makes the guests slow.
vi.setConfig({ testTimeout: 240_000 });

const program = fileURLToPath(new URL('../../bin/el2lab', import.meta.url));

async function story(...args: string[]) {
  const child = spawn(program, ['story', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  const [status] = await once(child, 'close');
  return { status: Number(status), ...said };
}

// The first use builds the command line, which takes seconds.
beforeAll(async () => void (await story('--help')), 120_000);

test('without a name, the stories are listed', async () => {
  const { status, stdout } = await story();
  expect(status).toBe(0);
  expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([...storyNames, '']);
});

test.each([
  [['nonsense'], "There is no story 'nonsense'; 'el2lab story' lists them."],
  [['isolation', 'weights'], "One story at a time: 'weights' is one too many."],
  [['weights'], "Nothing is measured in the story 'weights': it is one to try in the page."],
])('%j is refused in a sentence', async (args, sentence) => {
  expect(await story(...args)).toEqual({ status: 2, stdout: '', stderr: `el2lab: ${sentence}\n` });
});

// Those with Linux take minutes: load-linux.test.ts holds what their servers do.
const measured = storyNames.map(storyOf).filter(({ isMeasured, needsLinux }) => isMeasured && !needsLinux);

// Several at a time, since each is a process of its own. `npm run measure -- --what stories` takes three seeds.
test.concurrent.each(measured)('the figures of $name are within their bounds', async ({ name }) => {
  const { status, stdout, stderr } = await story(name);
  expect(`${stdout}${stderr}`).toMatch(/el2lab: All figures are within their bounds\.\n$/);
  expect(status).toBe(0);
});
