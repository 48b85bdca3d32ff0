/** Requests for what is measured in stories. */
import * as z from 'zod/mini';
import { err, ok } from '../../base/result.ts';
import { comparedDomain, comparison } from '../../session/comparison/comparison.ts';
import { type ExperimentStatus, statusBefore } from '../../session/stories/experiment.ts';
import { experiments } from '../../session/stories/experiments.ts';
import { storyNames } from '../../session/stories/stories.ts';
import { act, done, look } from './endpoint.ts';
import { count } from './schemas.ts';

const story = z.enum(storyNames);

export const storyEndpoints = {
  /** Has an operator measure a story's figures on the machine, which has its system. */
  measure: act({
    request: { story, seed: count },
    serve(session, { story: name, seed }) {
      const experiment = experiments[name];
      if (experiment) session.experiment(experiment, seed);
      return done();
    },
  }),

  /** Has an operator create domains of configs and measure them. */
  compare: act({
    request: { configs: z.readonly(z.array(z.string())), seconds: count },
    serve(session, { configs, seconds }) {
      const { dom0 } = session;
      if (!dom0.ok) return dom0;
      const domains = configs.flatMap((path) => {
        const text = dom0.value.files.read(path);
        return (text.ok && comparedDomain(path, new TextDecoder().decode(text.value))) || [];
      });
      if (domains.length === 0) return err('There is no domain to compare.');
      session.experiment(comparison(domains, seconds), 1);
      return done();
    },
  }),

  /** How far the measurement is that was begun last. */
  compared: look({ request: {}, serve: (session) => ok(session.measured) }),

  /** How far the measurement of a story's figures on this machine is; null if the story has none. */
  experiment: look({
    request: { story },
    serve(session, { story: name }) {
      const experiment = experiments[name];
      const status: ExperimentStatus | null = experiment
        ? (session.statusOf(experiment) ?? statusBefore(experiment))
        : null;
      return ok(status);
    },
  }),
};
