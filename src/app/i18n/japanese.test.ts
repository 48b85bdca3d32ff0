import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Spellings that the Japanese texts do not use, each with the one that they do. */
const forbidden: readonly (readonly [RegExp, string])[] = [
  [/レジスター/, 'レジスタ'],
  [/プロセッサー/, 'プロセッサ'],
  [/メモリー/, 'メモリ'],
  [/スケジューラ(?!ー)/, 'スケジューラー'],
  [/セキュリティー/, 'セキュリティ'],
  [/コマンドライン/, 'コマンド ライン'],
  [/コンフィギュレーションファイル|設定ファイル/, 'コンフィギュレーション ファイル'],
  [/クイック修正|クイックフィックス/, 'クイック フィックス'],
  [/デバイス(ツリー|メモリ)/, 'デバイス ツリー、デバイス メモリ'],
  [/(イベント|バイト)チャネル/, 'イベント チャネル'],
  [/(グラント|ページ)テーブル/, 'グラント テーブル、ページ テーブル'],
  [/シリアル(ポート|コンソール)/, 'シリアル ポート'],
  [/ソフトリセット/, 'ソフト リセット'],
  [/初期\s*RAMディスク|RAM\s*ディスク\s*イメージ/, '初期 RAM ディスク'],
  [/この機械/, 'このマシン'],
  [/実時間/, 'リアルタイム'],
  [/あなた|ユーザーのファイル/, 'ユーザー ファイル'],
  [/終点/, '終了時刻'],
  [/質問でき|に質問/, '問い合わせ'],
  [/忘れて/, '破棄'],
  [/知りません/, '認識できません'],
  [/何も言わずに/, '警告なしで'],
  [/与えましょう/, '割り当ててください'],
  [/[０-９Ａ-Ｚａ-ｚ]/, 'half-width letters and digits'],
];

const src = join(import.meta.dirname, '../..');
const japanese = /[\u3040-\u30ff\u4e00-\u9fff]/;

/** All sources that hold Japanese: the catalogues of the page, loaded early or late, and the help of xl's keys. */
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file))
  .flatMap((file) => {
    const lines = readFileSync(join(src, file), 'utf8').split('\n');
    const texts = lines.filter((line) => japanese.test(line));
    return texts.length > 0 ? [{ file, texts }] : [];
  });

test('the sources with Japanese texts are found', () => {
  const found = files.map(({ file }) => file);
  for (const file of ['app/i18n/ja.ts', 'app/i18n/guideJa.ts', 'dom0/config/diagnostics/messages.ts'])
    expect(found).toContain(file);
});

test.each(files)('$file writes Japanese as AMD’s Japanese documents do', ({ texts }) => {
  const wrong = texts.flatMap((text) =>
    forbidden.flatMap(([spelling, right]) => (spelling.test(text) ? [`${text.trim()} → ${right}`] : [])),
  );
  expect(wrong).toEqual([]);
});
