import { type Key, section } from './key.ts';

const row = section('Devices', { served: false });
const arm = section('Architecture Specific options');

/** Devices of the guest: those of the Arm platform, and those that other domains serve. */
export const deviceKeys: readonly Key[] = [
  arm(
    'vuart',
    'string',
    'Gives the guest a PL011 serial port, which Xen emulates.',
    'Xen がエミュレートする PL011 シリアルポートをゲストに与えます。',
    { values: ['sbsa_uart'] },
  ),
  arm(
    'gic_version',
    'string',
    'Version of the guest’s interrupt controller. This machine’s hardware is a GICv2.',
    'ゲストの割り込みコントローラーの版。この機械のハードウェアは GICv2 です。',
    { values: ['default', 'v2', 'v3'], default: '"default"' },
  ),
  arm(
    'tee',
    'string',
    'Lets the guest use a trusted execution environment.',
    'ゲストに TEE (高信頼実行環境) を使わせます。',
    { values: ['none', 'optee'], default: '"none"', served: false },
  ),
  row(
    'disk',
    'list',
    'Disks, each described in one string (xl-disk-configuration(5)).',
    'ディスク。1 つの文字列で 1 台を表します (xl-disk-configuration(5))。',
  ),
  row(
    'vif',
    'list',
    'Network interfaces, each described in one string (xl-network-configuration(5)).',
    'ネットワークインターフェース。1 つの文字列で 1 つを表します (xl-network-configuration(5))。',
  ),
  row('vtpm', 'list', 'Virtual TPMs.', '仮想 TPM。'),
  row('p9', 'list', 'Folders shared by the 9p protocol.', '9p プロトコルで共有するフォルダー。'),
  row('pvcalls', 'list', 'Sockets that another domain serves.', 'ほかのドメインが提供するソケット。'),
  row('vfb', 'list', 'Virtual frame buffers.', '仮想フレームバッファー。'),
  row('vkb', 'list', 'Virtual keyboards and pointers.', '仮想キーボードとポインター。'),
  row('vdispl', 'list', 'Virtual displays.', '仮想ディスプレイ。'),
  row('vsnd', 'list', 'Virtual sound cards.', '仮想サウンドカード。'),
  row('channel', 'list', 'Named channels of bytes to Dom0.', 'Dom0 への名前つきバイトチャネル。'),
  row('usbctrl', 'list', 'Virtual USB controllers.', '仮想 USB コントローラー。'),
  row('usbdev', 'list', 'USB devices handed to the guest.', 'ゲストに渡す USB デバイス。'),
  row('pci', 'list', 'PCI devices handed to the guest.', 'ゲストに渡す PCI デバイス。'),
  row(
    'pci_permissive',
    'flag',
    'Whether the guest may write all of a PCI device’s configuration.',
    'PCI デバイスの設定空間すべてへの書き込みを許すか。',
    { default: '0' },
  ),
  row('pci_msitranslate', 'flag', 'Whether MSI is translated for the guest.', 'ゲストのために MSI を変換するか。', {
    default: '0',
  }),
  row(
    'pci_seize',
    'flag',
    'Whether PCI devices are taken from their drivers in Dom0.',
    'PCI デバイスを Dom0 のドライバーから取り上げるか。',
    { default: '0' },
  ),
  row(
    'pci_power_mgmt',
    'flag',
    'Whether the guest manages the power of PCI devices.',
    'ゲストが PCI デバイスの電源を管理するか。',
    { default: '0' },
  ),
  row('rdm', 'string', 'How memory that devices reserve is treated.', 'デバイスが予約したメモリーの扱い。'),
  row(
    'dtdev',
    'list',
    'Paths in the host’s device tree of devices handed to the guest.',
    'ゲストに渡すデバイスの、ホストのデバイスツリーでのパス。',
  ),
  row(
    'iomem',
    'list',
    'Pages of device memory that the guest may map: “page,count” or “page,count@guest page”, in hexadecimal.',
    'ゲストがマップしてよいデバイスメモリーのページ。16 進で “ページ,数” か “ページ,数@ゲストページ”。',
  ),
  row('irqs', 'list', 'Physical interrupts that the guest receives.', 'ゲストが受け取る物理割り込み。'),
  row(
    'ioports',
    'list',
    'I/O ports that the guest may use. Arm has none.',
    'ゲストが使ってよい I/O ポート。Arm にはありません。',
  ),
  row(
    'shadow_memory',
    'number',
    'Memory for the guest’s page tables in Xen, in MiB.',
    'Xen 内のゲスト用ページテーブルのメモリー (MiB)。',
  ),
  row(
    'altp2m',
    'string',
    'Whether there can be several views of the guest’s memory.',
    'ゲストのメモリーに複数のビューを持てるか。',
    { values: ['disabled', 'mixed', 'external', 'limited'], default: '"disabled"' },
  ),
  row('acpi', 'flag', 'Gives the guest ACPI tables too.', 'ゲストに ACPI テーブルも与えます。', { default: '0' }),
];
