/** Domain-0's first files in Japanese: the comments of configs and scripts, and the greeting. */
import { messagePath } from '../../../dom0/message-of-the-day.ts';
import type { Dom0File } from '../../../session/api/files.ts';
import { firstFiles, paperConfigPath } from '../../../session/xen/first-files.ts';

const greeting = `Domain-0: EL2 Lab の制御シェルです。Linux ではなくモデルです。コマンドの一覧は 'help'、xl のコマンドは 'xl help' で表示されます。
`;

/** Comments, or their parts beside a command. */
const comments: Readonly<Record<string, string>> = {
  'A first domain: it greets on its console and sends each key back.':
    '最初のドメイン: コンソールにあいさつを表示し、入力されたキーをそのまま返します。',
  'Create it and stay on its console:': '作成してコンソールに接続:',
  '(Ctrl-] leaves the console)': '(Ctrl-] でコンソールを終了)',
  'What xl does when the domain stops: destroy, restart, preserve...':
    'ドメインの停止時に xl が行う処理: destroy、restart、preserve など',
  'key q': 'q キー',
  'key r': 'r キー',
  'key c': 'c キー',
  'A real-time system: its control task is due each millisecond and measures how late it comes.':
    'リアルタイム システム: 制御タスクは 1 ミリ秒ごとに起動され、自身の遅れを測定します。',
  'Ask it on its console:': 'コンソールで問い合わせ:',
  'then  stat': '続けて  stat',
  'only on physical CPU 1: shared with rtos-b and the noisy neighbour':
    '物理 CPU 1 のみ: rtos-b およびノイジー ネイバーと共有',
  'Move it to a CPU of its own while it runs:': '実行中に専用の CPU へ移動:',
  'The same real-time system again, with other work besides its control task.':
    '同じリアルタイム システムで、制御タスク以外の処理も実行します。',
  'computes for 20 % of the time, at a lower priority': '低い優先度で、時間の 20 % を演算に使用',
  'A noisy neighbour: it takes all the CPU time that it gets.':
    'ノイジー ネイバー: 割り当てられた CPU 時間をすべて使用します。',
  'busy for 30 % of each 10 ms instead': '代わりに、10 ms ごとに 30 % の時間だけ動作',
  "Its share against others', and a limit in per cent of a CPU; while it runs:":
    'ほかのドメインに対する重みと、CPU に対する上限 (%)。実行中の変更:',
  'It tries to break out of its domain in two dozen ways, and reports what came of each.':
    '二十数通りの方法でドメインからの脱出を試み、それぞれの結果を表示します。',
  "A disk without an operating system: it shows the disk's first sectors and counts its own starts there.":
    'OS のないディスク: ディスクの先頭セクターを表示し、自身の起動回数をディスクに記録します。',
  'then q, and again': 'q で終了し、もう一度実行',
  'a file of Domain-0; r instead of w: read-only': 'Domain-0 のファイル。w の代わりに r とすると読み取り専用',
  'On the network without an operating system: it gets an address by DHCP, and answers pings.':
    'OS を使用しないネットワーク: DHCP でアドレスを取得し、ping に応答します。',
  'then p, which pings Domain-0; from there, ping net': '続けて p で Domain-0 に ping を送信。Domain-0 からは ping net',
  'an address of your choice, without DHCP': 'DHCP を使用せず、任意のアドレスを指定',
  'xl-network-configuration(5); rate=10Mb/s limits what it sends, vifname=web0 names its end in Domain-0':
    'xl-network-configuration(5)。rate=10Mb/s は送信速度を制限し、vifname=web0 は Domain-0 側の名前を指定',
  'Settings of xl itself, as on a Xen host: xl.conf(5). This simulator reads one of its own, which the real xl ignores:':
    'Xen ホストと同じ xl のコンフィギュレーション ファイルです: xl.conf(5)。このシミュレーターは、実際の xl が無視する独自の設定を 1 つ読みます:',
  '1: refuse builder = "hvm" in the real xl\'s words. 0: build a PVH guest instead, which boots the first disk.':
    '1: 実際の xl と同じメッセージで builder = "hvm" を拒否。0: 代わりに PVH ゲストを作成し、最初のディスクから起動。',
  'A domain with a DMA channel of the board. On its console: copy, write FRAME, write FRAME COUNT':
    'ボードの DMA チャネルを 1 つ持つドメイン。コンソールで: copy、write FRAME、write FRAME COUNT',
  "the channel's registers": 'チャネルのレジスタ',
  "the SMMU translates what it reads and writes by this domain's tables":
    'SMMU が、このドメインのテーブルに従ってチャネルの読み書きを変換',
  'The same domain without dtdev: nothing translates what its DMA channel reads and writes.':
    'dtdev を使用しない同じドメイン: DMA チャネルの読み書きは変換されません。',
  'With the SMMU on it then reaches nothing; with iommu=off it reaches the whole machine.':
    'SMMU が有効な場合は何にもアクセスできず、iommu=off の場合はマシン全体にアクセスできます。',
  'Holds a text in the page of its console, and tells when somebody has changed it.':
    'コンソールのページにテキストを保持し、変更されると通知します。',
  "Xen tells the machine's frame of that page:": 'そのページのマシン フレームは Xen で確認できます:',
  '(reference 0x000 of this domain)': '(このドメインのリファレンス 0x000)',
  'Runs when Domain-0 starts.': 'Domain-0 の開始時に実行されます。',

  "Debian's Linux, unmodified, as a domain with two vCPUs. Create it and stay on its console:":
    'Debian の Linux (変更なし) を vCPU 2 個のドメインで実行します。作成してコンソールに接続:',
  'Its kernel and RAM disk come into /guests when a domain first needs them, from the page\'s server: "npm run images" fetches':
    'カーネルと RAM ディスクは、ドメインが初めて必要としたときに、ページのサーバーから /guests に配置されます。',
  'them from Debian, and "npm start" serves them. From elsewhere, upload an arm64 Image and a RAM disk of your own.':
    'npm run images で Debian から取得し、npm start で提供します。または、arm64 の Image と RAM ディスクをアップロードしてください。',

  'Linux from a RAM disk, with a network: it gets an address, and answers on port 80.':
    'RAM ディスクの Linux。ネットワークからアドレスを取得し、ポート 80 で応答します。',
  'On its console:': 'コンソールでの操作:',
  'Linux with its root on a disk, and a network. What it writes is there after a restart.':
    'ルートがディスク上にあり、ネットワークも使用する Linux。書き込んだ内容は再起動後も残ります。',

  'A server for the clients of the network, one of up to three. It joins them, and leaves when it is asked to stop.':
    'ネットワークのクライアントに応答するサーバー (最大 3 つの 1 つ)。クライアントに参加を知らせ、停止を要求されると離脱します。',
  'The same server with three cores: it has only one task, so two of them have nothing to do.':
    '3 個のコアを持つ同じサーバー: タスクが 1 つしかないため、2 個のコアは待機します。',
  "The servers' cores, in a pool: weights are shares of the CPU time of a whole pool. Domain-0's core idles; in one pool with it,":
    'サーバー用のコアの CPU プール。重みはプール全体の CPU 時間に対する比率です。待機している Domain-0 のコアも同じプールに',
  "there would be enough for everybody's share, and who has a low weight would wait for nobody.":
    'あると全員の割り当てが足りるため、重みの小さいドメインも待たされません。',
  'pCPU 1 to 3: /etc/xen/servers.pool': 'pCPU 1 ～ 3 のプール: /etc/xen/servers.pool',
  'Takes what the servers leave of their cores, and little where they want it.':
    'サーバーが使わない CPU 時間を使い、サーバーが使うときはわずかだけ使います。',
  "a sixteenth of a server's": 'サーバーの 16 分の 1',
  "Starts a server when requests wait, and stops one when fewer would do, until the clients' day is over.":
    '要求が待たされるとサーバーを開始し、余ると停止します。クライアントの 1 日が終わるまで続けます。',
  'one for each of pCPU 1 to 3': 'pCPU 1 ～ 3 に 1 つずつ',
  'worker-1 is there from the start': 'worker-1 は最初から動作',
  'Nothing more can be started: the servers go before whoever else is on their cores.':
    'これ以上開始できないため、サーバーを同じコアのほかのドメインより優先します。',
  "Linux's, with a server: a process for each CPU": 'Linux 用にサーバーを加えたもの。CPU ごとに 1 つのプロセス',
  "Debian's Linux that serves the clients of the network, one of up to three. It joins them when it has booted, and leaves":
    'ネットワークのクライアントに応答する Debian の Linux (最大 3 つの 1 つ)。ブートするとクライアントに参加を知らせ、',
  'when it is asked to stop.': '停止を要求されると離脱します。',
  'The same Linux with three cores.': '3 個のコアを持つ同じ Linux。',
  "Starts a Linux before it is needed, and stops one when fewer would do, until the clients' day is over.":
    'Linux を必要になる前に開始し、余ると停止します。クライアントの 1 日が終わるまで続けます。',
  'what was asked for at the last look': '前回確認した需要',
  'The CPU time that Xen has given the servers, in tenths of a second.':
    'Xen がサーバーに割り当てた CPU 時間 (0.1 秒単位)。',
  'Half a second has passed: how much of a CPU have they used, in per cent?':
    '0.5 秒が経過: サーバーが使用した CPU は 1 個に対して何 % か。',
  'one is booting': '1 つがブート中',
  'a third of what they can do is asked for, and more will be: Linux takes a second to boot':
    '需要が能力の 3 割に達し、さらに増加: Linux のブートには 1 秒必要',
  'A day of your own: demand by the hour, in per cent of the peak.':
    '独自の 1 日: 1 時間ごとの需要 (ピークに対する %)。',
  'One of many. Another is made by the same file, with what differs behind it:':
    '多数のドメインの 1 つ。同じファイルの後ろに異なる設定を指定して、次を作成します:',
  'Makes as many domains of one config as it is told:':
    '1 つのコンフィギュレーション ファイルから、指定した数のドメインを作成:',
  'Takes all the CPU time that it gets.': '割り当てられた CPU 時間をすべて使用します。',
  "its share against others'; while it runs:": 'ほかのドメインに対する重み。実行中の変更:',
  'at most so much, in per cent of a CPU; 0: no limit': 'CPU に対する上限 (%)。0: 上限なし',
  'One of two channels that do the same work: if one fails, the other is still there.':
    '同じ処理を行う 2 つの系統の一方です。一方が故障しても、もう一方が動作を続けます。',
  'a core of its own': '専用コア',
  'Does what makes a guest enter the hypervisor: compute, pages, spaces, sgi, timer, interrupts on its console.':
    'ゲストからハイパーバイザーへの切り替えが起きる処理を行います。コンソールのコマンド: compute、pages、spaces、sgi、timer、interrupts。',
  'The same guest without what ARMv8 has for guests: EL2 keeps shadow tables, and serves the interrupt':
    '同じゲストで、ARMv8 の仮想化支援を使いません。EL2 がシャドウ ページ テーブルを管理し、',
  'controller and the timer in software.': '割り込みコントローラーとタイマーをソフトウェアで処理します。',
  "this simulator's own: the real Xen has no such mode, and the real xl ignores the key":
    'このシミュレーター独自の設定: 実物の Xen にこのモードはなく、実物の xl はこのキーを無視します',
  'The monitor hears of what fails, and /etc/xen/scripts/redundancy helps it.':
    'モニターが故障を検出し、/etc/xen/scripts/redundancy が対処します。',
  'what has crashed stays, to be looked at': 'クラッシュしたドメインを調査できるよう残す',
  "Watches the channels, and lets one of them control the plant. It needs xsm=dummy on Xen's command line:":
    '各系統を監視し、いずれか 1 つにプラントを制御させます。Xen のコマンド ラインに xsm=dummy が必要です:',
  'by default Xen lets domains reach Domain-0 alone.':
    'デフォルトでは、ドメインは Domain-0 以外のドメインと通信できません。',
  'microseconds without a heartbeat, after which a channel has failed':
    'ハートビートがこの時間 (マイクロ秒) 途絶えると故障と判定',
  'Helps two channels that do the same work:': '同じ処理を行う 2 つの系統に対処します:',
  'sh /etc/xen/scripts/redundancy MODE &': 'sh /etc/xen/scripts/redundancy モード &',
  'none: nobody helps a channel that fails': 'none: 故障した系統に何もしない',
  'restart: channel-a is destroyed and created again': 'restart: channel-a を破棄して作成し直す',
  'cold: channel-b waits, paused (xl create -p), and starts when channel-a fails':
    'cold: channel-b は一時停止 (xl create -p) で待機し、channel-a が故障すると動作を開始',
  'warm: channel-b runs in the shadow; the monitor lets it take over at once. Whoever has failed becomes the new spare':
    'warm: channel-b は並行して動作し、モニターがすぐに引き継がせる。故障した系統は新しい予備になる',
  'Introduces channel $1, the domain $2, to the monitor: it answers with a page and an event channel for it.':
    '系統 $1 (ドメイン $2) をモニターに登録します。モニターはページとイベント チャネルを返します。',
  'The first event says that the watch is set, the second that a channel has failed.':
    '最初のイベントは監視の開始、次のイベントは系統の故障を示します。',
  "Debian's Linux, unmodified, with a small root in its RAM disk.":
    'Debian の Linux (変更なし)。RAM ディスクに小さなルート ファイル システムがあります。',
  "not on the real-time system's core": 'リアルタイム システムのコア以外',
};

const inJapaneseText = (text: string): string =>
  text.replace(/#.*/g, (comment) =>
    comment
      .split(/( {3,}|#\s*)/)
      .map((part) => comments[part] ?? part)
      .join(''),
  );

/**
 * Domain-0's first files with those that come from the page, in Japanese. What is no comment stays, and so do commands
 * in comments.
 */
export function inJapanese(fromPage: readonly Dom0File[]): Dom0File[] {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  return [...firstFiles, ...fromPage].map(({ path, bytes }) => {
    // The white paper's example is as it was printed.
    const isText = !/^\/(guests|var)\/|\.dtb$/.test(path) && path !== paperConfigPath;
    if (!isText) return { path, bytes };
    const text = path === messagePath ? greeting : inJapaneseText(decoder.decode(bytes));
    return { path, bytes: encoder.encode(text) };
  });
}
