import type { StoryName } from '../../session/stories/stories.ts';

const stat = '500 回のリリース後に rtos-a の stat が示した値';
const four = 'ほかの 3 つが両方の pCPU を使うときの、Xen が計上した CPU 時間';
const report = 'clients report';
type Figures = Readonly<Record<string, readonly [label: string, how?: string]>>;
/** The figures of a way to serve the clients. */
const beside = (id: string, way: string): Figures => ({
  [`${id}Answered`]: [`${way}: 応答された要求`, report],
  [`${id}P50`]: [`${way}: 応答時間、p50`, report],
  [`${id}P99`]: [`${way}: 応答時間、p99`, report],
  [`${id}Idle`]: [`${way}: 3 個の pCPU の待機 (WFI)`, '1 日について Xen が計上した pCPU 1 ～ 3 の時間'],
});
const served = (id: string, way: string): Figures => ({
  ...beside(id, way),
  [`${id}Servers`]: [`${way}: ドメイン数、平均`, report],
  [`${id}Used`]: [
    `${way}: 割り当てられた pCPU の使用率`,
    '1 日について Xen が計上した pCPU 1 ～ 3 の時間。ドメインのない pCPU は、ほかの用途に使用可能',
  ],
});
const day: Figures = {
  demand: ['要求'],
  answered: ['応答'],
  p99: ['応答時間、p99'],
  servers: ['ドメイン数'],
  used: ['サーバーのある pCPU の使用率'],
  idle: ['3 個の pCPU の待機 (WFI)'],
};
const latency = (what: string): readonly [label: string, how: string] => [`rtos-a のレイテンシ、${what}`, stat];

/** rtos-a's latencies under a scheduler, beside each neighbour. */
const under = (id: string, way: string): Figures =>
  Object.fromEntries(
    [
      ['Noisy', 'noisy'],
      ['Load', '10 ms ごとに半分計算する rtos-b'],
      ['Hang', 'rtos-b がハング'],
    ].map(([letters, neighbour]) => [
      `${id}${letters}`,
      [`rtos-a のレイテンシ、${way}、${neighbour}: 最大`, '300 ms 後に rtos-a の stat が示した値'],
    ]),
  );

const things = {
  compute: '演算の繰り返し',
  pages: 'ページのマップ、書き込み、アンマップ',
  spaces: 'アドレス空間の切り替え',
  sgi: '自身への割り込み',
  timer: 'タイマーの設定と停止',
} as const;
const both = ['fast', 'slow'] as const;
const idOf = (name: string, guest: (typeof both)[number]): string => name + (guest === 'fast' ? 'Fast' : 'Slow');
const accounts = 'Xen が計上した、全体での回数';
const forEach = (
  row: (name: string, what: string, guest: (typeof both)[number]) => [id: string, label: string, how: string],
): Readonly<Record<string, readonly [label: string, how: string]>> =>
  Object.fromEntries(
    Object.entries(things).flatMap(([name, what]) =>
      both.map((guest) => {
        const [id, label, how] = row(name, what, guest);
        return [id, [label, how] as const];
      }),
    ),
  );

const outage = (what: string): readonly [label: string, how: string] => [
  `出力の途絶、${what}`,
  '最後の出力から次の出力までをモニターが計測した値',
];

/** The figures of stories in Japanese, by their ids. Those in English are in src/session/stories; a test compares the ids. */
export const figuresJa: Readonly<
  Partial<Record<StoryName, Readonly<Record<string, readonly [label: string, how?: string]>>>>
> = {
  load: {
    ...served('b', 'balance.sh が開始/停止'),
    ...served('f', '3 個の pCPU を持つ 1 つのドメイン'),
    ...served('e', 'pCPU ごとに終日 1 つのドメイン'),
    ...beside('l', '同じ 3 つに加え、重み 16 の batch'),
    ...beside('q', '同じ 3 つに加え、重み 256 の batch'),
    ...day,
  },
  'load-linux': {
    boot: ['xl create から Linux が応答できるまでの時間', 'クライアントへの参加がコンソールに表示されるまでの仮想時間'],
    ...served('b', 'balance.sh が Linux を開始/停止'),
    ...served('e', 'pCPU ごとに終日 1 つの Linux'),
    ...served('f', '3 個の vCPU を持つ 1 つの Linux'),
    ...day,
  },
  scaling: {
    first: ['2 個目のドメインにかかる時間', 'xl create から次のプロンプトまで'],
    last: ['32 個目のドメインにかかる時間', 'xl create から次のプロンプトまで'],
    memory: ['16 MiB のドメイン 1 つごとのメモリ', 'xl info の free_memory'],
    answers: ['自身のアドレスで応答するドメイン', 'Domain-0 からの ping'],
    idle: ['32 個のドメインが待機中の、2 個の pCPU の待機 (WFI)', 'Xen が計上した時間'],
    equal: ['2 個の pCPU を使い切る 4 ドメインの 1 つが使用した pCPU の割合', four],
    weight: ['重みを 2 倍にした場合', four],
    cap: ['上限を 10 にした場合', four],
    time: ['1 つ追加する時間'],
    free: ['空きメモリ'],
  },
  isolation: {
    alone: latency('同じ pCPU に待機中の rtos-b: 最大'),
    loaded: latency('同じ pCPU に 10 ms ごとに 20 % 計算する rtos-b: p99'),
    noisyP99: latency('同じ pCPU に noisy: p99'),
    noisyMax: latency('同じ pCPU に noisy: 最大'),
    capShare: ['上限 40 の noisy が使用した pCPU の割合', 'Xen が計上した CPU 時間'],
    capP99: latency('同じ pCPU に上限 40 の noisy: p99'),
    weightP99: latency('同じ pCPU に重み 16 の noisy: p99'),
    sharedHang: latency('同じ pCPU で rtos-b がハング: p99'),
    pinned: latency('専用の pCPU: 最大'),
    hang: latency('専用の pCPU、rtos-b がハング: 最大'),
    crash: latency('専用の pCPU、rtos-b がクラッシュ: 最大'),
    rogue: latency('専用の pCPU、rogue が攻撃: 最大'),
    missed: ['専用の pCPU で rtos-a が逃したリリース', '3 種類の隣接ドメインについて rtos-a の stat を合計'],
    contained: ['封じ込められた rogue の試み', 'rogue のコンソールに表示された各試みの結果'],
    ...under('credit', 'credit'),
    ...under('credit2', 'credit2'),
    ...under('rtds', 'RTDS'),
    ...under('null', 'null'),
    ...under('own', '専用の CPU プール'),
    schedulers: ['rtos-a のレイテンシ、最大 (対数目盛)'],
  },
  redundancy: {
    hang: outage('ウォーム スタンバイ: channel-a がハング'),
    crash: outage('ウォーム スタンバイ: channel-a がクラッシュ'),
    livelock: outage('ウォーム スタンバイ: channel-a のタスクが暴走'),
    corrupt: outage('ウォーム スタンバイ: channel-a のメモリが上書きされる'),
    lose: outage('ウォーム スタンバイ: channel-a がタイマー割り込みを失う'),
    warmMissed: ['ウォーム スタンバイで失われた出力の最大数', '5 種類の障害についてモニターが計測した値'],
    bystander: ['その間に channel-b が逃したリリース', '5 種類の障害について channel-b の stat を合計'],
    hogged: ['channel-a の pCPU を別のドメインが使い続けるときに失われた出力', 'モニターが 1 秒間に計測した値'],
    cold: outage('コールド スタンバイ: 5 種類の障害での最大'),
    coldMissed: ['コールド スタンバイで失われた出力の最大数', '5 種類の障害についてモニターが計測した値'],
    restart: outage('再起動: 5 種類の障害での最大'),
    restartMissed: ['再起動で失われた出力の最大数', '5 種類の障害についてモニターが計測した値'],
    none: outage('対処なし: channel-a がハング、1000 ms 後'),
    dom0: ['出力の途絶、Domain-0 がクラッシュ: マシンが再起動', 'クラッシュからモニターの最初の出力まで'],
    outages: ['1000 ms 以内の出力の途絶 (対数目盛)'],
    losses: ['その間に失われた出力 (対数目盛)'],
  },
  smmu: {
    copied: ['チャネルがドメイン内でコピーしたバイト数 (全 4096)', 'dma のコンソールの copy'],
    refused: [
      '外側のフレームへの書き込みのうち拒否されたもの',
      'neighbour のフレームと、ほかの 64 フレーム: dma のコンソールの write',
    ],
    faults: [
      'これら 65 回の書き込みについて Xen が記録したフォルト',
      'xl dmesg の Unhandled context fault。Xen が読み取るまで SMMU は 1 つだけ保持',
    ],
    kept: ['それらによって変更された neighbour のバイト数', 'neighbour のコンソール'],
    again: ['その後にチャネルがコピーしたバイト数 (全 4096)', 'dma のコンソールの copy'],
    latency: ['その間の rtos-a のレイテンシ: 最大', 'rtos-a のコンソールの stat'],
    created: ['iommu=off: dtdev を指定して xl が作成したドメイン', '起動後の xl list'],
    overwritten: ['iommu=off: 同じ書き込みで変更された neighbour のバイト数', 'neighbour のコンソール'],
  },
  revisions: {
    commits: ['2 回の保存後のリビジョン (最初のリビジョンは起動時のファイル)', 'Domain-0 の git log --oneline の行数'],
    differs: ['2 回目の保存で変更された行', 'git diff HEAD~1 の + または - で始まる行数'],
    weight: ['作成し直した rtos-b の重み', 'xl sched-credit -d rtos-b'],
    restored: ['2 つ前のリビジョンのコンフィギュレーションでの重み', 'xl sched-credit -d rtos-b'],
    outage: ['xl destroy から復元したドメインまでの時間', 'Domain-0 のプロンプトが戻るまでの仮想時間'],
    clone: ['バンドルのクローンに含まれるリビジョン', 'その git log の行数'],
  },
  acceleration: {
    ...forEach((name, what, guest) => [
      idOf(name, guest),
      `${what}、${guest}`,
      `${name} を 50 ms 実行した後にゲストが表示した値`,
    ]),
    ...forEach((name, what, guest) => [
      idOf(`${name}El2`, guest),
      `${what}のときの EL2 の時間、${guest}`,
      'Xen が計上した EL2 のサイクル数',
    ]),
    tableWriteExits: ['slow の EL2 への移行: 変換テーブルへの書き込み', accounts],
    tlbMaintenanceExits: ['slow の EL2 への移行: TLB の無効化', accounts],
    shadowFillExits: ['slow の EL2 への移行: シャドウ テーブルの作成', accounts],
    translationControlExits: ['slow の EL2 への移行: 仮想メモリのレジスタ', accounts],
    cpuInterfaceExits: ['slow の EL2 への移行: GIC の CPU インターフェイス', accounts],
    timerExits: ['slow の EL2 への移行: 仮想タイマーとカウンター', accounts],
    fastExits: ['fast の同じ移行の合計', accounts],
    latencyFast: ['タイマー割り込みのレイテンシ、fast', '期限からゲストのハンドラーまで、250 回の平均'],
    acknowledgeFast: [
      '割り込みの受け付けと終了のサイクル数、fast',
      'GICC_IAR と GICC_EOIR、250 回の平均。12 サイクル未満は測定不可',
    ],
    latencySlow: ['タイマー割り込みのレイテンシ、slow', '期限からゲストのハンドラーまで、250 回の平均'],
    acknowledgeSlow: [
      '割り込みの受け付けと終了のサイクル数、slow',
      'GICC_IAR と GICC_EOIR、250 回の平均。12 サイクル未満は測定不可',
    ],
    equal: ['両方で同じチェックサム', `ゲストが表示した値: ${Object.keys(things).join('、')}`],
    rates: ['1 秒あたりの回数 (対数目盛)'],
    exits: ['EL2 への移行 (対数目盛)'],
    latencies: ['レイテンシ (µs) 別の割り込み、全 250 回 (対数目盛)'],
  },
  'life-cycle': {
    create: ['xl create の時間', 'プロンプトが戻るまでの仮想時間'],
    paused: ['一時停止したドメインの CPU 時間', 'Xen が計上した 300 ms 間の CPU 時間'],
    reboot: ['ゲストの再起動から次の起動までの時間', 'xl が待つ 2 秒を含む'],
    preserved: ['クラッシュ後に保持されたドメイン', 'xl list の状態 c'],
    dump: ['クラッシュした 16 MiB のドメインのコアのサイズ', 'xl dump-core、ls -l'],
    restart: ['coredump-restart でのクラッシュから次の起動までの時間', 'コアの書き出しを含む'],
    absent: ['Arm の xl にある xl save、restore、migrate のコマンド', '0 である終了コードの数'],
    destroy: ['xl destroy の時間', 'プロンプトが戻るまでの仮想時間'],
    free: ['最後に不足しているメモリ', '前後の xl info の free_memory'],
  },
};

/** The words in plots: of lines and of what bars stand on. Those that are names or commands stay as they are. */
export const plotWordsJa: Readonly<Record<string, string>> = {
  fixed: '1 ドメイン固定',
  'and batch, weight 16': 'batch も (重み 16)',
  'and batch, weight 256': 'batch も (重み 256)',
  'own pool': '専用プール',
  none: '対処なし',
  restart: '再起動',
  cold: 'コールド スタンバイ',
  warm: 'ウォーム スタンバイ',
  'pCPU hogged': 'pCPU の占有',
};
