/** BusyBox's programs for files and directories. */
import { dom0Costs } from '../../os/costs.ts';
import { baseName, isDevice, resolvePath } from '../../os/files.ts';
import type { Program } from '../../os/program.ts';
import { compute } from '../../os/task.ts';
import { complain, options, simple, usage } from './common.ts';
import { copyFile } from './disks.ts';

export const lsProgram: Program = {
  name: 'ls',
  summary: 'list a directory',
  run: simple((context) => {
    const { flags, operands } = options(context.args);
    let code = 0;
    const targets = operands.length > 0 ? operands : ['.'];
    for (const target of targets) {
      const path = resolvePath(target, context.directory);
      const listed = context.files.list(path);
      if (!listed.ok && listed.error !== 'Not a directory') {
        code = complain(context, target, listed.error);
        continue;
      }
      const size = context.files.size(path);
      const entries = listed.ok
        ? listed.value.filter((e) => flags.includes('a') || !e.name.startsWith('.'))
        : [{ name: target, isDirectory: false, size: size.ok ? size.value : 0 }];
      if (targets.length > 1 && listed.ok) context.out(`${target}:\n`);
      const nameOf = (e: { name: string; isDirectory: boolean }): string => (e.isDirectory ? `${e.name}/` : e.name);
      if (flags.includes('l')) {
        const modeOf = (e: { name: string; isDirectory: boolean }): string =>
          e.isDirectory ? 'drwxr-xr-x' : isDevice(resolvePath(e.name, path)) ? 'brw-rw----' : '-rw-r--r--';
        for (const e of entries) context.out(`${modeOf(e)} ${String(e.size).padStart(9)} ${nameOf(e)}\n`);
      } else if (entries.length > 0) context.out(`${entries.map(nameOf).join(flags.includes('1') ? '\n' : '  ')}\n`);
    }
    return code;
  }),
};

export const mkdirProgram: Program = {
  name: 'mkdir',
  summary: 'make directories',
  run: simple((context) => {
    const { flags, operands } = options(context.args);
    if (operands.length === 0) return usage(context, '[-p] DIRECTORY...');
    let code = 0;
    for (const name of operands) {
      const path = resolvePath(name, context.directory);
      const made = flags.includes('p') ? context.files.makePath(path) : context.files.mkdir(path);
      if (!made.ok) code = complain(context, `can't create directory '${name}'`, made.error);
    }
    return code;
  }),
};

export const touchProgram: Program = {
  name: 'touch',
  summary: 'make empty files',
  run: simple((context) => {
    if (context.args.length === 0) return usage(context, 'FILE...');
    let code = 0;
    for (const name of context.args) {
      const path = resolvePath(name, context.directory);
      const made = context.files.exists(path) ? null : context.files.write(path, '');
      if (made && !made.ok) code = complain(context, name, made.error);
    }
    return code;
  }),
};

export const rmProgram: Program = {
  name: 'rm',
  summary: 'remove files',
  run: simple((context) => {
    const { flags, operands } = options(context.args);
    if (operands.length === 0) return flags.includes('f') ? 0 : usage(context, '[-rf] FILE...');
    const { files } = context;
    const removeTree = (path: string): void => {
      const listed = files.list(path);
      if (listed.ok) for (const entry of listed.value) removeTree(`${path}/${entry.name}`);
      files.remove(path);
    };
    let code = 0;
    for (const name of operands) {
      const path = resolvePath(name, context.directory);
      if (!files.exists(path)) {
        if (!flags.includes('f')) code = complain(context, `can't remove '${name}'`, 'No such file or directory');
      } else if (!files.isDirectory(path)) files.remove(path);
      else if (path !== '/' && /[rR]/.test(flags)) removeTree(path);
      else code = complain(context, `'${name}'`, 'is a directory');
    }
    return code;
  }),
};

/** cp and mv: one or several files to a file or into a directory. */
const transfer = (move: boolean): Program['run'] =>
  function* (context) {
    yield* compute(dom0Costs.smallProgram);
    const { operands } = options(context.args);
    const target = operands.at(-1);
    const sources = operands.slice(0, -1);
    if (target === undefined || sources.length === 0) return usage(context, 'SOURCE... DESTINATION');
    const { files, directory } = context;
    const destination = resolvePath(target, directory);
    const into = files.isDirectory(destination);
    if (sources.length > 1 && !into) return complain(context, `'${target}'`, 'Not a directory');
    let code = 0;
    for (const source of sources) {
      const from = resolvePath(source, directory);
      const to = into ? resolvePath(baseName(from), destination) : destination;
      if (from === to && files.exists(from)) {
        context.err(`${context.name}: '${source}' and '${target}' are the same file\n`);
        code = 1;
        continue;
      }
      const done = move ? files.rename(from, to) : yield* copyFile(files, from, to);
      if (!done.ok) code = complain(context, `can't ${move ? 'rename' : 'copy'} '${source}'`, done.error);
    }
    return code;
  };

export const cpProgram: Program = { name: 'cp', summary: 'copy files', run: transfer(false) };

export const mvProgram: Program = { name: 'mv', summary: 'move or rename files', run: transfer(true) };
