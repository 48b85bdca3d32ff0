/** How the commands that this simulator has are used: what `xl help COMMAND` of 4.17.7 prints, and the options that they take. */
export interface XlUsage {
  /** The letters of xl's global options that mean something to the command, besides `vtT`. */
  readonly global: '' | 'f' | 'N' | 'fN';
  readonly usage: string;
  /** The text about its options, without the last line break. */
  readonly options: string | null;
  /** Short options as getopt(3) wants them: a letter each, with a colon when an argument follows. */
  readonly short: string;
  /** Long options and the short ones that they stand for. */
  readonly long: Readonly<Record<string, string>>;
  /** Arguments that it cannot do without. */
  readonly required: number;
}

export const xlUsages: ReadonlyMap<string, XlUsage> = new Map(
  Object.entries({
    create: {
      global: 'fN',
      usage: '<ConfigFile> [options] [vars]',
      options: [
        '-c                      Connect to the console after the domain is created.',
        '-d                      Enable debug messages.',
        '-e                      Do not wait in the background for the death of the domain.',
        '-F                      Run in foreground until death of the domain.',
        '-f FILE, --defconfig=FILE',
        '                     Use the given configuration file.',
        '-h                      Print this help.',
        '-n, --dryrun            Dry run - prints the resulting configuration',
        '                         (deprecated in favour of global -N option).',
        '-p                      Leave the domain paused after it is created.',
        '-q, --quiet             Quiet.',
        '-V, --vncviewer         Connect to the VNC display after the domain is created.',
        '-A, --vncviewer-autopass',
        '                        Pass VNC password to viewer via stdin.',
        '--ignore-global-affinity-masks Ignore global masks in xl.conf.',
      ].join('\n'),
      short: 'AFVcdef:inpq',
      long: {
        defconfig: 'f',
        dryrun: 'n',
        'ignore-global-affinity-masks': 'i',
        quiet: 'q',
        vncviewer: 'V',
        'vncviewer-autopass': 'A',
      },
      required: 0,
    },
    list: {
      global: '',
      usage: '[options] [Domain]\n',
      options: [
        '-l, --long              Output all VM details',
        '-v, --verbose           Prints out UUIDs and security context',
        '-Z, --context           Prints out security context',
        '-c, --cpupool           Prints the cpupool the domain is in',
        '-n, --numa              Prints out NUMA node affinity',
      ].join('\n'),
      short: 'lvhZcn',
      long: { long: 'l', verbose: 'v', context: 'Z', cpupool: 'c', numa: 'n' },
      required: 0,
    },
    console: {
      global: '',
      usage: '[options] <Domain>\n-t <type>       console type, pv , serial or vuart\n-n <number>     console number',
      options: null,
      short: 'n:t:',
      long: {},
      required: 1,
    },
    pause: {
      global: 'f',
      usage: '<Domain>',
      options: null,
      short: '',
      long: {},
      required: 1,
    },
    unpause: {
      global: 'f',
      usage: '<Domain>',
      options: null,
      short: '',
      long: {},
      required: 1,
    },
    shutdown: {
      global: 'f',
      usage: '[options] <-a|Domain>',
      options: [
        '-a, --all               Shutdown all guest domains.',
        '-h                      Print this help.',
        '-F                      Fallback to ACPI power event for HVM guests with',
        '                        no PV drivers.',
        '-w, --wait              Wait for guest(s) to shutdown.',
        '',
      ].join('\n'),
      short: 'awF',
      long: { all: 'a', wait: 'w' },
      required: 0,
    },
    reboot: {
      global: 'f',
      usage: '[options] <-a|Domain>',
      options: [
        '-a, --all               Shutdown all guest domains.',
        '-h                      Print this help.',
        '-F                      Fallback to ACPI reset event for HVM guests with',
        '                        no PV drivers.',
        '-w, --wait              Wait for guest(s) to reboot.',
        '',
      ].join('\n'),
      short: 'awF',
      long: { all: 'a', wait: 'w' },
      required: 0,
    },
    destroy: {
      global: 'f',
      usage: '[options] <Domain>\n',
      options: [
        '-f                      Permit destroying domain 0, which will only succeed',
        '                        when run from disaggregated toolstack domain with a',
        '                        hardware domain distinct from domain 0.',
      ].join('\n'),
      short: 'f',
      long: {},
      required: 1,
    },
    rename: {
      global: 'f',
      usage: '<Domain> <NewDomainName>',
      options: null,
      short: '',
      long: {},
      required: 2,
    },
    domid: {
      global: '',
      usage: '<DomainName>',
      options: null,
      short: '',
      long: {},
      required: 1,
    },
    domname: {
      global: '',
      usage: '<DomainId>',
      options: null,
      short: '',
      long: {},
      required: 1,
    },
    'vcpu-list': {
      global: '',
      usage: '[Domain, ...]',
      options: null,
      short: '',
      long: {},
      required: 0,
    },
    'vcpu-pin': {
      global: 'fN',
      usage: '[option] <Domain> <VCPU|all> <Hard affinity|-|all> <Soft affinity|-|all>',
      options: [
        '-f, --force        undo an override pinning done by the kernel',
        '--ignore-global-affinity-masks Ignore global masks in xl.conf',
      ].join('\n'),
      short: 'fi',
      long: { force: 'f', 'ignore-global-affinity-masks': 'i' },
      required: 3,
    },
    'sched-credit': {
      global: 'f',
      usage: '[-d <Domain> [-w[=WEIGHT]|-c[=CAP]]] [-s [-t TSLICE] [-r RATELIMIT]] [-p CPUPOOL]',
      options: [
        '-d DOMAIN, --domain=DOMAIN        Domain to modify',
        '-w WEIGHT, --weight=WEIGHT        Weight (int)',
        '-c CAP, --cap=CAP                 Cap (int)',
        '-s         --schedparam           Query / modify scheduler parameters',
        '-t TSLICE, --tslice_ms=TSLICE     Set the timeslice, in milliseconds',
        '-r RLIMIT, --ratelimit_us=RLIMIT  Set the scheduling rate limit, in microseconds',
        '-m DLY, --migration_delay_us=DLY  Set the migration delay, in microseconds',
        '-p CPUPOOL, --cpupool=CPUPOOL     Restrict output to CPUPOOL',
      ].join('\n'),
      short: 'd:w:c:p:t:r:m:s',
      long: {
        domain: 'd',
        weight: 'w',
        cap: 'c',
        schedparam: 's',
        tslice_ms: 't',
        ratelimit_us: 'r',
        migration_delay_us: 'm',
        cpupool: 'p',
      },
      required: 0,
    },
    info: {
      global: '',
      usage: '-n, --numa         List host NUMA topology information',
      options: null,
      short: 'n',
      long: { numa: 'n' },
      required: 0,
    },
    dmesg: {
      global: '',
      usage: '[-c]',
      options: ['  -c                        Clear dmesg buffer as well as printing it'].join('\n'),
      short: 'c',
      long: { clear: 'c' },
      required: 0,
    },
    uptime: {
      global: '',
      usage: '[-s] [Domain]',
      options: null,
      short: 's',
      long: {},
      required: 0,
    },
  } satisfies Record<string, XlUsage>),
);
