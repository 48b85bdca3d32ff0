import { describe, expect, test } from 'vitest';
import type { Domain } from '../domain/domain.ts';
import { GrantStatus } from '../mm/grant-table.ts';
import { Errno } from '../public/errno.ts';
import { EVTCHNOP, GNTTABOP, HVMOP, Hypercall, SCHEDOP, VCPUOP, XENMEM, XENVER } from '../public/hypercalls.ts';
import { XenBench } from '../xen-testing.ts';

const { event_channel_op, grant_table_op, hvm_op, memory_op, multicall, sched_op, vcpu_op, xen_version } = Hypercall;

/** The number of a hypercall, then X0 to X4. */
type HypercallWords = readonly [number, ...(number | bigint)[]];

const ram = 0x4000_0000;
/** Where the guest stores the results of its calls, and where tests put the structures that calls point to. */
const results = ram + 0x10_0000;
const data = ram + 0x11_0000;
const pageOf = (address: number): number => address / 4096;

/** A guest that makes calls and then spins. */
class Caller {
  readonly bench: XenBench;
  readonly domain: Domain;
  readonly #count: number;

  constructor(calls: readonly HypercallWords[], options: { vcpus?: number; bench?: XenBench } = {}) {
    this.bench = options.bench ?? new XenBench({ dramMiB: 32 });
    this.#count = calls.length;
    const source = calls.map(
      ([number, ...args], i) =>
        `${args.map((value, n) => `ldr x${n}, =${BigInt.asUintN(64, BigInt(value))}\n`).join('')}
         mov x16, #${number}
         hvc #0xea1
         ldr x9, =${results + 8 * i}
         str x0, [x9]`,
    );
    this.domain = this.bench.guest(`${source.join('\n')}\nb .`, { vcpus: options.vcpus ?? 1, paused: true });
    for (let i = 0; i < calls.length; i++) this.bench.poke(this.domain, results + 8 * i, unset, 0);
  }

  /** Puts 32-bit words into its memory, before it runs. */
  put(address: number, ...words: number[]): this {
    this.bench.poke(this.domain, address, ...words);
    return this;
  }

  /** Lets it run, and returns the results of its calls. */
  run(ms = 5): number[] {
    this.bench.go(this.domain);
    this.bench.run(ms);
    return Array.from({ length: this.#count }, (_, i) =>
      Number(BigInt.asIntN(64, this.bench.peek(this.domain, results + 8 * i))),
    );
  }

  word(address: number): number {
    return Number(BigInt.asUintN(32, this.bench.peek(this.domain, address & ~7) >> BigInt(8 * (address & 4))));
  }
}

/** The result of a call that has not returned. */
const unset = 0x5a5a;
const nowhere = 0x1000;
const self = 0x7ff0;

describe('memory_op', () => {
  const reservation = (address: number, extents: number, order: number, domid = self): number[] => [
    address,
    0,
    extents,
    0,
    order,
    0,
    domid,
    0,
  ];

  test('populates and takes extents, and returns how many until something was wrong', () => {
    const list = data + 0x100;
    const caller = new Caller([
      [memory_op, XENMEM.current_reservation, data + 0x80],
      [memory_op, XENMEM.maximum_reservation, data + 0x80],
      [memory_op, XENMEM.decrease_reservation, data], // two pages
      [memory_op, XENMEM.current_reservation, data + 0x80],
      [memory_op, XENMEM.populate_physmap, data], // the same two again
      [memory_op, XENMEM.current_reservation, data + 0x80],
      [memory_op, XENMEM.populate_physmap, data], // one more than it may have
      [memory_op, XENMEM.populate_physmap, nowhere],
      [memory_op, XENMEM.populate_physmap, data + 0x20], // order 10
      [memory_op, XENMEM.populate_physmap, data + 0x40], // another domain's
      [memory_op, XENMEM.decrease_reservation, data + 0x60], // the second extent is not there
      [memory_op, XENMEM.maximum_gpfn, data + 0x80],
      [memory_op, XENMEM.current_reservation, nowhere],
      [memory_op, XENMEM.current_reservation | (1 << 6), data + 0x80],
      [memory_op, XENMEM.increase_reservation, data + 0x20 + 0x200],
    ])
      .put(data, ...reservation(list, 2, 0))
      .put(data + 0x20, ...reservation(list, 1, 10))
      .put(data + 0x40, ...reservation(list, 1, 0, 0x33))
      .put(data + 0x60, ...reservation(list + 0x10, 2, 0))
      .put(data + 0x80, self)
      .put(data + 0x220, ...reservation(0, 3, 0))
      .put(list, pageOf(ram + 0x18_0000), 0, pageOf(ram + 0x18_1000), 0, pageOf(ram + 0x18_2000), 0, pageOf(0x1000), 0);
    const [now, most, ...rest] = caller.run();
    expect([now, most]).toEqual([512, 512]);
    expect(rest).toEqual([2, 510, 2, 512, 0, 0, 0, 0, 1, pageOf(ram) + 511, -Errno.EFAULT, -Errno.EINVAL, 1]);
    expect(caller.bench.serial).toContain('Over-allocation for d1: 513 > 512');
  });

  test('maps each of Xen’s frames at one place at a time', () => {
    const shared = (gfn: number, index = 0, space = 0, domid = self): number[] => [domid, space, index, 0, gfn, 0];
    const caller = new Caller([
      [memory_op, XENMEM.add_to_physmap, data],
      [memory_op, XENMEM.add_to_physmap, data + 0x20],
      [memory_op, XENMEM.remove_from_physmap, data + 0x80],
      [memory_op, XENMEM.remove_from_physmap, data + 0x80],
      [memory_op, XENMEM.add_to_physmap, data + 0x20],
      [memory_op, XENMEM.add_to_physmap, data + 0x40], // shared info 1
      [memory_op, XENMEM.add_to_physmap, data + 0x60], // XENMAPSPACE_gmfn
      [memory_op, XENMEM.add_to_physmap, data + 0xa0], // another domain's
      [memory_op, XENMEM.add_to_physmap, data + 0xc0], // grant frame 3
      [memory_op, XENMEM.add_to_physmap, data + 0xe0], // grant frame 4: behind the last
      [memory_op, XENMEM.add_to_physmap, data + 0x120], // where no address is
      [memory_op, XENMEM.add_to_physmap, nowhere],
      [memory_op, 11, data], // exchange
      [xen_version, XENVER.extraversion, 0x1000_1800], // into shared info
      [xen_version, XENVER.extraversion, 0x1000_3800], // and into grant frame 3
    ])
      .put(data, ...shared(0x1_0000))
      .put(data + 0x20, ...shared(0x1_0001))
      .put(data + 0x40, ...shared(0x1_0002, 1))
      .put(data + 0x60, ...shared(0x1_0002, 0, 2))
      .put(data + 0x80, self, 0, 0x1_0000, 0)
      .put(data + 0xa0, ...shared(0x1_0002, 0, 0, 0x33))
      .put(data + 0xc0, ...shared(0x1_0003, 3, 1))
      .put(data + 0xe0, ...shared(0x1_0004, 4, 1))
      .put(data + 0x120, ...shared(0x7fff_ffff, 2, 1));
    expect(caller.run()).toEqual([
      0,
      -Errno.EBUSY,
      0,
      -Errno.ENOENT,
      0,
      -Errno.EINVAL,
      -Errno.ENOSYS,
      -Errno.ESRCH,
      0,
      -Errno.EINVAL,
      -Errno.EINVAL,
      -Errno.EFAULT,
      -Errno.ENOSYS,
      0,
      0,
    ]);
    expect(caller.domain.p2m.lookUp(0x1_0001)?.mfn).toBe(caller.domain.sharedInfo);
    expect(caller.domain.grants.frames).toBe(4);
  });

  test('a long list is served in parts', () => {
    const list = data + 0x1000;
    const pages = Array.from({ length: 200 }, (_, i) => [pageOf(ram + 0x13_0000) + i, 0]).flat();
    const caller = new Caller([
      [memory_op, XENMEM.decrease_reservation, data],
      [memory_op, XENMEM.populate_physmap, data],
    ])
      .put(data, ...reservation(list, 200, 0))
      .put(list, ...pages);
    expect(caller.run()).toEqual([200, 200]);
    expect(caller.domain.pages).toBe(512);
  });
});

describe('grant_table_op', () => {
  const frameAt = 0x1_0000;
  /** Maps the table's first frame. */
  const mapTable: HypercallWords = [memory_op, XENMEM.add_to_physmap, data];
  const tableArgument = [self, 1, 0, 0, frameAt, 0];

  test('tells the size and the place of the table', () => {
    const caller = new Caller([
      mapTable,
      [grant_table_op, GNTTABOP.query_size, data + 0x20, 1],
      [grant_table_op, GNTTABOP.query_size, data + 0x20, 2],
      [grant_table_op, GNTTABOP.setup_table, data + 0x40, 1],
      [grant_table_op, GNTTABOP.setup_table, data + 0x60, 1],
      [grant_table_op, GNTTABOP.get_version, data + 0x80, 1],
      [grant_table_op, GNTTABOP.set_version, data + 0x90, 1],
      [grant_table_op, GNTTABOP.set_version, data + 0xa0, 1],
      [grant_table_op, GNTTABOP.set_version, data + 0xb0, 1],
      [grant_table_op, GNTTABOP.query_size, nowhere, 1],
      [grant_table_op, 3, data, 1],
      [grant_table_op, GNTTABOP.map_grant_ref, data, -1],
      [grant_table_op, GNTTABOP.get_version, data + 0xc0, 1],
    ])
      .put(data, ...tableArgument)
      .put(data + 0x20, self)
      .put(data + 0x40, self, 2, 0, 0, data + 0x200, 0)
      .put(data + 0x60, self, 5, 0, 0, data + 0x200, 0)
      .put(data + 0x80, self)
      .put(data + 0x90, 1)
      .put(data + 0xa0, 2)
      .put(data + 0xb0, 3)
      .put(data + 0xc0, 0x33);
    expect(caller.run()).toEqual([
      0,
      0,
      -Errno.EINVAL,
      0,
      0,
      0,
      0,
      -Errno.ENOSYS,
      -Errno.EINVAL,
      -Errno.EFAULT,
      -Errno.ENOSYS,
      -Errno.EINVAL,
      -Errno.ESRCH,
    ]);
    expect([caller.word(data + 0x24), caller.word(data + 0x28)]).toEqual([1, 4]);
    // The second frame has no place yet.
    expect(caller.bench.peek(caller.domain, data + 0x200)).toBe(BigInt(frameAt));
    expect(caller.bench.peek(caller.domain, data + 0x208)).toBe(2n ** 64n - 1n);
    expect((caller.word(data + 0x68) << 16) >> 16).toBe(GrantStatus.generalError);
    expect([caller.word(data + 0x84), caller.word(data + 0xa0)]).toEqual([1, 1]);
  });

  test('maps and unmaps a page that a domain grants to itself', () => {
    const grant = pageOf(ram + 0x12_0000);
    const map = (address: number, flags: number, reference: number, domid: number): number[] => [
      address,
      0,
      flags,
      reference,
      domid,
      0,
      0,
      0,
    ];
    const unmap = (address: number, handle: number): number[] => [address, 0, 0, 0, handle, 0];
    const maps = data + 0x100;
    const caller = new Caller([
      [grant_table_op, GNTTABOP.map_grant_ref, maps, 8],
      [grant_table_op, GNTTABOP.unmap_grant_ref, maps + 0x200, 4],
    ])
      .put(maps, ...map(0x2000_0000, 2, 0, 1), ...map(0x2000_1000, 6, 1, 1), ...map(0x2000_2000, 2, 1, 1))
      .put(maps + 96, ...map(0x2000_3000, 0, 0, 1), ...map(0x2000_3000, 3, 0, 1), ...map(0x2000_3000, 2, 0, 0x33))
      .put(maps + 192, ...map(0x2000_3000, 2, 5000, 1), ...map(0x2000_3000, 2, 7, 1))
      .put(maps + 0x200, ...unmap(0x2000_0000, 9), ...unmap(0x2000_5000, 0), ...unmap(0, 0), ...unmap(0x2000_0000, 0));
    // Entries: one to write, one to read only.
    const { domain, bench } = caller;
    const table = domain.grants.frame(0) as number;
    bench.xen.machine.page(table);
    bench.xen.machine.u32.set([1 | (1 << 16), grant, 5 | (1 << 16), grant], bench.xen.machine.hostPage(table) * 1024);
    expect(caller.run()).toEqual([0, 0]);
    const status = (address: number): number => (caller.word(address & ~3) << (address & 2 ? 0 : 16)) >> 16;
    expect(Array.from({ length: 8 }, (_, i) => status(maps + 32 * i + 18))).toEqual([
      GrantStatus.okay,
      GrantStatus.okay,
      GrantStatus.generalError,
      GrantStatus.badReference,
      GrantStatus.generalError,
      GrantStatus.badDomain,
      GrantStatus.badReference,
      GrantStatus.generalError,
    ]);
    expect(Array.from({ length: 4 }, (_, i) => status(maps + 0x200 + 24 * i + 20))).toEqual([
      GrantStatus.badHandle,
      GrantStatus.generalError,
      GrantStatus.okay,
      GrantStatus.okay,
    ]);
    expect(domain.p2m.lookUp(0x2_0000)).toBeNull();
    expect(domain.p2m.lookUp(0x2_0001)?.mfn).toBe(domain.p2m.lookUp(grant)?.mfn);
    expect(domain.grants.mappings.size).toBe(1);
    // GTF_reading and GTF_writing: the first is free again, the second still read.
    const entries = bench.xen.machine.u32.subarray(bench.xen.machine.hostPage(table) * 1024);
    expect([(entries[0] as number) & 0x18, (entries[2] as number) & 0x18]).toEqual([0, 8]);
  });

  test('copies between pages', () => {
    const from = ram + 0x12_0000;
    const to = ram + 0x12_1000;
    const copy = (length: number, offset: number, domid = self, flags = 0): number[] => [
      pageOf(from),
      0,
      domid | (offset << 16),
      0,
      pageOf(to),
      0,
      self | (8 << 16),
      0,
      length | (flags << 16),
      0,
    ];
    const caller = new Caller([[grant_table_op, GNTTABOP.copy, data, 4]])
      .put(data, ...copy(8, 16), ...copy(8, 4090), ...copy(8, 0, 1), ...copy(8, 0, 0x33, 1))
      .put(from + 16, 0x1234_5678, 0x9abc_def0);
    expect(caller.run()).toEqual([0]);
    expect([caller.word(to + 8) >>> 0, caller.word(to + 12) >>> 0]).toEqual([0x1234_5678, 0x9abc_def0]);
    expect(Array.from({ length: 4 }, (_, i) => (caller.word(data + 40 * i + 36) << 16) >> 16)).toEqual([
      GrantStatus.okay,
      GrantStatus.badCopyArgument,
      // Frames may be named of oneself alone, and by that name.
      GrantStatus.permissionDenied,
      GrantStatus.badDomain,
    ]);
  });
});

describe('sched_op', () => {
  test('refuses what is wrong', () => {
    const caller = new Caller([
      [sched_op, SCHEDOP.yield, 0],
      [sched_op, SCHEDOP.poll, nowhere],
      [sched_op, SCHEDOP.poll, data], // 129 ports
      [sched_op, SCHEDOP.poll, data + 0x20], // their list is nowhere
      [sched_op, SCHEDOP.poll, data + 0x40], // port 5 is closed
      [sched_op, SCHEDOP.watchdog, nowhere],
      [sched_op, SCHEDOP.watchdog, data + 0x60], // watchdog 3
      [sched_op, SCHEDOP.watchdog, data + 0x70], // watchdog 1, not started
      [sched_op, SCHEDOP.remote_shutdown, data + 0x80], // itself, and nobody
      [sched_op, SCHEDOP.remote_shutdown, data + 0x90],
      [sched_op, SCHEDOP.pin_override, data],
      [sched_op, 8, data],
      [sched_op, SCHEDOP.shutdown, nowhere],
    ])
      .put(data, data + 0x200, 0, 129)
      .put(data + 0x20, nowhere, 0, 1)
      .put(data + 0x40, data + 0x200, 0, 1)
      .put(data + 0x60, 3, 1)
      .put(data + 0x70, 1, 1)
      .put(data + 0x80, 1, 0)
      .put(data + 0x90, self, 0)
      .put(data + 0x200, 5);
    expect(caller.run()).toEqual([
      0,
      -Errno.EFAULT,
      -Errno.EINVAL,
      -Errno.EFAULT,
      -Errno.EINVAL,
      -Errno.EFAULT,
      -Errno.EINVAL,
      -Errno.EINVAL,
      -Errno.EPERM,
      -Errno.ESRCH,
      -Errno.EPERM,
      -Errno.ENOSYS,
      -Errno.EFAULT,
    ]);
  });

  test('a poll ends when its time is over, and at once when a port is pending', () => {
    const polled = (port: number, until: bigint, at: number): [number, number[]] => [
      at,
      [data + 0x300 + port * 4, 0, 1, 0, Number(until & 0xffff_ffffn), Number(until >> 32n)],
    ];
    const bench = new XenBench({ dramMiB: 32 });
    const until = BigInt(bench.xen.machine.now() + 20_000_000);
    const caller = new Caller(
      [
        [event_channel_op, EVTCHNOP.bind_ipi, data], // port 1
        [sched_op, SCHEDOP.poll, data + 0x20],
        [event_channel_op, EVTCHNOP.send, data + 0x80],
        [sched_op, SCHEDOP.poll, data + 0x40],
        [sched_op, SCHEDOP.poll, data + 0x40],
      ],
      { bench },
    )
      .put(...([data, 0, 0] as const))
      .put(data + 0x80, 1)
      .put(data + 0x304, 1);
    for (const [at, words] of [polled(1, until, data + 0x20), polled(1, 0n, data + 0x40)]) caller.put(at, ...words);
    expect(caller.run(10)).toEqual([0, unset, unset, unset, unset]);
    bench.run(15);
    expect(caller.run(0)).toEqual([0, 0, 0, 0, 0]);
    expect(caller.word(data + 4)).toBe(1);
  });

  test('a domain has two watchdogs, and is shut down when one is not fed', () => {
    const caller = new Caller([
      [sched_op, SCHEDOP.watchdog, data],
      [sched_op, SCHEDOP.watchdog, data],
      [sched_op, SCHEDOP.watchdog, data],
      [sched_op, SCHEDOP.watchdog, data + 0x10], // stops the second
      [sched_op, SCHEDOP.watchdog, data], // and takes it again
    ])
      .put(data, 0, 1)
      .put(data + 0x10, 2, 0);
    expect(caller.run()).toEqual([1, 2, -Errno.ENOSPC, 0, 2]);
    caller.bench.run(900);
    expect(caller.domain.isShutDown).toBe(false);
    caller.bench.run(150);
    expect([caller.domain.isShutDown, caller.domain.shutdownReason]).toEqual([true, 4]);
  });

  test('a reason for a shutdown has eight bits, and the first one counts', () => {
    const caller = new Caller([
      [sched_op, SCHEDOP.shutdown_code, data],
      [sched_op, SCHEDOP.shutdown_code, data + 4],
      [sched_op, SCHEDOP.shutdown, data + 4],
    ]).put(data, 0x1_0003, 1);
    expect(caller.run()).toEqual([0, 0, unset]);
    expect([caller.domain.isShutDown, caller.domain.shutdownReason]).toEqual([true, 3]);
  });
});

describe('vcpu_op', () => {
  test('registers the place of a vCPU’s information', () => {
    const page = pageOf(ram + 0x12_0000);
    const caller = new Caller(
      [
        [vcpu_op, VCPUOP.register_vcpu_info, 2, data], // no such vCPU
        [vcpu_op, VCPUOP.register_vcpu_info, 0, nowhere],
        [vcpu_op, VCPUOP.register_vcpu_info, 0, data + 0x10], // not aligned
        [vcpu_op, VCPUOP.register_vcpu_info, 0, data + 0x20], // behind the page
        [vcpu_op, VCPUOP.register_vcpu_info, 0, data + 0x30], // no such page
        [vcpu_op, VCPUOP.register_vcpu_info, 1, data + 0x40], // one that is down
        [vcpu_op, VCPUOP.register_vcpu_info, 0, data],
        [vcpu_op, VCPUOP.register_vcpu_info, 0, data],
        [vcpu_op, 0, 1, data], // initialise: not on Arm
        [vcpu_op, VCPUOP.register_runstate_memory_area, 0, data + 0x80],
        [vcpu_op, VCPUOP.register_runstate_memory_area, 0, nowhere],
      ],
      { vcpus: 2 },
    )
      .put(data, page, 0, 64)
      .put(data + 0x10, page, 0, 4)
      .put(data + 0x20, page, 0, 4096 - 40)
      .put(data + 0x30, 0x1_0000, 0, 0)
      .put(data + 0x40, page, 0, 128)
      .put(data + 0x80, ram + 0x12_1000);
    expect(caller.run()).toEqual([
      -Errno.ENOENT,
      -Errno.EFAULT,
      -Errno.ENXIO,
      -Errno.ENXIO,
      -Errno.EINVAL,
      0,
      0,
      -Errno.EINVAL,
      -Errno.EINVAL,
      0,
      -Errno.EFAULT,
    ]);
    // Marked as pending, so that nothing is lost; and a runstate that has run.
    expect(caller.bench.peek(caller.domain, ram + 0x12_0048)).toBe(2n ** 64n - 1n);
    expect(caller.bench.peek(caller.domain, ram + 0x12_1010)).toBeGreaterThan(0n);
  });
});

describe('hvm_op', () => {
  test('a guest reads its parameters, and may not set them', () => {
    const parameter = (index: number, value = 0, domid = self): number[] => [domid, index, value, 0];
    const caller = new Caller([
      [hvm_op, HVMOP.get_param, data],
      [hvm_op, HVMOP.get_param, data + 0x10],
      [hvm_op, HVMOP.get_param, data + 0x20],
      [hvm_op, HVMOP.get_param, data + 0x30],
      [hvm_op, HVMOP.get_param, nowhere],
      [hvm_op, HVMOP.set_param, data],
      [hvm_op, HVMOP.set_param, data + 0x10],
      [hvm_op, HVMOP.set_param, data + 0x20],
      [hvm_op, HVMOP.guest_request_vm_event, 0],
      [hvm_op, HVMOP.guest_request_vm_event, data],
      [hvm_op, 5, data],
      [hvm_op, HVMOP.get_param, data + 0x40],
    ])
      .put(data, ...parameter(17))
      .put(data + 0x10, ...parameter(28))
      .put(data + 0x20, ...parameter(5))
      .put(data + 0x30, ...parameter(17, 0, 0x33))
      .put(data + 0x40, ...parameter(1000));
    caller.domain.parameters[17] = 0x3_9000n;
    expect(caller.run()).toEqual([
      0,
      -Errno.EPERM,
      -Errno.EINVAL,
      -Errno.ESRCH,
      -Errno.EFAULT,
      -Errno.EPERM,
      -Errno.EPERM,
      -Errno.EINVAL,
      0,
      -Errno.EINVAL,
      -Errno.ENOSYS,
      -Errno.EINVAL,
    ]);
    expect(caller.bench.peek(caller.domain, data + 8)).toBe(0x3_9000n);
  });
});

describe('multicall', () => {
  const entry = (number: number, ...args: number[]): number[] => {
    const words = new Array(16).fill(0);
    words[0] = number;
    args.forEach((value, n) => {
      words[4 + 2 * n] = value;
    });
    return words;
  };
  const resultOf = (caller: Caller, i: number): number =>
    Number(BigInt.asIntN(64, caller.bench.peek(caller.domain, data + 64 * i + 8)));

  test('each call has its result', () => {
    const caller = new Caller([
      [multicall, data, 4],
      [multicall, nowhere, 1],
      [multicall, nowhere, 0],
    ]).put(
      data,
      ...entry(xen_version, XENVER.version),
      ...entry(999),
      ...entry(multicall, data, 1),
      ...entry(xen_version, XENVER.extraversion, nowhere),
    );
    expect(caller.run()).toEqual([0, -Errno.EFAULT, 0]);
    expect([0, 1, 2, 3].map((i) => resultOf(caller, i))).toEqual([
      0x4_0011,
      -Errno.ENOSYS,
      -Errno.EINVAL,
      -Errno.EFAULT,
    ]);
  });

  test('a long call inside is continued', () => {
    const list = data + 0x1000;
    const pages = Array.from({ length: 200 }, (_, i) => [pageOf(ram + 0x13_0000) + i, 0]).flat();
    const caller = new Caller([[multicall, data, 2]])
      .put(data, ...entry(memory_op, XENMEM.decrease_reservation, data + 0x200), ...entry(xen_version, XENVER.version))
      .put(data + 0x200, list, 0, 200, 0, 0, 0, self, 0)
      .put(list, ...pages);
    expect(caller.run()).toEqual([0]);
    expect([resultOf(caller, 0), resultOf(caller, 1)]).toEqual([200, 0x4_0011]);
    expect(caller.domain.pages).toBe(312);
  });
});
