/** `xl vcpu-set` (tools/xl/xl_vcpu.c): how many vCPUs a guest is asked to have online. */
import { homeOf } from '../xenstore/paths.ts';
import { atOnce, Exit, type XlCommand } from './command.ts';
import { domainOf, statesOf } from './domains.ts';

const vcpuSet = atOnce((xl, { options, operands: [qualifier = '', text = ''] }) => {
  const { libxl } = xl;
  const { store, connection, xen } = libxl;
  const domain = domainOf(xl, qualifier);
  const { domainId, maxVcpus } = domain;
  const wanted = Number.parseInt(text, 10);
  if (Number.isNaN(wanted)) throw new Exit('Error: Invalid argument.\n');
  const { cpus } = xen.machine;
  // The number is unsigned, so that a negative one is large.
  const count = wanted >>> 0;
  if (!options.has('i') && count > statesOf(domain, libxl.now()).online && count > cpus) {
    throw new Exit(
      `You are overcommmitting! You have ${cpus} physical CPUs and want ${wanted} vCPUs! Aborting, use --ignore-host to continue\n`,
    );
  }
  const refuse = (line: number, why: string): never => {
    const which = domainId === 0 ? '' : `Domain ${domainId}:`;
    throw new Exit(
      `libxl: error: libxl_domain.c:${line}:libxl_set_vcpuonline: ${which}Requested ${wanted} VCPUs${why}!: Function not implemented\n` +
        `libxl_set_vcpuonline failed domid=${domainId} max_vcpus=${wanted}, rc: -3\n`,
    );
  };
  if (count === 0) refuse(1863, '');
  if (count > maxVcpus) refuse(1869, `, however maxcpus is ${maxVcpus}`);
  if (domainId === 0) {
    xl.context.err(
      "libxl: error: libxl_xshelp.c:206:libxl__xs_read_mandatory: xenstore read failed: `/libxl/0/type': No such file or directory\n" +
        'libxl: warning: libxl_dom.c:49:libxl__domain_type: unable to get domain type for domid=0, assuming HVM\n',
    );
  }
  // The guest watches these nodes and starts or stops the vCPU by PSCI. vCPU 0 cannot be stopped.
  for (let vcpu = 0; vcpu < maxVcpus; vcpu++) {
    const state = vcpu < count ? 'online' : 'offline';
    store.write(connection, `${homeOf(domainId)}/cpu/${vcpu}/availability`, state);
  }
  return 0;
});

export const vcpuSetCommand: XlCommand = {
  name: 'vcpu-set',
  summary: 'Set the number of active VCPUs allowed for the domain',
  takesDomain: true,
  syntax: {
    global: 'f',
    usage: '[option] <Domain> <vCPUs>',
    options: ["-i, --ignore-host  Don't limit the vCPU based on the host CPU count"],
    short: 'i',
    long: { 'ignore-host': 'i' },
    required: 2,
  },
  run: vcpuSet,
};
