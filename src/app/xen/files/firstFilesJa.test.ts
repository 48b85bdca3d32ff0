import { expect, test } from 'vitest';
import { checkConfig } from '../../../dom0/config/check.ts';
import { filesOf } from '../../../session/stories/files.ts';
import { storyNames, storyOf } from '../../../session/stories/stories.ts';
import { firstFiles, paperConfigPath } from '../../../session/xen/first-files.ts';
import { linuxConfigs } from '../../../session/xen/linux-guests.ts';
import { inJapanese } from './firstFilesJa.ts';

const fromPage = [...linuxConfigs, ...storyNames.flatMap((name) => filesOf(storyOf(name)))];
const textOf = ({ bytes }: { readonly bytes: Uint8Array }): string => new TextDecoder().decode(bytes);
const english = [...firstFiles, ...fromPage];

test('every comment of Domain-0’s first files is in Japanese, but for commands', () => {
  const left = inJapanese(fromPage)
    .filter(({ path }) => path !== paperConfigPath && !path.endsWith('.dtb'))
    .flatMap((file) => textOf(file).match(/#.*/g) ?? [])
    .flatMap((comment) => comment.split(/ {3,}|#\s*/))
    .filter((part) => /[a-z]/.test(part) && !/[\u3040-\u30ff\u4e00-\u9fff]/.test(part));
  expect(left.filter((part) => !/^(xl |sh |wget |clients |extra = |MiB$|el2lab_strict)/.test(part))).toEqual([]);
});

test('the settings are those of the English files, which keep their places', () => {
  const japanese = inJapanese(fromPage);
  expect(japanese.map(({ path }) => path)).toEqual(english.map(({ path }) => path));
  japanese.forEach((file, index) => {
    const original = english[index];
    const settings = (text: string): string => text.replace(/#.*/g, '#');
    if (!original || file.path === '/etc/motd') return;
    expect(settings(textOf(file)), file.path).toBe(settings(textOf(original)));
    if (file.path.endsWith('.cfg') && file.path !== paperConfigPath)
      expect(checkConfig(textOf(file), { source: file.path, cpus: 4 }).diagnostics).toEqual([]);
  });
  expect(textOf(japanese.find(({ path }) => path === '/etc/motd') ?? { bytes: new Uint8Array() })).toContain('モデル');
});
