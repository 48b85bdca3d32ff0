import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { logInJapanese } from './logJa.ts';

const src = join(import.meta.dirname, '../../..');
/** What the expressions in the sources’ texts give; any other gives a number. */
const samples: Readonly<Record<string, string>> = {
  access: 'read',
  detail: ' of 0x7',
  what: 'platform management call 42',
  "write ? 'write' : 'read'": 'write',
  'resetTexts[stopped]': 'software has reset the system',
};
const filled = (template: string) =>
  template
    .replace(/\$\{([^}]*)\}/g, (_, expression: string) => samples[expression] ?? '7')
    .replace('read of', 'write of');

/** The texts that the sources of the machine give to the log. */
const messages = ['soc', 'session'].flatMap((folder) =>
  readdirSync(join(src, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/test/.test(file))
    .flatMap((file) => [
      ...readFileSync(join(src, folder, file), 'utf8').matchAll(
        /\blog\(\s*(?:[^()]+?,\s*)?(?:`([^`]*)`|'([^',]*)')[,\s]*\)/g,
      ),
    ])
    .map(([, template, plain]) => filled(template ?? plain ?? '')),
);

test('the sources’ messages are found', () => {
  expect(messages.length).toBeGreaterThan(12);
  expect(messages).toContain('core 7 off');
});

test.each(messages)('“%s” is in Japanese', (message) => {
  expect(logInJapanese(message)).toMatch(/[\u3040-\u30ff]/);
});

test.each([
  ['write of 0x7 at offset 0x3c: no such register', 'オフセット 0x3c への 0x7 の書き込み: このレジスタはありません'],
  ['hello.elf: ELF, 5120 bytes, entry 0x80000', 'hello.elf: ELF、5120 バイト、エントリ ポイント 0x80000'],
  [
    'a watchdog has reset the system (reset 2): it has started again',
    'ウォッチドッグがシステムをリセットしました (リセット 2 回目): 再起動しました',
  ],
  ['tickless: there is no such option here; it is ignored', 'tickless: このオプションはありません。無視されます'],
  [
    'This Xen’s structures are not those of Debian’s Xen 4.17: a domain has no weight.',
    'この Xen の構造体は Debian の Xen 4.17 のものと異なります: ドメインに重みがありません。',
  ],
  ['a text that is new', 'a text that is new'],
])('“%s” becomes “%s”', (english, japanese) => {
  expect(logInJapanese(english)).toBe(japanese);
});
