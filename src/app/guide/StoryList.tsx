import { storyNames } from '../../session/stories/stories.ts';
import { useTranslate } from '../i18n/useTranslate.ts';
import { useXen, useXenLab } from '../lab/lab.ts';
import './storyList.css';

/** A button for the page of each story; the one that runs is marked. */
export function StoryList() {
  const t = useTranslate();
  const { commands } = useXenLab();
  const current = useXen(({ story }) => story?.name);
  return (
    <p className="stories">
      {storyNames.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === current}
          onClick={() => commands.perform(`story.${name}`)}
        >
          {t(`story.${name}`)}
        </button>
      ))}
    </p>
  );
}
