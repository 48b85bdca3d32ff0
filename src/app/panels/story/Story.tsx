import { type StoryName, storyNames, storyOf } from '../../../session/stories/stories.ts';
import { Picture } from '../../guide/Picture.tsx';
import { StoryList } from '../../guide/StoryList.tsx';
import { type Try, tries } from '../../guide/tries.ts';
import { useGuide } from '../../i18n/guide.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useXen, useXenLab } from '../../lab/lab.ts';
import { editorPanel } from '../../lab/layout/panelKind.ts';
import { typeInDom0 } from '../../lab/xenActions.ts';
import type { PanelProps } from '../panel.ts';
import { Figures } from './Figures.tsx';
import { begin } from './panel.ts';
import './story.css';

/** A story: what it is about, its system, what to try in it, and what is measured. */
export default function Story({ subject }: PanelProps) {
  const name = storyNames.find((each) => each === subject);
  const g = useGuide();
  return (
    <div className="story">
      {name && <Chapters name={name} />}
      <h2>{g('stories.others')}</h2>
      <StoryList />
    </div>
  );
}

function Chapters({ name }: { readonly name: StoryName }) {
  const t = useTranslate();
  const g = useGuide();
  const lab = useXenLab();
  const runs = useXen(({ story }) => story?.name === name);
  return (
    <>
      <h2>{t(`story.${name}`)}</h2>
      <p>{g(`about.${name}`)}</p>
      <StartButtons name={name} />
      {runs && (
        <>
          <p className="stories">
            {g('stories.configs')}
            {storyOf(name).domains.map((domain) => (
              <button
                key={domain}
                type="button"
                className="command"
                onClick={() => lab.dock.focus(editorPanel(`/etc/xen/${domain}.cfg`))}
              >
                /etc/xen/{domain}.cfg
              </button>
            ))}
          </p>
          <Picture />
        </>
      )}
      <h2>{g('stories.try')}</h2>
      <ol>
        {tries[name].map((each) => (
          <Attempt key={each.name} attempt={each} />
        ))}
      </ol>
      <Figures name={name} />
    </>
  );
}

function StartButtons({ name }: { readonly name: StoryName }) {
  const t = useTranslate();
  const g = useGuide();
  const lab = useXenLab();
  const { needsLinux, isMeasured } = storyOf(name);
  const lacks = useXen(({ lacksLinux }) => lacksLinux) && needsLinux === true;
  const runs = useXen(({ story }) => story?.name === name);
  const start = (measures: boolean) => {
    if (!lacks) void begin(lab, name, measures);
  };
  return (
    <>
      <p className="stories">
        <button type="button" aria-disabled={lacks} data-takes-focus onClick={() => start(false)}>
          {g(runs ? 'stories.again' : 'stories.start')}
        </button>
        {isMeasured && (
          <button type="button" aria-disabled={lacks} onClick={() => start(true)}>
            {g('stories.measure')}
          </button>
        )}
        {runs && (
          <button type="button" onClick={() => lab.commands.perform('story.leave')}>
            {t('command.storyLeave')}
          </button>
        )}
      </p>
      <p className="muted">{lacks ? t('story.noImages') : g('stories.choose')}</p>
    </>
  );
}

function Attempt({ attempt: { name, panel, command } }: { readonly attempt: Try }) {
  const t = useTranslate();
  const g = useGuide();
  const lab = useXenLab();
  return (
    <li>
      {g(`try.${name}`)}{' '}
      {command && (
        <button
          type="button"
          className="command"
          title={t('latency.types')}
          onClick={() => void typeInDom0(lab, command)}
        >
          {command}
        </button>
      )}
      {panel && (
        <button type="button" onClick={() => lab.dock.focus(panel)}>
          {g('tour.there')}
        </button>
      )}
      <br />
      <span className="muted">
        {g('stories.expect')} {g(`expect.${name}`)}
      </span>
    </li>
  );
}
