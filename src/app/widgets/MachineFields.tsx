import { maxCpus } from '../../session/api/boot.ts';
import { useTranslate } from '../i18n/useTranslate.ts';
import { memorySizesMiB } from '../settings/settings.ts';

interface MachineFieldsProps {
  readonly cpus: number;
  readonly memoryMiB: number;
  /** What the cores are called. */
  readonly cores: string;
  readonly change: (part: { readonly cpus?: number; readonly memoryMiB?: (typeof memorySizesMiB)[number] }) => void;
}

/** The cores and the memory of a machine, in a form for its next start. */
export function MachineFields({ cpus, memoryMiB, cores, change }: MachineFieldsProps) {
  const t = useTranslate();
  return (
    <>
      <label className="field">
        {cores}
        <select value={cpus} onChange={(event) => change({ cpus: Number(event.target.value) })}>
          {Array.from({ length: maxCpus }, (_, n) => n + 1).map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        {t('board.memory')}
        <select
          value={memoryMiB}
          onChange={(event) => {
            const chosen = memorySizesMiB.find((size) => size === Number(event.target.value));
            if (chosen) change({ memoryMiB: chosen });
          }}
        >
          {memorySizesMiB.map((size) => (
            <option key={size} value={size}>
              {size} MiB
            </option>
          ))}
        </select>
      </label>
    </>
  );
}
