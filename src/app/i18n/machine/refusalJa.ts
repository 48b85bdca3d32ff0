import { type Phrase, phrasebook } from './phrases.ts';

/** Sentences by which the machine refuses a request, with `{places}`. */
const sentences: readonly Phrase[] = [
  [
    'A recording is being played: nothing else can enter the machine until its end.',
    '記録を再生中です。終わるまで、マシンにはほかの入力ができません。',
  ],
  ['A recording is being played: let it come to its end first.', '記録を再生中です。終わるまでお待ちください。'],
  ['No past of this machine is kept.', 'このマシンの過去は保存されていません。'],
  ['The machine is on its way to another moment.', 'マシンは別の時点に移動中です。'],
  ['Only a paused machine can go to another moment.', '別の時点に移動できるのは、一時停止中のマシンだけです。'],
  [
    'This is the past of the machine: go on from here first, or return to the present.',
    'マシンの過去の時点です。ここから続行するか、現在に戻ってください。',
  ],
  ['The new machine’s worker has crashed: {message}', '新しいマシンのワーカーがクラッシュしました: {message}'],
  [
    'The SD card is a file of this computer: its contents are in no journal.',
    'SD カードはこのコンピューターのファイルです。その内容はジャーナルに含まれません。',
  ],
  ['There is no machine to save: boot a kernel first.', '保存するマシンがありません。先にカーネルを起動してください。'],
  ['The machine is off: there is nothing to save.', 'マシンの電源がオフです。保存するものはありません。'],
  [
    'A recording is being played: the machine can be saved at its end.',
    '記録を再生中です。終わると、マシンを保存できます。',
  ],
  [
    'The disks or the card of this machine are kept outside of it: its journal alone does not lead here.',
    'このマシンのディスクまたはカードはマシンの外に保存されているため、ジャーナルだけではここに到達できません。',
  ],
  [
    'There is no machine to play a journal on: boot a kernel first.',
    'ジャーナルを再生するマシンがありません。先にカーネルを起動してください。',
  ],
  ['A recording is being played already.', '記録をすでに再生中です。'],
  ['The journal ends before this moment.', 'ジャーナルはこの時点より前で終わっています。'],
  [
    'The journal is of another run: it had other inputs until this moment.',
    'ジャーナルは別の実行のものです。この時点までの入力が異なります。',
  ],
  [
    'The link is damaged or was cut off: its contents are not what was written.',
    'リンクが壊れているか、途中で切れています。内容が書き込まれたものと異なります。',
  ],
  [
    'The link is of version {version}; this EL2 Lab reads version {own}.',
    'バージョン {version} のリンクです。この EL2 Lab が読めるのはバージョン {own} です。',
  ],
  [
    'The link needs {name}, which this page does not have.',
    'リンクには {name} が必要ですが、このページにはありません。',
  ],
  [
    'The link was made where {name} is another one than here.',
    'リンクが作成されたページの {name} は、このページのものと異なります。',
  ],
  [
    'The snapshot is damaged: its contents are not what was written.',
    'スナップショットが壊れています。内容が書き込まれたものと異なります。',
  ],
  [
    'The snapshot is of a machine with the model of Xen: el2lab resume goes on from it.',
    'Xen のモデルのマシンのスナップショットです。el2lab resume で再開できます。',
  ],
  [
    'The snapshot is of another version of EL2 Lab, or was changed: {why}.',
    'スナップショットは、EL2 Lab の別のバージョンのものか、変更されています ({why})。',
  ],
  ['There is no machine whose journal could be taken.', 'ジャーナルを取得できるマシンがありません。'],
  [
    'There is no machine to reset: boot a kernel first.',
    'リセットするマシンがありません。先にカーネルを起動してください。',
  ],
  ['There is no machine to run: boot a kernel first.', '実行するマシンがありません。先にカーネルを起動してください。'],
  ['There is no machine to stop: boot a kernel first.', '停止するマシンがありません。先にカーネルを起動してください。'],
  ['There is no machine: boot a kernel first.', 'マシンがありません。先にカーネルを起動してください。'],
  ['The machine is off: reset it first.', 'マシンの電源がオフです。先にリセットしてください。'],
  [
    'There is no empty SD slot: boot a kernel first, or eject the card.',
    '空の SD スロットがありません。先にカーネルを起動するか、カードを取り出してください。',
  ],
  ['There is a card in the SD slot: eject it first.', 'SD スロットにはカードが入っています。先に取り出してください。'],
  ['There is no card in the SD slot.', 'SD スロットにカードがありません。'],
  ['Nothing shows where core {core} is to return to.', 'コア {core} の戻り先がわかりません。'],
  ['There is no core {core}.', 'コア {core} はありません。'],
  ['There is no Xen on this machine: start one first.', 'このマシンに Xen はありません。先に起動してください。'],
  [
    'No timeline is recorded: open the timeline first.',
    'タイムラインは記録されていません。先にタイムラインを開いてください。',
  ],
  [
    'There is no Domain-0 on this machine: start Xen first.',
    'このマシンに Domain-0 はありません。先に Xen を起動してください。',
  ],
  ['There is no Domain-0 with files on this machine.', 'このマシンに、ファイルを持つ Domain-0 はありません。'],
  ['There is no domain {domain}.', 'ドメイン {domain} はありません。'],
  ['Entry {entry} of the log is of no fault.', 'ログのエントリ {entry} はフォルトではありません。'],
  ['Domain {domain} has no vCPU {vcpu}.', 'ドメイン {domain} に vCPU {vcpu} はありません。'],
  ['Only a paused machine can be stepped.', 'ステップ実行できるのは、一時停止中のマシンだけです。'],
  [
    'There is no instruction at {address}: it is no multiple of 4.',
    '{address} に命令はありません。4 の倍数ではありません。',
  ],
  ['There are {count} captures: remove one first.', 'キャプチャが {count} 個あります。先に 1 つ削除してください。'],
  ['There is no capture of {port}.', '{port} のキャプチャはありません。'],
  [
    'dom0_mem has to be from 2M to {limit}M on a machine with {memory} MiB.',
    'メモリ {memory} MiB のマシンでは、dom0_mem は 2M から {limit}M の範囲で指定します。',
  ],
  ["{name} takes {takes}, not '{value}'.", '{name} に「{value}」は指定できません (指定できるもの: {takes})。'],
  [
    '{name} at {address} has {size} bytes, which do not all lie in DRAM ({from} to {to}).',
    '{name} ({address} から {size} バイト) が DRAM ({from} ～ {to}) に収まりません。',
  ],
  ['{name} at {address} would lie over {other}.', '{name} ({address}) が {other} と重なります。'],
  [
    '{name} has {size} bytes, for which DRAM ({from} to {to}) has no room.',
    '{name} は {size} バイトです。DRAM ({from} ～ {to}) に空きがありません。',
  ],
];

/** Clauses about a file or a card, which follow its name. */
const clauses: readonly Phrase[] = [
  ['is empty', '空です'],
  ['is no snapshot of EL2 Lab', 'EL2 Lab のスナップショットではありません'],
  [
    'is a snapshot of version {version}; this EL2 Lab reads version {own}',
    'バージョン {version} のスナップショットです。この EL2 Lab が読めるのはバージョン {own} です',
  ],
  ['is a snapshot whose end is missing', '終わりが欠けたスナップショットです'],
  [
    'is a damaged snapshot: its contents are not what was written',
    '壊れたスナップショットです。内容が書き込まれたものと異なります',
  ],
  ['is neither an ELF file nor an arm64 Image', 'ELF ファイルでも arm64 の Image でもありません'],
  [
    'is a big-endian arm64 Image; the machine runs little-endian kernels',
    'ビッグ エンディアンの arm64 Image です。このマシンで動作するのはリトル エンディアンのカーネルです',
  ],
  ['ends inside its ELF header, after {size} bytes', 'ELF ヘッダーの途中、{size} バイトで終わっています'],
  [
    'is a big-endian ELF file; the machine runs little-endian kernels',
    'ビッグ エンディアンの ELF ファイルです。このマシンで動作するのはリトル エンディアンのカーネルです',
  ],
  ['is an ELF file for {machine}, not for AArch64', '{machine} 用の ELF ファイルで、AArch64 用ではありません'],
  [
    'is a 32-bit ELF file; the machine runs 64-bit kernels',
    '32 ビットの ELF ファイルです。このマシンで動作するのは 64 ビットのカーネルです',
  ],
  ['is an ELF file of type {type}, not an executable', 'タイプ {type} の ELF ファイルで、実行ファイルではありません'],
  ['has ELF program headers of {size} bytes, too small', 'ELF プログラム ヘッダーが {size} バイトで、小さすぎます'],
  [
    'is cut short: its ELF program headers lie beyond its end',
    '途中で切れています。ELF プログラム ヘッダーがファイルの終わりを越えています',
  ],
  [
    'is cut short: ELF segment {segment} lies beyond its end',
    '途中で切れています。ELF セグメント {segment} がファイルの終わりを越えています',
  ],
  [
    'has an ELF segment {segment} that is larger in the file than in memory',
    'ELF セグメント {segment} のファイル上のサイズが、メモリ上のサイズより大きくなっています',
  ],
  ['is an ELF file with nothing to load', 'ロードする内容のない ELF ファイルです'],
  [
    'has a segment at {from} to {to}, outside DRAM ({start} to {end})',
    'セグメント ({from} ～ {to}) が DRAM ({start} ～ {end}) の外にあります',
  ],
  [
    'starts at {entry}, which is in none of its segments',
    'エントリ ポイント {entry} が、どのセグメントにも含まれていません',
  ],
  [
    'starts at {entry}, which is not the address of an instruction',
    'エントリ ポイント {entry} は、命令のアドレスではありません',
  ],
  [
    'has {size} bytes; a kernel takes a tree of 2 MiB at most',
    '{size} バイトです。カーネルが受け取れるデバイス ツリーは 2 MiB までです',
  ],
  ['is cut short: it ends inside its gzip data', '途中で切れています。gzip データの途中で終わっています'],
  ['is no gzip file', 'gzip ファイルではありません'],
  ['is damaged: {how}', '壊れています (gzip)'],
  ['is not a device tree blob', 'デバイス ツリー BLOB ではありません'],
  [
    'ends inside its device tree header, after {size} bytes',
    'デバイス ツリーのヘッダーの途中、{size} バイトで終わっています',
  ],
  [
    'is cut short: it has {size} bytes of a device tree of {whole}',
    '途中で切れています。{whole} バイトのデバイス ツリーのうち {size} バイトしかありません',
  ],
  [
    'gives a size smaller than its device tree header',
    'デバイス ツリーのヘッダーにあるサイズが、ヘッダー自身より小さくなっています',
  ],
  [
    'is a device tree of version {version}; versions 16 and 17 are understood',
    'バージョン {version} のデバイス ツリーです。対応しているのはバージョン 16 と 17 です',
  ],
  ['has a memory reservation block without an end', 'デバイス ツリーのメモリ予約ブロックに終わりがありません'],
  ['has its device tree structure outside itself', 'デバイス ツリーの構造ブロックがファイルの外にあります'],
  ['has a device tree structure without an end', 'デバイス ツリーの構造ブロックに終わりがありません'],
  [
    "has two nodes '{name}' in one node of its device tree",
    'デバイス ツリーの 1 つのノードに、ノード「{name}」が 2 つあります',
  ],
  ['has a device tree with two roots', 'デバイス ツリーにルートが 2 つあります'],
  ['has nodes in more than {depth} levels in its device tree', 'デバイス ツリーのノードが {depth} 階層を超えています'],
  ['ends more nodes than its device tree has', 'デバイス ツリーのノードの終わりが、ノードの数より多くあります'],
  ['has a property outside all nodes of its device tree', 'デバイス ツリーのノードの外にプロパティがあります'],
  [
    "has a property '{name}' that does not end in its device tree",
    'デバイス ツリーのプロパティ「{name}」に終わりがありません',
  ],
  [
    "has two properties '{name}' in one node of its device tree",
    'デバイス ツリーの 1 つのノードに、プロパティ「{name}」が 2 つあります',
  ],
  ['has a device tree whose nodes do not all end', 'デバイス ツリーに、終わりのないノードがあります'],
  ['has a device tree without a root', 'デバイス ツリーにルートがありません'],
  [
    'has an unknown device tree token {token} at offset {offset}',
    'デバイス ツリーのオフセット {offset} に未知のトークン {token} があります',
  ],
  ['has a node name with the byte {byte} in its device tree', 'デバイス ツリーのノード名にバイト {byte} があります'],
  [
    'has a property name with the byte {byte} in its device tree',
    'デバイス ツリーのプロパティ名にバイト {byte} があります',
  ],
  ['has a node name without an end in its device tree', 'デバイス ツリーに、終わりのないノード名があります'],
  ['has a property name without an end in its device tree', 'デバイス ツリーに、終わりのないプロパティ名があります'],
  [
    'has {size} bytes: a card has a multiple of 512 KiB, up to 1 GiB',
    '{size} バイトです。カードのサイズは 512 KiB の倍数で、1 GiB までです',
  ],
  ['has contents of {size} bytes for {whole}', '内容が {size} バイトあり、{whole} バイトに収まりません'],
  ['has a damaged partition table (GPT): {how}', 'パーティション テーブル (GPT) が壊れています'],
  ['has no file {path}', '{path} というファイルがありません'],
  ['has a {kind} at {path}, not a file', '{path} はファイルではありません'],
  ['has a loop of directories at {path}', '{path} でディレクトリが循環しています'],
  ['has directories nested too deep at {path}', '{path} のディレクトリの階層が深すぎます'],
  ['has too many links in {path}', '{path} のリンクが多すぎます'],
  ['has a link too long in {path}', '{path} のリンクが長すぎます'],
  ['refers to byte {at}, behind its end', '終わりより後ろのバイト {at} を参照しています'],
  ['refers to block {at}, behind its end', '終わりより後ろのブロック {at} を参照しています'],
  ['refers to inode {number}, which it does not have', '存在しない inode {number} を参照しています'],
  ['refers to an inode that it does not have', '存在しない inode を参照しています'],
  ['has features that are not known here ({features})', '対応していない機能を使っています ({features})'],
  ['has a damaged superblock', 'スーパーブロックが壊れています'],
  ['has no root directory', 'ルート ディレクトリがありません'],
  ['has an encrypted file (inode {number})', '暗号化されたファイルがあります (inode {number})'],
  [
    'has a file with inline data, not read here (inode {number})',
    'インライン データのファイルがあり、ここでは読めません (inode {number})',
  ],
  ['has a {kind} of {size} bytes, too large to read', '{size} バイトのものがあり、大きすぎて読めません ({kind})'],
  ['has a damaged directory', 'ディレクトリが壊れています'],
  ['has a file with a damaged tree of extents', 'エクステント ツリーの壊れたファイルがあります'],
  ['has a file that is larger than it can be', 'ありえない大きさのファイルがあります'],
  ['cannot have a file named “{name}”', '「{name}」というファイル名は使えません'],
  ['cannot have the label “{name}”', '「{name}」というラベルは使えません'],
  ['has an allocation table that is too short', 'アロケーション テーブルが短すぎます'],
  ['has a {kind} that is larger than itself', 'カード自身より大きいものがあります ({kind})'],
  ['has a {kind} whose chain of clusters is broken', 'クラスターのチェーンが切れています ({kind})'],
  ['has a {kind} whose chain of clusters is a loop', 'クラスターのチェーンが循環しています ({kind})'],
  ['has a FAT boot sector with no room for files', 'FAT のブート セクターに、ファイルのための領域がありません'],
  ['has too many files in its root directory', 'ルート ディレクトリのファイルが多すぎます'],
  ['cannot be {type} with {sectors} sectors', '{sectors} セクターでは {type} にできません'],
  ['cannot have both a file and a directory at {path}', '{path} をファイルとディレクトリの両方にはできません'],
  ['cannot have two files at {path}', '{path} に 2 つのファイルは置けません'],
  [
    'is too small for these files: at least {missing} KiB are missing',
    'これらのファイルには小さすぎます。少なくとも {missing} KiB 足りません',
  ],
];

/** What an option of Xen’s command line takes. */
const values: readonly Phrase[] = [
  ['a whole number', '整数'],
  ['yes or no', 'yes または no'],
  ['a text', '文字列'],
  ['a size, as in dom0_mem=512M', 'サイズ (例: dom0_mem=512M)'],
  ['one of {names}', '{names} のいずれか'],
  ['the name of a scheduler ({names})', 'スケジューラーの名前 ({names})'],
];

/** What can be wrong with a path of Domain-0’s, as GNU’s Japanese catalogues have it. */
const errors: readonly Phrase[] = [
  ['Is a directory', 'ディレクトリです'],
  ['Not a directory', 'ディレクトリではありません'],
  ['No such file or directory', 'そのようなファイルやディレクトリはありません'],
  ['File exists', 'ファイルが存在します'],
  ['File too large', 'ファイルが大きすぎます'],
  ['No space left on device', 'デバイスに空き領域がありません'],
  ['Invalid argument', '無効な引数です'],
  ['Directory not empty', 'ディレクトリは空ではありません'],
];

const ofSentence = phrasebook(sentences);
const ofClause = phrasebook([...clauses, ...values]);
const ofFile = phrasebook(clauses, ['(?:The )?(?<subject>.+?) ', '\\.']);
const ofPath = phrasebook(errors, ['(?<subject>/.*?): ', '\\.']);

/** A refusal of the machine’s in Japanese, or as it is when it has no translation: it may be the browser’s. */
export function refusalInJapanese(text: string): string {
  const sentence = ofSentence(text);
  const { takes } = sentence?.places ?? {};
  if (sentence)
    return takes === undefined ? sentence.japanese : sentence.japanese.replace(takes, faultInJapanese(takes));
  const about = ofFile(text) ?? ofPath(text);
  const subject = about?.places.subject?.replace('built-in device tree', '内蔵のデバイス ツリー');
  return about ? `${subject}: ${about.japanese}。` : text;
}

/** A part of a refusal in Japanese, or as it is: what is wrong with a file or card, or what an option takes. */
export const faultInJapanese = (part: string): string => ofClause(part)?.japanese ?? part;
