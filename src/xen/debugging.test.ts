import { expect, test } from 'vitest';
import { defined } from '../base/assert.ts';
import { cycles } from '../base/units.ts';
import { XenBench } from './xen-testing.ts';

test('a guest can be stepped through its traps, which does not change how it runs on', () => {
  const source = '1: mov x0, #0\nmov x16, #17\nhvc #0xea1\nadd x5, x5, #1\nstr x5, [x9]\nb 1b';
  const start = () => {
    const bench = new XenBench();
    bench.guest(`mov x9, #0x40100000\n${source}`);
    return bench;
  };
  const stepped = start();
  const { cluster } = stepped.board;
  const core = defined(cluster.cores[0], 'core');
  const places: string[] = [];
  const end = stepped.at(2);
  for (let i = 0; i < 40; i++) {
    cluster.debugger.stepBy(core, 1);
    cluster.run(end);
    places.push(`${core.el}:${core.pc.toString(16)}`);
  }
  // EL2 shows at its vector, before its work; all its work is one step.
  const vector = (defined(core.system('VBAR_EL2'), 'vector') + 0x400n).toString(16);
  expect(places.slice(1, 15)).toEqual([
    '1:40000004',
    '1:40000008',
    '1:4000000c',
    `2:${vector}`,
    '1:40000010',
    '1:40000014',
    '1:40000018',
    '1:40000004',
    '1:40000008',
    '1:4000000c',
    `2:${vector}`,
    '1:40000010',
    '1:40000014',
    '1:40000018',
  ]);
  cluster.debugger.cancelStep();
  cluster.run(end);
  const other = start();
  other.board.cluster.run(cycles(end));
  expect(cluster.hash()).toBe(other.board.cluster.hash());
});
