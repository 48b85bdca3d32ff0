import { type Key, section } from './key.ts';

const direct = section('Direct Kernel Boot');
const other = section('Non direct Kernel Boot');
const event = section('Event Actions');

const actions = [
  'destroy',
  'restart',
  'rename-restart',
  'preserve',
  'coredump-destroy',
  'coredump-restart',
  'soft-reset',
];

/** The software that runs in the domain, and the actions when it ends. */
export const bootKeys: readonly Key[] = [
  direct('kernel', 'string', {
    en: 'Path in Dom0 of the guest’s kernel: an arm64 Image or an ELF file, also compressed with gzip.',
    ja: 'ゲストのカーネルの Dom0 でのパス。arm64 Image または ELF ファイル (gzip で圧縮されたものも可)。',
  }),
  direct('ramdisk', 'string', {
    en: 'Path in Dom0 of the initial RAM disk.',
    ja: '初期 RAM ディスクの Dom0 でのパス。',
  }),
  direct('cmdline', 'string', {
    en: 'The kernel’s command line. “root” and “extra” do not count beside it.',
    ja: 'カーネルのコマンド ライン。これがあると “root” と “extra” は無視されます。',
  }),
  direct('root', 'string', {
    en: 'Put in front of the command line as root=….',
    ja: 'コマンド ラインの先頭に root=… として付けられます。',
  }),
  direct('extra', 'string', { en: 'Put at the end of the command line.', ja: 'コマンド ラインの末尾に付けられます。' }),
  direct('device_tree', 'string', {
    en: 'A partial device tree, whose nodes the guest sees too.',
    ja: '部分デバイス ツリー。そのノードもゲストに見えます。',
  }),
  other('bootloader', 'string', {
    en: 'A program in Dom0 that finds the kernel in the first disk, which has an extlinux.conf or grub.cfg. Here it is “pygrub”.',
    ja: '最初のディスクの extlinux.conf または grub.cfg を読み、カーネルを取り出す Dom0 のプログラム。ここでは “pygrub” です。',
  }),
  other('bootloader_args', 'list', {
    en: 'Arguments for the boot loader, such as "--entry=1".',
    ja: 'ブートローダーへの引数。例: "--entry=1"。',
  }),
  other(
    'firmware',
    'string',
    { en: 'Firmware to boot instead of a kernel.', ja: 'カーネルの代わりに起動するファームウェア。' },
    {
      values: ['pvgrub32', 'pvgrub64'],
      served: false,
    },
  ),
  event(
    'on_poweroff',
    'string',
    { en: 'What happens when the guest powers itself off.', ja: 'ゲストが電源を切ったときの動作。' },
    {
      values: actions,
      default: '"destroy"',
    },
  ),
  event(
    'on_reboot',
    'string',
    { en: 'What happens when the guest reboots.', ja: 'ゲストが再起動したときの動作。' },
    {
      values: actions,
      default: '"restart"',
    },
  ),
  event(
    'on_watchdog',
    'string',
    { en: 'What happens when the guest’s Xen watchdog fires.', ja: 'ゲストの Xen ウォッチドッグが働いたときの動作。' },
    { values: actions, default: '"destroy"' },
  ),
  event(
    'on_crash',
    'string',
    { en: 'What happens when the guest crashes.', ja: 'ゲストがクラッシュしたときの動作。' },
    {
      values: actions,
      default: '"destroy"',
    },
  ),
  event(
    'on_soft_reset',
    'string',
    { en: 'What happens when the guest asks for a soft reset.', ja: 'ゲストがソフト リセットを求めたときの動作。' },
    { values: actions, default: '"soft-reset"' },
  ),
];
