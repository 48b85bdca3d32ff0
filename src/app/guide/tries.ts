import type { StoryName } from '../../session/stories/stories.ts';
import { consolePanel, editorPanel, type PanelId } from '../lab/layout/panelKind.ts';

/** Something to try in a story. Its texts are try.NAME and expect.NAME. */
export interface Try {
  readonly name:
    | 'loadStart'
    | 'loadBalance'
    | 'loadBatch'
    | 'loadLinuxStart'
    | 'loadLinuxBalance'
    | 'loadLinuxCurve'
    | 'noisyMeasure'
    | 'noisyPin'
    | 'noisyCap'
    | 'weightsLook'
    | 'weightsEqual'
    | 'weightsCap'
    | 'rogueRead'
    | 'rogueMeasure'
    | 'dom0'
    | 'hang'
    | 'scalingCopies'
    | 'scalingPing'
    | 'scalingBusy'
    | 'linuxBoot'
    | 'linuxBusy'
    | 'linuxMeasure'
    | 'monitor'
    | 'smmuCopy'
    | 'smmuWrite'
    | 'smmuOff'
    | 'revisionsSave'
    | 'revisionsLog'
    | 'revisionsBundle'
    | 'lifeCrash'
    | 'lifeDump'
    | 'lifeSave'
    | 'accelPages'
    | 'accelCpu'
    | 'accelConfig'
    | 'networkFetch'
    | 'networkVcpu'
    | 'networkMemory';
  /** Where it is done. */
  readonly panel?: PanelId;
  /** The command for Domain-0. */
  readonly command?: string;
}

export const tries: Readonly<Record<StoryName, readonly Try[]>> = {
  load: [
    { name: 'loadStart', command: 'clients start --peak 2400 --day 24' },
    { name: 'loadBalance', command: 'sh /root/balance.sh' },
    { name: 'loadBatch', command: 'xl create /etc/xen/batch.cfg' },
  ],
  'load-linux': [
    { name: 'loadLinuxStart', command: 'clients start --peak 2400 --day 24' },
    { name: 'loadLinuxBalance', command: 'sh /root/balance.sh' },
    { name: 'loadLinuxCurve', command: 'clients start --peak 2400 --day 24 --curve /root/curve' },
  ],
  isolation: [
    { name: 'noisyMeasure', panel: 'latency' },
    { name: 'noisyPin', command: 'xl vcpu-pin rtos-a 0 2' },
    { name: 'noisyCap', command: 'xl sched-credit -d noisy -c 40' },
  ],
  weights: [
    { name: 'weightsLook', panel: 'cpu' },
    { name: 'weightsEqual', command: 'xl sched-credit -d light -w 512' },
    { name: 'weightsCap', command: 'xl sched-credit -d heavy -c 25' },
  ],
  rogue: [
    { name: 'rogueRead', panel: consolePanel('rogue') },
    { name: 'rogueMeasure', panel: 'latency' },
  ],
  redundancy: [
    { name: 'hang', panel: consolePanel('channel-a') },
    { name: 'monitor', panel: consolePanel('monitor') },
    { name: 'dom0', command: 'echo c > /proc/sysrq-trigger' },
  ],
  scaling: [
    { name: 'scalingCopies', command: 'sh /root/copies.sh 8' },
    { name: 'scalingPing', command: 'ping -c 2 10.0.0.105' },
    {
      name: 'scalingBusy',
      command: `for n in 1 2 3 4; do xl create -q /etc/xen/busy.cfg "name='busy-$n'"; done; xl sched-credit -d busy-1 -w 512`,
    },
  ],
  smmu: [
    { name: 'smmuCopy', panel: consolePanel('dma') },
    { name: 'smmuWrite', command: 'xl debug-keys g; xl dmesg | tail -n 40' },
    { name: 'smmuOff', command: 'cp /boot/iommu-off.dtb /boot/board.dtb; reboot' },
  ],
  revisions: [
    { name: 'revisionsSave', panel: editorPanel('/etc/xen/rtos-b.cfg') },
    { name: 'revisionsLog', command: 'cd /etc/xen; git log -p' },
    { name: 'revisionsBundle', panel: 'revisions' },
  ],
  'life-cycle': [
    { name: 'lifeCrash', panel: consolePanel('rtos-a') },
    { name: 'lifeDump', command: 'xl dump-core rtos-a /root/rtos-a.core' },
    { name: 'lifeSave', command: 'xl save rtos-a /root/rtos-a.save' },
  ],
  acceleration: [
    { name: 'accelPages', panel: consolePanel('slow') },
    { name: 'accelCpu', panel: 'cpu' },
    { name: 'accelConfig', panel: editorPanel('/etc/xen/slow.cfg') },
  ],
  linux: [
    { name: 'linuxBoot', panel: consolePanel('linux') },
    { name: 'linuxBusy', panel: consolePanel('linux') },
    { name: 'linuxMeasure', panel: 'latency' },
  ],
  network: [
    { name: 'networkFetch', panel: consolePanel('linux-a') },
    { name: 'networkVcpu', command: 'xl vcpu-set linux-a 2' },
    { name: 'networkMemory', command: 'xl mem-set linux-a 128' },
  ],
};
