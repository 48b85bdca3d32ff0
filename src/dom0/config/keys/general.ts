import { type Key, section } from './key.ts';

const row = section('General Options');
const mandatory = section('Mandatory Configuration Items');
const guestType = section('Selecting Guest Type');
const later = section('General Options', { served: false });

/** Who the domain is, and what it is given of the machine. */
export const generalKeys: readonly Key[] = [
  mandatory(
    'name',
    'string',
    'The domain’s name, which no other domain may have. Without it nothing is created.',
    'ドメインの名前。ほかのドメインと重なってはいけません。これがないと何も作られません。',
  ),
  guestType(
    'type',
    'string',
    'The kind of guest. On Arm every guest is PVH; “pv” is turned into it with a warning.',
    'ゲストの種類。Arm ではすべて PVH です。“pv” は警告つきで PVH に変えられます。',
    { values: ['pvh', 'pv', 'hvm'], default: '"pvh"' },
  ),
  guestType(
    'builder',
    'string',
    'The old spelling of “type”: “generic” for PV, “hvm” for HVM. Do not use it in new files.',
    '“type” の古い書き方です。“generic” は PV、“hvm” は HVM。新しいファイルでは使わないでください。',
    { values: ['generic', 'hvm'] },
  ),
  row(
    'uuid',
    'string',
    'The domain’s UUID, as 8-4-4-4-12 hexadecimal digits. A random one without this key.',
    'ドメインの UUID。16 進数字 8-4-4-4-12 の形です。なければ乱数で決まります。',
  ),
  row('vcpus', 'number', 'Virtual CPUs that are there when the domain starts.', '起動時に使える仮想 CPU の数。', {
    range: [1, 128],
    default: '1',
  }),
  row(
    'maxvcpus',
    'number',
    'Virtual CPUs that the domain can ever have. Those beyond “vcpus” start offline.',
    'ドメインが持てる仮想 CPU の最大数。“vcpus” を超える分はオフラインで始まります。',
    { range: [1, 128], default: 'vcpus' },
  ),
  row(
    'cpus',
    'string or list',
    'Physical CPUs that the virtual ones may run on, for example “all”, “0-3,^1” or “node:0”. A list has one entry for each vCPU.',
    '仮想 CPU を動かしてよい物理 CPU。例: “all”、“0-3,^1”、“node:0”。リストなら vCPU ごとに 1 つ書きます。',
    { default: '"all"' },
  ),
  row(
    'cpus_soft',
    'string or list',
    'Physical CPUs that the virtual ones prefer, in the form of “cpus”. The others serve when these are busy.',
    '仮想 CPU が優先する物理 CPU。書き方は “cpus” と同じです。空いていないときはほかの CPU も使います。',
    { default: '"all"' },
  ),
  row(
    'cpu_weight',
    'number',
    'Share of CPU time relative to other domains: twice the weight, twice the time when CPUs are short.',
    'ほかのドメインに対する CPU 時間の割合。CPU が足りないとき、重みが 2 倍なら時間も 2 倍です。',
    { range: [1, 65535], default: '256' },
  ),
  row(
    'cap',
    'number',
    'Most CPU time that the domain gets even if CPUs are idle, in percent of one CPU; 0 is no cap.',
    'CPU が空いていても超えられない CPU 時間の上限。CPU 1 個に対する百分率で、0 は上限なしです。',
    { range: [0, 12800], default: '0' },
  ),
  row('memory', 'number', 'Memory at start, in MiB.', '起動時のメモリー量 (MiB)。', { range: [1, 1_000_000] }),
  row(
    'maxmem',
    'number',
    'Most memory that the domain can ever have, in MiB.',
    'ドメインが持てる最大のメモリー量 (MiB)。',
    { range: [1, 1_000_000], default: 'memory' },
  ),
  later('pool', 'string', 'The CPU pool in which the domain runs.', 'ドメインを動かす CPU プール。', {
    default: '"Pool-0"',
  }),
  later(
    'period',
    'number',
    'Period of the RTDS scheduler, in microseconds.',
    'RTDS スケジューラーの周期 (マイクロ秒)。',
  ),
  later(
    'slice',
    'number',
    'Time slice of an old real-time scheduler that Xen no longer has.',
    'いまの Xen にはない、古い実時間スケジューラーのスライス。',
  ),
  later(
    'latency',
    'number',
    'Latency of an old real-time scheduler that Xen no longer has.',
    'いまの Xen にはない、古い実時間スケジューラーの遅延。',
  ),
  later(
    'extratime',
    'number',
    'Whether RTDS gives the domain time beyond its budget.',
    'RTDS が予算を超えた時間も与えるかどうか。',
    { range: [0, 1] },
  ),
  later('vnuma', 'list', 'The virtual NUMA nodes of the guest.', 'ゲストの仮想 NUMA ノード。'),
  later('seclabel', 'string', 'The domain’s XSM security label.', 'ドメインの XSM セキュリティーラベル。'),
  later(
    'init_seclabel',
    'string',
    'XSM security label while the domain is built.',
    'ドメインを作るあいだの XSM セキュリティーラベル。',
  ),
  later('max_grant_frames', 'number', 'Most pages of the grant table.', 'グラントテーブルの最大ページ数。', {
    range: [0, 2147483647],
  }),
  later(
    'max_maptrack_frames',
    'number',
    'Most pages that Xen keeps to follow the domain’s mappings of grants.',
    'グラントのマップを記録するページの最大数。',
    { range: [0, 2147483647] },
  ),
  later(
    'max_grant_version',
    'number',
    'Newest version of the grant table that the domain may use.',
    'ドメインが使えるグラントテーブルの最大バージョン。',
    { range: [0, 2147483647] },
  ),
  later('nomigrate', 'flag', 'Forbids migration. There is none on Arm.', '移行を禁じます。Arm には移行がありません。', {
    default: '0',
  }),
  later(
    'driver_domain',
    'flag',
    'Marks a domain that serves devices to others.',
    'ほかのドメインにデバイスを提供するドメインという印です。',
    { default: '0' },
  ),
  later(
    'passthrough',
    'string',
    'Whether devices can be handed to the domain, and how their accesses are translated.',
    'デバイスをドメインに渡せるか、そのアクセスをどう変換するか。',
    {
      values: ['default', 'disabled', 'enabled', 'sync_pt', 'share_pt'],
      default: '"default"',
    },
  ),
  later('max_event_channels', 'number', 'Most event channels of the domain.', 'イベントチャネルの最大数。', {
    range: [0, 131071],
    default: '1023',
  }),
  later(
    'vmtrace_buf_kb',
    'number',
    'Size of the buffer for a processor trace, in KiB.',
    'プロセッサートレース用バッファーの大きさ (KiB)。',
    { default: '0' },
  ),
  later('vpmu', 'flag', 'Gives the guest the performance counters.', '性能カウンターをゲストに与えます。', {
    default: '0',
  }),
  later(
    'xend_suspend_evtchn_compat',
    'flag',
    'How old tools suspended a guest.',
    '古いツールのゲスト中断方法に合わせます。',
    { default: '0' },
  ),
];
