import { expect, test } from 'vitest';
import { Dom0Bench, imageOf } from '../dom0-testing.ts';

const loop = imageOf(new Uint8Array(Uint32Array.of(0x1400_0000).buffer));
const bench = new Dom0Bench({ loop });
bench.dom0.files.write(
  '/root/s.cfg',
  new TextEncoder().encode('name = "s"\nkernel = "/guests/loop.img"\nmemory = 16\nvcpus = 2\nmaxvcpus = 3\n'),
);
bench.run(50);
bench.script('xl create -q /root/s.cfg');

/** What xl 4.17.7 printed in Debian's Dom0 for such a domain, and its exit code. */
const answers: readonly (readonly [command: string, code: number, printed: string])[] = [
  ['vcpu-set nodom 1', 1, 'nodom is an invalid domain identifier (rc=-6)\n'],
  ['vcpu-set s 3', 0, ''],
  [
    'vcpu-set s 0',
    1,
    'libxl: error: libxl_domain.c:1863:libxl_set_vcpuonline: Domain 1:Requested 0 VCPUs!: Function not implemented\n' +
      'libxl_set_vcpuonline failed domid=1 max_vcpus=0, rc: -3\n',
  ],
  [
    'vcpu-set s 4',
    1,
    'libxl: error: libxl_domain.c:1869:libxl_set_vcpuonline: Domain 1:Requested 4 VCPUs, however maxcpus is 3!: Function not implemented\n' +
      'libxl_set_vcpuonline failed domid=1 max_vcpus=4, rc: -3\n',
  ],
  [
    'vcpu-set s 64',
    1,
    'You are overcommmitting! You have 4 physical CPUs and want 64 vCPUs! Aborting, use --ignore-host to continue\n',
  ],
  ['mem-set s 100x', 1, 'invalid memory size: 100x\n'],
  [
    'mem-max s 8',
    1,
    'libxl: error: libxl_mem.c:59:libxl_domain_setmaxmem: Domain 1:memory_static_max must be greater than or or equal to memory_dynamic_max: Success\n' +
      'cannot set domid 1 static max memory to : 8\n',
  ],
  [
    'mem-max 0 512',
    1,
    'libxl: error: libxl_mem.c:47:libxl_domain_setmaxmem: Cannot get memory info from /local/domain/0/memory/target: No such file or directory\n' +
      'cannot set domid 0 static max memory to : 512\n',
  ],
  [
    'trigger s reset',
    0,
    "libxl: error: libxl_domain.c:2207:libxl_send_trigger: Domain 1:Send trigger 'reset' failed: Function not implemented\n",
  ],
  [
    'trigger s s3resume',
    0,
    "libxl: error: libxl_domain.c:2162:domain_s3_resume_done: Domain 1:Send trigger 's3resume' failed, rc=-6\n",
  ],
  ['sysrq s h', 0, ''],
];

test.each(answers)('xl %s', (command, code, printed) => {
  expect(bench.script(`xl ${command}`)).toEqual({ printed, code });
});

test('a target is for the guest, and what a guest may have is Xen’s', () => {
  const domain = bench.xen.domains.get(1);
  expect(bench.script('xl mem-set s 12m; xenstore-read /local/domain/1/memory/target').printed).toBe('12288\n');
  // It has no balloon, so it keeps what it has.
  expect([domain?.pages, domain?.maxPages]).toEqual([4100, 12 * 256 + 256]);
  expect(bench.script('xl mem-max s 1g').code).toBe(0);
  expect(domain?.maxPages).toBe(2 ** 18 + 256);
  expect(bench.script('xl mem-set s 17').printed).toContain('memory_dynamic_max must be less than or equal to');
});
