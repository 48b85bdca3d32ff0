/**
 * What resets the processing system (UG1085 chapter 38, "Reset System").
 *
 * - `software`: RESET_CTRL.soft_reset of CRL_APB, as software or the PMU firmware sets it. All of the chip.
 * - `psOnly`: GLOBAL_RESET.PS_ONLY_RST of PMU_GLOBAL. All but the programmable logic.
 * - `error`: an error whose action is a system reset: a watchdog that nobody has restarted.
 * - `subsystem`: the PMU firmware restarts the application processors and what they use, and nothing else.
 */
export const resetCauses = ['software', 'psOnly', 'error', 'subsystem'] as const;
export type ResetCause = (typeof resetCauses)[number];
