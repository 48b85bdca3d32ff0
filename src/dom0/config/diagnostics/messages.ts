/** What the editor says, in both languages. A diagnostic's parameters fill the `{places}`. */
export type Language = 'en' | 'ja';
type Message = Readonly<Record<Language, string>>;

const messages = {
  'unterminated-string': {
    en: 'This string has no closing quote on its line.',
    ja: 'この行に、文字列を閉じる引用符がありません。',
  },
  'unended-comment': {
    en: 'A comment must end with a line break: xl does not accept one that ends the file.',
    ja: 'コメントは改行で終わる必要があります。xl は、ファイルの末尾が改行のないコメントだと受け付けません。',
  },
  'carriage-return': {
    en: 'This file has Windows line ends, which xl does not accept.',
    ja: 'このファイルの改行は Windows 形式です。xl は受け付けません。',
  },
  'unexpected-text': {
    en: 'xl cannot read “{found}”. Text must be in quotes.',
    ja: 'xl は “{found}” を認識できません。文字列は引用符で囲んでください。',
  },
  'bad-escape': {
    en: 'xl does not know the escape “{found}”. Write \\\\ for a backslash.',
    ja: 'xl はエスケープ “{found}” を認識できません。バックスラッシュは \\\\ と書きます。',
  },
  'missing-operator': {
    en: 'Expected “=” after the name, not {found}.',
    ja: 'ここでは名前の後に “=” が必要ですが、{found} があります。',
  },
  'missing-value': {
    en: 'Expected a string in quotes, a number or a list, not {found}.',
    ja: 'ここでは引用符で囲んだ文字列、数、リストのいずれかが必要ですが、{found} があります。',
  },
  'missing-separator': {
    en: 'Settings must be on separate lines or separated by “;”. xl stops reading here.',
    ja: '設定は 1 行に 1 つ書くか、“;” で区切ってください。xl はここで読むのをやめます。',
  },
  'unclosed-list': {
    en: 'The list must go on with “,” or end with “]”, not {found}.',
    ja: 'ここではリストが “,” で続くか “]” で終わるはずですが、{found} があります。',
  },
  'no-statement': {
    en: 'A setting has the form name = value; it cannot begin with {found}.',
    ja: '設定は「名前 = 値」の形です。{found} では始められません。',
  },
  'mixed-addition': {
    en: '“+=” cannot add a list to a string, or a string to a list.',
    ja: '“+=” でリストと文字列を足すことはできません。',
  },

  'list-instead-of-value': {
    en: '“{name}” takes one value, not a list. xl ignores the line.',
    ja: '“{name}” の値はリストではなく 1 つだけです。xl はこの行を無視します。',
  },
  'value-instead-of-list': {
    en: '“{name}” takes a list: put the value in [ ]. xl ignores the line.',
    ja: '“{name}” はリストです。値を [ ] で囲んでください。xl はこの行を無視します。',
  },
  'not-a-number': {
    en: '“{name}” takes a whole number; “{text}” is not one. xl ignores the line.',
    ja: '“{name}” は整数ですが、“{text}” は整数ではありません。xl はこの行を無視します。',
  },
  'number-too-large': {
    en: '“{text}” is too large for xl, which ignores the line.',
    ja: '“{text}” は xl が扱える範囲を超えています。xl はこの行を無視します。',
  },
  'added-number': {
    en: '“+=” does not work with numbers. xl ignores “{name}”.',
    ja: '“+=” は数には使えません。xl は “{name}” を無視します。',
  },
  'out-of-bounds': {
    en: '“{name}” must be a number from {least} to {greatest}. Otherwise xl exits without a message.',
    ja: '“{name}” は {least} から {greatest} までの数です。範囲外の場合、xl は警告なしで終了します。',
  },
  'unknown-word': {
    en: '“{name}” cannot be “{text}”. It can be {words}.',
    ja: '“{name}” に “{text}” は使えません。使えるのは {words} です。',
  },
  'unknown-action': {
    en: '“{text}” is not an action for “{name}”. The actions are {words}.',
    ja: '“{text}” は “{name}” の動作にありません。使えるのは {words} です。',
  },
  'contradicting-type': {
    en: '“builder” says {builder} and “type” says {type}. Remove “builder”.',
    ja: '“builder” は {builder}、“type” は {type} と食い違っています。“builder” を削除してください。',
  },
  'no-name': { en: 'A domain needs a name: name = "…".', ja: 'ドメインには名前が必要です: name = "…"' },
  'no-kernel': {
    en: 'A domain needs a kernel: kernel = "/guests/…".',
    ja: 'ドメインにはカーネルが必要です: kernel = "/guests/…"',
  },
  'kernel-and-firmware': {
    en: 'Use either “kernel” or “firmware”.',
    ja: '“kernel” と “firmware” はどちらか一方だけです。',
  },
  'bad-uuid': {
    en: '“{text}” is not a UUID, which has 8-4-4-4-12 hexadecimal digits.',
    ja: '“{text}” は UUID ではありません。16 進数字 8-4-4-4-12 の形です。',
  },
  'negative-vcpus': { en: 'A domain cannot have {text} vCPUs.', ja: 'vCPU の数を {text} にはできません。' },
  'fewer-max-vcpus': {
    en: '“maxvcpus” ({maxvcpus}) is less than “vcpus” ({vcpus}).',
    ja: '“maxvcpus” ({maxvcpus}) が “vcpus” ({vcpus}) より小さくなっています。',
  },
  'excluded-all': { en: '“{text}” excludes every CPU.', ja: '“{text}” はすべての CPU を除外しています。' },
  'bad-cpu-range': {
    en: '“{text}” is not a CPU or a range of CPUs, such as 2, 0-3 or ^1.',
    ja: '“{text}” は CPU や CPU の範囲ではありません。例: 2、0-3、^1',
  },
  'no-cpu-left': {
    en: 'The set has no CPU of this machine, whose CPUs are 0 to {cpus}.',
    ja: 'この集合に、このマシンの CPU がありません。CPU は 0 から {cpus} までです。',
  },
  'bad-device': {
    en: 'xl refuses this part of “{name}”: {text}',
    ja: 'xl は “{name}” のこの部分を受け付けません: {text}',
  },
  'device-warning': { en: 'xl says of “{name}”: {text}', ja: '“{name}” について xl が出すメッセージ: {text}' },
  'bad-irq': { en: '“{text}” is not an interrupt number.', ja: '“{text}” は割り込み番号ではありません。' },
  'bad-iomem': {
    en: '“{text}” does not have the form page,count or page,count@guest page, in hexadecimal.',
    ja: '“{text}” は「ページ,数」か「ページ,数@ゲスト ページ」(16 進) の形ではありません。',
  },
  'ignored-command-line': {
    en: 'Beside “cmdline”, {names} is ignored.',
    ja: '“cmdline” があるので {names} は無視されます。',
  },
  'bootloader-args-string': {
    en: '“bootloader_args” should be a list.',
    ja: '“bootloader_args” はリストで書いてください。',
  },
  'no-list': { en: '“{name}” must be a list.', ja: '“{name}” はリストでなければなりません。' },

  'unknown-key': {
    en: 'xl does not know the key “{name}” and ignores it silently.',
    ja: 'xl に “{name}” というキーはなく、警告なしで無視されます。',
  },
  'unknown-key-near': {
    en: 'xl does not know the key “{name}” and ignores it silently. Did you mean “{near}”?',
    ja: 'xl に “{name}” というキーはなく、警告なしで無視されます。“{near}” のことですか。',
  },
  'not-served': {
    en: 'This simulator does not serve “{name}” yet; xl may refuse the domain.',
    ja: 'このシミュレーターは “{name}” にまだ対応していません。xl がドメインの作成を拒否することがあります。',
  },
  'x86-key': { en: '“{name}” has no meaning on Arm.', ja: '“{name}” は Arm では意味がありません。' },
  overridden: {
    en: 'A later line sets “{name}” again; this one has no effect.',
    ja: '後の行が “{name}” を設定し直すので、この行は無効です。',
  },
  'old-builder': { en: '“builder” is the old spelling of “type”.', ja: '“builder” は “type” の古い書き方です。' },
  'pv-type': {
    en: 'Arm has no PV; libxl creates a PVH guest instead, with a warning.',
    ja: 'Arm に PV はありません。libxl は警告を出して PVH にします。',
  },
  'hvm-type': {
    en: 'HVM is a type of guest for x86, whose firmware boots the first disk. The real xl on Arm refuses it (“Unsupported Arm guest type hvm”); Domain-0 here builds a PVH guest instead and boots the first disk by pygrub. “el2lab_strict=1” in /etc/xen/xl.conf makes it refuse too.',
    ja: 'HVM は x86 のゲストの種類で、x86 のファームウェアが最初のディスクから起動します。Arm の実際の xl は作成を拒否します (“Unsupported Arm guest type hvm”)。ここの Domain-0 は代わりに PVH ゲストを作り、pygrub で最初のディスクから起動します。/etc/xen/xl.conf に “el2lab_strict=1” と書くと、同じように拒否します。',
  },
  'hvm-comment': {
    en: 'This comment is about x86, where guests are HVM or PV. Guests on Arm are always PVH: they have virtual hardware for CPU, memory and interrupts, and paravirtual devices.',
    ja: 'このコメントは、ゲストに HVM と PV がある x86 についてのものです。Arm のゲストは常に PVH で、CPU、メモリ、割り込みはハードウェアで仮想化され、デバイスは準仮想化です。',
  },
  'hvm-disk': {
    en: 'The firmware of x86 starts the boot loader on this disk. A guest on Arm has no firmware: Domain-0 must find the kernel, by “kernel”, or by “bootloader” in the file system of the first disk.',
    ja: 'x86 ではファームウェアがこのディスクのブートローダーを起動します。Arm のゲストにファームウェアはないので、カーネルは Domain-0 が用意します。“kernel” で指定するか、“bootloader” で最初のディスクのファイル システムから取り出します。',
  },
  'no-memory': {
    en: 'A domain needs memory: memory = 32. Without it libxl cannot build the domain.',
    ja: 'ドメインにはメモリが必要です: memory = 32。ないと libxl はドメインを作れません。',
  },
  'memory-range': {
    en: 'A guest cannot have {text} MiB of memory.',
    ja: 'ゲストのメモリを {text} MiB にはできません。',
  },
  'more-max-memory': {
    en: 'A “maxmem” above “memory” needs populate-on-demand, which Arm does not have: the domain cannot be built.',
    ja: '“maxmem” を “memory” より大きくするには populate-on-demand が必要ですが、Arm にはなく、ドメインを作れません。',
  },
  'many-vcpus': { en: 'A guest with a GICv2 has at most 8 vCPUs.', ja: 'GICv2 のゲストの vCPU は 8 個までです。' },
  'affinity-without-vcpus': {
    en: 'xl 4.17 ignores “{name}” when the config does not set “vcpus”.',
    ja: 'xl 4.17 は、コンフィギュレーション ファイルに “vcpus” がないと “{name}” を無視します。',
  },
  'absent-cpu': {
    en: 'This machine has no CPU {cpu}; its CPUs are 0 to {last}.',
    ja: 'このマシンに CPU {cpu} はありません。CPU は 0 から {last} までです。',
  },
  'weight-range': { en: 'A weight must be from 1 to 65535.', ja: '重みは 1 から 65535 までです。' },
  'cap-range': {
    en: 'With “vcpus” = {vcpus}, a cap must be from 0 to {greatest}.',
    ja: 'vCPU が {vcpus} 個なら、上限は 0 から {greatest} までです。',
  },
  'name-in-use': {
    en: 'A domain “{name}” exists already; names must differ.',
    ja: 'ドメイン “{name}” がすでにあります。同じ名前は使えません。',
  },
  'missing-file': {
    en: 'Domain-0 has no file “{text}”.',
    ja: 'Domain-0 にファイル “{text}” がありません。',
  },
  'no-memory-left': {
    en: 'Xen has only {free} MiB free.',
    ja: 'Xen に残っているメモリは {free} MiB です。',
  },
  'gic-version': {
    en: 'This machine’s interrupt controller is a GICv2; a guest cannot have {text}.',
    ja: 'このマシンの割り込みコントローラーは GICv2 です。ゲストに {text} は与えられません。',
  },
} satisfies Record<string, Message>;

export type MessageCode = keyof typeof messages;

const fixes = {
  replace: { en: 'Write {text}', ja: '{text} に変更する' },
  quote: { en: 'Put it in quotes', ja: '引用符で囲む' },
  'close-string': { en: 'Close the string', ja: '文字列を閉じる' },
  'close-list': { en: 'Close the list', ja: 'リストを閉じる' },
  remove: { en: 'Remove it', ja: '削除する' },
  insert: { en: 'Add {text}', ja: '{text} を追加する' },
  separate: { en: 'Put it on a line of its own', ja: '行を分ける' },
  'rewrite-for-arm': {
    en: 'Rewrite for Arm: type = "pvh", bootloader = "pygrub"',
    ja: 'Arm 用に書き換える: type = "pvh"、bootloader = "pygrub"',
  },
  rename: { en: 'Change to “{text}”', ja: '“{text}” に変更する' },
} satisfies Record<string, Message>;

export type FixCode = keyof typeof fixes;

/** The texts for a message's places. */
export type MessageParams = Readonly<Record<string, string>>;

const fill = (text: string, params: MessageParams): string =>
  text.replace(/\{(\w+)\}/g, (place, name: string) => params[name] ?? place);

/** A diagnostic's message. */
export const describe = (
  message: { readonly code: MessageCode; readonly params: MessageParams },
  language: Language,
): string => fill(messages[message.code][language], message.params);

/** A fix's title. */
export const describeFix = (
  fix: { readonly code: FixCode; readonly params: MessageParams },
  language: Language,
): string => fill(fixes[fix.code][language], fix.params);
