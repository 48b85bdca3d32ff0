/**
 * The call SYSTEM_SHUTDOWN: Trusted Firmware-A keeps the scope of a later restart itself and passes the rest to the PMU
 * firmware (pm_system_shutdown; embeddedsw, PmSystemShutdown).
 */
import type { ResetCause } from '../../bus/reset-cause.ts';
import type { PowerControl } from '../psci.ts';
import { type Answer, success } from '../status.ts';

const Type = { off: 0, restart: 1, setScope: 2 } as const;
/** What a restart covers, by number. */
const scopes: readonly ResetCause[] = ['subsystem', 'psOnly', 'software'];
export const wholeSystem = 2;

/** The reset that a scope stands for; undefined for one that the PMU firmware does not know. */
export const causeOfScope = (scope: number): ResetCause | undefined => scopes[scope];

/** What ends the system, or starts it again. */
export interface SystemPower extends Pick<PowerControl, 'systemOff'> {
  reset(cause: ResetCause): void;
}

/** The scope of restarts by PSCI, as part of the firmware's state. */
export interface RestartState {
  scope: number;
}

export class ShutdownControl {
  readonly #state: RestartState;
  readonly #power: SystemPower;

  constructor(state: RestartState, power: SystemPower) {
    this.#state = state;
    this.#power = power;
  }

  /** Trusted Firmware-A does not wait for the PMU firmware, and so never learns that it has refused. */
  request(type: number, scope: number): Answer {
    const cause = causeOfScope(scope);
    if (type === Type.off) this.#power.systemOff();
    else if (type === Type.restart && cause) this.#power.reset(cause);
    else if (type === Type.setScope) this.#state.scope = scope;
    return success();
  }
}
