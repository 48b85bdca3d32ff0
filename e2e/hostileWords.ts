/** What a guest, a file or a link could contain that wants to script the page, leave it, or tell another host. */

/** The address that nothing may reach. */
export const elsewhere = 'http://elsewhere.invalid';

/** HTML that would set `hacked`, or fetch something, where a text were taken for HTML. */
const html: readonly string[] = [
  '<img src=x onerror=hacked=1>',
  '<script>hacked=1</script>',
  '<svg onload=hacked=1>',
  `<iframe src="${elsewhere}/frame"></iframe>`,
  `<img src="${elsewhere}/img">`,
  `<link rel=stylesheet href="${elsewhere}/css">`,
  `<style>@import "${elsewhere}/import";</style>`,
  `<meta http-equiv=refresh content="0;url=${elsewhere}/meta">`,
  `<form action="${elsewhere}/form"><button autofocus>x</button></form>`,
  `<base href="${elsewhere}/">`,
  '"><script>hacked=1</script>',
  "' onmouseover='hacked=1",
  '<a href="javascript:hacked=1">x</a>',
  `<object data="${elsewhere}/object"></object>`,
  '{{constructor.constructor("hacked=1")()}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is to arrive as it is
  '${hacked=1}',
];

/** Names for domains: whatever libxl takes. */
export const domainNames: readonly string[] = [
  ...html.slice(0, 3),
  '"><b onclick=hacked=1>',
  'javascript:hacked=1',
  '&lt;script&gt;hacked=1',
  '__proto__',
  'constructor',
  '[x](javascript:hacked=1)',
  '\u202egpj.exe',
];

/** Names for files: all that a file system takes, so none has a slash. */
export const fileNames: readonly string[] = [
  ...html.filter((text) => !text.includes('/')),
  'javascript:hacked=1',
  '__proto__',
  '..',
  '%2e%2e%2fetc%2fpasswd',
  'data:text',
  'a\nb',
  'x.html',
  'x.svg',
];

const esc = '\x1b';
const st = `${esc}\\`;
const bel = '\x07';
const base64 = Buffer.from('hacked').toString('base64');

/** Bytes for a console: control sequences of terminals that reach outside of one. */
export const consoleBytes: readonly string[] = [
  ...html,
  // Hyperlinks.
  ...[
    'javascript:hacked=1',
    `${elsewhere}/osc8`,
    'data:text/html,<script>hacked=1</script>',
    'file:///etc/passwd',
  ].flatMap((url) => [`${esc}]8;;${url}${st}click${esc}]8;;${st}`, `${esc}]8;id=1;${url}${bel}click${esc}]8;;${bel}`]),
  `${esc}]8;;${elsewhere}/open${st}never closed`,
  ...[`${elsewhere}/plain`, 'javascript:hacked=1', `www.${elsewhere.slice(7)}`, 'mailto:a@elsewhere.invalid'],
  // Titles, icons, and the working folder.
  ...[0, 1, 2].map((n) => `${esc}]${n};<img src=x onerror=hacked=1>${bel}`),
  `${esc}[22t${esc}[23t${esc}]l<script>hacked=1</script>${st}`,
  `${esc}]7;file://elsewhere.invalid/${bel}`,
  // The clipboard, written and read.
  ...['c', 'p', 's', ''].map((which) => `${esc}]52;${which};${base64}${bel}`),
  `${esc}]52;c;?${bel}`,
  // Notifications, files, pictures and commands of several terminals.
  `${esc}]9;hacked${bel}`,
  `${esc}]777;notify;hacked;hacked${bel}`,
  `${esc}]99;i=1;hacked${st}`,
  `${esc}]1337;File=name=${base64};inline=1:${base64}${bel}`,
  `${esc}]1337;SetBackgroundImageFile=${Buffer.from(`${elsewhere}/background`).toString('base64')}${bel}`,
  `${esc}]1337;OpenURL=:${Buffer.from(elsewhere).toString('base64')}${bel}`,
  `${esc}]50;url(${elsewhere}/font)${bel}`,
  `${esc}]4;1;url(${elsewhere}/colour)${bel}`,
  `${esc}]10;red;background:url(${elsewhere}/text)${bel}`,
  `${esc}]11;#fff"><script>hacked=1</script>${bel}`,
  `${esc}_Ga=T,f=100,t=f;${Buffer.from('/etc/passwd').toString('base64')}${st}`,
  `${esc}_<script>hacked=1</script>${st}`,
  `${esc}^<script>hacked=1</script>${st}`,
  `${esc}X<script>hacked=1</script>${st}`,
  // Device control: requests, pictures, macros, and one that never ends.
  `${esc}P$q"p${st}`,
  `${esc}P$q\nhacked=1\n${st}`,
  `${esc}P+q544e${st}`,
  `${esc}Pq#0;2;0;0;0#0~~@@vv@@~~${st}`,
  `${esc}P1;1;1!z6563686f0a${st}${esc}[1*z`,
  `${esc}Ptmux;${esc}${esc}]52;c;${base64}${bel}${st}`,
  // What makes a terminal answer, as if the user typed.
  '\x05',
  `${esc}[c${esc}[>c${esc}[=c${esc}[5n${esc}[6n${esc}[?15n`,
  `${esc}[21t${esc}[20t${esc}[14t${esc}[18t`,
  `${esc}[?1$p${esc}[?2004$p`,
  `${esc}[5i${elsewhere}/print${esc}[4i`,
  // Sizes: of parameters, of the window, of repetitions, of the scroll region.
  `${esc}[${'9'.repeat(4000)}A${esc}[${'9'.repeat(4000)}X`,
  `${esc}[${'1;'.repeat(4000)}m`,
  `${esc}[8;99999;99999t${esc}[3;0;0t${esc}[9;1t`,
  `x${esc}[2147483647b`,
  ...['L', 'M', 'S', 'T', 'I', 'Z', 'P', '@', 'X'].map((final) => `${esc}[2147483647${final}`),
  `${esc}[5;2r${esc}[0;0r${esc}[99999;1H`,
  `${esc}]${'9'.repeat(4000)};x${bel}`,
  `${esc}]0;${'x'.repeat(20_000)}${bel}`,
  `${esc}[38;2;999;999;999m${esc}[48;5;99999mx${esc}[0m`,
  // Bytes that are no text.
  '\x00\x01\x02\x9b31m\x9d0;x\x9c\x90x\x9c',
  '\xff\xfe\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80',
  `\u202e\u2066\u200b\ufeff${'a\u0301'.repeat(500)}`,
  // The reset comes last, and ends whatever is still open.
  `${st}${bel}${esc}c`,
];

/** Lines for a config: in what the editor shows of them is Markdown. */
export const configLines: readonly string[] = [
  `[x](${elsewhere}/link) = 1`,
  `"<img src=x onerror=hacked=1>" = 1`,
  `kernal = "${elsewhere}/kernel"`,
  `kernel = "![x](${elsewhere}/image)"`,
  'memory = "<script>hacked=1</script>"',
  'vcpus = "[x](command:hacked)"',
  `extra = "${elsewhere}/extra"`,
  "name = 'x\" onmouseover=hacked=1'",
];

/** What is after the # of a link. */
export const fragments: readonly string[] = [
  '<img src=x onerror=hacked=1>',
  'board"><script>hacked=1</script>',
  'javascript:hacked=1',
  `${elsewhere}/`,
  '%00%ff',
  `board&next=${elsewhere}`,
];

/** What is dragged from another window: by type. */
export const drags: readonly { readonly mimeType: string; readonly data: string }[] = [
  { mimeType: 'text/uri-list', data: `${elsewhere}/drop` },
  { mimeType: 'text/uri-list', data: 'javascript:hacked=1' },
  { mimeType: 'text/html', data: `<a href="${elsewhere}/dropped">x</a><img src=x onerror=hacked=1>` },
  { mimeType: 'text/plain', data: `${elsewhere}/text` },
];
