/** The built-in device tree: of a ZCU102 what a kernel needs to run, with fixed clocks. Boot parameters are filled in later (fdt-boot.ts). */
import { type DeviceTree, FdtNode } from './fdt.ts';

const gic = 1;
const uartClock = 2;
/** UART reference clock of the ZCU102's boot loader, in Hz. */
const uartClockHz = 100_000_000;

/** Interrupt specifiers (Linux, bindings/interrupt-controller/arm,gic.yaml): kind, number, flags. */
const spi = (number: number): number[] => [0, number, 4];
const ppi = (number: number): number[] => [1, number, 0xf08];

/** Addresses from UG1085 table 10-1, interrupts from its table 13-1 less 32. */
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
    .setCells('interrupts', ...[13, 14, 11, 10].flatMap(ppi));
  root
    .addChild('pmu')
    .setText('compatible', 'arm,cortex-a53-pmu')
    .setCells('interrupts', ...[143, 144, 145, 146].flatMap(spi));
  root
    .addChild('uart-clock')
    .setText('compatible', 'fixed-clock')
    .setCells('#clock-cells', 0)
    .setCells('clock-frequency', uartClockHz)
    .setCells('phandle', uartClock);

  const axi = root
    .addChild('axi')
    .setText('compatible', 'simple-bus')
    .setCells('#address-cells', 2)
    .setCells('#size-cells', 2)
    .setFlag('ranges');
  axi
    .addChild('interrupt-controller@f9010000')
    .setText('compatible', 'arm,gic-400')
    .setCells('#interrupt-cells', 3)
    .setCells('#address-cells', 0)
    .setFlag('interrupt-controller')
    .setCells(
      'reg',
      0,
      0xf901_0000,
      0,
      0x1_0000,
      0,
      0xf902_0000,
      0,
      0x2_0000,
      0,
      0xf904_0000,
      0,
      0x2_0000,
      0,
      0xf906_0000,
      0,
      0x2_0000,
    )
    .setCells('interrupts', 1, 9, 0xf04)
    .setCells('phandle', gic);
  for (const [index, address] of [0xff00_0000, 0xff01_0000].entries())
    axi
      .addChild(`serial@${address.toString(16)}`)
      .setText('compatible', 'xlnx,zynqmp-uart', 'cdns,uart-r1p12')
      .setCells('reg', 0, address, 0, 0x1000)
      .setCells('interrupts', ...spi(21 + index))
      .setText('clock-names', 'uart_clk', 'pclk')
      .setCells('clocks', uartClock, uartClock);

  root.addChild('aliases').setText('serial0', '/axi/serial@ff000000').setText('serial1', '/axi/serial@ff010000');
  root.addChild('chosen').setText('bootargs', 'earlycon').setText('stdout-path', 'serial0:115200n8');
  return { bootCpu: 0, reservations: [], root };
}
