import { useStore } from 'zustand';
import { Picture } from '../../guide/Picture.tsx';
import { StoryList } from '../../guide/StoryList.tsx';
import { Term } from '../../guide/Term.tsx';
import { useGuide } from '../../i18n/guide.ts';
import { tourSteps } from '../../lab/introduction.ts';
import { useXenLab } from '../../lab/lab.ts';
import './start.css';

/** What a newcomer sees first: what this is, what runs now, and the ways on. */
export default function Start() {
  const g = useGuide();
  const { introduction } = useXenLab();
  const step = useStore(introduction.store, (view) => view.step);
  return (
    <div className="start">
      <h2>{g('start.title')}</h2>
      <p>
        {g('start.what')} {g('start.words')} <Term word="domain">{g('term.domain')}</Term>,{' '}
        <Term word="vcpu">{g('term.vcpu')}</Term>, <Term word="pcpu">{g('term.pcpu')}</Term>,{' '}
        <Term word="el2">{g('term.el2')}</Term>, <Term word="stage2">{g('term.stage2')}</Term>,{' '}
        <Term word="hypercall">{g('term.hypercall')}</Term>, <Term word="credit">{g('term.credit')}</Term>,{' '}
        <Term word="weight">{g('term.weight')}</Term>, <Term word="cap">{g('term.cap')}</Term>.
      </p>
      <p>
        <button type="button" data-takes-focus onClick={() => introduction.show()}>
          {step === null
            ? g('start.tour', { steps: tourSteps })
            : g('start.tourOn', { step: step + 1, steps: tourSteps })}
        </button>
      </p>
      <h2>{g('start.now')}</h2>
      <p>{g('start.story')}</p>
      <Picture />
      <h2>{g('stories.title')}</h2>
      <p>{g('stories.what')}</p>
      <StoryList />
      <p className="muted">{g('start.again')}</p>
    </div>
  );
}
