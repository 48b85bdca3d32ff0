/** The words of tsc_mode and timer_mode, and the forms of cpuid. Arm ignores their values, but xl checks them. */
import type { DomainConfig } from './domain-config.ts';
import type { ConfigReader } from './language/reader.ts';

const tscModes = ['default', 'always_emulate', 'native', 'native_paravirt'];
const timerModes = [
  'delay_for_missed_ticks',
  'no_delay_for_missed_ticks',
  'no_missed_ticks_pending',
  'one_missed_tick_pending',
];

export function readTscMode(r: ConfigReader): void {
  if (readModeNumber(r, 'tsc_mode', (number) => tscModes[number])) return;
  const text = r.string('tsc_mode');
  if (text === null) return;
  r.say('warning', 'x86-key', r.rangeOf('tsc_mode'), {
    params: { name: 'tsc_mode' },
    xl: [`got a tsc mode string: "${text}"`],
  });
  if (!tscModes.includes(text.toLowerCase())) endUnknown(r, 'tsc_mode', text, tscModes);
}

export function readTimerMode(r: ConfigReader, type: DomainConfig['type']): void {
  const text = r.string('timer_mode');
  if (text === null) return;
  if (type === 'pv') {
    r.end('x86-key', r.rangeOf('timer_mode'), {
      params: { name: 'timer_mode' },
      xl: ['ERROR: "timer_mode" option is not supported for PV guests.'],
      exitCode: 3,
    });
  }
  if (readModeNumber(r, 'timer_mode', (number) => (number === -1 ? 'unknown' : timerModes[number]))) return;
  if (text.toLowerCase() !== 'unknown' && !timerModes.includes(text.toLowerCase()))
    endUnknown(r, 'timer_mode', text, timerModes);
}

/** Reads a mode that is given as a number. Returns false if it is not. */
function readModeNumber(r: ConfigReader, name: string, wordOf: (number: number) => string | undefined): boolean {
  const number = r.quietNumber(name);
  if (number === null) return false;
  const word = wordOf(Number(number));
  r.say('warning', 'x86-key', r.rangeOf(name), {
    params: { name },
    xl: [
      `WARNING: specifying "${name}" as an integer is deprecated. Please use the named parameter variant. ${word === undefined ? '' : `e.g. ${name}="${word}"`}`,
    ],
  });
  if (word === undefined || number < 0n) {
    r.end('x86-key', r.rangeOf(name), { params: { name }, xl: [`ERROR: invalid value ${number} for "${name}"`] });
  }
  return true;
}

const endUnknown = (r: ConfigReader, name: string, text: string, words: readonly string[]): never =>
  r.end('unknown-word', r.rangeOf(name), {
    params: { name, text, words: words.join(', ') },
    xl: [`ERROR: invalid value "${text}" for "${name}"`],
    fixes: r.choices(name, text.toLowerCase(), words),
  });

/** A list says nothing on Arm. A string must begin with `host`. */
export function readCpuid(r: ConfigReader): void {
  const text = r.quietString('cpuid');
  if (text === null) return;
  const first = text.split(',').find((part) => part !== '');
  if (first === undefined || first === 'host') return;
  r.say('warning', 'x86-key', r.rangeOf('cpuid'), {
    params: { name: 'cpuid' },
    xl: [`while parsing CPUID string: "${text}":`, '  error: first word must be "host"'],
  });
}
