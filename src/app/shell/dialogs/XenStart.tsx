import { useEffect, useState } from 'react';
import type { CommandLineCheck, CommandLineWord } from '../../../session/api/boot.ts';
import { useRefusals } from '../../i18n/machine/useRefusals.ts';
import type { PlainKey } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useSettings, useXen, useXenLab } from '../../lab/lab.ts';
import { MachineFields } from '../../widgets/MachineFields.tsx';
import { Modal } from '../../widgets/Modal.tsx';

const effects: Readonly<Record<CommandLineWord['effect'], PlainKey>> = {
  used: 'xenStart.used',
  ignored: 'xenStart.ignored',
  unknown: 'xenStart.unknown',
  overridden: 'xenStart.overridden',
  wrong: 'xenStart.wrong',
};

/** A form for the next start of Xen: the machine below it, and its command line, word by word. */
export default function XenStart() {
  const t = useTranslate();
  const { refusal } = useRefusals();
  const { overlay, settings, commands } = useXenLab();
  const chosen = useSettings((s) => s.xen);
  const [draft, setDraft] = useState(chosen);
  const check = useCheck(draft.commandLine, draft.memoryMiB);
  const close = () => overlay.setState({ open: null });
  const running = useXen(({ status, commandLine }) =>
    status === null ? null : `${status.machine.cpus} ${status.machine.memoryMiB} ${commandLine}`,
  );
  const isNew = running !== `${chosen.cpus} ${chosen.memoryMiB} ${chosen.commandLine}`;
  const change = (part: Partial<typeof draft>) => setDraft({ ...draft, ...part });
  // Only what Xen starts with is kept for the next start.
  const isChecked = check !== null && check.error === null;
  useEffect(() => {
    if (isChecked && draft !== settings.getState().xen) settings.setXen(draft);
  }, [settings, draft, isChecked]);
  return (
    <Modal label={t('xenStart.title')} className="key-list xen-start" onClose={close}>
      <h2>{t('xenStart.title')}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isChecked) return;
          close();
          commands.perform('machine.reset');
        }}
      >
        <MachineFields {...draft} cores={t('xenStart.cpus')} change={change} />
        <label className="field">
          {t('xenStart.commandLine')}
          <input
            type="text"
            className="mono"
            data-takes-focus
            spellCheck={false}
            autoComplete="off"
            value={draft.commandLine}
            onChange={(event) => change({ commandLine: event.target.value })}
          />
        </label>
        {check && <Words check={check} />}
        <p role="status">
          {check?.error ? (
            <span className="fault">{refusal(check.error)}</span>
          ) : isNew ? (
            t('xenStart.next')
          ) : (
            t('xenStart.same')
          )}
        </p>
        <button type="submit" aria-disabled={!isChecked}>
          {t('xenStart.start')}
        </button>{' '}
        <button type="button" onClick={close}>
          {t('dialog.close')}
        </button>
      </form>
    </Modal>
  );
}

function Words({ check: { words, dom0MiB, parameters } }: { readonly check: CommandLineCheck }) {
  const t = useTranslate();
  const { fault } = useRefusals();
  return (
    <>
      <table aria-label={t('xenStart.words')}>
        <tbody>
          {words.map(({ name, value, effect, takes }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a word is its place
            <tr key={at}>
              <th scope="row" className="mono">
                {value === '' ? name : `${name}=${value}`}
              </th>
              <td
                className={effect === 'wrong' ? 'fault' : effect === 'used' ? undefined : 'muted'}
                title={fault(takes ?? '')}
              >
                {t(effects[effect])}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted">
        {dom0MiB !== null && t('xenStart.dom0', { size: dom0MiB })}{' '}
        {t('xenStart.parameters', { names: parameters.join(', ') })}
      </p>
    </>
  );
}

/** What the worker says of a command line; null until it has said it of this one. */
function useCheck(text: string, memoryMiB: number): CommandLineCheck | null {
  const { machine } = useXenLab();
  const [known, setKnown] = useState<{ readonly of: string; readonly check: CommandLineCheck } | null>(null);
  const of = `${memoryMiB} ${text}`;
  useEffect(() => {
    let isOver = false;
    void machine.look('checkCommandLine', { text, memoryMiB }).then((check) => {
      if (check && !isOver) setKnown({ of, check });
    });
    return () => {
      isOver = true;
    };
  }, [machine, of, text, memoryMiB]);
  return known?.of === of ? known.check : null;
}
