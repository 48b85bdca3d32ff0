import { useCallback } from 'react';
import type { ConsoleId } from '../../../session/api/console.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useBoard, useBoardLab } from '../../lab/lab.ts';
import { Empty } from '../../widgets/Empty.tsx';
import Terminal from '../console/Terminal.tsx';

const findSerial = () => 'serial' as const;

/** The board's serial console. */
export default function Serial() {
  const t = useTranslate();
  const { machine, commands } = useBoardLab();
  const isEmpty = useBoard((view) => view.status?.state === 'empty');
  const type = useCallback((console: ConsoleId, bytes: Uint8Array) => machine.input(console, bytes), [machine]);
  return (
    <div className="console">
      <Terminal panel="serial" label={t('serial.label')} find={findSerial} type={type} />
      {isEmpty && <Empty text={t('serial.empty')} command={commands.get('guest.helloElf')} />}
    </div>
  );
}
