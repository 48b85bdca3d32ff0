/** Devices as they stand in libxl's JSON of a config. */
import { type DomainConfig, deviceLists } from '../domain-config.ts';
import type { Fields } from './fields.ts';

const unlessEmpty = <T>(items: readonly T[]): readonly T[] | undefined => (items.length > 0 ? items : undefined);

/** The lists of devices: members of the config itself. */
export const devicesObject = ({ disks, devices, usbDevices }: DomainConfig): Fields => ({
  disks: unlessEmpty(disks.map(({ fields }) => fields)),
  ...Object.fromEntries(deviceLists.map((name) => [name, unlessEmpty(devices[name])])),
  usbdevs: unlessEmpty(usbDevices.map(({ fields }) => fields)),
});

/** What the guest gets of the host: members of `b_info`. */
export const hostObject = ({ passthrough: { ioports, irqs, iomem } }: DomainConfig): Fields => ({
  ioports: unlessEmpty(ioports),
  irqs: unlessEmpty(irqs),
  iomem: unlessEmpty(
    iomem.map(({ first, count, guest }) => ({
      start: Number(first),
      number: Number(count),
      gfn: guest === null ? undefined : Number(guest),
    })),
  ),
});
