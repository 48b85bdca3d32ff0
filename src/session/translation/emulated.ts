/** The devices that Xen emulates for a domain, by their names. */
import { gicBlocks } from '../../soc/board/map.ts';
import { gicCpuInterface, gicDistributor, pl011 } from '../../xen/domain/guest-layout.ts';
import type { EmulatedWindow } from '../api/translation.ts';

const guestWindows: readonly EmulatedWindow[] = [
  { ...gicDistributor, name: 'GICD' },
  { ...gicCpuInterface, name: 'GICC' },
  { ...pl011, name: 'vPL011' },
];
/** Domain-0 sees the distributor where the board has it. */
const dom0Windows: readonly EmulatedWindow[] = [{ ...gicBlocks.distributor, name: 'GICD' }];

/** Empty for a device without a name. */
export const emulatedName = (base: number): string =>
  [...guestWindows, ...dom0Windows].find((window) => window.base === base)?.name ?? '';

/** What the unmodified Xen emulates for a domain: its distributor and its UART. The CPU interface is the hardware's. */
export const emulatedByXen = (domain: number): readonly EmulatedWindow[] =>
  domain === 0 ? dom0Windows : guestWindows.filter(({ name }) => name !== 'GICC');
