import { expect, test } from 'vitest';
import { checkConfig } from '../../dom0/config/check.ts';
import { filesOf } from './files.ts';
import { storyIn, storyNames, storyOf } from './stories.ts';

test.each(storyNames)(
  'the configs of %s are accepted by xl without a remark, and its script creates its domains',
  (name) => {
    const story = storyOf(name);
    const [script, ...others] = filesOf(story).map(({ path, bytes }) => ({
      path,
      text: new TextDecoder().decode(bytes),
    }));
    for (const { path, text } of others.filter((file) => file.path.endsWith('.cfg')))
      expect(checkConfig(text, { source: path, cpus: story.cpus ?? 4 }).diagnostics, path).toEqual([]);
    expect(script?.path).toBe('/etc/rc.local');
    expect(script?.text.match(/^xl create .*$/gm)).toEqual(story.domains.map((d) => `xl create /etc/xen/${d}.cfg`));
  },
);

test('a link names a story', () => {
  expect(storyIn('#story=weights')?.name).toBe('weights');
  expect(storyIn('#story=<script>')).toBeNull();
  expect(storyIn('')).toBeNull();
});
