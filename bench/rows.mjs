// What is measured. A row is an image and how often it does its loop: for a second or more, since the
// second half counts and browsers optimise translations late.

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} image in bench/build/
 * @property {number} iterations
 * @property {number} [target] least speed as a ratio to QEMU
 * @property {number} [targetMips] least speed in million instructions a second
 * @property {number} [targetNs] most nanoseconds that an iteration may take
 * @property {number} [cores]
 * @property {boolean} [el2] starts at EL2
 * @property {boolean} [interpreted] by the interpreter alone
 * @property {string[]} [qemu] further options for QEMU
 */

/** @type {readonly Row[]} */
export const rows = [
  { name: 'ALU loop', image: 'alu', iterations: 450e6, target: 1.2 },
  { name: 'call and return', image: 'call', iterations: 50e6, target: 0.8 },
  { name: 'call and return between pages', image: 'call-far', iterations: 50e6 },
  { name: 'indirect branch', image: 'indirect', iterations: 60e6, target: 0.5 },
  { name: 'indirect call between pages', image: 'indirect-call', iterations: 50e6 },
  { name: 'load and store, MMU on', image: 'memory', iterations: 1e6, target: 0.5 },
  { name: 'TLB miss', image: 'walk', iterations: 2000 },
  { name: '2,000 dispersed blocks', image: 'dispersed-2000', iterations: 250e3, target: 0.4 },
  { name: '2,000 dispersed blocks, 4K pages', image: 'dispersed-2000-pages', iterations: 250e3 },
  { name: '2,000 blocks, each in another 4K page', image: 'far-2000-pages', iterations: 25e3 },
  { name: '50,000 dispersed blocks', image: 'dispersed-50000', iterations: 1500 },
  { name: '50,000 dispersed blocks, 4K pages', image: 'dispersed-50000-pages', iterations: 1500 },
  { name: 'floating point', image: 'float', iterations: 25e6, target: 1 },
  { name: 'SIMD, integers', image: 'simd', iterations: 25e6, target: 1 },
  { name: 'SIMD, floating point', image: 'simd-float', iterations: 10e6, target: 1 },
  { name: 'memcpy', image: 'memcpy', iterations: 25e3 },
  { name: 'exclusive-monitor atomics', image: 'atomics', iterations: 100e6 },
  { name: 'SVC and ERET', image: 'svc', iterations: 3e6, target: 3 },
  ...Object.entries({
    brk: 'BRK',
    undefined: 'undefined instruction',
    translation: 'data abort, translation',
    permission: 'data abort, permission',
    alignment: 'data abort, alignment',
    fetch: 'instruction abort',
    illegal: 'illegal exception return',
    irq: 'virtual IRQ',
    serror: 'virtual SError and HVC',
    hvc: 'HVC to EL2',
    trap: 'register trapped to EL2',
    stage2: 'data abort of stage 2',
    sweep: 'data abort, another page each time',
    external: 'data abort, external',
    hole: 'instruction abort, external',
    register: 'undefined register',
    memory: 'virtual memory register trapped to EL2',
    smc: 'SMC trapped to EL2',
    wfi: 'WFI trapped to EL2',
    float: 'trap of FP',
    stack: 'SP alignment',
    pc: 'PC alignment',
    user: 'register trapped from EL0',
    kernel: 'undefined register from EL0',
    ticks: 'counter trapped from EL0',
    masks: 'masks trapped from EL0',
    idle: 'WFI trapped from EL0',
    float2: 'FP trapped to EL2',
    monitor: 'monitors trapped to EL2',
    debug: 'debug register trapped to EL2',
  }).map(([image, name]) => ({
    name: `exceptions: ${name}`,
    image: `exception-${image}`,
    iterations: 5e6,
    el2: true,
    // The virtual SError's row takes two exceptions.
    targetNs: image === 'serror' ? 200 : 100,
  })),
  { name: 'four busy cores', image: 'cores', iterations: 100e6, cores: 4 },
  {
    name: 'four busy cores, QEMU on one thread',
    image: 'cores',
    iterations: 100e6,
    cores: 4,
    qemu: ['-accel', 'tcg,thread=single'],
  },
  { name: 'interpreter: ALU loop', image: 'alu', iterations: 3e6, interpreted: true, targetMips: 80 },
  { name: 'interpreter: call and return', image: 'call', iterations: 2e6, interpreted: true, targetMips: 80 },
  { name: 'interpreter: load and store', image: 'memory', iterations: 15e3, interpreted: true, targetMips: 80 },
];
