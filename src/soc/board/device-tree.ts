/**
 * The built-in device tree: what a kernel needs of a ZCU102, with fixed clocks. A boot loader adds its parameters
 * (`boot/fdt/boot.ts`).
 */
import { secureTimerPpi, timerPpis } from '../../arch/timers/timer.ts';
import { type DeviceTree, FdtNode, toCells } from '../../boot/fdt/fdt.ts';
import { referenceHz } from '../devices/serial/uart.ts';
import { maintenancePpi } from '../gic/gic.ts';
import { gicBlocks, placeOf, pmuSpi } from './map.ts';

const gic = 1;
const uartClock = 2;

/**
 * Interrupt specifiers (Linux, bindings/interrupt-controller/arm,gic.yaml): kind, number, flags. A PPI is given by its
 * interrupt ID.
 */
const levelHigh = 4;
const levelLow = 8;
const allCores = 0xf00;
const spi = (number: number): number[] => [0, number, levelHigh];
const ppi = (id: number, level: number): number[] => [1, id - 16, allCores | level];

interface Range {
  readonly base: number;
  readonly size: number;
}
/** Addresses and sizes of two cells each. */
const reg = (...ranges: Range[]): number[] =>
  ranges.flatMap(({ base, size }) => [...toCells(BigInt(base), 2), ...toCells(BigInt(size), 2)]);

export function boardTree(): DeviceTree {
  const root = new FdtNode('')
    .setText('compatible', 'xlnx,zynqmp-zcu102-rev1.0', 'xlnx,zynqmp-zcu102', 'xlnx,zynqmp')
    .setText('model', 'ZynqMP ZCU102 Rev1.0')
    .setCells('#address-cells', 2)
    .setCells('#size-cells', 2)
    .setCells('interrupt-parent', gic);

  const cpus = root.addChild('cpus').setCells('#address-cells', 1).setCells('#size-cells', 0);
  for (let core = 0; core < 4; core++)
    cpus
      .addChild(`cpu@${core}`)
      .setText('compatible', 'arm,cortex-a53')
      .setText('device_type', 'cpu')
      .setText('enable-method', 'psci')
      .setCells('reg', core);

  root.addChild('psci').setText('compatible', 'arm,psci-1.0', 'arm,psci-0.2').setText('method', 'smc');
  root
    .addChild('timer')
    .setText('compatible', 'arm,armv8-timer')
    .setCells(
      'interrupts',
      ...[secureTimerPpi, timerPpis.cntp, timerPpis.cntv, timerPpis.cnthp].flatMap((id) => ppi(id, levelLow)),
    );
  root
    .addChild('pmu')
    .setText('compatible', 'arm,cortex-a53-pmu')
    .setCells('interrupts', ...[0, 1, 2, 3].flatMap((core) => spi(pmuSpi + core)));
  root
    .addChild('uart-clock')
    .setText('compatible', 'fixed-clock')
    .setCells('#clock-cells', 0)
    .setCells('clock-frequency', referenceHz)
    .setCells('phandle', uartClock);

  const axi = root
    .addChild('axi')
    .setText('compatible', 'simple-bus')
    .setCells('#address-cells', 2)
    .setCells('#size-cells', 2)
    .setFlag('ranges');
  const { distributor, cpuInterface, control, virtualCpuInterface } = gicBlocks;
  axi
    .addChild(`interrupt-controller@${distributor.base.toString(16)}`)
    .setText('compatible', 'arm,gic-400')
    .setCells('#interrupt-cells', 3)
    .setCells('#address-cells', 0)
    .setFlag('interrupt-controller')
    .setCells('reg', ...reg(distributor, cpuInterface, control, virtualCpuInterface))
    .setCells('interrupts', ...ppi(maintenancePpi, levelHigh))
    .setCells('phandle', gic);
  const aliases = root.addChild('aliases');
  for (const index of [0, 1]) {
    const uart = placeOf(`uart${index}`);
    const name = `serial@${uart.base.toString(16)}`;
    axi
      .addChild(name)
      .setText('compatible', 'xlnx,zynqmp-uart', 'cdns,uart-r1p12')
      .setCells('reg', ...reg(uart))
      .setCells('interrupts', ...uart.spis.flatMap(spi))
      .setText('clock-names', 'uart_clk', 'pclk')
      .setCells('clocks', uartClock, uartClock);
    aliases.setText(`serial${index}`, `/axi/${name}`);
  }
  root.addChild('chosen').setText('bootargs', 'earlycon').setText('stdout-path', 'serial0:115200n8');
  return { bootCpu: 0, reservations: [], root };
}
