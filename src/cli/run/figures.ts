import type { Session } from '../../session/session.ts';

/** What --stats writes. Times are in seconds. */
export function figures(session: Session, exitCode: number): Record<string, unknown> {
  const { state, end, resets, instructions, virtualNs, wallMs, machine } = session.status();
  return {
    exitCode,
    state,
    end,
    resets: resets.count,
    machine,
    instructions,
    virtualSeconds: virtualNs / 1e9,
    wallSeconds: wallMs / 1e3,
    mips: wallMs > 0 ? instructions / wallMs / 1e3 : 0,
    ...session.counts(),
    stateHash: session.stateHash(),
  };
}
