import type { PlainKey } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useBoard, useBoardLab, useSettings } from '../../lab/lab.ts';
import type { Role } from '../../machine/guests.ts';
import { MachineFields } from '../../widgets/MachineFields.tsx';
import { roles } from './GuestList.tsx';

/** A form for the files and the machine of the next boot. */
export function NextBoot() {
  const t = useTranslate();
  const { machine, settings } = useBoardLab();
  const chosen = useBoard((view) => view.chosen);
  const options = useSettings((s) => s.machine);
  return (
    <form
      className="fields"
      onSubmit={(event) => {
        event.preventDefault();
        void machine.boot(chosen, options);
      }}
    >
      <FileField part="kernel" none={null} />
      <FileField part="initrd" none="boot.noInitrd" />
      <FileField part="deviceTree" none="boot.builtInTree" />
      <label className="field">
        {t('boot.append')}
        <input
          type="text"
          value={chosen.append}
          placeholder={t('boot.appendNone')}
          spellCheck={false}
          onChange={(event) => machine.choose({ append: event.target.value })}
        />
      </label>
      <div className="machine-fields">
        <MachineFields {...options} cores={t('board.cores')} change={settings.setMachine} />
        <label className="field">
          {t('board.el')}
          <select
            value={options.el}
            onChange={(event) => settings.setMachine({ el: event.target.value === '2' ? 2 : 1 })}
          >
            <option value={1}>EL1</option>
            <option value={2}>EL2</option>
          </select>
        </label>
      </div>
      <button type="submit" aria-label={t('boot.start')}>
        {t('board.boot')}
      </button>
    </form>
  );
}

interface FileFieldProps {
  readonly part: Role;
  /** The text for no file; null if there must be one. */
  readonly none: PlainKey | null;
}

/** Chooses a file of one role for the next boot. */
function FileField({ part, none }: FileFieldProps) {
  const t = useTranslate();
  const { machine } = useBoardLab();
  const guests = useBoard((view) => view.guests);
  const chosen = useBoard((view) => view.chosen[part]);
  const fitting = guests.filter((guest) => guest.role === part);
  return (
    <label className="field">
      {t(roles[part])}
      <select
        value={chosen ? fitting.indexOf(chosen) : -1}
        onChange={(event) => {
          const guest = fitting[Number(event.target.value)];
          if (guest || none !== null) machine.choose({ [part]: guest ?? null });
        }}
      >
        {none !== null && <option value={-1}>{t(none)}</option>}
        {fitting.map((guest, index) => (
          <option key={`${guest.origin} ${guest.name}`} value={index}>
            {guest.name}
          </option>
        ))}
      </select>
    </label>
  );
}
