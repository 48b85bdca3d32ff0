/**
 * Maps of address spaces, as ranges that the machine's own walker finds: it is asked for one address after the other, and
 * says how far the answer goes. Mapping changes nothing.
 */
import { Need, type View, viewOf, Walker } from '../../arch/mmu/walk.ts';
import { ok, type Result } from '../../base/result.ts';
import { devicePlaces } from '../../soc/board/map.ts';
import type { AddressMap, MapRange, MapRequest } from '../api/translation.ts';
import type { DomainAddresses } from '../hypervisor.ts';
import { type Space, spaceOf, type Translated } from './registers.ts';

/** At most so many ranges are told, and so many descriptors asked for. */
const mostRanges = 2000;
const mostWalks = 600_000;

/** The error is one sentence for the user. */
export function addressMap(system: Translated, { of }: MapRequest): Result<AddressMap> {
  const space = spaceOf(system, of);
  if (!space.ok) return space;
  const { cluster } = system.board;
  const walker = new Walker(cluster.memory, space.value.words, space.value.first);
  const ranges = new Ranges();
  if (of.kind === 'domain') {
    stage2Map(walker, ranges);
    const known = system.hypervisor?.addresses(of.domain);
    return ok({ ...ranges.result(true), isOff: false, ...(known ? knownOf(known, ranges.list) : nothingKnown) });
  }
  const isOff = !isStage1On(space.value);
  if (!isOff) stage1Map(walker, space.value, ranges);
  return ok({ ...ranges.result(false), isOff, ...nothingKnown });
}

const nothingKnown = { emulated: [], shared: [] };

/** What the walker has found of some pages. */
type Piece = Omit<MapRange, 'start' | 'end' | 'output' | 'pieces' | 'devices'>;

/** Ranges that are merged as they come, lowest address first. */
class Ranges {
  readonly list: Mutable[] = [];
  #walks = 0;
  #isCut = false;

  /** Whether there is room for more. */
  get isOpen(): boolean {
    if (this.#walks++ < mostWalks && this.list.length < mostRanges) return true;
    this.#isCut = true;
    return false;
  }

  add(start: bigint, sizeLog2: number, output: number, piece: Piece): void {
    const end = start + (1n << BigInt(sizeLog2));
    const last = this.list.at(-1);
    const goesOn = last?.end === start && last.output + Number(start - last.start) === output && isSame(last, piece);
    const range = goesOn ? last : { ...piece, start, end, output, pieces: [] };
    range.end = end;
    const count = range.pieces.find((one) => one.sizeLog2 === sizeLog2);
    if (count) count.count++;
    else range.pieces.push({ sizeLog2, count: 1 });
    if (!goesOn) this.list.push(range);
  }

  /** `isPhysical`: they lead to physical addresses, whose devices have names. */
  result(isPhysical: boolean): { readonly ranges: readonly MapRange[]; readonly isCut: boolean } {
    const ranges = this.list.map((range) => {
      const size = Number(range.end - range.start);
      return { ...range, devices: isPhysical ? devicesAt(range.output, size) : [] };
    });
    return { ranges, isCut: this.#isCut };
  }
}

type Found = Omit<MapRange, 'devices' | 'pieces'>;
type Mutable = { -readonly [Key in keyof Found]: Found[Key] } & {
  pieces: { readonly sizeLog2: number; count: number }[];
};

const isSame = (range: Piece, piece: Piece): boolean =>
  range.readable === piece.readable &&
  range.writable === piece.writable &&
  range.executable === piece.executable &&
  range.el0 === piece.el0 &&
  range.device === piece.device &&
  range.attributes === piece.attributes &&
  range.kind === piece.kind;

/** The devices of the board in a range of physical addresses. */
const devicesAt = (from: number, size: number): string[] =>
  devicePlaces.filter((place) => place.base < from + size && place.base + place.size > from).map(({ name }) => name);

/** Bits 58 to 55 of a descriptor, in its high word: Xen's p2m type. */
const kindOf = (high: number): number => (high >>> 23) & 15;

function stage2Map({ stage2, descriptors }: Walker, ranges: Ranges): void {
  const pages = 2 ** 28;
  for (let page = 0; page < pages && ranges.isOpen; ) {
    descriptors.recorded = 0;
    const isMapped = stage2.translate(page, false);
    if (isMapped) {
      const { readable, writable, executable, device, memAttr: attributes, sizeLog2 } = stage2;
      const piece = { readable, writable, executable, el0: null, device, attributes, kind: kindOf(descriptors.high) };
      ranges.add(BigInt(page) * 4096n, sizeLog2, stage2.page * 4096, piece);
      page += 2 ** (sizeLog2 - 12);
    } else {
      // Without a descriptor, no address of this space is translated otherwise.
      if (descriptors.recorded === 0) return;
      const size = 2 ** (stage2.triedLog2 - 12);
      page += size - (page % size);
    }
  }
}

const isStage1On = ({ registers, view }: Space): boolean => {
  const registerOf = (name: string): bigint => registers.find((one) => one.name === name)?.value ?? 0n;
  // SCTLR_ELx.M; HCR_EL2.TGE and DC turn stage 1 off.
  if (view.regime === 2) return (registerOf('SCTLR_EL2') & 1n) !== 0n;
  return (registerOf('SCTLR_EL1') & 1n) !== 0n && (registerOf('HCR_EL2') & ((1n << 12n) | (1n << 27n))) === 0n;
};

/** Both halves of the addresses: those of TTBR0 and of TTBR1. */
function stage1Map(walker: Walker, { view, registers }: Space, ranges: Ranges): void {
  const tcr = registers.find(({ name }) => name === (view.regime === 2 ? 'TCR_EL2' : 'TCR_EL1'))?.value ?? 0n;
  const sizeOf = (field: bigint): bigint => 1n << (64n - (field < 16n ? 16n : field > 39n ? 39n : field));
  half(walker, view, 0n, sizeOf(tcr & 63n), ranges);
  const end = 1n << 64n;
  if (view.regime === 1) half(walker, view, end - sizeOf((tcr >> 16n) & 63n), end, ranges);
}

function half(walker: Walker, view: View, from: bigint, to: bigint, ranges: Ranges): void {
  const { descriptors } = walker;
  const translate = (va: bigint, who: View): boolean =>
    walker.translateStage1(Number(va & 0xffff_ffffn), Number(va >> 32n), who, Need.nothing);
  for (let va = from; va < to && ranges.isOpen; ) {
    descriptors.recorded = 0;
    const isMapped = translate(va, viewOf(view.regime === 2 ? 2 : 1));
    if (!isMapped && descriptors.recorded === 0) return;
    const { sizeLog2 } = walker;
    const size = 1n << BigInt(sizeLog2);
    if (isMapped) {
      const { readable, writable, executable, device, attributes, page } = walker;
      const inside = Number(va & (size - 1n));
      let el0: MapRange['el0'] = null;
      if (view.regime === 1 && translate(va, viewOf(0))) {
        const word = (allowed: boolean, letter: string): string => (allowed ? letter : '-');
        el0 = word(walker.readable, 'r') + word(walker.writable, 'w') + word(walker.executable, 'x');
      }
      const piece = { readable, writable, executable, el0, device, attributes, kind: null };
      ranges.add(va - BigInt(inside), sizeLog2, page * 4096 - inside, piece);
    }
    va += size - (va & (size - 1n));
  }
}

/** What Xen knows of a domain's addresses, joined to its ranges. */
function knownOf(
  { emulated, shared }: DomainAddresses,
  ranges: readonly Found[],
): Pick<AddressMap, 'emulated' | 'shared'> {
  const isMapped = (address: number): boolean =>
    ranges.some(({ start, end }) => start <= BigInt(address) && BigInt(address) < end);
  return { emulated: emulated.filter(({ base }) => !isMapped(base)), shared: shared.slice(0, mostRanges) };
}
