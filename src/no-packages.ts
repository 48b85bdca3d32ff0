// Every bare import (`import 'react'`, `import 'node:fs'`) of a core room is mapped here by `paths` in its tsconfig.
// This file is part of no project, so such an import is error TS6307: the core stands on the language alone.
export {};
