/**
 * Texts of the guide (glossary, picture, start page, tour, scenarios) in English. They come with the parts that show
 * them, not with the page's first load. The glossary's texts stand in docs/glossary.md too; a test compares them.
 */
export const guideEn = {
  'term.domain': 'domain',
  'means.domain':
    'A virtual machine under Xen. Domain-0 (Dom0) is privileged and has the tools; the others, DomUs, are the guests.',
  'term.vcpu': 'vCPU',
  'means.vcpu':
    'Virtual processor: what a domain takes for a CPU. Xen’s scheduler runs each vCPU on some pCPU for a while.',
  'term.pcpu': 'pCPU',
  'means.pcpu': 'Physical processor: a core of the machine, here one of four Cortex-A53.',
  'term.states': 'state',
  'means.states':
    'r: running. b: blocked, waits for an event. p: paused. s: shut down. c: crashed. d: dying, its resources are being freed. No letter: runnable, waits for a pCPU.',
  'term.credit': 'credit',
  'means.credit':
    'CPU time that a domain may still use in Xen’s credit scheduler. It is handed out by weight every 30 ms; who has none left waits behind those who have some.',
  'term.weight': 'weight',
  'means.weight':
    'A domain’s share of CPU time relative to the others: with weight 512 it gets twice as much as with 256, if both want all.',
  'term.cap': 'cap',
  'means.cap':
    'The most CPU time that a domain gets, in per cent of one pCPU, even if a pCPU is idle. 0: no limit. 50: half a pCPU.',
  'term.mips': 'MIPS',
  'means.mips':
    'Millions of simulated instructions that your computer executes per second, on all cores of the machine together.',
  'term.realTime': 'real-time factor',
  'means.realTime':
    'Virtual time divided by your clock’s time. At 1x the machine is as fast as the board; at 0.5x a second of the machine takes two of yours. Results do not depend on it.',
  'term.virtualTime': 'virtual time',
  'means.virtualTime':
    'The machine’s own clock since power-on. It advances with the instructions that the machine executes, and jumps ahead while all cores wait. So a slow computer changes no result.',
  'term.el2': 'EL2',
  'means.el2':
    'The exception level of the hypervisor. Xen runs at EL2, guests’ kernels at EL1, their programs at EL0; a lower level cannot reach a higher one’s memory or registers.',
  'term.stage2': 'stage 2',
  'means.stage2':
    'The hypervisor’s translation of a guest’s addresses to the machine’s. A guest reaches only the memory that its stage-2 tables map: this is what isolates domains.',
  'term.hypercall': 'hypercall',
  'means.hypercall':
    'A guest’s call to the hypervisor by the HVC instruction, as a program calls its kernel by a system call.',
  'term.percentile': 'p50, p99',
  'means.percentile':
    'Percentiles: half of all latencies are below p50, 99 of 100 below p99. A real-time system is judged by p99 and by the maximum.',

  'picture.label': 'What runs where in the last second',
  'picture.guests': 'Domains',
  'picture.guestsWhere': 'EL1, EL0',
  'picture.dom0': 'privileged',
  'picture.xen': 'Xen',
  'picture.scheduler': 'scheduler {scheduler}: who runs on which core',
  'picture.xenShare': '{share} of a pCPU for itself',
  'picture.cores': 'Cores (physical CPUs)',
  'picture.idle': 'idle',
  'picture.on': '→ pCPU {cores}',
  'picture.nowhere': 'did not run',
  'picture.runs': 'ran on',
  'picture.may': 'may run on',
  'picture.none': 'none',
  'picture.running': 'running',
  'picture.runnable': 'runnable',
  'picture.blocked': 'blocked',
  'picture.offline': 'offline',
  'picture.empty': 'The machine starts…',

  'start.title': 'A processor with a hypervisor, in this page',
  'start.what':
    'This is a simulated Zynq UltraScale+ board with four Arm Cortex-A53 cores. Xen, a hypervisor, shares the cores between domains. Everything runs in your browser; nothing that you do here can break anything.',
  'start.words': 'Words with a dotted line are explained when you point at them or reach them by Tab:',
  'start.tour': 'Take the tour ({steps} steps)',
  'start.tourOn': 'Go on with the tour (step {step} of {steps})',
  'start.now': 'What runs now',
  'start.story':
    'rtos-a and rtos-b are real-time systems: a control task is due each millisecond. noisy takes all the CPU time that it gets. All three are bound to pCPU 1, so rtos-a’s task comes late, although two cores are idle. The tour shows how to mend that.',
  'start.again': 'This page opens by itself only once. Help → Start page brings it back.',

  'tour.of': '{step} of {steps}',
  'tour.back': 'Back',
  'tour.next': 'Next',
  'tour.end': 'Finish',
  'tour.later': 'Later',
  'tour.skip': 'Skip the tour',
  'tour.there': 'Go there',
  'tour.done': 'Done. You can go on.',
  'tour.see': 'What you see',
  'tour.seeText':
    'Xen’s domains: Domain-0, which has the tools, two real-time systems and a noisy neighbour, each with its state and its use of a CPU. A domain has the same colour everywhere. Click one for its console, ⋯ for what can be done to it.',
  'tour.console': 'Domain-0’s console',
  'tour.consoleText':
    'Here you give commands to Xen by xl, as on a real system. What you do with the mouse is typed here too. Let the page type a command, then press Enter.',
  'tour.cpu': 'Who uses the cores',
  'tour.cpuText':
    'One lane for each core of the machine, in the domains’ colours. pCPU1 is full, because three domains are bound to it, while other cores are idle. “Table” gives the figures.',
  'tour.latency': 'Make the real-time system real-time',
  'tour.latencyText':
    'Press “Measure (stat)”: rtos-a says how late its control task came. Click the command that appears, press Enter in Domain-0’s console, then press “Start over”. Milliseconds become microseconds.',
  'tour.edit': 'Make a domain of your own',
  'tour.editText':
    'A domain’s config. Change memory to 32, say; mistakes are marked as you type. Then click “Create this domain” above the first line, or press Ctrl+Enter. The new domain appears in the list; click it to talk to it.',
} as const;

export type GuideKey = keyof typeof guideEn;
