import { describe, expect, test } from 'vitest';
import { CommandLine } from './command-line.ts';
import { LogLevel, XenLog } from './log.ts';
import { nanoseconds, seconds } from './time/time.ts';

const start = (commandLine = '') => {
  const world = { now: nanoseconds(0), serial: '' };
  const log = new XenLog(
    () => world.now,
    (text) => {
      world.serial += text;
    },
    new CommandLine(commandLine),
  );
  return { world, log };
};

describe('Xen’s log', () => {
  test('begins each line with (XEN), and prints text of Dom0 unchanged', () => {
    const { world, log } = start();
    log.printk('one\ntwo');
    log.write('[    0.000000] Linux');
    log.printk('three');
    expect(world.serial).toBe('(XEN) one\r\n(XEN) two\r\n[    0.000000] Linux\r\n(XEN) three\r\n');
    expect(log.ring).toBe(world.serial.replaceAll('\r', ''));
  });

  test('prints messages up to its level', () => {
    const said = (commandLine: string) => {
      const { world, log } = start(commandLine);
      for (const level of [LogLevel.error, LogLevel.warning, LogLevel.info, LogLevel.debug])
        log.printk(String(level), level);
      return world.serial.replaceAll(/\(XEN\) |\r\n/g, '');
    };
    expect(said('')).toBe('01');
    expect(said('loglvl=all')).toBe('0123');
    expect(said('dom0_mem=512M loglvl=error guest_loglvl=all')).toBe('0');
    expect(said('loglvl=info loglvl=none')).toBe('');
    expect(said('loglvl=nonsense')).toBe('01');
  });

  test('prints ten messages of guests at once, then one every five seconds, unless configured otherwise', () => {
    const { world, log } = start();
    for (let i = 0; i < 100; i++) log.guestPrintk('rogue', LogLevel.error);
    expect(world.serial.split('\r\n')).toHaveLength(11);
    log.guestPrintk('too detailed', LogLevel.info);
    world.now = seconds(6);
    log.guestPrintk('again', LogLevel.error);
    log.guestPrintk('and again', LogLevel.error);
    expect(world.serial.split('\r\n').slice(10)).toEqual(['(XEN) printk: 90 messages suppressed.', '(XEN) again', '']);
    const all = start('guest_loglvl=all');
    for (let i = 0; i < 100; i++) all.log.guestPrintk('rogue', LogLevel.debug);
    expect(all.world.serial.split('\r\n')).toHaveLength(101);
  });

  test('the ring keeps the last 32 KiB until it is cleared', () => {
    const { log } = start();
    for (let i = 0; i < 5000; i++) log.printk(`line ${i}`);
    expect(log.ring).toHaveLength(32 * 1024);
    expect(log.ring.endsWith('(XEN) line 4998\n(XEN) line 4999\n')).toBe(true);
    log.clear();
    expect(log.ring).toBe('');
    log.printk('new');
    expect(log.ring).toBe('(XEN) new\n');
  });
});
