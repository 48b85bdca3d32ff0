/** What the platform management call QUERY_DATA asks, by number (Trusted Firmware-A, enum pm_query_id). */
import type { ClockControl } from './parts/clocks.ts';
import type { PinControl } from './parts/pins.ts';
import { type Answer, Status } from './status.ts';

export interface QueryParts {
  readonly clocks: ClockControl;
  readonly pins: PinControl;
}
type Query = (parts: QueryParts, a: number, b: number) => Answer;

export const queries: ReadonlyMap<number, { readonly name: string; readonly serve: Query }> = new Map(
  (
    [
      [1, 'CLOCK_GET_NAME', ({ clocks }, clock) => clocks.name(clock)],
      [2, 'CLOCK_GET_TOPOLOGY', ({ clocks }, clock, index) => clocks.topology(clock, index)],
      [3, 'CLOCK_GET_FIXEDFACTOR_PARAMS', ({ clocks }, clock) => clocks.fixedFactor(clock)],
      [4, 'CLOCK_GET_PARENTS', ({ clocks }, clock, index) => clocks.parents(clock, index)],
      [5, 'CLOCK_GET_ATTRIBUTES', ({ clocks }, clock) => clocks.attributes(clock)],
      [6, 'PINCTRL_GET_NUM_PINS', ({ pins }) => pins.countPins()],
      [7, 'PINCTRL_GET_NUM_FUNCTIONS', ({ pins }) => pins.countFunctions()],
      [8, 'PINCTRL_GET_NUM_FUNCTION_GROUPS', ({ pins }, number) => pins.countGroups(number)],
      [9, 'PINCTRL_GET_FUNCTION_NAME', ({ pins }, number) => pins.functionName(number)],
      [10, 'PINCTRL_GET_FUNCTION_GROUPS', ({ pins }, number, index) => pins.groupsOfFunction(number, index)],
      [11, 'PINCTRL_GET_PIN_GROUPS', ({ pins }, pin, index) => pins.groupsOfPin(pin, index)],
      [12, 'CLOCK_GET_NUM_CLOCKS', ({ clocks }) => clocks.count()],
      [13, 'CLOCK_GET_MAX_DIVISOR', ({ clocks }, clock, type) => clocks.maximumDivisor(clock, type)],
    ] as const satisfies readonly (readonly [number, string, Query])[]
  ).map(([number, name, serve]) => [number, { name, serve }]),
);

/** A query that Trusted Firmware-A does not have goes to the PMU firmware, whose build for the board has none. */
export function serveQuery(parts: QueryParts, number: number, a: number, b: number): Answer {
  return queries.get(number)?.serve(parts, a, b) ?? [Status.notSupported];
}
