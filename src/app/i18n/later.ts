/**
 * Brings the English texts that are not in the first load. What is loaded first of the panels imports it, and the notices,
 * which may come sooner.
 */
import { en } from './en.ts';
import { completeEnglish } from './translate.ts';

completeEnglish(en);
