/** Monaco with the features that configs need, and without its own languages. Loaded with the first editor. */
import * as monaco from 'monaco-editor/editor.js';
import workerUrl from '../../../../node_modules/monaco-editor/esm/vs/editor/editor.worker.js?worker&url';
import { trustedScript } from '../../trustedScript.ts';
// The feature of that name has only the data of completion, not its list.
import 'monaco-editor/editor/contrib/suggest/browser/suggestController.js';
import 'monaco-editor/features/bracketMatching/register.js';
import 'monaco-editor/features/clipboard/register.js';
import 'monaco-editor/features/codeAction/register.js';
import 'monaco-editor/features/codeEditor/register.js';
import 'monaco-editor/features/codelens/register.js';
import 'monaco-editor/features/codicon/register.js';
import 'monaco-editor/features/comment/register.js';
import 'monaco-editor/features/contextmenu/register.js';
import 'monaco-editor/features/find/register.js';
import 'monaco-editor/features/gotoError/register.js';
import 'monaco-editor/features/hover/register.js';
import 'monaco-editor/features/linesOperations/register.js';
import 'monaco-editor/features/multicursor/register.js';
import 'monaco-editor/features/toggleTabFocusMode/register.js';
import 'monaco-editor/features/wordOperations/register.js';

// Monaco's background work (differences between versions) runs in a worker of its own.
self.MonacoEnvironment = {
  getWorker: () => new Worker(trustedScript(workerUrl), { name: 'editor', type: 'module' }),
};

export { monaco };
