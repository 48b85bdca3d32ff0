import { useState } from 'react';
import { useGuide } from '../../i18n/guide.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { pickFiles } from '../../lab/files/browserFiles.ts';
import { useBoardLab } from '../../lab/lab.ts';
import { formatSize } from '../../machine/text/format.ts';

const sizesMiB = [32, 64, 128, 256, 512, 1024] as const;

/** A form for a card with files in a FAT partition. */
export function NewCard() {
  const t = useTranslate();
  const g = useGuide();
  const { machine } = useBoardLab();
  const [name, setName] = useState('card.img');
  const [sizeMiB, setSize] = useState(64);
  const [files, setFiles] = useState<readonly File[]>([]);
  const add = async () => {
    const more = await pickFiles();
    setFiles((now) => [...now.filter((file) => !more.some((other) => other.name === file.name)), ...more]);
  };
  return (
    <form
      className="fields"
      onSubmit={(event) => {
        event.preventDefault();
        void machine.makeCard(name.trim() || 'card.img', sizeMiB * 2 ** 20, files);
      }}
    >
      <label className="field">
        {g('card.name')}
        <input type="text" value={name} spellCheck={false} onChange={(event) => setName(event.target.value)} />
      </label>
      <label className="field">
        {g('card.size')}
        <select value={sizeMiB} onChange={(event) => setSize(Number(event.target.value))}>
          {sizesMiB.map((size) => (
            <option key={size} value={size}>
              {size} MiB
            </option>
          ))}
        </select>
      </label>
      <ul className="cards" aria-label={g('card.filesOfNew')}>
        {files.map((file) => (
          <li key={file.name}>
            <span className="name mono">{file.name}</span>
            <span className="muted">{formatSize(file.size)}</span>
            <button
              type="button"
              aria-label={t('board.removeNamed', { name: file.name })}
              onClick={() => setFiles(files.filter((other) => other !== file))}
            >
              {g('card.takeOut')}
            </button>
          </li>
        ))}
      </ul>
      <p className="buttons">
        <button type="button" onClick={() => void add()}>
          {g('card.addFiles')}
        </button>
        <button type="submit">{g('card.make')}</button>
      </p>
    </form>
  );
}
