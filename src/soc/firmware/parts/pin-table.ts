/**
 * What the pins of the multiplexed inputs and outputs can be for (UG1085 table 28-1): each function with the value that
 * chooses it in MIO_PIN_x (UG1087, module IOU_SLCR) and its groups of pins, a group being one choice of pins that serve
 * the function. Order and names are those of the firmware's interface (Trusted Firmware-A, Zynq UltraScale+ platform,
 * pm_api_pinctrl).
 */

export interface PinFunction {
  /** At most 15 characters. */
  readonly name: string;
  readonly select: number;
  /** Pins of each group. */
  readonly groups: readonly (readonly number[])[];
}

/** Reads lists of groups parted by spaces, of pins and ranges parted by commas. */
function pinFunction(name: string, select: number, ...lists: string[]): PinFunction {
  const pins = (range: string): number[] => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  };
  const groups = lists.flatMap((list) => list.split(' '));
  return { name, select, groups: groups.map((group) => group.split(',').flatMap(pins)) };
}

/** `count` groups of `size` pins, the first from pin `first`, each `step` further. */
const every = (first: number, step: number, count: number, size = 1): string =>
  Array.from({ length: count }, (_, i) => first + i * step)
    .map((pin) => (size === 1 ? `${pin}` : `${pin}-${pin + size - 1}`))
    .join(' ');

export const pinFunctions: readonly PinFunction[] = [
  pinFunction('can0', 0x20, every(2, 4, 19, 2)),
  pinFunction('can1', 0x20, every(0, 4, 20, 2)),
  pinFunction('ethernet0', 0x02, '26-37'),
  pinFunction('ethernet1', 0x02, '38-49'),
  pinFunction('ethernet2', 0x02, '52-63'),
  pinFunction('ethernet3', 0x02, '64-75'),
  pinFunction('gemtsu0', 0x02, '26 50 51'),
  pinFunction('gpio0', 0x00, every(0, 1, 78)),
  pinFunction('i2c0', 0x40, every(2, 4, 19, 2)),
  pinFunction('i2c1', 0x40, every(0, 4, 20, 2)),
  pinFunction('mdio0', 0x60, '76-77'),
  pinFunction('mdio1', 0x80, '50-51 76-77'),
  pinFunction('mdio2', 0xa0, '76-77'),
  pinFunction('mdio3', 0xc0, '76-77'),
  pinFunction('qspi0', 0x02, '0-4,8-12 0-4'),
  pinFunction('qspi_fbclk', 0x02, '6'),
  pinFunction('qspi_ss', 0x02, '5,7 5'),
  pinFunction('spi0', 0x80, '0,4-5 12,16-17 26,30-31 38,42-43 52,56-57 64,68-69'),
  pinFunction('spi1', 0x80, '6,10-11 18,22-23 32,36-37 44,48-49 58,62-63 70,74-75'),
  pinFunction('spi0_ss', 0x80, '3 2 1 15 14 13 29 28 27 41 40 39 55 54 53 67 66 65'),
  pinFunction('spi1_ss', 0x80, '9 8 7 21 20 19 35 34 33 47 46 45 61 60 59 73 72 71'),
  pinFunction(
    'sdio0',
    0x08,
    '13-22 38,40-48 64,66-74 13-16,21-22 17-22 38,40-44 38,40,45-48 64,66-70 64,66,71-74',
    '13,21-22 14,21-22 15,21-22 16,21-22 17,21-22 18,21-22 19,21-22 20-22',
    '38,40-41 38,40,42 38,40,43 38,40,44 38,40,45 38,40,46 38,40,47 38,40,48',
    '64,66-67 64,66,68 64,66,69 64,66,70 64,66,71 64,66,72 64,66,73 64,66,74',
  ),
  pinFunction('sdio0_pc', 0x08, '23 49 75'),
  pinFunction('sdio0_cd', 0x08, '24 39 65'),
  pinFunction('sdio0_wp', 0x08, '25 50 76'),
  pinFunction(
    'sdio1',
    0x10,
    '39-42,46-51 39-42,50-51 46-51 71-76',
    '39,50-51 40,50-51 41,50-51 42,50-51 46,50-51 47,50-51 48,50-51 49-51',
    '71,75-76 72,75-76 73,75-76 74-76',
  ),
  pinFunction('sdio1_pc', 0x10, '43 70'),
  pinFunction('sdio1_cd', 0x10, '45 77'),
  pinFunction('sdio1_wp', 0x10, '44 69'),
  pinFunction('nand0', 0x04, '13-25'),
  pinFunction('nand0_ce', 0x04, '9 26'),
  pinFunction('nand0_rb', 0x04, '10-11 27-28'),
  pinFunction('nand0_dqs', 0x04, '12 32'),
  pinFunction('ttc0_clk', 0xa0, every(6, 8, 9)),
  pinFunction('ttc0_wav', 0xa0, every(7, 8, 9)),
  pinFunction('ttc1_clk', 0xa0, every(4, 8, 9)),
  pinFunction('ttc1_wav', 0xa0, every(5, 8, 9)),
  pinFunction('ttc2_clk', 0xa0, every(2, 8, 9)),
  pinFunction('ttc2_wav', 0xa0, every(3, 8, 9)),
  pinFunction('ttc3_clk', 0xa0, every(0, 8, 9)),
  pinFunction('ttc3_wav', 0xa0, every(1, 8, 9)),
  pinFunction('uart0', 0xc0, every(2, 4, 19, 2)),
  pinFunction('uart1', 0xc0, every(0, 4, 19, 2)),
  pinFunction('usb0', 0x04, '52-63'),
  pinFunction('usb1', 0x04, '64-75'),
  pinFunction('swdt0_clk', 0x60, '6 10 18 22 30 34 42 46 50 62 66 70 74'),
  pinFunction('swdt0_rst', 0x60, '7 11 19 23 31 35 43 47 51 63 67 71 75'),
  pinFunction('swdt1_clk', 0x60, '4 8 16 20 24 32 36 44 48 56 64 68 72'),
  pinFunction('swdt1_rst', 0x60, '5 9 17 21 25 33 37 45 49 57 65 69 73'),
  pinFunction('pmu0', 0x08, every(26, 1, 12)),
  pinFunction('pcie0', 0x04, '29 30 31 33 34 35 36 37'),
  pinFunction('csu0', 0x18, '18 19 20 21 22 23 24 25 26 31 32 33'),
  pinFunction('dpaux0', 0x18, '27-28 29-30 34-35 36-37'),
  pinFunction('pjtag0', 0x60, '0-3 12-15 26-29 38-41 52-55 58-61'),
  pinFunction('trace0', 0xe0, '2-17 26-37,40-43 54-69'),
  pinFunction('trace0_clk', 0xe0, '0-1 38-39 52-53'),
  pinFunction('testscan0', 0x10, '0-37'),
];
