import { useContext } from 'react';
import { type Language, type TranslateFrom, translatorOf } from '../../i18n/translate.ts';
import { LanguageContext } from '../../i18n/useTranslate.ts';
import { textsJa } from './textsJa.ts';

/** The panel's texts. They come with the panel. */
export const textsEn = {
  empty: 'Start a machine: from then on, who runs where and who waits is recorded here while this panel is open.',
  follow: 'Follow',
  fit: 'Fit',
  fitHow: 'Shows the selection, or all that is recorded (F)',
  table: 'Table',
  search: 'Search',
  searchHow: 'rtos-a · wake rtos-a · irq 27 · hypercall sched_op',
  notFound: 'Not found: {text}',
  longest: 'Longest wait',
  ofAny: 'of any vCPU',
  noWait: 'No vCPU has waited in this part of the record.',
  record: '{events} slices and marks, {size} of {limit}, since {since}',
  canvas: 'Scheduling timeline from {from} to {to}',
  keys: 'W and S zoom, A and D move, arrow keys go from slice to slice and from lane to lane, Enter shows details, F fits, M measures, slash searches, Escape clears.',
  machine: 'Machine',
  core: 'Core {core}',
  at: 'at {time}',
  merged: '{count} slices, too short to be told apart; mostly {name}',
  ran: '{name} runs for {length}, {at}',
  xen: 'Xen works for {length} ({why}), {at}',
  waits: '{name} waits {length} for pCPU{core} ({cause}), {at}',
  nothing: 'nothing, {at}',
  'cause.woken': 'it was woken',
  'cause.preempted': 'another one took its place',
  'cause.yielded': 'it let others go first',
  'cause.moved': 'it was moved',
  'mark.interrupt': 'interrupt {number} is taken, {at}',
  'mark.hypercall': 'hypercall {what}, {at}',
  'mark.abort': 'a guest’s access faults in stage 2, {at}',
  'mark.tickle': 'pCPU{core} is asked to look at its run queue, for {name}, {at}',
  'mark.wake': '{name} is woken, {at}',
  'mark.yield': 'it lets others go first, {at}',
  'mark.migrate': 'moves from pCPU{from} to pCPU{to}, {at}',
  'mark.injected': 'interrupt {number} is made pending, {at}',
  'mark.virtual': 'the guest takes interrupt {number}, {at}',
  'mark.smmuFault': 'the SMMU refuses an access of stream {number}, {at}',
  'mark.domain': 'domain {name}: {what}, {at}',
  'mark.reset': 'the board is reset, {at}',
  created: 'created',
  stopped: 'stopped',
  destroyed: 'destroyed',
  details: 'Details',
  goTo: 'Go to this time',
  cannotGo: 'This machine keeps no past, so it cannot go there.',
  select: 'Select its time',
  close: 'Close',
  figures: 'Selection: {from} to {to}, {length}',
  vcpu: 'vCPU',
  share: 'Share',
  time: 'Time',
  slices: 'Slices',
  waitsNumber: 'Waits',
  waitMean: 'Mean wait',
  waitMax: 'Longest wait',
  exits: 'Exits to Xen',
  ofXen: 'Xen on {core}',
  selectHow: 'Drag the line of times, or hold Shift and drag, to select a part and see its figures.',
  waitTitle: '{name} waits {length} for pCPU{core}',
  waitAt: 'From {from} to {to}.',
  'why.woken': 'It was woken, and {other} had the pCPU.',
  'why.preempted': 'Its turn was over, and {other} got the pCPU.',
  'why.yielded': 'It let others go first, and {other} got the pCPU.',
  'why.moved': 'It was moved there, and {other} had the pCPU.',
  whyRan: '{other} ran {ran} of it, in {slices} {slices:slice|slices}, the longest {longest}.',
  whyRateLimit:
    'Credit lets what has just begun run for its rate limit of 1 ms before anything that wakes may take its place.',
  whySlice:
    'A time slice of credit is 30 ms: who has the pCPU keeps it so long, unless somebody of higher priority wakes.',
  whyCredit2: 'Credit2 lets it run until it has less credit than the one that waits, 10 ms at most.',
  whyRtds: 'RTDS runs the earliest deadline: who waits has a later one, or has used up its budget.',
  priorities: 'Priority: {name} {own}, {other} {others}.',
  stillWaits: 'It waits still.',
  unknown: 'not known',
  boost: 'BOOST',
  under: 'UNDER',
  over: 'OVER',
  noSlices: 'There are no slices in this window.',
  tableTitle: 'Slices from {from} to {to}',
  lane: 'Lane',
  what: 'What',
  from: 'From',
  length: 'Length',
  shownOnly: 'The first {count} are listed: zoom in for others.',
} as const;

export type TextKey = keyof typeof textsEn;

export const catalogues: Readonly<Record<Language, Readonly<Record<TextKey, string>>>> = { en: textsEn, ja: textsJa };

const translate = translatorOf<typeof textsEn>(catalogues);

export type Texts = TranslateFrom<typeof textsEn>;

/** The panel's texts in the language of the page. */
export const useTexts = (): Texts => translate(useContext(LanguageContext));
