/** The walk of any address: a core's, a vCPU's that runs or does not, a domain's, a DMA master's. Walking changes nothing. */
import { Need } from '../../arch/mmu/walk.ts';
import { ok, type Result } from '../../base/result.ts';
import { dmaAddr, physAddr } from '../../base/units.ts';
import { devicePlaces } from '../../soc/board/map.ts';
import type { Walk, WalkRequest } from '../api/translation.ts';
import { spaceOf, type Translated } from './registers.ts';

/** The board's DMA masters, by their stream IDs at the SMMU. */
export const dmaMasters = devicePlaces.flatMap(({ name, stream }) => (stream === null ? [] : [{ name, stream }]));

/** The error is one sentence for the user. */
export function walk(system: Translated, request: WalkRequest): Result<Walk> {
  const { of, address, access } = request;
  if (of.kind === 'stream') return ok(streamWalk(system, of.stream, request));
  const space = spaceOf(system, of);
  if (!space.ok) return space;
  const { inspector, view, core, registers } = space.value;
  const { steps, result } = inspector.explain(address, view, Need[access]);
  return ok({ request, core, registers, steps, result, smmu: null });
}

function streamWalk({ board }: Translated, stream: number, request: WalkRequest): Walk {
  const address = Number(BigInt.asUintN(49, request.address));
  const explained = board.explainStream(stream, dmaAddr(address), request.access === 'write');
  const common = { request, core: null, registers: [], steps: [] };
  if (explained.kind === 'global fault') return { ...common, result: null, smmu: explained };
  if (explained.kind === 'bypass') {
    const all = { readable: true, writable: true, executable: true, device: false, attributes: 0xff, shareability: 0 };
    return { ...common, result: { ok: true, pa: physAddr(address), ...all }, smmu: explained };
  }
  const { translation, ...smmu } = explained;
  return { ...common, steps: translation?.steps ?? [], result: translation?.result ?? null, smmu };
}
