/**
 * Texts of the guide (glossary, picture, start page, tour, stories, what panels show) in English. They come with the panels,
 * not with the page’s first load. The glossary’s texts stand in docs/glossary.md too; a test compares them.
 */
export const guideEn = {
  'machineFile.save': 'Save machine as file',
  'machineFile.open': 'Open machine file…',
  'machineFile.kept': 'Kept in this browser as at {seconds} s.',
  'machineFile.keptNow': 'Kept in this browser as it is now.',
  'machineFile.how':
    'The machine as it is now: cores, memory, devices, card and what was typed. Opened here or by el2lab resume, it goes on from there as if it had never stopped.',
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
  'term.cpupool': 'cpupool',
  'means.cpupool':
    'A pool of pCPUs with a scheduler of its own. A domain is in one pool and runs on its pCPUs only. xl cpupool-create makes one.',
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
  'picture.on': '→\u00a0pCPU\u00a0{cores}',
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

  'stories.title': 'Stories',
  'stories.what':
    'A story is a system of domains to learn from: why one virtualises, and what it costs, with figures that are measured on the machine.',
  'stories.choose': 'It starts a new machine; the one that runs now can be taken back.',
  'stories.start': 'Start',
  'stories.again': 'Start again',
  'stories.measure': 'Start and measure',
  'stories.measures': 'The figures are being measured; typed last:',
  'stories.holds': 'All figures are within their bounds.',
  'stories.fails': 'A figure is not within its bounds: something else has been done to the machine meanwhile?',
  'stories.figures': 'Figures',
  'stories.figure': 'Figure',
  'stories.measured': 'Measured',
  'stories.bounds': 'Bounds',
  'stories.published': 'Published',
  'stories.upTo': 'up to {value}',
  'stories.most': '{label}; the most: {most}',
  'stories.hour': 'hour of the day',
  'stories.domains': 'domains',
  'stories.range': '{least} to {most} {unit}',
  'stories.configs': 'Its domains’ configs:',
  'stories.try': 'Try',
  'stories.expect': 'To be expected:',
  'stories.others': 'Other stories',
  'about.load':
    'An operating system idles the cores that it has no task for. So give each task a system of its own, start one when demand rises, and stop it when demand falls. Here clients on the network send requests at a rate that follows a day’s curve. A script in Domain-0 watches how many wait and starts and stops servers, one for each of pCPU 1 to 3. The same day then comes for one domain with all three pCPUs, and for three domains all day; and for these beside a domain that takes the CPU time that they leave, with a low weight and with their own. Whoever has nothing to do executes WFI, and its pCPU idles.',
  'try.loadStart': 'Let a day of 24 s begin.',
  'expect.loadStart':
    'clients stat shows the demand. At noon requests wait, because worker-1 alone does 1000 a second.',
  'try.loadBalance': 'Have the script balance the load, and watch the list of domains.',
  'expect.loadBalance': 'worker-2 and worker-3 come before noon and go at night. Ctrl+C ends the script.',
  'try.loadBatch': 'Use what is left: create a domain of low weight on the same cores.',
  'expect.loadBatch':
    'pCPU 1 to 3 are full in the CPU panel. The servers get what they want first, but each request may wait up to 1 ms for Xen’s rate limit.',
  'about.load-linux':
    'The same with Debian’s Linux, unmodified, in each domain, and a server in it that has a process for each of its CPUs. Linux takes a second to boot, so the script in Domain-0 starts one before it is needed: while demand rises, at a third of what those that run can do. /etc/xen/fixed.cfg is one Linux with all three pCPUs.',
  'try.loadLinuxStart': 'Let a day of 24 s begin.',
  'expect.loadLinuxStart':
    'clients stat shows the demand. clients report counts requests, answers and response times by the hour.',
  'try.loadLinuxBalance': 'Have the script balance the load, and watch the list of domains and the CPU panel.',
  'expect.loadLinuxBalance':
    'worker-2 and worker-3 boot when demand rises, which their consoles show; one is stopped when the others would be used by less than 60 %. Ctrl+C ends the script.',
  'try.loadLinuxCurve': 'Change the demand: save another day in /root/curve, and let it begin.',
  'expect.loadLinuxCurve':
    'clients stat follows your curve. --peak is the rate of its 100 per cent, --work the CPU time of a request in microseconds.',
  'about.isolation':
    'Two real-time systems and a neighbour that takes all the CPU time it gets are bound to pCPU 1. Each is in a sandbox of its own and knows nothing of the others, but who shares a core waits: rtos-a’s control task, due each millisecond, comes late. A cap or a weight for the neighbour changes how late; a core of its own makes rtos-a as good as alone, whatever the others do: compute, hang, crash, or try to break out. The measurement then repeats it in pools of CPUs with other schedulers: under credit2, Xen’s default, rtos-a waits for up to 10 ms; RTDS, null and a pool of its own keep it on time.',
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
  'expect.rogueRead': 'a fault, an error or no effect for each, and in the last line that all were contained.',
  'try.rogueMeasure': 'Press “Start over” in the Latency panel when rogue has ended its attempts.',
  'expect.rogueMeasure': 'rtos-a is late by microseconds only.',
  'about.redundancy':
    'Two channels run the same work, each on a core of its own, but only one controls the plant. A monitor gets a heartbeat of each every millisecond, in a page that it grants them. If one fails, the other takes over at once, and a script in Domain-0 creates the failed one again as the new spare.',
  'try.hang': 'Type hang on channel-a’s console, and Enter. Or: crash, livelock, lose, corrupt.',
  'expect.hang': 'channel-a is destroyed and created again, with a new number. channel-b has missed no release.',
  'try.monitor': 'Read the monitor’s console; s on it shows the state.',
  'expect.monitor': 'channel 1 controls the plant, which was without output for less than 5 ms.',
  'try.dom0': 'Crash Domain-0’s kernel.',
  'expect.dom0': 'all stops: Xen waits for five seconds and restarts the machine. No spare helps against that.',
  'about.scaling':
    'One config makes many domains: what differs, a name and an address, stands behind it on xl’s command line. Each further one takes Domain-0 the same time, and its memory with a little for Xen’s own tables. Domains that wait use no CPU, so 32 of them leave both pCPUs of this machine idle. When the pCPUs are full, weights and caps say who gets how much.',
  'try.scalingCopies': 'Make seven more.',
  'expect.scalingCopies': 'copy-2 to copy-8 in the list of domains, one each 130 ms of virtual time.',
  'try.scalingPing': 'Ask one of them.',
  'expect.scalingPing': 'copy-5 answers at its own address.',
  'try.scalingBusy': 'Fill both pCPUs with domains that want all of them, and give one twice the weight.',
  'expect.scalingBusy': 'in the CPU column, busy-1 gets twice as much as each other.',
  'about.smmu':
    'Stage 2 holds back what a domain’s processor does, but a device that reads and writes memory by itself, a DMA master, does not pass through it. The SMMU does the same for devices: Xen has it translate the addresses of a domain’s DMA channel by that domain’s own tables. Here the domain dma has a channel of the board, with dtdev in its config. The channel copies inside the domain; a frame outside is refused and logged, and nobody else notices. With iommu=off the same write changes the neighbour’s memory.',
  'try.smmuCopy': 'On dma’s console type copy; then write 0x1000, a frame that is not its own.',
  'expect.smmuCopy':
    'the copy arrives; the write is refused, and Xen’s serial console says “Unhandled context fault” with the address.',
  'try.smmuWrite':
    'Have Xen tell the frame of neighbour’s console, in the second column behind its [0x000], and on dma’s console write to it.',
  'expect.smmuWrite': 'refused too. Nothing changes on neighbour’s console, and copy works as before.',
  'try.smmuOff':
    'Boot Xen with iommu=off from another device tree. Then xl create /etc/xen/dma-bare.cfg, look for the frame again, and write to it.',
  'expect.smmuOff':
    'xl refuses dtdev, as there is no IOMMU. Without it the write is done, and neighbour says that 512 bytes have changed.',
  'about.revisions':
    'Domains are plain text files, so they can be under revision control as programs are. Each save of a file in /etc/xen is a commit of a Git repository in Domain-0, and xl makes a domain again from whichever revision is there. The Revisions panel shows what has changed, which revision runs in which domain, and brings an old one back.',
  'try.revisionsSave': 'Change rtos-b’s config and save it; then open the Revisions panel.',
  'expect.revisionsSave': 'a new line, and below rtos-b that the file has changed since it was created.',
  'try.revisionsLog': 'Read the history in Domain-0.',
  'expect.revisionsLog': 'each commit with its differences, as git prints them everywhere.',
  'try.revisionsBundle': 'Press “Download as bundle” in the Revisions panel, and clone it on your computer.',
  'expect.revisionsBundle': 'git clone xen.bundle makes a repository with the whole history.',
  'about.life-cycle':
    'xl covers a domain’s whole life. Its config says what is to happen when it powers off, reboots, crashes or is hit by its watchdog: destroy, restart, preserve, or write its memory and registers to a file first. xl reports each step in /var/log/xen.',
  'try.lifeCrash': 'Type crash on rtos-a’s console, and Enter. Then read /var/log/xen/xl-rtos-a.log in Domain-0.',
  'expect.lifeCrash': 'rtos-a is gone: on_crash is destroy if the config does not say otherwise.',
  'try.lifeDump': 'Dump rtos-a’s core while it runs.',
  'expect.lifeDump': 'a file of 16 MiB below /root, which gdb-multiarch -c reads when it is downloaded.',
  'try.lifeSave': 'Save rtos-a for another host.',
  'expect.lifeSave': 'command not implemented: Xen for Arm can neither save nor migrate domains.',
  'about.acceleration':
    'Two domains run the same machine code, each on a core of its own. fast has what ARMv8 gives to guests: a second stage of translation, a virtual interrupt interface and a virtual timer. slow has none of it: for each store to its tables, each TLB invalidation, each access to its interrupt controller and its timer, it enters EL2, which does the work in software. That mode is this simulator’s own; the real Xen on Arm always uses the hardware.',
  'try.accelPages': 'Type pages on the console of fast, then on that of slow.',
  'expect.accelPages': 'the same checksum, and a rate that is some forty times lower on slow.',
  'try.accelCpu': 'Look at the CPU panel while slow works.',
  'expect.accelCpu': 'Xen takes nine tenths of slow’s core, and nothing of fast’s.',
  'try.accelConfig': 'Set el2lab_unaccelerated to 0 in slow’s config, save it, and create the domain again.',
  'expect.accelConfig': 'slow is as fast as fast.',
  'about.linux':
    'Debian’s Linux, unmodified, in a domain on pCPUs 2 and 3, beside a real-time system that has pCPU 1 to itself.',
  'try.linuxBoot': 'Watch Linux boot on its console, and use its shell.',
  'expect.linuxBoot': 'a prompt after about a second of virtual time, which may take half a minute of yours.',
  'try.linuxBusy': 'Keep Linux busy: type yes > /dev/null & in its shell.',
  'expect.linuxBusy': 'linux uses 100 % of a core in the list of domains.',
  'try.linuxMeasure': 'Press “Start over” in the Latency panel.',
  'expect.linuxMeasure': 'rtos-a is late by microseconds only, whatever Linux does.',
  'about.network':
    'Two Linux domains with a virtual interface each on the bridge xenbr0. Domain-0 is on it, too: it gives out addresses, knows the domains by their names, and serves its /srv.',
  'try.networkFetch': 'When linux-a has an address, type wget -qO - http://linux-b on its console, and Enter.',
  'expect.networkFetch': 'a line from linux-b. http://dom0 answers as well.',
  'try.networkVcpu': 'Give linux-a its second vCPU.',
  'expect.networkVcpu': 'after a second, xl vcpu-list linux-a shows it, and nproc on its console prints 2.',
  'try.networkMemory': 'Take memory back from linux-a.',
  'expect.networkMemory': 'its balloon driver returns 64 MiB: see xl list.',

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

  'domain.disks': 'Disks',
  'domain.interfaces': 'Network interfaces',
  'domain.attach': 'Attach',
  'domain.attachInterface': 'Attach another:',
  'domain.detach': 'Detach',
  'domain.access': 'Access',
  'domain.readWrite': 'read and write',
  'domain.readOnly': 'read only',
  'domain.noDisk':
    'Domain-0 has no other disk for it. “+ Disk” in the Files panel makes one; images that you upload go to /var/lib/xen/images.',

  'card.slot': 'In the SD slot',
  'card.empty':
    'The slot is empty. A card is a file of yours, with what the guest has written to it. Insert one while the machine runs, or drop an image on the page.',
  'card.name': 'Name',
  'card.size': 'Size',
  'card.contents': 'Contents',
  'card.asInserted': 'as it was inserted.',
  'card.asRead': 'as at {time} of virtual time.',
  'card.kept': 'Kept in this browser.',
  'card.stored': 'In this browser’s storage.',
  'card.unkept': 'Not kept in this browser.',
  'card.read': 'Read the card',
  'card.readHow': 'Reads what the guest has written to it, and keeps that',
  'card.download': 'Download the image',
  'card.downloadNamed': 'Download {name}',
  'card.eject': 'Eject',
  'card.ejectHow':
    'Takes the card out of the slot; what the guest has written stays on it. Unmount it first, as on a real board.',
  'card.insert': 'Insert',
  'card.insertNamed': 'Insert {name}',
  'card.files': 'Files on the card ({type})',
  'card.filesOfNew': 'Files for the new card',
  'card.noFiles': 'There is no file system on it that can be read here: FAT, ext2, ext3 or ext4.',
  'card.damaged': 'The file system on it {reason}.',
  'card.more': 'and {count} more',
  'card.new': 'New card',
  'card.addFiles': 'Add files…',
  'card.takeOut': 'Remove',
  'card.make': 'Make the card and insert it',

  'domain.scheduler': 'Scheduler',
  'domain.inPool': 'in {pool}',
  'domain.period': 'Period, µs',
  'domain.budget': 'Budget, µs',
  'domain.extratime': 'Extra time',
  'domain.parameterOf': '{parameter}, vCPU {vcpu}',
  'domain.microseconds': 'microseconds, 10 or more; no budget is longer than its period',
  'domain.extratimeTakes': '1: it may use time that nobody has reserved; 0: not',
  'revisions.noFile': 'Open a file in the editor: its revisions appear here.',
  'revisions.none': 'No revision yet. Each save of a file in /etc/xen makes one.',
  'revisions.elsewhere': 'Only files in /etc/xen have revisions.',
  'revisions.bar': 'The file and its repository',
  'revisions.branch': 'Branch',
  'revisions.switch': 'Switch',
  'revisions.noBranch': 'no branch',
  'revisions.newBranch': 'New branch',
  'revisions.makeBranch': 'Make',
  'revisions.import': 'Import bundle…',
  'revisions.importHow': 'Its branches become bundle/NAME here, and nothing is replaced: git fetch',
  'revisions.bundle': 'Download as bundle',
  'revisions.bundleHow': 'The whole history in one file: git clone xen.bundle',
  'revisions.table': 'Revisions of {path}',
  'revisions.diff': 'Compare',
  'revisions.restore': 'Restore',
  'revisions.close': 'Close',
  'revisions.compare': '{path}: {id} and now',
  'revisions.now': 'now',
  'revisions.runs': 'runs revision {id}.',
  'revisions.runsOther': 'runs a text that is no revision.',
  'revisions.changed': 'The file has changed since.',
  'network.empty': 'The interfaces of the machine’s networks appear here when it runs.',
  'network.host':
    '{bridge}: {name} at {address} is a built-in host, a model. It gives addresses by DHCP, answers ARP, ping and DNS, and serves files over HTTP.',
  'network.table': 'Interfaces',
  'network.port': 'Interface',
  'network.on': 'on {bridge}',
  'network.station': 'MAC, address',
  'network.from': 'From it',
  'network.fromHow': 'Frames and bytes that the station has sent: RX of the interface in ip -s link',
  'network.to': 'To it',
  'network.toHow': 'Frames and bytes that the station got: TX of the interface in ip -s link',
  'network.lost': 'Lost',
  'network.lostHow': 'Frames that could not be forwarded, or for which the queue had no room',
  'network.builtIn': 'built-in host',
  'network.gone': 'is not there now',
  'network.capture': 'Capture',
  'network.start': 'Capture',
  'network.startOf': 'Capture {port}',
  'network.again': 'Start over',
  'network.stop': 'Stop',
  'network.stopOf': 'Stop the capture of {port}',
  'network.running': 'The capture runs',
  'network.captured': '{count} {count:frame|frames} · {size}',
  'network.missed': '{count} {count:frame|frames} had no room in the capture',
  'network.saveOf': 'Download the capture of {port} as .pcap',
  'network.saveHow': 'Download it for Wireshark or tshark; times are the machine’s',
  'network.removeOf': 'Delete the capture of {port}',

  'help.board':
    'The simulated ZCU102: its cores, its memory, and the guest in its DRAM. A core’s bar is its utilisation: the share of recent virtual time in which it did not wait. While Linux boots, the stages of the boot appear with the times of Linux’s own log. The facts come from the machine; the settings take effect at the next boot. Your files stay in this browser.',
  'help.serial':
    'The bytes that the guest has written to the transmit FIFO of UART 0 (Cadence, FF000000, ttyPS0). Your keys go to its receive FIFO.',
  'help.card':
    'The card in the SD slot of the simulated board (SD1, mmcblk0 in Linux). It is one of your files and stays in the slot when the board boots again. “Read the card” takes what the guest has written into the file; ejecting it and booting again do so too. A guest that has not flushed or unmounted may not have written everything.',
  'help.registers':
    'The registers of one core of the paused machine. Values that have changed since the previous stop are bold. A step executes one instruction of this core. With Xen, the core’s vCPU is named; Xen itself is a model, so at EL2 one step is all of its work.',
  'help.log':
    'The machine’s messages: the guest that was loaded, firmware calls, and accesses to registers without a model (each device and offset once). Times are virtual.',
  'help.domains':
    'Xen’s domains, from Xen’s own list: number, name, state in xl’s letters, and the CPU time of the last second of virtual time as a share of one physical CPU. An action of the ⋯ menu is typed into Domain-0 as an xl command, where you see it.',
  'help.domain':
    'One domain in detail: what Xen and libxl know of it, how each vCPU last left for Xen (ESR_EL2, FAR_EL2, HPFAR_EL2), and its registers: those that Xen saved, or those in its pCPU. After a crash they are the ones it crashed with. An edited value becomes an xl command that is typed into Domain-0; your Enter runs it.',
  'help.files':
    'Domain-0’s files: configs in /etc/xen, kernels in /guests. They are in the memory of the simulated machine. This browser keeps your changes and applies them at the next start; the last line says whether it has. Enter opens, F2 renames, Delete deletes; for two minutes you can undo that. The File menu takes all files with you as a zip and brings them back; so does a zip dropped on the page.',
  'help.cpu':
    'The use of the physical CPUs in virtual time, with Xen from its own accounts of its vCPUs, on the board from the instructions that each core has executed. Samples are 10 ms long for the last 20 s, and 100 ms for the last ten minutes. Idle time is empty. The dark part is the time of EL2 itself, which counts as time of the vCPU that it interrupted. The wheel zooms, dragging moves in time, a double click leads back to now. Click a moment and pin its figures to compare it with another.',
  'help.start': 'What this page is, what runs now, and the tour.',
  'help.story':
    'What a story is about, what to try in it, and what is measured: commands are typed on the consoles, where you see them, and the figures are what the guests and Xen answer. A story is a new machine whose /etc/rc.local creates the domains; your own /etc/rc.local is kept for the ready session.',
  'help.placement':
    'The machine from the domains to the cores. Lines lead from a domain to the cores that it ran on in the last second of virtual time, thicker for more; dashed to cores that it is bound to and did not use. The figures are from Xen’s own accounts.',
  'help.comparison':
    'The domains that run now and have a config of their name in /etc/xen are created on the Xen model and on the unmodified Xen 4.17, each on a board of its own beside this one, and measured for the same virtual time. This machine goes on.',
  'domain.exits': 'Exits to Xen',
  'domain.exitsHow': 'How often its vCPUs have left for Xen so far, by what for',
  'exit.hypercall': 'hypercalls',
  'exit.wait': 'waits (WFI)',
  'exit.interrupt': 'interrupts',
  'exit.distributor': 'GIC distributor',
  'exit.cpuInterface': 'GIC CPU interface',
  'exit.timer': 'timer',
  'exit.translationControl': 'virtual memory registers',
  'exit.tlbMaintenance': 'TLB maintenance',
  'exit.tableWrite': 'stores to tables',
  'exit.shadowFill': 'shadow tables',
  'exit.other': 'other',
  'domain.credit': 'Credits',
  'domain.creditHow': 'What Xen’s scheduler counts for the vCPU now, read from its memory',
  'comparison.about':
    'The same domains on the Xen model and on the unmodified Xen 4.17 with Debian’s Domain-0, on the same board: CPU time, exits, and latencies of RTOSes.',
  'comparison.none': 'No domain runs that has a config of its name in /etc/xen.',
  'comparison.seconds': 'Virtual seconds to measure',
  'comparison.run': 'Compare',
  'comparison.stop': 'Stop',
  'comparison.onModel': 'On the Xen model:',
  'comparison.onBinary': 'On Xen 4.17:',
  'comparison.table': 'Model and Xen 4.17',
  'comparison.domain': 'Domain',
  'comparison.model': 'Xen model',
  'comparison.binary': 'Xen 4.17',
  'comparison.difference': 'Difference',
  'comparison.share': 'CPU time, of one pCPU',
  'comparison.hypercalls': 'Hypercalls',
  'comparison.waits': 'Trapped waits (WFI)',
  'comparison.p50': 'Latency p50',
  'comparison.p99': 'Latency p99',
  'comparison.max': 'Latency max',
  'help.revisions':
    'The revisions of the file in the editor, newest first: each save in /etc/xen is a commit of the Git repository in /etc/xen/.git, made in Domain-0. Times are those of Domain-0’s clock. git log, git diff and others work in Domain-0’s shell; git clone takes the bundle.',
  'help.translation':
    'How any address is translated: a domain’s, a vCPU’s (also while it does not run), a core’s, or a DMA master’s at the SMMU. Each descriptor is shown as it is read, with all its bits; under two stages, that of stage 1 is found by stage 2. It is the machine’s own walker that tells it, and looking changes nothing. The map shows what an address space maps, from the same tables; pages that are shared by grants are from Xen’s lists, which only the model tells.',
  'help.timeline':
    'Who ran on each pCPU and when Xen worked there; below, when each vCPU ran, waited for a pCPU (thin lines) and was woken (arrows), and what the scheduler counted for it. It comes from the machine’s own events, recorded while this panel is open; recording changes nothing in the machine. Drag to move, turn the wheel to zoom, Shift and drag to select. On the unmodified Xen, wake-ups follow from the times that Xen accounts.',
  'help.network':
    'The machine’s virtual networks: the ports of their bridges, who has sent from behind each, and how much has passed, from the bridges’ own counters. Capture records the frames at a port with the machine’s times; it changes nothing in the machine. The file opens in Wireshark.',
  'help.latency':
    'The release latency of an RTOS’s 1 kHz control task, as the RTOS itself measures it. The button types stat on the RTOS’s console and reads the answer. Nothing is measured from outside. Domains are listed whose console says “Type stat”.',
  'help.console':
    'A console of the machine. Xen serial is UART 0, where Xen prints. Domain-0 is the terminal of its control shell, which is a model and not Linux. A guest’s console is the ring that xenconsoled serves. Your keys go to the console.',
  'help.editor':
    'A file in Domain-0. In a .cfg file, everything that xl would report is marked, with quick fixes (Ctrl/Cmd+.). Hover over a key for its manual; Ctrl+Space completes. Saving writes the file in the machine. A text that you have not saved is kept by this browser and is back after a reload.',
} as const;

export type GuideKey = keyof typeof guideEn;
