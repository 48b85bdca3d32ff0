import { expect, test } from 'vitest';
import { experiments } from '../../session/stories/experiments.ts';
import { storyNames, storyOf } from '../../session/stories/stories.ts';
import { figuresJa } from './figuresJa.ts';

test.each(storyNames)('the figures of %s are there in Japanese', (name) => {
  const { figures = [], plots = [] } = experiments[name] ?? {};
  const ids = [...figures, ...plots].map(({ id }) => id);
  expect(Object.keys(figuresJa[name] ?? {})).toEqual(ids);
  expect(storyOf(name).isMeasured ?? false).toBe(ids.length > 0);
});
