import { type Key, section } from './key.ts';

const direct = section('Direct Kernel Boot');
const later = section('Direct Kernel Boot', { served: false });
const other = section('Non direct Kernel Boot', { served: false });
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

/** What runs in the domain, and what happens when it ends. */
export const bootKeys: readonly Key[] = [
  direct(
    'kernel',
    'string',
    'Path in Dom0 of the guest’s kernel: an Image, an ELF file or a raw binary.',
    'ゲストのカーネルの Dom0 でのパス。Image、ELF、生バイナリーのいずれか。',
  ),
  direct('ramdisk', 'string', 'Path in Dom0 of the initial RAM disk.', '初期 RAM ディスクの Dom0 でのパス。'),
  direct(
    'cmdline',
    'string',
    'The kernel’s command line. “root” and “extra” do not count beside it.',
    'カーネルのコマンドライン。これがあると “root” と “extra” は無視されます。',
  ),
  direct(
    'root',
    'string',
    'Put in front of the command line as root=….',
    'コマンドラインの先頭に root=… として付けられます。',
  ),
  direct('extra', 'string', 'Put at the end of the command line.', 'コマンドラインの末尾に付けられます。'),
  later(
    'device_tree',
    'string',
    'A partial device tree, whose nodes the guest sees too.',
    '部分デバイスツリー。そのノードもゲストに見えます。',
  ),
  other(
    'bootloader',
    'string',
    'A program in Dom0 that finds the kernel in the guest’s disk.',
    'ゲストのディスクからカーネルを取り出す、Dom0 のプログラム。',
  ),
  other('bootloader_args', 'list', 'Arguments for the boot loader.', 'ブートローダーへの引数。'),
  other('firmware', 'string', 'Firmware to boot instead of a kernel.', 'カーネルの代わりに起動するファームウェア。', {
    values: ['pvgrub32', 'pvgrub64'],
  }),
  event('on_poweroff', 'string', 'What happens when the guest powers itself off.', 'ゲストが電源を切ったときの動作。', {
    values: actions,
    default: '"destroy"',
  }),
  event('on_reboot', 'string', 'What happens when the guest reboots.', 'ゲストが再起動したときの動作。', {
    values: actions,
    default: '"restart"',
  }),
  event(
    'on_watchdog',
    'string',
    'What happens when the guest’s Xen watchdog fires.',
    'ゲストの Xen ウォッチドッグが働いたときの動作。',
    { values: actions, default: '"destroy"' },
  ),
  event('on_crash', 'string', 'What happens when the guest crashes.', 'ゲストがクラッシュしたときの動作。', {
    values: actions,
    default: '"destroy"',
  }),
  event(
    'on_soft_reset',
    'string',
    'What happens when the guest asks for a soft reset.',
    'ゲストがソフトリセットを求めたときの動作。',
    { values: actions, default: '"soft-reset"' },
  ),
];
