import { type Phrase, phrasebook } from './phrases.ts';

/** The machine’s messages in Japanese: each text of the machine’s log, with `{places}`, and its translation. */
const texts: readonly Phrase[] = [
  ['read at offset {offset}: no such register', 'オフセット {offset} の読み出し: このレジスタはありません'],
  [
    'write of {value} at offset {offset}: no such register',
    'オフセット {offset} への {value} の書き込み: このレジスタはありません',
  ],
  [
    'read at offset {offset}: this device is not modelled and reads as zero',
    'オフセット {offset} の読み出し: このデバイスはモデル化されていないため、0 が読み出されます',
  ],
  [
    'write at offset {offset}: this device is not modelled and reads as zero',
    'オフセット {offset} への書き込み: このデバイスはモデル化されていないため、0 が読み出されます',
  ],
  [
    'read of {register}: a Cortex-A53 has no such register',
    '{register} の読み出し: Cortex-A53 にこのレジスタはありません',
  ],
  [
    'write of {register}: a Cortex-A53 has no such register',
    '{register} への書き込み: Cortex-A53 にこのレジスタはありません',
  ],
  [
    'nobody answers at physical address {address}: external abort',
    '物理アドレス {address} に応答するデバイスはありません: 外部アボート',
  ],
  [
    'context bank {index} is set to AArch32 tables, which IDR0 does not offer: accesses fault',
    'コンテキスト バンク {index} に AArch32 テーブルが設定されましたが、IDR0 は対応していません: アクセスはフォルトになります',
  ],
  [
    '{name} reads {address}, which its stage 2 does not map',
    '{name} による {address} の読み出し: ステージ 2 にマップされていません',
  ],
  [
    '{name} reads {address}, which its stage 2 does not allow',
    '{name} による {address} の読み出し: ステージ 2 で許可されていません',
  ],
  ['{name} reads {address}, which the SMMU refuses', '{name} による {address} の読み出し: SMMU が拒否しました'],
  [
    '{name} writes {address}, which its stage 2 does not map',
    '{name} による {address} の書き込み: ステージ 2 にマップされていません',
  ],
  [
    '{name} writes {address}, which its stage 2 does not allow',
    '{name} による {address} の書き込み: ステージ 2 で許可されていません',
  ],
  ['{name} writes {address}, which the SMMU refuses', '{name} による {address} の書き込み: SMMU が拒否しました'],
  [
    '{name} executes {address}, which its stage 2 does not map',
    '{name} による {address} の実行: ステージ 2 にマップされていません',
  ],
  [
    '{name} executes {address}, which its stage 2 does not allow',
    '{name} による {address} の実行: ステージ 2 で許可されていません',
  ],
  ['core {core} on at {entry}', 'コア {core} がアドレス {entry} でオンになりました'],
  ['core {core} is held in reset by RST_FPD_APU', 'コア {core} が RST_FPD_APU でリセット状態になりました'],
  ['core {core} starts at {entry} by RST_FPD_APU', 'コア {core} が RST_FPD_APU によりアドレス {entry} で起動しました'],
  [
    'core {core} would start in AArch32, which there is none of: it stays off',
    'コア {core} は AArch32 で起動することになりますが、AArch32 はありません。オフのままです',
  ],
  ['core {core} off', 'コア {core} がオフになりました'],
  ['core {core} turns the system off', 'コア {core} がシステムの電源をオフにしました'],
  ['core {core} resets the system', 'コア {core} がシステムをリセットしました'],
  [
    'This Xen’s structures are not those of Debian’s Xen 4.17: the first domain is not Domain-0.',
    'この Xen の構造体は Debian の Xen 4.17 のものと異なります: 最初のドメインが Domain-0 ではありません。',
  ],
  [
    'This Xen’s structures are not those of Debian’s Xen 4.17: the symbols are of another build.',
    'この Xen の構造体は Debian の Xen 4.17 のものと異なります: シンボルが別のビルドのものです。',
  ],
  [
    'This Xen’s structures are not those of Debian’s Xen 4.17: the scheduler of a pool has no name.',
    'この Xen の構造体は Debian の Xen 4.17 のものと異なります: プールのスケジューラーに名前がありません。',
  ],
  [
    'This Xen’s structures are not those of Debian’s Xen 4.17: a domain’s root of stage 2 has another VMID than the domain.',
    'この Xen の構造体は Debian の Xen 4.17 のものと異なります: ドメインのステージ 2 のルートの VMID がドメインのものと異なります。',
  ],
  [
    'This Xen’s structures are not those of Debian’s Xen 4.17: a domain has no weight.',
    'この Xen の構造体は Debian の Xen 4.17 のものと異なります: ドメインに重みがありません。',
  ],
  [
    'This Xen’s structures are not those of Debian’s Xen 4.17: a vCPU is not of the domain that lists it.',
    'この Xen の構造体は Debian の Xen 4.17 のものと異なります: vCPU が、それを持つドメインのものではありません。',
  ],
  [
    'This Xen’s structures are not those of Debian’s Xen 4.17: a vCPU’s unit is of another domain.',
    'この Xen の構造体は Debian の Xen 4.17 のものと異なります: vCPU のユニットが別のドメインのものです。',
  ],
  [
    'This Xen’s structures are not those of Debian’s Xen 4.17: a vCPU has no pCPU.',
    'この Xen の構造体は Debian の Xen 4.17 のものと異なります: vCPU に pCPU がありません。',
  ],
  [
    'This Xen’s structures are not those of Debian’s Xen 4.17: the scheduler’s part of a vCPU is of another one.',
    'この Xen の構造体は Debian の Xen 4.17 のものと異なります: スケジューラーの vCPU のデータが別の vCPU のものです。',
  ],
  [
    'This Xen’s structures are not those of Debian’s Xen 4.17: the scheduler’s part of a domain is of another one.',
    'この Xen の構造体は Debian の Xen 4.17 のものと異なります: スケジューラーのドメインのデータが別のドメインのものです。',
  ],
  ['function {id} is not supported', 'ファンクション {id} には対応していません'],
  [
    'platform management {kind} {number} is not supported',
    'プラットフォーム管理の {kind} {number} には対応していません',
  ],
  ['nobody has restarted the watchdog in time', 'ウォッチドッグが期限までに再開されませんでした'],
  [
    'software has reset the system (reset {count}): it has started again',
    'ソフトウェアがシステムをリセットしました (リセット {count} 回目): 再起動しました',
  ],
  [
    'software has reset the processing system (reset {count}): it has started again',
    'ソフトウェアがプロセッシング システムをリセットしました (リセット {count} 回目): 再起動しました',
  ],
  [
    'a watchdog has reset the system (reset {count}): it has started again',
    'ウォッチドッグがシステムをリセットしました (リセット {count} 回目): 再起動しました',
  ],
  [
    'the application processors have been restarted (reset {count}): it has started again',
    'アプリケーション プロセッサが再起動されました (リセット {count} 回目)',
  ],
  [
    '{resets} resets within {seconds} s: it is not started again',
    '{seconds} 秒以内に {resets} 回リセットされました: 再起動しません',
  ],
  [
    '{console} had no room for {count} bytes typed',
    '{console} の空き容量が不足しているため、入力された {count} バイトは失われました',
  ],
  ['{kernel}: {format}, {count} bytes, entry {entry}', '{kernel}: {format}、{count} バイト、エントリ ポイント {entry}'],
  ['built-in device tree: {count} bytes at {address}', '内蔵のデバイス ツリー: {count} バイト、アドレス {address}'],
  ['{file}: {count} bytes at {address}', '{file}: {count} バイト、アドレス {address}'],
  // Why an input of a replay was refused.
  ['{path}: No such file or directory.', '{path}: ファイルまたはディレクトリがありません。'],
  ['{path}: File exists.', '{path}: 同じ名前のファイルが既にあります。'],
  ['{path}: Is a directory.', '{path}: ディレクトリです。'],
  ['{path}: Not a directory.', '{path}: ディレクトリではありません。'],
  ['{path}: Directory not empty.', '{path}: ディレクトリが空ではありません。'],
  ['{path}: Invalid argument.', '{path}: 引数が正しくありません。'],
  ['There is no Domain-0 with files on this machine.', 'このマシンには、ファイルを持つ Domain-0 がありません。'],
  ['{option}: there is no such option here; it is ignored', '{option}: このオプションはありません。無視されます'],
  ['{option}: the model of Domain-0 has one vCPU', '{option}: Domain-0 のモデルの vCPU は 1 個です'],
  [
    '{path} is the board’s device tree; free for guests: no interrupts',
    '{path} をボードのデバイス ツリーとして使用します。ゲストに割り当て可能な割り込みはありません',
  ],
  [
    '{path} is the board’s device tree; free for guests: {interrupts}',
    '{path} をボードのデバイス ツリーとして使用します。ゲストに割り当て可能な割り込み: {interrupts}',
  ],
  ['{path} {reason}: the stock tree is used instead', '{path} {reason}: 標準のデバイス ツリーを使用します'],
];

const translate = phrasebook(texts);

/** A message of the machine’s log in Japanese, or as it is when it has no translation. */
export const logInJapanese = (text: string): string => translate(text)?.japanese ?? text;
