import { type Key, section } from './key.ts';

const row = section('General Options');
const mandatory = section('Mandatory Configuration Items');
const guestType = section('Selecting Guest Type');
const own = section('EL2 Lab');
const later = section('General Options', { served: false });

/** The domain's identity, and its share of the machine. */
export const generalKeys: readonly Key[] = [
  mandatory('name', 'string', {
    en: 'The domain’s name, which no other domain may have. Without it nothing is created.',
    ja: 'ドメインの名前。ほかのドメインと重なってはいけません。これがないと何も作られません。',
  }),
  guestType(
    'type',
    'string',
    {
      en: 'The kind of guest. On Arm every guest is PVH; “pv” is turned into it with a warning.',
      ja: 'ゲストの種類。Arm ではすべて PVH です。“pv” は警告付きで PVH に変えられます。',
    },
    { values: ['pvh', 'pv', 'hvm'], default: '"pvh"' },
  ),
  guestType(
    'builder',
    'string',
    {
      en: 'The old spelling of “type”: “generic” for PV, “hvm” for HVM. Do not use it in new files.',
      ja: '“type” の古い書き方です。“generic” は PV、“hvm” は HVM。新しいファイルでは使わないでください。',
    },
    { values: ['generic', 'hvm'] },
  ),
  row('uuid', 'string', {
    en: 'The domain’s UUID, as 8-4-4-4-12 hexadecimal digits. A random one without this key.',
    ja: 'ドメインの UUID。16 進数字 8-4-4-4-12 の形です。なければ乱数で決まります。',
  }),
  row(
    'vcpus',
    'number',
    { en: 'Virtual CPUs that are there when the domain starts.', ja: '起動時に使える仮想 CPU の数。' },
    {
      range: [1, 128],
      default: '1',
    },
  ),
  row(
    'maxvcpus',
    'number',
    {
      en: 'Virtual CPUs that the domain can ever have. Those beyond “vcpus” start offline.',
      ja: 'ドメインが持てる仮想 CPU の最大数。“vcpus” を超える分はオフラインで始まります。',
    },
    { range: [1, 128], default: 'vcpus' },
  ),
  row(
    'cpus',
    'string or list',
    {
      en: 'Physical CPUs that the virtual ones may run on, for example “all”, “0-3,^1” or “node:0”. A list has one entry for each vCPU.',
      ja: '仮想 CPU を動かしてよい物理 CPU。例: “all”、“0-3,^1”、“node:0”。リストなら vCPU ごとに 1 つ書きます。',
    },
    { default: '"all"' },
  ),
  row(
    'cpus_soft',
    'string or list',
    {
      en: 'Physical CPUs that the virtual ones prefer, in the form of “cpus”. The others serve when these are busy.',
      ja: '仮想 CPU が優先する物理 CPU。書き方は “cpus” と同じです。空いていないときはほかの CPU も使います。',
    },
    { default: '"all"' },
  ),
  row(
    'cpu_weight',
    'number',
    {
      en: 'Share of CPU time relative to other domains: twice the weight, twice the time when CPUs are short.',
      ja: 'ほかのドメインに対する CPU 時間の割合。CPU が足りないとき、重みが 2 倍なら時間も 2 倍です。',
    },
    { range: [1, 65535], default: '256' },
  ),
  row(
    'cap',
    'number',
    {
      en: 'Most CPU time that the domain gets even if CPUs are idle, in percent of one CPU; 0 is no cap.',
      ja: 'CPU が空いていても超えられない CPU 時間の上限。CPU 1 個に対する百分率で、0 は上限なしです。',
    },
    { range: [0, 12800], default: '0' },
  ),
  own(
    'el2lab_unaccelerated',
    'flag',
    {
      en: 'This simulator’s own: the guest does without stage 2, the virtual interrupt interface and the virtual timer, whose work EL2 does in software. The real xl ignores it.',
      ja: 'このシミュレーター独自のキー。ステージ 2、仮想割り込みインターフェイス、仮想タイマーを使わず、EL2 がソフトウェアで代わりをします。実際の xl は無視します。',
    },
    { default: '0' },
  ),
  row(
    'memory',
    'number',
    { en: 'Memory at start, in MiB.', ja: '起動時のメモリ量 (MiB)。' },
    { range: [1, 1_000_000] },
  ),
  row(
    'maxmem',
    'number',
    { en: 'Most memory that the domain can ever have, in MiB.', ja: 'ドメインが持てる最大のメモリ量 (MiB)。' },
    { range: [1, 1_000_000], default: 'memory' },
  ),
  row(
    'pool',
    'string',
    { en: 'The CPU pool in which the domain runs.', ja: 'ドメインを動かす CPU プール。' },
    {
      default: '"Pool-0"',
    },
  ),
  row(
    'period',
    'number',
    {
      en: 'Period of the RTDS scheduler, in microseconds. The budget stays 4000; “xl sched-rtds” changes both.',
      ja: 'RTDS スケジューラーの周期 (マイクロ秒)。予算は 4000 のままで、どちらも “xl sched-rtds” で変えられます。',
    },
    { range: [4000, 1_000_000_000], default: '10000' },
  ),
  later('slice', 'number', {
    en: 'Time slice of an old real-time scheduler that Xen no longer has.',
    ja: '現在の Xen にはない、古いリアルタイム スケジューラーのタイム スライス。',
  }),
  later('latency', 'number', {
    en: 'Latency of an old real-time scheduler that Xen no longer has.',
    ja: '現在の Xen にはない、古いリアルタイム スケジューラーのレイテンシ。',
  }),
  row(
    'extratime',
    'number',
    {
      en: 'Read by xl 4.17 but without effect: “xl sched-rtds -e” says whether RTDS gives time beyond the budget.',
      ja: 'xl 4.17 は読み込みますが効果はありません。予算を超えた時間を RTDS が与えるかどうかは “xl sched-rtds -e” で決めます。',
    },
    { range: [0, 1] },
  ),
  later('vnuma', 'list', { en: 'The virtual NUMA nodes of the guest.', ja: 'ゲストの仮想 NUMA ノード。' }),
  later('seclabel', 'string', { en: 'The domain’s XSM security label.', ja: 'ドメインの XSM セキュリティ ラベル。' }),
  later('init_seclabel', 'string', {
    en: 'XSM security label while the domain is built.',
    ja: 'ドメインを作る間の XSM セキュリティ ラベル。',
  }),
  later(
    'max_grant_frames',
    'number',
    { en: 'Most pages of the grant table.', ja: 'グラント テーブルの最大ページ数。' },
    {
      range: [0, 2147483647],
    },
  ),
  later(
    'max_maptrack_frames',
    'number',
    {
      en: 'Most pages that Xen keeps to follow the domain’s mappings of grants.',
      ja: 'グラントのマップを記録するページの最大数。',
    },
    { range: [0, 2147483647] },
  ),
  later(
    'max_grant_version',
    'number',
    {
      en: 'Newest version of the grant table that the domain may use.',
      ja: 'ドメインが使えるグラント テーブルの最大バージョン。',
    },
    { range: [0, 2147483647] },
  ),
  later(
    'nomigrate',
    'flag',
    { en: 'Forbids migration. There is none on Arm.', ja: '移行を禁じます。Arm には移行がありません。' },
    {
      default: '0',
    },
  ),
  later(
    'driver_domain',
    'flag',
    {
      en: 'Marks a domain that serves devices to others.',
      ja: 'ほかのドメインにデバイスを提供するドメインという印です。',
    },
    { default: '0' },
  ),
  later(
    'passthrough',
    'string',
    {
      en: 'Whether devices can be handed to the domain, and how their accesses are translated.',
      ja: 'デバイスをドメインに渡せるか、そのアクセスをどう変換するか。',
    },
    {
      values: ['default', 'disabled', 'enabled', 'sync_pt', 'share_pt'],
      default: '"default"',
    },
  ),
  later(
    'max_event_channels',
    'number',
    { en: 'Most event channels of the domain.', ja: 'イベント チャネルの最大数。' },
    {
      range: [0, 131071],
      default: '1023',
    },
  ),
  later(
    'vmtrace_buf_kb',
    'number',
    { en: 'Size of the buffer for a processor trace, in KiB.', ja: 'プロセッサ トレース用バッファの大きさ (KiB)。' },
    { default: '0' },
  ),
  later(
    'vpmu',
    'flag',
    { en: 'Gives the guest the performance counters.', ja: '性能カウンターをゲストに与えます。' },
    {
      default: '0',
    },
  ),
  later(
    'xend_suspend_evtchn_compat',
    'flag',
    { en: 'How old tools suspended a guest.', ja: '古いツールのゲスト中断方法に合わせます。' },
    { default: '0' },
  ),
];
