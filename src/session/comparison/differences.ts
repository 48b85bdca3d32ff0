/** Two measurements of the same domains side by side. */
import type { ExperimentStatus, Figure } from '../stories/experiment.ts';

export const quantities = ['share', 'hypercalls', 'waits', 'p50', 'p99', 'max'] as const;
export type Quantity = (typeof quantities)[number];

/** A quantity of a domain on both. */
export interface Difference {
  readonly domain: string;
  readonly quantity: Quantity;
  readonly unit: Figure['unit'];
  /** Null where it was not measured. */
  readonly model: number | null;
  readonly binary: number | null;
}

/** Both measurements side by side. */
export function differences(model: ExperimentStatus, binary: ExperimentStatus | null): Difference[] {
  return model.figures.map(({ id, unit, value }) => {
    const [quantity = '', ...domain] = id.split(' ');
    return {
      domain: domain.join(' '),
      quantity: quantities.find((each) => each === quantity) ?? 'share',
      unit,
      model: value,
      binary: binary?.figures.find((figure) => figure.id === id)?.value ?? null,
    };
  });
}

/** The difference in words: of shares in points, else in per cent of what the binary shows; null where one is missing or zero. */
export function differenceOf({ quantity, model, binary }: Difference): string | null {
  if (model === null || binary === null) return null;
  const signed = (value: number, digits: number): string =>
    `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
  if (quantity === 'share') return signed(model - binary, 2);
  return binary === 0 ? null : `${signed(((model - binary) / binary) * 100, 1)} %`;
}
