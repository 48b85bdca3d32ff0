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

  'scenarios.choose':
    'A scenario is a system to learn from. It starts a new machine; the one that runs now can be taken back.',
  'scenarios.start': 'Scenarios',
  'scenarios.configs': 'Its domains’ configs:',
  'scenarios.try': 'Try',
  'scenarios.expect': 'To be expected:',
  'scenarios.others': 'Other scenarios',
  'about.noisy':
    'Two real-time systems and a neighbour that takes all the CPU time it gets are bound to pCPU 1. Who shares a core waits for the others: rtos-a’s control task, due each millisecond, comes late.',
  'try.noisyMeasure': 'Press “Measure (stat)” in the Latency panel.',
  'expect.noisyMeasure': 'a worst latency of several milliseconds, and missed releases.',
  'try.noisyPin': 'Give rtos-a a core of its own, then start over in the Latency panel.',
  'expect.noisyPin': 'a few microseconds: no other guest may use that core.',
  'try.noisyCap': 'Limit the neighbour instead.',
  'expect.noisyCap': 'noisy uses 40 % of the core at most, although the rest is idle.',
  'about.weights':
    'This machine has one pCPU, and both domains take all that they get of it. heavy has weight 512, light 256: the credit scheduler gives heavy twice as much time.',
  'try.weightsLook': 'Look at the CPU panel for some seconds of virtual time.',
  'expect.weightsLook': 'two thirds for heavy, one third for light.',
  'try.weightsEqual': 'Give both the same weight.',
  'expect.weightsEqual': 'half of the core for each.',
  'try.weightsCap': 'Limit heavy to a quarter of a core.',
  'expect.weightsCap': '25 % for heavy, whatever its weight; light gets the rest.',
  'about.rogue':
    'rogue tries in two dozen ways to break out of its domain: it reaches for foreign memory and Xen’s registers, gives hypercalls wrong arguments, hogs a CPU and floods Xen with calls. A real-time system runs beside it.',
  'try.rogueRead': 'Read on rogue’s console what came of each attempt.',
  'expect.rogueRead': 'a fault or an error for each, and in the last line that all were contained.',
  'try.rogueMeasure': 'Press “Start over” in the Latency panel when rogue has ended its attempts.',
  'expect.rogueMeasure': 'rtos-a is late by microseconds only.',
  'about.redundancy':
    'Two channels do the same work, each on a core of its own. If one fails, the other is still there. xl watches over both: on_crash = "restart" in the config creates a channel again when it crashes.',
  'try.crash': 'Type crash on channel-a’s console, and Enter. Then type stat on channel-b’s.',
  'expect.crash': 'channel-a is created again at once, with a new number; channel-b has missed no release.',
  'try.hang': 'Type hang on channel-a’s console, and Enter.',
  'expect.hang':
    'it answers no more and uses its core up (state r), but nobody restarts it, because it has not crashed. A supervisor would have to notice; channel-b works on.',
  'try.repair': 'Be the supervisor.',
  'expect.repair': 'channel-a runs again.',
  'about.linux':
    'Debian’s Linux, unmodified, in a domain on pCPUs 2 and 3, beside a real-time system that has pCPU 1 to itself.',
  'try.linuxBoot': 'Watch Linux boot on its console, and use its shell.',
  'expect.linuxBoot': 'a prompt after some seconds of virtual time, which may take a minute of yours.',
  'try.linuxBusy': 'Keep Linux busy: type yes > /dev/null & in its shell.',
  'expect.linuxBusy': 'linux uses 100 % of a core in the list of domains.',
  'try.linuxMeasure': 'Press “Start over” in the Latency panel.',
  'expect.linuxMeasure': 'rtos-a is late by microseconds only, whatever Linux does.',

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
