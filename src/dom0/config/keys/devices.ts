import { type Key, section } from './key.ts';

const row = section('Devices', { served: false });
const arm = section('Architecture Specific options');
/** Keys whose values are given to the guest or refused, as by real Xen on this board. */
const judged = section('Devices');

/** The guest's devices: those of the Arm platform, and those with a backend in another domain. */
export const deviceKeys: readonly Key[] = [
  arm(
    'vuart',
    'string',
    {
      en: 'Gives the guest a PL011 serial port, which Xen emulates.',
      ja: 'Xen がエミュレートする PL011 シリアル ポートをゲストに与えます。',
    },
    { values: ['sbsa_uart'] },
  ),
  arm(
    'gic_version',
    'string',
    {
      en: 'Version of the guest’s interrupt controller. This machine’s hardware is a GICv2.',
      ja: 'ゲストの割り込みコントローラーのバージョン。このマシンのハードウェアは GICv2 です。',
    },
    { values: ['default', 'v2', 'v3'], default: '"default"' },
  ),
  arm(
    'tee',
    'string',
    { en: 'Lets the guest use a trusted execution environment.', ja: 'ゲストに TEE (高信頼実行環境) を使わせます。' },
    { values: ['none', 'optee'], default: '"none"', served: false },
  ),
  judged('disk', 'list', {
    en: 'Disks, each described in one string (xl-disk-configuration(5)).',
    ja: 'ディスク。1 つの文字列で 1 台を表します (xl-disk-configuration(5))。',
  }),
  row(
    'vif',
    'list',
    {
      en: 'Network interfaces, each described in one string (xl-network-configuration(5)).',
      ja: 'ネットワーク インターフェイス。1 つの文字列で 1 つを表します (xl-network-configuration(5))。',
    },
    { served: true },
  ),
  row('vtpm', 'list', { en: 'Virtual TPMs.', ja: '仮想 TPM。' }),
  row('p9', 'list', { en: 'Folders shared by the 9p protocol.', ja: '9p プロトコルで共有するフォルダー。' }),
  row('pvcalls', 'list', { en: 'Sockets that another domain serves.', ja: 'ほかのドメインが提供するソケット。' }),
  row('vfb', 'list', { en: 'Virtual frame buffers.', ja: '仮想フレーム バッファー。' }),
  row('vkb', 'list', { en: 'Virtual keyboards and pointers.', ja: '仮想キーボードとポインター。' }),
  row('vdispl', 'list', { en: 'Virtual displays.', ja: '仮想ディスプレイ。' }),
  row('vsnd', 'list', { en: 'Virtual sound cards.', ja: '仮想サウンド カード。' }),
  row('channel', 'list', { en: 'Named channels of bytes to Dom0.', ja: 'Dom0 への名前付きバイト チャネル。' }),
  row('usbctrl', 'list', { en: 'Virtual USB controllers.', ja: '仮想 USB コントローラー。' }),
  row('usbdev', 'list', { en: 'USB devices handed to the guest.', ja: 'ゲストに渡す USB デバイス。' }),
  judged('pci', 'list', { en: 'PCI devices handed to the guest.', ja: 'ゲストに渡す PCI デバイス。' }),
  row(
    'pci_permissive',
    'flag',
    {
      en: 'Whether the guest may write all of a PCI device’s configuration.',
      ja: 'PCI デバイスのコンフィギュレーション空間すべてへの書き込みを許すか。',
    },
    { default: '0' },
  ),
  row(
    'pci_msitranslate',
    'flag',
    { en: 'Whether MSI is translated for the guest.', ja: 'ゲストのために MSI を変換するか。' },
    {
      default: '0',
    },
  ),
  row(
    'pci_seize',
    'flag',
    {
      en: 'Whether PCI devices are taken from their drivers in Dom0.',
      ja: 'PCI デバイスを Dom0 のドライバーから取り上げるか。',
    },
    { default: '0' },
  ),
  row(
    'pci_power_mgmt',
    'flag',
    { en: 'Whether the guest manages the power of PCI devices.', ja: 'ゲストが PCI デバイスの電源を管理するか。' },
    { default: '0' },
  ),
  row('rdm', 'string', { en: 'How memory that devices reserve is treated.', ja: 'デバイスが予約したメモリの扱い。' }),
  judged('dtdev', 'list', {
    en: 'Paths in the host’s device tree of devices handed to the guest.',
    ja: 'ゲストに渡すデバイスの、ホストのデバイス ツリーでのパス。',
  }),
  judged('iomem', 'list', {
    en: 'Pages of device memory that the guest may map: “page,count” or “page,count@guest page”, in hexadecimal.',
    ja: 'ゲストがマップしてよいデバイス メモリのページ。16 進で “ページ,数” か “ページ,数@ゲスト ページ”。',
  }),
  judged('irqs', 'list', {
    en: 'Physical interrupts that the guest receives. Only those of devices that the board’s tree marks “xen,passthrough” are free.',
    ja: 'ゲストが受け取る物理割り込み。空いているのは、ボードのデバイス ツリーで “xen,passthrough” が付いたデバイスのものだけです。',
  }),
  judged('ioports', 'list', {
    en: 'I/O ports that the guest may use. Arm has none.',
    ja: 'ゲストが使ってよい I/O ポート。Arm にはありません。',
  }),
  row('shadow_memory', 'number', {
    en: 'Memory for the guest’s page tables in Xen, in MiB.',
    ja: 'Xen 内のゲスト用ページ テーブルのメモリ (MiB)。',
  }),
  row(
    'altp2m',
    'string',
    {
      en: 'Whether there can be several views of the guest’s memory.',
      ja: 'ゲストのメモリに複数のビューを持てるか。',
    },
    { values: ['disabled', 'mixed', 'external', 'limited'], default: '"disabled"' },
  ),
  row(
    'acpi',
    'flag',
    { en: 'Gives the guest ACPI tables too.', ja: 'ゲストに ACPI テーブルも与えます。' },
    { default: '0' },
  ),
];
