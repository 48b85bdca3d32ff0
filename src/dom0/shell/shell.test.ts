import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seconds } from '../../xen/time/time.ts';
import type { Program } from '../os/program.ts';
import { compute, sleep, type Task, until } from '../os/task.ts';
import { parseShell } from './parse.ts';
import { ShellBench } from './shell-testing.ts';

function* compute0(): Task<number> {
  yield* compute(seconds(0));
  return 0;
}

const run = (script: string): { code: number | null | undefined; printed: string } => new ShellBench().run(script);

describe('the language', () => {
  test.each([
    ['echo a  b', 'a b\n'],
    [`echo 'a  b' "c $HOME" \\$HOME`, 'a  b c /root $HOME\n'],
    ['X=1; Y="$X 2"; echo $Y$' + '{X}3 "$Y"', '1 213 1 2\n'],
    ['false; echo $?; true; echo $?', '1\n0\n'],
    ['false && echo a; false || echo b; true && echo c', 'b\nc\n'],
    ['echo one; # comment\necho two#', 'one\ntwo#\n'],
    ['echo a > f; echo b >> f; cat f; cat < f | wc -l', 'a\nb\n2\n'],
    ['nosuch; echo $?', 'sh: nosuch: not found\n127\n'],
    ['nosuch 2> e; cat e', 'sh: nosuch: not found\n'],
    ['cat nosuch 2>&1 | grep -c directory', '1\n'],
    ['cat nosuch 2>/dev/null || echo none', 'none\n'],
    ['touch b.cfg a.cfg c.img; echo *.cfg "*.cfg" x*; ls', 'a.cfg b.cfg *.cfg x*\na.cfg  b.cfg  c.img\n'],
    [
      'mkdir -p d/e; cd d/e; pwd; cd ..; pwd; cd /nosuch',
      "/root/d/e\n/root/d\nsh: cd: can't cd to /nosuch: No such file or directory\n",
    ],
    ['echo 1 > a; cp a b; mv b c; rm a; ls', 'c\n'],
    ['mkdir d; rm d; rm -r d; ls', "rm: 'd': is a directory\n"],
    ['echo 12.3 | tr -d .; echo abxz | tr a-c xy', '123\nxyxz\n'],
    ['echo x |\n wc -c &&\n echo y', '2\ny\n'],
    ['/bin/echo $(', 'sh: syntax error: bad substitution\n'],
    ['echo "$' + '{X#y}"', 'sh: syntax error: bad substitution\n'],
    ["echo 'a", 'sh: syntax error: unterminated quoted string\n'],
    ['echo a | | b', 'sh: syntax error: unexpected "|"\n'],
    ['echo a >', 'sh: syntax error: unexpected "newline"\n'],
    ['echo a &&', 'sh: syntax error: unexpected "end of file"\n'],
    ['if false; then echo a; elif true; then echo b; else echo c; fi', 'b\n'],
    ['if false\nthen echo a\nfi; echo $?', '0\n'],
    ['i=0; while [ $i -lt 3 ]; do echo -n $i; i=$((i + 1)); done', '012'],
    ['until test "$x" = aaa; do x=a$x; done; echo $x', 'aaa\n'],
    ['for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done', '1\n3\n'],
    ['for a in 1 2; do for b in 1 2; do echo $a$b; continue 2; done; done', '11\n21\n'],
    ['for a in 1 2; do while true; do break 2; done; echo never; done; echo $a', '1\n'],
    ['X="b  c"; for w in a $X "$X"; do echo "<$w>"; done', '<a>\n<b>\n<c>\n<b  c>\n'],
    ['case abc.cfg in *.img) echo image;; a*|b*) echo "$?";; *) echo other; esac', '0\n'],
    ['f() { echo $# $1 "$@"; return 3; echo never; }; f "a b" c; echo $?', '2 a b a b c\n3\n'],
    ['f() { shift; for a; do echo $a; done; }; f 1 2 3', '2\n3\n'],
    ['A=1; (A=2; cd /; echo $A); echo $A; pwd', '2\n1\n/root\n'],
    ['{ echo b; echo a; } > f; cat f | { read x; echo "$x first"; cat; }', 'b first\na\n'],
    ['echo "1 2 3" | while read a b; do echo "$b,$a"; done', '2 3,1\n'],
    ['echo $(echo a; echo b) "$(echo a; echo b)"', 'a b a\nb\n'],
    ['X=$(false); echo $?; echo "$(echo "$(echo deep)")"', '1\ndeep\n'],
    ['echo $((2 + 3 * 4)) $(( (2+3) * -4 )) $((7 / 2)) $((1 << 4 | 1)) $((010)) $((3 > 2 && !0))', '14 -20 3 17 8 1\n'],
    ['echo $((1 / 0)); echo never', 'sh: arithmetic: division by zero\n'],
    ['! true; echo $?; ! false && echo yes', '1\nyes\n'],
    ['[ a = b -o -n x ] && [ ! -e none ] && [ -d /root -a 2 -ge 2 ] && echo all', 'all\n'],
    ['[ 1 -eq x ]; echo $?', 'sh: [: x: bad number\n2\n'],
    ['sleep 2 && echo later & echo at once; wait; echo end', 'at once\nlater\nend\n'],
    ['sleep 9 &\njobs; kill %1; jobs; kill %1', '[1] 2 Running    sleep 9\nsh: kill: %1: no such job\n'],
    ['if true; then echo a', 'sh: syntax error: unexpected "end of file"\n'],
    ['done', 'sh: syntax error: unexpected "done"\n'],
    ['while true; do done', 'sh: syntax error: unexpected "done"\n'],
    ['break; continue; echo on', 'on\n'],
    ['f() { f; }; f; echo $?', 'sh: scripts and functions are nested too deeply\n2\n'],
    ['echo "sh /root/s" > s; sh s; echo $?', 'sh: scripts and functions are nested too deeply\n2\n'],
    ['echo "return 4; echo never" > s; . /root/s; echo $?', '4\n'],
    ['echo "echo \\$1 \\$#" > s; sh s x y', 'x 2\n'],
  ])('%s', (script, printed) => {
    expect(run(script).printed).toBe(printed);
  });

  test('the exit code is that of the last command, or of exit', () => {
    expect(run('true; false').code).toBe(1);
    expect(run('exit 7; echo never')).toEqual({ code: 7, printed: '' });
    expect(run(')').code).toBe(2);
  });

  test('any text is parsed or refused', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom(
              ...'\'"\\$;|&<>\n#*?[]{}() a=12',
              ' if ',
              ' while ',
              ' do ',
              ' done ',
              ' fi ',
              '$(',
              '$((',
              ' case ',
              ' in ',
              ' esac ',
            ),
            fc.string(),
          ),
        ),
        (pieces) => {
          const parsed = parseShell(pieces.join(''));
          if (!parsed.ok) expect(parsed.error).toMatch(/^syntax error/);
        },
      ),
    );
  });

  test('deep nesting and long expressions are refused, not followed', () => {
    expect(run('{ '.repeat(5000)).printed).toContain('nested too deeply');
    expect(run(`echo $((${'('.repeat(5000)}))`).printed).toMatch(/bad|nested/);
    expect(run(`echo $((${'-'.repeat(5000)}1))`).printed).toContain('nested too deeply');
  });

  test('an expression has the value that C gives it', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 1, max: 1000 }), (a, b) => {
        const { printed } = run(`a=${a}; echo $((a + b${''} * ${b} - $a % ${b})) $((a < ${b}))`);
        expect(printed).toBe(`${a - (a % b) || 0} ${Number(a < b)}\n`);
      }),
    );
  });

  test('a word in single quotes is passed on unchanged', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const quoted = `'${text.replaceAll("'", `'\\''`)}'`;
        const bench = new ShellBench();
        bench.run(`echo -n ${quoted} > f`);
        expect(bench.files.readText('/root/f')).toEqual({ ok: true, value: text });
      }),
    );
  });
});

describe('scripts', () => {
  const bench = (): ShellBench => {
    const made = new ShellBench();
    made.files.write('/root/a.sh', 'A=2\ncd /\necho $A; exit 3\necho never\n');
    return made;
  };

  test.each([
    ['sh a.sh', '2\n3 1\n/root\n'],
    ['./a.sh', '2\n3 1\n/root\n'],
    ["sh -c 'echo $A; exit 4'", '1\n4 1\n/root\n'],
    ['sh a.sh > /dev/null', '3 1\n/root\n'],
    ['sh none.sh', "sh: can't open script: No such file or directory\n2 1\n/root\n"],
  ])('%s runs in a shell of its own', (command, printed) => {
    expect(bench().run(`export A=1; ${command}; echo $? $A; pwd`).printed).toBe(printed);
  });

  test('. runs in this shell', () => {
    expect(bench().run('A=1; . a.sh; echo unreached')).toEqual({ code: 3, printed: '2\n' });
  });
});

describe('time', () => {
  test('sleep takes virtual time, and so does computing', () => {
    const bench = new ShellBench();
    bench.run('sleep 1.5; sleep 2m');
    expect(bench.now / seconds(1)).toBeCloseTo(121.5, 1);
  });

  test('programs that compute take turns', () => {
    const bench = new ShellBench();
    const ends: string[] = [];
    function* worker(name: string, time: number): Task<number> {
      yield* compute(seconds(time));
      ends.push(`${name} ${(bench.now / seconds(1)).toFixed(2)}`);
      return 0;
    }
    bench.processes.spawn(['long'], () => worker('long', 1));
    bench.processes.spawn(['short'], () => worker('short', 0.1));
    bench.settle();
    expect(ends).toEqual(['short 0.20', 'long 1.10']);
  });
});

const controlSequence = new RegExp(`${'\x1b'}\\[[0-9;]*[A-Z]`, 'gi');
const lastLine = ({ shown }: ShellBench): string =>
  // The editor redraws the whole line each time.
  (shown.split('\n').at(-1) ?? '')
    .split('\r')
    .filter((s) => /# |search\)/.test(s))
    .at(-1)
    ?.replaceAll(controlSequence, '') ?? '';

describe('on a terminal', () => {
  const started = (...programs: Program[]): ShellBench => {
    const bench = new ShellBench(programs);
    bench.processes.spawn(['sh'], () => bench.shell.interact(bench.tty, '# '));
    bench.settle();
    return bench;
  };
  /** The terminal's last line without control sequences. */
  const enter = (bench: ShellBench, line: string): string => {
    const from = bench.shown.length;
    bench.type(`${line}\r`);
    bench.settle();
    return bench.shown.slice(from);
  };

  test('lines are edited, recalled and run', () => {
    const bench = started();
    bench.type('echo axc\x1b[D\x1b[D\x1b[3~b\x05d');
    expect(lastLine(bench)).toBe('# echo abcd');
    expect(enter(bench, '')).toContain('abcd\r\n');
    bench.type('\x1b[A');
    expect(lastLine(bench)).toBe('# echo abcd');
    bench.type('\x17\x15\x19');
    expect(lastLine(bench)).toBe('# echo ');
    bench.type('\x15日本\x7f\x7f語');
    expect(lastLine(bench)).toBe('# 語');
  });

  test('Tab completes commands, files, and what a command knows', () => {
    const bench = started({
      name: 'xl',
      summary: '',
      complete: () => ['create', 'console'],
      run: () => compute0(),
    });
    bench.run('mkdir /root/guests; touch /root/guests/a.cfg');
    bench.type('hi\t');
    expect(lastLine(bench)).toBe('# history ');
    bench.type('\x15cat g\ta\t');
    expect(lastLine(bench)).toBe('# cat guests/a.cfg ');
    bench.type('\x15xl c\t\t');
    expect(bench.shown).toContain('create   console\r\n');
    bench.type('r\t');
    expect(lastLine(bench)).toBe('# xl create ');
  });

  test('Ctrl-C ends a loop that would never end', () => {
    const bench = started();
    bench.type('while true; do :; done; echo never\r');
    bench.settle(seconds(1));
    expect(enter(bench, '\x03')).toContain('^C');
    expect(enter(bench, 'echo $?')).toContain('0\r\n');
    expect(bench.shown).not.toContain('never\r\n');
  });

  test('Ctrl-C ends the running program, whatever it waits for', () => {
    const bench = started();
    bench.type('sleep 100; echo never\r');
    bench.settle(seconds(1));
    expect(enter(bench, '\x03')).toContain('^C');
    expect(bench.now / seconds(1)).toBeLessThan(2);
    expect(enter(bench, 'echo $?')).toContain('0\r\n');
    expect(bench.shown).not.toContain('never\r\n');
  });

  test('a program may read the keys itself', () => {
    const bench = started({
      name: 'keys',
      summary: '',
      *run({ tty, out }) {
        if (!tty) return 1;
        for (let read = 0; read < 3; read++) {
          yield* until(tty.input, () => tty.hasKey);
          out(JSON.stringify(tty.key()));
          yield* sleep(seconds(1));
        }
        return 0;
      },
    });
    bench.type('keys\r');
    bench.settle();
    bench.type('a\x1b[Aé');
    bench.settle();
    expect(bench.shown).toContain('"a""\\u001b[A""é"');
  });
});

test('Ctrl-R searches earlier lines', () => {
  const bench = new ShellBench();
  bench.processes.spawn(['sh'], () => bench.shell.interact(bench.tty, '# '));
  for (const line of ['echo one', 'echo two', 'pwd']) bench.type(`${line}\r`);
  bench.type('new\x12ech');
  expect(lastLine(bench)).toBe("(reverse-i-search)`ech': echo two");
  bench.type('\x12');
  expect(lastLine(bench)).toBe("(reverse-i-search)`ech': echo one");
  bench.type('\x12');
  expect(lastLine(bench)).toBe("(failed reverse-i-search)`ech': echo one");
  // A letter less, and the search begins again.
  bench.type('\x7f\x7f\x7fw');
  expect(lastLine(bench)).toBe("(reverse-i-search)`w': pwd");
  bench.type('\x07');
  expect(lastLine(bench)).toBe('# new');
  // Another key takes the line that was found; Enter runs it.
  bench.type('\x12two\x05!');
  expect(lastLine(bench)).toBe('# echo two!');
  bench.type('\x12one\r');
  expect(bench.shell.history.at(-1)).toBe('echo one');
});

test('help names every command', () => {
  const { printed } = run('help');
  for (const name of ['ls', 'cd', 'sleep', 'history']) expect(printed).toMatch(new RegExp(`^  ${name} `, 'm'));
});
