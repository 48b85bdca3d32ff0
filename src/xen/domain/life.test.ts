import { describe, expect, test } from 'vitest';
import { Errno } from '../public/errno.ts';
import { XenBench } from '../xen-testing.ts';
import { type Domain, ShutdownReason } from './domain.ts';
import { pauseByToolstack, resumeDomain, shutdownDomain, unpauseByToolstack } from './life.ts';
import { createDomain, destroyDomain } from './lifetime.ts';

/** Counts at 0x40001000 for ever. */
const counter = `
  adr  x9, count
1: ldr x1, [x9]
  add  x1, x1, #1
  str  x1, [x9]
  b    1b
  .align 12
count: .quad 0`;
const countOf = (bench: XenBench, domain: Domain): bigint => bench.peek(domain, 0x4000_1000);

describe('the life of a domain', () => {
  test('it runs, is paused and runs on', () => {
    const bench = new XenBench();
    const domain = bench.guest(counter);
    bench.run(1);
    pauseByToolstack(bench.xen, domain);
    bench.run(1);
    const count = countOf(bench, domain);
    expect(count).toBeGreaterThan(0n);
    bench.run(5);
    expect(countOf(bench, domain)).toBe(count);
    expect(unpauseByToolstack(bench.xen, domain)).toBe(0);
    expect(unpauseByToolstack(bench.xen, domain)).toBe(-Errno.EINVAL);
    bench.run(1);
    expect(countOf(bench, domain)).toBeGreaterThan(count);
  });

  test('32 domains give back all their memory when they are destroyed, and it is zero', () => {
    const bench = new XenBench({ cpus: 2, dramMiB: 128 });
    const { heap } = bench.xen;
    const free = heap.freePages;
    const domains = Array.from({ length: 32 }, () => bench.guest(counter, { vcpus: 2 }));
    expect(domains.map(({ domainId }) => domainId)).toEqual(domains.map((_, i) => i + 1));
    // In each, an event is pending in a page that only Xen has written.
    for (const { events } of domains) events.send(events.bindIpi(0));
    const frames = domains.flatMap((domain) => [domain.p2m.lookUp(0x4_0000)?.mfn ?? 0, domain.sharedInfo]);
    bench.run(100);
    for (const domain of domains) pauseByToolstack(bench.xen, domain);
    bench.run(1);
    for (const domain of domains) expect(destroyDomain(bench.xen, domain)).toBe(true);
    expect(heap.freePages).toBe(free);
    expect(bench.xen.domains.size).toBe(0);
    for (const mfn of frames) expect(bench.xen.machine.page(mfn, true).every((byte) => byte === 0)).toBe(true);
    bench.run(20);
    expect(bench.guest(counter).domainId).toBe(33);
  });

  test('a domain for which there is no memory leaves nothing behind', () => {
    const bench = new XenBench({ dramMiB: 8 });
    const { heap } = bench.xen;
    const config = {
      uuid: new Uint8Array(16),
      maxVcpus: 1,
      maxEventChannelPort: 1023,
      maxGrantFrames: 4,
      maxMaptrackFrames: 4,
      spis: 0,
    };
    // Leaves single free pages.
    const taken: number[] = [];
    for (let page = heap.allocate(0, 0x100); page !== null; page = heap.allocate(0, 0x100)) taken.push(page);
    for (let left = 0; left < 24; left++) {
      const free = heap.freePages;
      const created = createDomain(bench.xen, config);
      if (created.ok) {
        expect(destroyDomain(bench.xen, created.value)).toBe(true);
      } else expect(created.error).toBe(Errno.ENOMEM);
      expect(heap.freePages).toBe(free);
      heap.free(taken.at(-1 - 3 * left) ?? 0, 0);
    }
    for (const page of taken.splice(0, 100)) heap.free(page, 0);
    expect(createDomain(bench.xen, config).ok).toBe(true);
  });

  test('a running domain is destroyed when it has left its pCPU', () => {
    const bench = new XenBench();
    const domain = bench.guest(counter);
    bench.run(1);
    expect(destroyDomain(bench.xen, domain)).toBe(false);
    bench.run(1);
    expect(destroyDomain(bench.xen, domain)).toBe(true);
  });

  test('it shuts down and is resumed', () => {
    const bench = new XenBench();
    const changed: string[] = [];
    bench.xen.onDomainChanged = (domain) => changed.push(`${domain} ${domain.shutdownReason} ${domain.life}`);
    const domain = bench.guest(counter);
    bench.run(1);
    shutdownDomain(bench.xen, domain, ShutdownReason.suspend);
    expect(domain.isShutDown).toBe(true);
    bench.run(1);
    const count = countOf(bench, domain);
    bench.run(1);
    expect(countOf(bench, domain)).toBe(count);
    resumeDomain(bench.xen, domain);
    bench.run(1);
    expect(countOf(bench, domain)).toBeGreaterThan(count);
    expect(changed).toEqual(['d1 2 alive']);
  });

  test('a guest can power its domain off', () => {
    const bench = new XenBench();
    const domain = bench.guest('movz x0, #8\nmovk x0, #0x8400, lsl #16\nhvc #0\nb .');
    bench.run(1);
    expect(domain.shutdownReason).toBe(ShutdownReason.poweroff);
    expect(domain.isShutDown).toBe(true);
  });

  /** Dom0 calls SCHEDOP_shutdown with a reason. */
  const shutdownBy = (reason: number, commandLine = ''): XenBench => {
    const bench = new XenBench({ commandLine });
    const source = `adr x1, reason\nmov x0, #2\nmov x16, #29\nhvc #0xea1\nb .\nreason: .word ${reason}`;
    bench.guest(source, { isPrivileged: true });
    bench.run(10);
    return bench;
  };

  test.each([
    [ShutdownReason.poweroff, 'power-off', 'Hardware Dom0 halted: halting machine'],
    [ShutdownReason.reboot, 'software', 'Hardware Dom0 shutdown: rebooting machine'],
    [ShutdownReason.watchdog, 'software', 'Hardware Dom0 shutdown: watchdog rebooting machine'],
    [ShutdownReason.softReset, 'software', 'Hardware domain 0 did unsupported soft reset, rebooting.'],
    [ShutdownReason.crash, null, 'Hardware Dom0 crashed: rebooting machine in 5 seconds.'],
    [77, null, 'Hardware Dom0 shutdown (unknown reason 77): rebooting machine in 5 seconds.'],
  ])('Dom0 shuts down for reason %i', (reason, end, line) => {
    const bench = shutdownBy(reason);
    expect(bench.end).toBe(end);
    expect(bench.serial).toContain(`(XEN) ${line}\r\n`);
    if (end !== null) return;
    bench.run(4900);
    expect(bench.end).toBeNull();
    bench.run(200);
    expect(bench.end).toBe('software');
  });

  test('noreboot: after an error the machine stays down; a reboot that is asked for comes', () => {
    const bench = shutdownBy(ShutdownReason.crash, 'noreboot');
    expect(bench.serial).toContain("(XEN) Hardware Dom0 crashed: 'noreboot' set - not rebooting.\r\n");
    expect(bench.end).toBe('power-off');
    expect(shutdownBy(ShutdownReason.reboot, 'noreboot').end).toBe('software');
    expect(shutdownBy(ShutdownReason.crash, 'noreboot=no').end).toBeNull();
  });

  test('the machine ends with Dom0', () => {
    const bench = new XenBench();
    bench.guest('movz x0, #9\nmovk x0, #0x8400, lsl #16\nhvc #0\nb .', { isPrivileged: true });
    bench.run(1);
    expect(bench.end).toBe('software');
    expect(bench.serial).toContain('(XEN) Hardware Dom0 shutdown: rebooting machine\r\n');
  });
});
